// Read marks (docs/chat-api.md): what a user has read on one device is taken away on the others.
import type { PushService } from '../notify/push-service.ts';
import { referenceOf } from './message-event.ts';
import type { ChatSession } from './sessions.ts';
import type { ChatDatabase } from './tables.ts';

/** Marks messages as read. Ids that are unknown, another's or read already are passed over. */
export async function markRead(
  database: ChatDatabase,
  push: PushService,
  { user, session }: ChatSession,
  messageIds: readonly number[],
  now: number,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const marked = await transaction
      .updateTable('chat_inbox')
      .set({ read_at: now })
      .where('user_id', '=', user)
      .where('message_id', 'in', messageIds)
      .where('read_at', 'is', null)
      .returning('message_id')
      .execute();
    if (marked.length === 0) return;
    const { unread } = await transaction
      .updateTable('chat_users')
      .set((column) => ({ unread: column('unread', '-', marked.length) }))
      .where('user_id', '=', user)
      .returning('unread')
      .executeTakeFirstOrThrow();
    const references = marked.map((row) => referenceOf(row.message_id));
    await push.recordEvent(transaction, {
      kind: 'read',
      // A message is marked once, so the first of them names the event for good.
      id: `read:${user}:${Math.min(...marked.map((row) => row.message_id))}`,
      user,
      session,
      references,
      unread,
    });
  });
  push.wake();
}
