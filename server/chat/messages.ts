// Messages: accepting one commits it, its place in every inbox and its push event in one transaction
// (docs/chat-api.md).
import type { EventReference, MessageEvent, PushService } from '../notify/push-service.ts';
import { type Conversation, openChannel, openDirect } from './conversations.ts';
import { mentionOf, parseMentions } from './mentions.ts';
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

/** A message as one user sees it. */
export interface MessageView {
  readonly message_id: number;
  readonly conversation: Destination;
  readonly sender: string;
  readonly text: string;
  readonly sent_at: number;
  readonly read: boolean;
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
      await buildEvent(transaction, conversation, messageId, user, message),
    );
    return messageId;
  });
  push.wake();
  return id;
}

/** A page of what a user can see, oldest first. */
export async function readMessages(
  database: ChatDatabase,
  user: string,
  after: number,
  limit: number,
): Promise<readonly MessageView[]> {
  const rows = await database
    .selectFrom('chat_inbox')
    .innerJoin('chat_messages', 'chat_messages.message_id', 'chat_inbox.message_id')
    .innerJoin('chat_conversations', 'chat_conversations.conversation_id', 'chat_messages.conversation_id')
    .select([
      'chat_inbox.message_id',
      'chat_inbox.read_at',
      'chat_messages.sender',
      'chat_messages.text',
      'chat_messages.topic',
      'chat_messages.sent_at',
      'chat_conversations.key',
    ])
    .where('chat_inbox.user_id', '=', user)
    .where('chat_inbox.message_id', '>', after)
    .orderBy('chat_inbox.message_id')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    message_id: row.message_id,
    conversation: destinationOf(row.key, row.topic, user),
    sender: row.sender,
    text: row.text,
    sent_at: row.sent_at,
    read: row.read_at !== null,
  }));
}

/** How the push side names a message. */
export function referenceOf(messageId: number): EventReference {
  return messageId;
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

async function buildEvent(
  transaction: ChatDatabase,
  conversation: Conversation,
  messageId: number,
  sender: string,
  message: NewMessage,
): Promise<MessageEvent> {
  const members = await transaction
    .selectFrom('chat_members')
    .innerJoin('chat_users', 'chat_users.user_id', 'chat_members.user_id')
    .select(['chat_users.user_id', 'chat_users.name', 'chat_users.unread', 'chat_members.level'])
    .where('conversation_id', '=', conversation.conversation_id)
    .orderBy('chat_users.user_id')
    .execute();
  const mentions = parseMentions(message.text);
  const spokenTo = conversation.kind === 'channel' ? mentions : { ...mentions, everybody: false };
  return {
    kind: 'message',
    id: `message:${messageId}`,
    reference: referenceOf(messageId),
    conversation: {
      kind: conversation.kind,
      id: conversation.conversation_id,
      ...(conversation.name !== null && { name: conversation.name }),
      ...('topic' in message.conversation && { topic: message.conversation.topic }),
    },
    sender: { user: sender, name: members.find((member) => member.user_id === sender)?.name ?? sender },
    text: message.text,
    audience: members.map(({ user_id: user, level, unread }) => ({
      user,
      level,
      mention: mentionOf(spokenTo, user),
      unread,
    })),
  };
}

/** A conversation's key read back. A direct one is named by the others in it, as if this user wrote there. */
function destinationOf(key: string, topic: string | null, user: string): Destination {
  const [kind, name = ''] = key.split(':', 2);
  if (kind === 'channel') return { channel: name, topic: topic ?? '' };
  const members = name.split(',');
  const others = members.filter((member) => member !== user);
  return { direct: others.length > 0 ? others : members };
}
