// What a user can see (docs/chat-api.md).
import type { Destination } from './messages.ts';
import type { ChatDatabase } from './tables.ts';

/** A message as one user sees it. */
export interface MessageView {
  readonly message_id: number;
  readonly conversation: Destination;
  readonly sender: string;
  readonly text: string;
  readonly sent_at: number;
  readonly read: boolean;
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

/** A conversation's key read back. A direct one is named by the others in it, as if this user wrote there. */
function destinationOf(key: string, topic: string | null, user: string): Destination {
  const [kind, name = ''] = key.split(':', 2);
  if (kind === 'channel') return { channel: name, topic: topic ?? '' };
  const members = name.split(',');
  const others = members.filter((member) => member !== user);
  return { direct: others.length > 0 ? others : members };
}
