// The chat app beside its notifications: it synchronises what pushes may have lost, and says what was read here.
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import type { PhoneContext } from './context.ts';
import { fileEntry, findEntry } from './inbox.ts';
import { removeReferences } from './notification-center.ts';
import type { ReferenceText } from './reference.ts';
import { type ChatMessage, MESSAGES_PER_PAGE, type ServerClient } from './server-client.ts';
import type { PhoneState } from './state.ts';

/** What one POST /v1/chat/read takes. */
const READ_PER_REQUEST_MAX = 1000;

/**
 * Files every message that the phone does not know, and takes away the notifications of those that were read.
 * @throws CallError
 */
export async function syncMessages(phone: PhoneContext, server: ServerClient): Promise<void> {
  const registrationId = registrationOf(phone.file.state);
  for (;;) {
    const page = await server.readMessages(phone.file.state.syncedTo);
    phone.file.update((state) =>
      page.reduce((filed, message) => file(filed, registrationId, message), state),
    );
    await phone.file.commit();
    await takeAway(
      phone,
      registrationId,
      page.filter(({ read }) => read).map((message) => message.message_id),
    );
    if (page.length < MESSAGES_PER_PAGE) return;
  }
}

/** Tells the server that messages were read on this phone. @throws CallError */
export async function readMessages(
  phone: PhoneContext,
  server: ServerClient,
  references: readonly ReferenceText[],
): Promise<void> {
  const messageIds = references.filter((reference) => typeof reference === 'number');
  for (let start = 0; start < messageIds.length; start += READ_PER_REQUEST_MAX) {
    await server.markRead(messageIds.slice(start, start + READ_PER_REQUEST_MAX));
  }
  await takeAway(phone, registrationOf(phone.file.state), references);
}

async function takeAway(
  phone: PhoneContext,
  registrationId: string,
  references: readonly ReferenceText[],
): Promise<void> {
  const { center, removed } = removeReferences(phone.file.state.center, registrationId, references);
  if (removed.length === 0) return;
  phone.file.update((state) => ({ ...state, center }));
  await phone.file.commit();
  phone.emit({
    event: 'removed',
    identifiers: removed.map((entry) => entry.identifier),
    references: removed.flatMap(({ reference }) => (reference === null ? [] : [reference])),
  });
}

function file(state: PhoneState, registrationId: string, message: ChatMessage): PhoneState {
  const syncedTo = Math.max(state.syncedTo, message.message_id);
  const reference = message.message_id;
  if (findEntry(state.inbox, { registrationId, reference }) !== undefined) return { ...state, syncedTo };
  const inbox = fileEntry(state.inbox, {
    registrationId,
    identifier: null,
    reference,
    title: message.sender,
    conversation: nameConversation(message),
    text: message.text,
    truncated: false,
    sentAt: message.sent_at,
    alerted: 0,
  });
  return { ...state, syncedTo, inbox };
}

function nameConversation({ conversation }: ChatMessage): string {
  if ('direct' in conversation) return 'Direct message';
  return `#${conversation.channel} > ${conversation.topic}`;
}

function registrationOf(state: PhoneState): string {
  const [registration] = state.registrations;
  return registration === undefined ? '' : encodeBase64url(registration.registrationId);
}
