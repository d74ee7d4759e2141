// The words of a notification: who wrote, where, and what. An empty text shows sender and conversation.
import type { Conversation, MessageBody } from '../../protocol/content/message.ts';
import type { Payload } from '../../protocol/content/payload.ts';
import { encodeReference, type ReferenceText } from './reference.ts';

/** What a person reads. */
export interface Wording {
  readonly reference: ReferenceText | null;
  readonly title: string;
  readonly subtitle: string;
  readonly body: string;
  readonly text: string;
  readonly truncated: boolean;
  readonly sender: string;
  readonly conversation: string;
}

/** The words of a kind that has some, else null. */
export function wordPayload(payload: Payload): Wording | null {
  if (payload.kind === 'message') return wordMessage(payload.message);
  if (payload.kind === 'test') return TEST;
  return null;
}

/** What a message says; without words, where it was written. */
export function wordBody(text: string, conversation: string): string {
  return text === '' ? conversation : text;
}

const TEST: Wording = {
  reference: null,
  title: 'Test notification',
  subtitle: '',
  body: 'Notifications of this account arrive and can be read here.',
  text: '',
  truncated: false,
  sender: '',
  conversation: '',
};

function wordMessage(message: MessageBody): Wording {
  const conversation = nameConversation(message.conversation);
  return {
    reference: encodeReference(message.reference),
    title: message.sender.name,
    subtitle: message.conversation.kind === 'direct' ? '' : conversation,
    body: wordBody(message.text, conversation),
    text: message.text,
    truncated: message.truncated === true,
    sender: message.sender.name,
    conversation,
  };
}

function nameConversation({ kind, name, topic }: Conversation): string {
  if (kind === 'direct') return name ?? 'Direct message';
  if (kind === 'group') return name ?? 'Group';
  return `#${name ?? 'channel'}${topic === undefined ? '' : ` > ${topic}`}`;
}
