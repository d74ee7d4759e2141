// Users (docs/chat-api.md).
import { ProblemError } from '../../protocol/wire/problem.ts';
import type { PushService } from '../notify/push-service.ts';
import type { ChatDatabase } from './tables.ts';

/** Creates a user, or gives a known one another name. */
export async function writeUser(
  database: ChatDatabase,
  push: PushService,
  user: string,
  name: string,
): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await transaction
      .insertInto('chat_users')
      .values({ user_id: user, name, unread: 0 })
      .onConflict((conflict) => conflict.column('user_id').doUpdateSet({ name }))
      .execute();
    await push.upsertUsers(transaction, [{ user }]);
  });
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
      .execute();
    if (found.length !== asked.length) throw new ProblemError('not_found');
  }
}

/** Databases limit the parameters of a query. */
export const USERS_PER_QUERY_MAX = 1000;
