// Our payload in Zulip's words (SPEC.md appendix C, has the table field by field and what is lost).
import { ProtocolError } from '../../../wire/errors.ts';
import type { Reference } from '../../field.ts';
import type { Conversation, MessageBody } from '../../message.ts';
import type { Payload } from '../../payload.ts';
import type { ZulipAccount, ZulipPayload, ZulipRecipient } from '../../zulip/payload.ts';

/** What Zulip's form names and ours does not. */
export interface ZulipNames {
  readonly account: ZulipAccount;
  /** For a message only. */
  readonly senderId: number;
  /** For a direct or group message only: everybody in it, reader and sender included. */
  readonly recipientUserIds: readonly number[];
  /** If a group of the reader's was meant. */
  readonly mentionedGroup?: { readonly id: number; readonly name: string };
}

/** So many ids of 16 digits still fit. */
const IDS_PER_REMOVAL_MAX = 150;
const ELLIPSIS = '…';

/**
 * None for `badge`, `session` and kinds that are not known, which Zulip's form has no words for; several for a long
 * removal; otherwise one. They may need {@link fitZulipPayload}.
 * @throws ProtocolError `payload_malformed` for a reference that is not a number
 */
export function translatePayload(payload: Payload, names: ZulipNames): readonly ZulipPayload[] {
  const time = Math.floor(payload.sentAt / 1000);
  switch (payload.kind) {
    case 'message':
      return [translateMessage(payload.message, time, names)];
    case 'remove':
      return inGroups(payload.references.map(readNumber)).map((message_ids) => ({
        ...names.account,
        type: 'remove',
        message_ids,
      }));
    case 'test':
      return [{ ...names.account, type: 'test', time }];
    default:
      return [];
  }
}

function translateMessage(message: MessageBody, time: number, names: ZulipNames): ZulipPayload {
  const { sender, mention, truncated } = message;
  const { mentionedGroup: group } = names;
  return {
    ...names.account,
    sender_id: names.senderId,
    ...(mention === 'group' &&
      group !== undefined && {
        mentioned_user_group_id: group.id,
        mentioned_user_group_name: group.name,
      }),
    ...translateConversation(message.conversation, names),
    type: 'message',
    message_id: readNumber(message.reference),
    time,
    content: truncated ? message.text + ELLIPSIS : message.text,
    sender_full_name: sender.name,
    // Zulip's form asks for one always; this is the path at which Zulip's server has it.
    sender_avatar_url: new URL(sender.avatar ?? `/avatar/${names.senderId}`, names.account.realm_url).href,
  };
}

function translateConversation(conversation: Conversation, names: ZulipNames): ZulipRecipient {
  if (conversation.kind === 'channel') {
    return {
      recipient_type: 'channel',
      channel_name: conversation.name ?? '',
      channel_id: readNumber(conversation.id),
      topic: conversation.topic ?? '',
    };
  }
  return {
    recipient_type: 'direct',
    recipient_user_ids: names.recipientUserIds.toSorted((a, b) => a - b),
  };
}

function readNumber(reference: Reference): number {
  if (typeof reference !== 'number') throw new ProtocolError('payload_malformed');
  return reference;
}

function inGroups(ids: readonly number[]): readonly (readonly number[])[] {
  return Array.from({ length: Math.ceil(ids.length / IDS_PER_REMOVAL_MAX) }, (_, group) =>
    ids.slice(group * IDS_PER_REMOVAL_MAX, (group + 1) * IDS_PER_REMOVAL_MAX),
  );
}
