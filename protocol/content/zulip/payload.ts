// What Zulip encrypts (SPEC.md appendix C): compact JSON, with Zulip's names and in its order.
import { z } from 'zod';
import { utf8 } from '../../wire/bytes.ts';
import { ProtocolError } from '../../wire/errors.ts';
import { decodeJson } from '../../wire/zulip/json.ts';
import { ZULIP_MESSAGE_IDS_MAX } from '../../wire/zulip/limits.ts';

/** The account that a notification is for; every payload has these. */
export interface ZulipAccount {
  /** Absolute, http or https. */
  readonly realm_url: string;
  readonly realm_name: string;
  readonly user_id: number;
}

/** Where a message was written. `recipient_user_ids` ascend; reader and sender are among them. */
export type ZulipRecipient =
  | {
      readonly recipient_type: 'channel';
      readonly channel_name: string;
      readonly channel_id: number;
      readonly topic: string;
    }
  | { readonly recipient_type: 'direct'; readonly recipient_user_ids: readonly number[] };

export interface ZulipMessage {
  readonly type: 'message';
  readonly sender_id: number;
  readonly mentioned_user_group_id?: number | undefined;
  readonly mentioned_user_group_name?: string | undefined;
  readonly message_id: number;
  /** Unix seconds. */
  readonly time: number;
  /** Plain text. */
  readonly content: string;
  readonly sender_full_name: string;
  /** Absolute, http or https; of any host, which learns who read what when, if it is fetched. */
  readonly sender_avatar_url: string;
}

/** Take these away: at most 200. */
export interface ZulipRemove {
  readonly type: 'remove';
  readonly message_ids: readonly number[];
}

export interface ZulipTest {
  readonly type: 'test';
  /** Unix seconds. */
  readonly time: number;
}

export type ZulipPayload = ZulipAccount & ((ZulipMessage & ZulipRecipient) | ZulipRemove | ZulipTest);

/** UTF-8 of compact JSON; half a surrogate pair becomes U+FFFD. */
export function encodeZulipPayload(payload: ZulipPayload): Uint8Array {
  return utf8(JSON.stringify(inOrder(payload), wellFormed));
}

/**
 * The payload in an authenticated plaintext, or null if it is of a type that is not known. Unknown fields are ignored.
 * @throws ProtocolError `payload_malformed`
 */
export function decodeZulipPayload(bytes: Uint8Array): ZulipPayload | null {
  const value = decodeJson(bytes);
  const { type } = parse(typeSchema, value);
  if (type === 'message') return parse(messageSchema, value);
  if (type === 'remove') return parse(removeSchema, value);
  if (type === 'test') return parse(testSchema, value);
  return null;
}

const id = z.int().min(0);
const webUrl = z.url({ protocol: /^https?$/ });
const account = { realm_url: webUrl, realm_name: z.string(), user_id: id };
const message = {
  ...account,
  sender_id: id,
  mentioned_user_group_id: id.optional(),
  mentioned_user_group_name: z.string().optional(),
  type: z.literal('message'),
  message_id: id,
  time: id,
  content: z.string(),
  sender_full_name: z.string(),
  sender_avatar_url: webUrl,
};

// The length of a secretbox bounds every text and list here; ZULIP_ENCRYPTED_DATA_CHARACTERS_MAX bounds that.
const typeSchema = z.object({ type: z.string() });
const messageSchema: z.ZodType<ZulipPayload> = z.discriminatedUnion('recipient_type', [
  z.object({
    ...message,
    recipient_type: z.literal('channel'),
    channel_name: z.string(),
    channel_id: id,
    topic: z.string(),
  }),
  z.object({ ...message, recipient_type: z.literal('direct'), recipient_user_ids: z.array(id) }),
]);
const removeSchema: z.ZodType<ZulipPayload> = z.object({
  ...account,
  type: z.literal('remove'),
  message_ids: z.array(id).max(ZULIP_MESSAGE_IDS_MAX),
});
const testSchema: z.ZodType<ZulipPayload> = z.object({ ...account, type: z.literal('test'), time: id });

/** The members in the order in which Zulip's server writes them. */
function inOrder(payload: ZulipPayload): object {
  const { realm_url, realm_name, user_id, type } = payload;
  const account = { realm_url, realm_name, user_id };
  if (type === 'remove') return { ...account, type, message_ids: payload.message_ids };
  if (type === 'test') return { ...account, type, time: payload.time };
  return {
    ...account,
    sender_id: payload.sender_id,
    mentioned_user_group_id: payload.mentioned_user_group_id,
    mentioned_user_group_name: payload.mentioned_user_group_name,
    ...recipientInOrder(payload),
    type,
    message_id: payload.message_id,
    time: payload.time,
    content: payload.content,
    sender_full_name: payload.sender_full_name,
    sender_avatar_url: payload.sender_avatar_url,
  };
}

function recipientInOrder(recipient: ZulipRecipient): ZulipRecipient {
  if (recipient.recipient_type === 'direct') {
    return { recipient_type: 'direct', recipient_user_ids: recipient.recipient_user_ids };
  }
  const { recipient_type, channel_name, channel_id, topic } = recipient;
  return { recipient_type, channel_name, channel_id, topic };
}

function wellFormed(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? value.toWellFormed() : value;
}

function parse<Value>(schema: z.ZodType<Value>, value: unknown): Value {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new ProtocolError('payload_malformed');
  return parsed.data;
}
