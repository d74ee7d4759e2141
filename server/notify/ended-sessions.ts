// Sessions that ended while something was being done for them: the bouncer's answer takes a while, and what comes of it
// must not outlive the session, wherever the process ends in between.
import { queueRemovals } from './handle-removal.ts';
import type { NotifyDatabase } from './tables.ts';
import { HOUR_MILLISECONDS } from './time.ts';

/** No request takes as long. */
const REMEMBERED_MILLISECONDS = HOUR_MILLISECONDS;

/** Remembers it, in the transaction that ends what the session has. */
export async function writeEndedSession(
  transaction: NotifyDatabase,
  session: string,
  now: number,
): Promise<void> {
  await transaction
    .insertInto('push_ended_sessions')
    .values({ session_id: session, ended_at: now })
    .onConflict((conflict) => conflict.column('session_id').doUpdateSet({ ended_at: now }))
    .execute();
}

/** Whether a session has ended meanwhile; a handle that was made for it is given back then. */
export async function hasEnded(
  transaction: NotifyDatabase,
  session: string,
  handle: string | null,
): Promise<boolean> {
  const row = await transaction
    .selectFrom('push_ended_sessions')
    .select('session_id')
    .where('session_id', '=', session)
    .executeTakeFirst();
  if (row !== undefined && handle !== null) await queueRemovals(transaction, [handle]);
  return row !== undefined;
}

/** Forgets those of long ago. */
export async function forgetEndedSessions(database: NotifyDatabase, now: number): Promise<void> {
  await database
    .deleteFrom('push_ended_sessions')
    .where('ended_at', '<', now - REMEMBERED_MILLISECONDS)
    .execute();
}
