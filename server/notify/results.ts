// What the bouncer's answers change, in one transaction per batch (SPEC.md section 13).
import type { NotificationResult } from '../../protocol/wire/bouncer-api.ts';
import { joinable, word } from '../log/content-free.ts';
import { nextBackgroundAt } from './background-interval.ts';
import { backoffMilliseconds, ITEM_CAP_SECONDS } from './backoff.ts';
import type { NotifyContext } from './context.ts';
import { type DueRow, endRows, postponeRows, supersedeRows } from './outbox.ts';
import type { NotifyDatabase } from './tables.ts';
import { DAY_SECONDS, secondsOf } from './time.ts';

/** Refusals that are about the handle and not about the item: the app is to register anew. */
const HANDLE_REFUSALS: ReadonlySet<string> = new Set(['unknown_handle', 'wrong_route']);

/** Writes the result of each row; they are in the same order. */
export async function writeResults(
  context: NotifyContext,
  rows: readonly DueRow[],
  results: readonly NotificationResult[],
): Promise<void> {
  const count = { accepted: 0, gone: 0, retry: 0, refused: 0 };
  await context.database.transaction().execute(async (transaction) => {
    const accepted: DueRow[] = [];
    for (const [index, row] of rows.entries()) {
      const result = results[index] as NotificationResult;
      count[result.status] += 1;
      if (result.status === 'accepted') accepted.push(row);
      else await writeFailure(transaction, context, row, result);
    }
    await endRows(
      transaction,
      accepted.map(({ outbox_id }) => outbox_id),
      'sent',
    );
    for (const row of accepted) {
      await markCarried(transaction, row);
      if (row.urgency === 'background') await markBackground(transaction, row, context.now());
    }
    await supersedeRows(transaction, bareDevices(rows));
  });
  context.log.write('batch_answered', { items: rows.length, ...count });
}

function bareDevices(rows: readonly DueRow[]): readonly string[] {
  const bare = rows.filter(({ envelope }) => envelope === null);
  return [...new Set(bare.map(({ registration_id }) => registration_id))];
}

async function writeFailure(
  transaction: NotifyDatabase,
  context: NotifyContext,
  row: DueRow,
  result: Exclude<NotificationResult, { status: 'accepted' }>,
): Promise<void> {
  const { log, now, random } = context;
  const device = joinable(row.registration_id);
  if (result.status === 'gone' && isAfterActivation(result.since, row.handle_since)) {
    log.write('handle_gone', { device });
    await endHandle(transaction, row, 'gone', now());
  } else if (result.status === 'refused') {
    log.write('item_refused', { code: word(result.code), device });
    if (HANDLE_REFUSALS.has(result.code)) return await endHandle(transaction, row, 'refused', now());
    await endRows(transaction, [row.outbox_id], result.code === 'expired' ? 'expired' : 'refused');
  } else {
    const asked = result.status === 'retry' ? result.after_seconds : 0;
    const wait = backoffMilliseconds(row.tries + 1, asked, ITEM_CAP_SECONDS, random());
    await postponeRows(transaction, [row.outbox_id], now() + wait);
    if (result.status === 'retry') await markPutOff(transaction, row);
  }
}

async function markPutOff(transaction: NotifyDatabase, { outbox_id }: DueRow): Promise<void> {
  await transaction
    .updateTable('push_outbox')
    .set({ put_off: 1 })
    .where('outbox_id', '=', outbox_id)
    .execute();
}

/** `since` is given to the day. An earlier one speaks of a handle's life before this one. */
function isAfterActivation(since: number, handleSince: number): boolean {
  return since >= handleSince - (handleSince % DAY_SECONDS);
}

/** The handle is no more; the key stays, and nothing leads to the redacted path. */
async function endHandle(
  transaction: NotifyDatabase,
  { outbox_id, registration_id, handle, last_handle }: DueRow,
  state: 'gone' | 'refused',
  now: number,
): Promise<void> {
  if (last_handle !== null) return await endRows(transaction, [outbox_id], state);
  const cleared = await transaction
    .updateTable('push_registrations')
    .set({ handle: null, handle_state: state, handle_since: secondsOf(now) })
    .where('registration_id', '=', registration_id)
    .where('handle', '=', handle)
    .executeTakeFirst();
  // The device has got another handle while this was on its way: the same envelope goes there.
  if (Number(cleared.numUpdatedRows) === 0) return await postponeRows(transaction, [outbox_id], now);
  await endRows(transaction, [outbox_id], state);
  await transaction
    .updateTable('push_attempts')
    .set({ state })
    .where('registration_id', '=', registration_id)
    .where('handle', '=', handle as string)
    .execute();
}

/** The next one keeps its distance from this one's going out, which may be long after it was made. */
async function markBackground(
  transaction: NotifyDatabase,
  { registration_id }: DueRow,
  now: number,
): Promise<void> {
  const told = await transaction
    .updateTable('push_registrations')
    .set({ last_background_at: now })
    .where('registration_id', '=', registration_id)
    .returning(['platform', 'last_background_at', 'background_due_at'])
    .executeTakeFirst();
  if (told === undefined || told.background_due_at === null) return;
  await transaction
    .updateTable('push_registrations')
    .set({ background_due_at: Math.max(told.background_due_at, nextBackgroundAt(told, now)) })
    .where('registration_id', '=', registration_id)
    .execute();
}

/** The references that rode in an accepted alert have been carried; the first time counts. */
async function markCarried(transaction: NotifyDatabase, row: DueRow): Promise<void> {
  const ids = JSON.parse(row.carries) as number[];
  if (ids.length === 0) return;
  await transaction
    .updateTable('push_outbox')
    .set({ carried_at: row.sent_at })
    .where('outbox_id', 'in', ids)
    .where('carried_at', 'is', null)
    .execute();
}
