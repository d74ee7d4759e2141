// From an event to what a phone is told (SPEC.md section 9), and to the words of a redacted notification (section 14).
import type { PayloadBody } from '../../protocol/content/payload.ts';
import type { Template } from '../../protocol/wire/bouncer-api.ts';
import { toReference } from './event.ts';
import type { Member, MessageEvent } from './push-service.ts';

/** The payload's kind and body for one member. Text and names are shortened later, to fit the bucket. */
export function renderMessage(event: MessageEvent, mention: Member['mention']): PayloadBody {
  const { conversation } = event;
  return {
    kind: 'message',
    message: {
      reference: toReference(event.reference),
      conversation: {
        kind: conversation.kind,
        id: toReference(conversation.id),
        ...(conversation.name !== undefined && { name: conversation.name }),
        ...(conversation.topic !== undefined && { topic: conversation.topic }),
      },
      sender: {
        name: event.sender.name,
        ...(event.sender.avatar !== undefined && { avatar: event.sender.avatar }),
      },
      text: event.text,
      ...(event.edited && { edited: event.edited }),
      ...(mention !== undefined && { mention }),
    },
  };
}

/** A redacted notification says what kind of message it is, and nothing else (SPEC.md section 14). */
export function templateOf(event: Pick<MessageEvent, 'conversation'>, mention: Member['mention']): Template {
  if (event.conversation.kind === 'direct') return 'direct_message';
  return mention === undefined ? 'new_message' : 'mention';
}
