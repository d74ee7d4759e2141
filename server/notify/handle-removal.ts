// Handles that the server no longer wants are given back to the bouncer, durably: a sign-out during an outage is not
// forgotten (SPEC.md section 5).
import { HANDLES_PER_REMOVAL_MAX } from '../../protocol/wire/limits.ts';
import { backoffMilliseconds, ITEM_CAP_SECONDS } from './backoff.ts';
import { RETRY_AFTER_SECONDS_MAX } from './bouncer-client.ts';
import type { NotifyContext } from './context.ts';
import type { NotifyDatabase } from './tables.ts';
import { SECOND_MILLISECONDS } from './time.ts';

/** The longest that the bouncer may ask for; a last word, due within 20 minutes and with time for 5 more, takes less. */
const WAIT_MILLISECONDS_MAX: number = (RETRY_AFTER_SECONDS_MAX + ITEM_CAP_SECONDS) * SECOND_MILLISECONDS;
const IDLE_MILLISECONDS: number = 30 * SECOND_MILLISECONDS;

/**
 * Queues handles for removal, in the transaction that stops using them and after that. Two accounts on one phone without
 * E2EE share a handle: it is removed with the last registration that has it.
 */
export async function queueRemovals(transaction: NotifyDatabase, handles: readonly string[]): Promise<void> {
  if (handles.length === 0) return;
  const used = await transaction
    .selectFrom('push_registrations')
    .select('handle')
    .where('handle', 'in', handles)
    .union((query) =>
      query
        .selectFrom('push_attempts')
        .select('handle')
        .where('handle', 'in', handles)
        .where('state', 'in', ['pending', 'active']),
    )
    .execute();
  const inUse = new Set(used.map(({ handle }) => handle));
  const unused = handles.filter((handle) => !inUse.has(handle));
  if (unused.length === 0) return;
  await transaction
    .insertInto('push_handle_removals')
    .values(unused.map((handle) => ({ handle, tries: 0, next_try_at: 0 })))
    .onConflict((conflict) => conflict.column('handle').doNothing())
    .execute();
}

/** What is still to be sent to the handle has time until then (unix ms). */
export async function postponeRemoval(
  transaction: NotifyDatabase,
  handle: string,
  until: number,
): Promise<void> {
  await transaction
    .updateTable('push_handle_removals')
    .set({ next_try_at: until })
    .where('handle', '=', handle)
    .execute();
}

/** A registration has the handle now: it is not given back. */
export async function cancelRemoval(transaction: NotifyDatabase, handle: string): Promise<void> {
  await transaction.deleteFrom('push_handle_removals').where('handle', '=', handle).execute();
}

/** A loop's step: gives back what is due. */
export async function removeHandles({ database, bouncer, now, random }: NotifyContext): Promise<number> {
  const rows = await database
    .selectFrom('push_handle_removals')
    .selectAll()
    .where((column) =>
      column.or([
        column('next_try_at', '<=', now()),
        // By a clock that was set back since.
        column('next_try_at', '>', now() + WAIT_MILLISECONDS_MAX),
      ]),
    )
    .orderBy('next_try_at')
    .limit(HANDLES_PER_REMOVAL_MAX)
    .execute();
  const first = rows[0];
  if (first === undefined) return (await isEmpty(database)) ? IDLE_MILLISECONDS : SECOND_MILLISECONDS;
  const handles = rows.map(({ handle }) => handle);
  const reply = await bouncer.removeHandles(handles);
  if (reply.kind === 'answer') {
    await database.deleteFrom('push_handle_removals').where('handle', 'in', handles).execute();
    return 0;
  }
  const asked = reply.kind === 'problem' ? (reply.retryAfterSeconds ?? 0) : 0;
  await database
    .updateTable('push_handle_removals')
    .set({
      tries: first.tries + 1,
      next_try_at: now() + backoffMilliseconds(first.tries + 1, asked, ITEM_CAP_SECONDS, random()),
    })
    .where('handle', 'in', handles)
    .execute();
  return SECOND_MILLISECONDS;
}

async function isEmpty(database: NotifyDatabase): Promise<boolean> {
  const row = await database.selectFrom('push_handle_removals').select('handle').limit(1).executeTakeFirst();
  return row === undefined;
}
