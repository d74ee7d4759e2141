// Users (docs/chat-api.md).
import { ProblemError } from '../../protocol/wire/problem.ts';
import type { PushService } from '../notify/push-service.ts';
import { revokeSessions } from './sessions.ts';
import type { ChatDatabase } from './tables.ts';

/** Creates a user, or gives a known one another name. @throws ProblemError `not_permitted` for the id of a removed one */
export async function writeUser(
  database: ChatDatabase,
  push: PushService,
  user: string,
  name: string,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    const { removed } = await transaction
      .insertInto('chat_users')
      .values({ user_id: user, name, unread: 0 })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ name }))
      .returning('removed')
      .executeTakeFirstOrThrow();
    // Whoever had it must not be taken for whoever gets it.
    if (removed === 1) throw new ProblemError('not_permitted');
    await push.upsertUsers(transaction, [{ user }]);
  });
}

/** Removes an account: its sessions end, its devices hear of it, and it can see nothing more. What it wrote stays. */
export async function removeUser(database: ChatDatabase, push: PushService, user: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await requireUsers(transaction, [user]);
    await revokeSessions(transaction, push, user, null);
    await push.removeUser(transaction, user);
    await transaction.deleteFrom('chat_members').where('user_id', '=', user).execute();
    await transaction.deleteFrom('chat_inbox').where('user_id', '=', user).execute();
    await transaction
      .updateTable('chat_users')
      .set({ removed: 1, unread: 0 })
      .where('user_id', '=', user)
      .execute();
  });
  push.wake();
}

/** How many messages a user has not read. */
export async function readUnread(database: ChatDatabase, user: string): Promise<number> {
  const row = await database
    .selectFrom('chat_users')
    .select('unread')
    .where('user_id', '=', user)
    .executeTakeFirst();
  return row?.unread ?? 0;
}

/** @throws ProblemError `not_found` unless all of them exist. */
export async function requireUsers(database: ChatDatabase, users: readonly string[]): Promise<void> {
  for (let start = 0; start < users.length; start += USERS_PER_QUERY_MAX) {
    const asked = users.slice(start, start + USERS_PER_QUERY_MAX);
    const found = await database
      .selectFrom('chat_users')
      .select('user_id')
      .where('user_id', 'in', asked)
      .where('removed', '=', 0)
      .execute();
    if (found.length !== asked.length) throw new ProblemError('not_found');
  }
}

/** Databases limit the parameters of a query. */
export const USERS_PER_QUERY_MAX = 1000;
