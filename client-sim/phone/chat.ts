// The chat app beside its notifications: it synchronises what pushes may have lost, and says what was read here.
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import type { PhoneContext } from './context.ts';
import { fileEntry, findEntry } from './inbox.ts';
import { removeReferences } from './notification-center.ts';
import type { ReferenceText } from './reference.ts';
import { type ChatMessage, MESSAGES_PER_PAGE, type ServerClient } from './server-client.ts';
import { type PhoneState, type Registration, updateRegistration } from './state.ts';

/** What one POST /v1/chat/read takes. */
const READ_PER_REQUEST_MAX = 1000;

/**
 * Files every message that the phone does not know, and takes away the notifications of those that were read.
 * @throws CallError
 */
export async function syncMessages(
  phone: PhoneContext,
  server: ServerClient,
  account: Registration,
): Promise<void> {
  const { registrationId } = account;
  for (let syncedTo = account.syncedTo; ; ) {
    const page = await server.readMessages(syncedTo);
    syncedTo = Math.max(syncedTo, ...page.map(({ message_id }) => message_id));
    const reached = syncedTo;
    phone.file.update((state) =>
      updateRegistration(
        page.reduce((filed, message) => file(filed, encodeBase64url(registrationId), message), state),
        registrationId,
        (registration) => ({ ...registration, syncedTo: Math.max(registration.syncedTo, reached) }),
      ),
    );
    await phone.file.commit();
    const read = page.filter((message) => message.read).map((message) => message.message_id);
    await takeAway(phone, encodeBase64url(registrationId), read);
    if (page.length < MESSAGES_PER_PAGE) break;
  }
  phone.file.update((state) => updateRegistration(state, registrationId, closeGaps));
  await phone.file.commit();
}

/** Tells the server that messages were read on this phone. @throws CallError */
export async function readMessages(
  phone: PhoneContext,
  server: ServerClient,
  { registrationId }: Registration,
  references: readonly ReferenceText[],
): Promise<void> {
  const messageIds = references.filter((reference) => typeof reference === 'number');
  for (let start = 0; start < messageIds.length; start += READ_PER_REQUEST_MAX) {
    await server.markRead(messageIds.slice(start, start + READ_PER_REQUEST_MAX));
  }
  await takeAway(phone, encodeBase64url(registrationId), references);
}

async function takeAway(
  phone: PhoneContext,
  registrationId: string,
  references: readonly ReferenceText[],
): Promise<void> {
  const remove = (state: PhoneState) => removeReferences(state.center, registrationId, references);
  const { removed } = remove(phone.file.state);
  if (removed.length === 0) return;
  phone.file.update((state) => ({ ...state, center: remove(state).center }));
  await phone.file.commit();
  phone.emit({
    event: 'removed',
    identifiers: removed.map((entry) => entry.identifier),
    references: removed.flatMap(({ reference }) => (reference === null ? [] : [reference])),
  });
}

function file(state: PhoneState, registrationId: string, message: ChatMessage): PhoneState {
  const reference = message.message_id;
  if (findEntry(state.inbox, { registrationId, reference }) !== undefined) return state;
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
  return { ...state, inbox };
}

function nameConversation({ conversation }: ChatMessage): string {
  if ('direct' in conversation) return 'Direct message';
  return `#${conversation.channel} > ${conversation.topic}`;
}

/** Whatever pushes were lost, the inbox has their messages now. */
function closeGaps(registration: Registration): Registration {
  return { ...registration, keys: registration.keys.map((key) => ({ ...key, missing: 0 })) };
}
