// Events as they are stored and as the HTTP interface for servers takes them: parsed once, at the border.
import { z } from 'zod';
import type { Reference } from '../../protocol/content/field.ts';
import { isAvatar } from '../../protocol/content/message.ts';
import { decodeBase64url } from '../../protocol/wire/base64url.ts';
import { base64urlSchema } from '../../protocol/wire/ids.ts';
import { REFERENCE_BYTES_MAX } from '../../protocol/wire/limits.ts';
import type { EventReference, Member, MessageEvent, PushEvent, ReadEvent } from './push-service.ts';

const EVENT_ID_CHARACTERS_MAX = 128;
const USER_CHARACTERS_MAX = 128;
const NAME_CHARACTERS_MAX = 10_000;
const TEXT_CHARACTERS_MAX = 100_000;
const AUDIENCE_MAX = 50_000;
const READ_REFERENCES_MAX = 1000;

const referenceSchema: z.ZodType<EventReference> = z.union([
  z.int().min(0),
  base64urlSchema(1, REFERENCE_BYTES_MAX),
]);
const userSchema = z.string().min(1).max(USER_CHARACTERS_MAX);
const nameSchema = z.string().max(NAME_CHARACTERS_MAX);
const unreadSchema = z.int().min(0);

const messageEventSchema: z.ZodType<MessageEvent> = z.strictObject({
  kind: z.literal('message'),
  id: z.string().min(1).max(EVENT_ID_CHARACTERS_MAX),
  reference: referenceSchema,
  conversation: z.strictObject({
    kind: z.enum(['direct', 'group', 'channel']),
    id: referenceSchema,
    name: nameSchema.optional(),
    topic: nameSchema.optional(),
  }),
  sender: z.strictObject({
    user: userSchema,
    name: nameSchema,
    avatar: z.string().refine(isAvatar).optional(),
  }),
  text: z.string().max(TEXT_CHARACTERS_MAX),
  edited: z.literal(true).optional(),
  audience: z
    .array(
      z.strictObject({
        user: userSchema,
        level: z.enum(['all', 'mentions', 'none']),
        mention: z.enum(['personal', 'group', 'all']).optional(),
        unread: unreadSchema,
      }),
    )
    .max(AUDIENCE_MAX),
});
const readEventSchema: z.ZodType<ReadEvent> = z.strictObject({
  kind: z.literal('read'),
  id: z.string().min(1).max(EVENT_ID_CHARACTERS_MAX),
  user: userSchema,
  session: z.string().min(1).max(USER_CHARACTERS_MAX).optional(),
  references: z.array(referenceSchema).min(1).max(READ_REFERENCES_MAX),
  unread: unreadSchema,
});

const eventSchema: z.ZodType<PushEvent> = z.union([messageEventSchema, readEventSchema]);

/** The caller's event is not one that could be dealt with later. */
class InvalidEventError extends Error {
  override readonly name = 'InvalidEventError';

  constructor() {
    super('the event is not of the documented form');
  }
}

/**
 * An event as it is stored: of the documented form, and every user in its audience once, by the first entry.
 * @throws InvalidEventError
 */
export function encodeEvent(event: PushEvent): string {
  const body = JSON.stringify(event.kind === 'message' ? withDistinctAudience(event) : event);
  if (parseEvent(body) === null) throw new InvalidEventError();
  return body;
}

function withDistinctAudience(event: MessageEvent): MessageEvent {
  const audience = new Map<string, Member>();
  for (const member of event.audience) if (!audience.has(member.user)) audience.set(member.user, member);
  return { ...event, audience: [...audience.values()] };
}

/** An event from its stored JSON, or null if this version cannot read it. */
export function parseEvent(body: string): PushEvent | null {
  try {
    return eventSchema.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    return null;
  }
}

/** A reference as the store keeps it: a number and the bytes of its digits differ. */
export function referenceKey(reference: EventReference): string {
  return typeof reference === 'number' ? `n${reference}` : `b${reference}`;
}

/** A reference as the payload carries it. */
export function parseReferenceKey(key: string): Reference {
  return key.startsWith('n') ? Number(key.slice(1)) : decodeBase64url(key.slice(1));
}

/** A reference as the payload carries it. */
export function toReference(reference: EventReference): Reference {
  return parseReferenceKey(referenceKey(reference));
}
