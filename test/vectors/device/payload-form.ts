// What the library decoded, in the form of the vectors.
import type { Reference } from '../../../protocol/content/field.ts';
import type { MessageBody } from '../../../protocol/content/message.ts';
import type { Payload, PayloadBody } from '../../../protocol/content/payload.ts';
import { hex } from '../../../protocol/wire/bytes.ts';
import type { BodyForm, MessageForm, PayloadForm, ReferenceForm } from '../shape/payload.ts';

const KINDS = { message: 1, remove: 2, badge: 3, test: 4, session: 5 } as const;
const CONVERSATION_KINDS = { direct: 1, group: 2, channel: 3 } as const;
const MENTIONS = { personal: 1, group: 2, all: 3 } as const;

export function payloadFormOf(payload: Payload): PayloadForm {
  return {
    sent_at: payload.sentAt,
    counter: payload.counter,
    ttl: payload.ttlSeconds,
    kind: payload.kind === 'unknown' ? payload.id : KINDS[payload.kind],
    body: bodyFormOf(payload),
    ...(payload.unread !== undefined && { unread: payload.unread }),
    ...(payload.removed !== undefined && { removed: payload.removed.map(referenceFormOf) }),
  };
}

function bodyFormOf(payload: PayloadBody): BodyForm {
  if (payload.kind === 'message') return messageFormOf(payload.message);
  if (payload.kind === 'remove') return { references: payload.references.map(referenceFormOf) };
  if (payload.kind === 'test') return { nonce: hex(payload.nonce) };
  return {};
}

function messageFormOf({ reference, conversation, mention, ...rest }: MessageBody): MessageForm {
  return {
    ...rest,
    reference: referenceFormOf(reference),
    conversation: {
      ...conversation,
      kind: CONVERSATION_KINDS[conversation.kind],
      id: referenceFormOf(conversation.id),
    },
    ...(mention !== undefined && { mention: MENTIONS[mention] }),
  };
}

function referenceFormOf(reference: Reference): ReferenceForm {
  return typeof reference === 'number' ? reference : hex(reference);
}
