// Messages: accepting one commits it, its place in every inbox and its push event in one transaction
// (docs/chat-api.md).
import type { PushService } from '../notify/push-service.ts';
import { type Conversation, openChannel, openDirect } from './conversations.ts';
import { buildMessageEvent } from './message-event.ts';
import type { ChatSession } from './sessions.ts';
import type { ChatDatabase } from './tables.ts';

/** Where a message goes, as its sender names it. */
export type Destination =
  | { readonly direct: readonly string[] }
  | { readonly channel: string; readonly topic: string };

export interface NewMessage {
  readonly conversation: Destination;
  readonly text: string;
  readonly client_message_id?: string | undefined;
}

/**
 * Accepts a message; the same client_message_id again is answered with the first message's id.
 * @throws ProblemError `not_found`, `not_permitted`
 */
export async function acceptMessage(
  database: ChatDatabase,
  push: PushService,
  { user }: ChatSession,
  message: NewMessage,
  now: number,
): Promise<number> {
  const id = await database.transaction().execute(async (transaction) => {
    const known = await readAccepted(transaction, user, message.client_message_id);
    if (known !== null) return known;
    const conversation = await openDestination(transaction, message.conversation, user);
    const messageId = await writeMessage(transaction, conversation, user, message, now);
    await deliver(transaction, conversation, messageId, user, now);
    await push.recordEvent(
      transaction,
      await buildMessageEvent(transaction, conversation, messageId, user, message),
    );
    return messageId;
  });
  push.wake();
  return id;
}

async function readAccepted(
  transaction: ChatDatabase,
  sender: string,
  clientMessageId: string | undefined,
): Promise<number | null> {
  if (clientMessageId === undefined) return null;
  const row = await transaction
    .selectFrom('chat_messages')
    .select('message_id')
    .where('sender', '=', sender)
    .where('client_message_id', '=', clientMessageId)
    .executeTakeFirst();
  return row?.message_id ?? null;
}

async function openDestination(
  transaction: ChatDatabase,
  destination: Destination,
  sender: string,
): Promise<Conversation> {
  return 'direct' in destination
    ? await openDirect(transaction, sender, destination.direct)
    : await openChannel(transaction, destination.channel, sender);
}

async function writeMessage(
  transaction: ChatDatabase,
  conversation: Conversation,
  sender: string,
  message: NewMessage,
  now: number,
): Promise<number> {
  const row = await transaction
    .insertInto('chat_messages')
    .values({
      conversation_id: conversation.conversation_id,
      topic: 'topic' in message.conversation ? message.conversation.topic : null,
      sender,
      text: message.text,
      sent_at: now,
      client_message_id: message.client_message_id ?? null,
    })
    .returning('message_id')
    .executeTakeFirstOrThrow();
  return row.message_id;
}

/** Puts a message into the inbox of every member; the sender has read it. */
async function deliver(
  transaction: ChatDatabase,
  { conversation_id }: Conversation,
  messageId: number,
  sender: string,
  now: number,
): Promise<void> {
  await transaction
    .insertInto('chat_inbox')
    .columns(['user_id', 'message_id', 'read_at'])
    .expression((query) =>
      query
        .selectFrom('chat_members')
        .select((column) => [
          'user_id',
          column.val(messageId).as('message_id'),
          column.case().when('user_id', '=', sender).then(now).else(null).end().as('read_at'),
        ])
        .where('conversation_id', '=', conversation_id),
    )
    .execute();
  await transaction
    .updateTable('chat_users')
    .set((column) => ({ unread: column('unread', '+', 1) }))
    .where('user_id', '!=', sender)
    .where('user_id', 'in', (query) =>
      query.selectFrom('chat_members').select('user_id').where('conversation_id', '=', conversation_id),
    )
    .execute();
}
