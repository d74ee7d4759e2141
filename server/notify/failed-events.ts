// Events that cannot be dealt with: after some failures one is taken aside with its body, so that it does not hold up
// everybody else's. An operator finds them as push_events in the state `failed`.
import type { NotifyContext } from './context.ts';
import type { NotifyDatabase } from './tables.ts';

const FAILURES_MAX = 5;

/** The store's own troubles: no event is to blame for them. */
const STORE_TROUBLE = /^SQLITE_(BUSY|LOCKED|FULL|IOERR|READONLY|CANTOPEN|NOMEM|CORRUPT|NOTADB|PROTOCOL)/;

/** Counts a failure against an event. */
export async function countFailure(context: NotifyContext, sequence: number, error: unknown): Promise<void> {
  if (isOfStore(error)) return;
  await context.database.transaction().execute(async (transaction) => {
    const row = await transaction
      .updateTable('push_events')
      .set((column) => ({ failures: column('failures', '+', 1) }))
      .where('sequence', '=', sequence)
      .where('state', '=', 'open')
      .returning('failures')
      .executeTakeFirst();
    if (row !== undefined && row.failures >= FAILURES_MAX) await setAside(transaction, context, sequence);
  });
}

/** Nothing more is done with an event; its body stays. */
export async function setAside(
  transaction: NotifyDatabase,
  { log, now }: NotifyContext,
  sequence: number,
): Promise<void> {
  await transaction
    .updateTable('push_events')
    .set({ state: 'failed', done_at: now() })
    .where('sequence', '=', sequence)
    .execute();
  log.write('event_unreadable', { sequence });
}

function isOfStore(error: unknown): boolean {
  return error instanceof Error && 'code' in error && STORE_TROUBLE.test(String(error.code));
}
