// The outbox: what is to be sent, durable, the same bytes on every try. A row is `waiting` until the bouncer has
// accepted it or there is a reason never to send it.
import type { Insertable, Selectable } from 'kysely';
import type { Template, Urgency } from '../../protocol/wire/bouncer-api.ts';
import { BACKGROUND_INTERVAL_MILLISECONDS_MAX } from './background-interval.ts';
import type { NotifyDatabase, NotifyTables, OutboxKind, OutboxState } from './tables.ts';
import { secondsOf } from './time.ts';

const ROWS_PER_INSERT_MAX = 200;
const IDS_PER_QUERY_MAX = 1000;

export interface NewOutboxRow {
  readonly eventId: string;
  readonly registrationId: string;
  readonly kind: OutboxKind;
  readonly reference: string | null;
  readonly urgency: Urgency;
  readonly envelope: Uint8Array | null;
  readonly template: Template | null;
  readonly badge: number;
  readonly collapse: string;
  readonly expiresAt: number;
  readonly sentAt: number;
  readonly carries: readonly number[];
}

/** A row that is to be sent now, with the handle that its registration has now, or that it had at its end. */
export type DueRow = Selectable<NotifyTables['push_outbox']> & {
  readonly handle: string | null;
  readonly handle_since: number;
};

/** Queues. The same event is queued for a registration once. */
export async function writeOutbox(
  transaction: NotifyDatabase,
  rows: readonly NewOutboxRow[],
  now: number,
): Promise<void> {
  const values = rows.map(
    (row): Insertable<NotifyTables['push_outbox']> => ({
      event_id: row.eventId,
      registration_id: row.registrationId,
      kind: row.kind,
      reference: row.reference,
      urgency: row.urgency,
      envelope: row.envelope,
      template: row.template,
      badge: row.badge,
      collapse: row.collapse,
      expires_at: row.expiresAt,
      sent_at: row.sentAt,
      state: 'waiting',
      put_off: 0,
      tries: 0,
      next_try_at: now,
      read_at: null,
      removal_made: 0,
      carried_at: null,
      carries: JSON.stringify(row.carries),
      last_handle: null,
    }),
  );
  for (let start = 0; start < values.length; start += ROWS_PER_INSERT_MAX) {
    await transaction
      .insertInto('push_outbox')
      .values(values.slice(start, start + ROWS_PER_INSERT_MAX))
      .execute();
  }
}

/**
 * Rows whose time has come, the longest waiting first. A row waits for the older ones of its device, in flight or
 * postponed: overtaken by a whole replay window, they would never be shown.
 */
export async function readDue(
  database: NotifyDatabase,
  now: number,
  limit: number,
): Promise<readonly DueRow[]> {
  return await database
    .selectFrom('push_outbox')
    .leftJoin('push_registrations', 'push_registrations.registration_id', 'push_outbox.registration_id')
    .selectAll('push_outbox')
    .select((column) => [
      column.fn.coalesce('push_outbox.last_handle', 'push_registrations.handle').as('handle'),
      column.fn.coalesce('push_registrations.handle_since', column.lit(0)).as('handle_since'),
    ])
    .where('push_outbox.state', '=', 'waiting')
    .where('push_outbox.next_try_at', '<=', now)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(
          selectFrom('push_outbox as older')
            .select('older.outbox_id')
            .whereRef('older.registration_id', '=', 'push_outbox.registration_id')
            .whereRef('older.outbox_id', '<', 'push_outbox.outbox_id')
            .where('older.state', '=', 'waiting')
            .where('older.next_try_at', '>', now),
        ),
      ),
    )
    .orderBy('push_outbox.next_try_at')
    .orderBy('push_outbox.outbox_id')
    .limit(limit)
    .execute();
}

/** When the next row that waits for a time is due (unix ms), or null. */
export async function readNextDue(database: NotifyDatabase, now: number): Promise<number | null> {
  const row = await database
    .selectFrom('push_outbox')
    .select('next_try_at')
    .where('state', '=', 'waiting')
    .where('next_try_at', '>', now)
    .orderBy('next_try_at')
    .limit(1)
    .executeTakeFirst();
  return row?.next_try_at ?? null;
}

/** Counts a try before it is made: a row that was never tried has certainly not been sent. */
export async function claimRows(
  database: NotifyDatabase,
  ids: readonly number[],
  leasedUntil: number,
): Promise<void> {
  for (const some of inQueries(ids)) {
    await database
      .updateTable('push_outbox')
      .set((column) => ({ tries: column('tries', '+', 1), put_off: 0, next_try_at: leasedUntil }))
      .where('outbox_id', 'in', some)
      .execute();
  }
}

/** Claims of a process that is no more: whatever waits is due, but a last word whose time has not come. */
export async function releaseClaims(database: NotifyDatabase, now: number): Promise<void> {
  await database
    .updateTable('push_outbox')
    .set({ next_try_at: now })
    .where('state', '=', 'waiting')
    .where('next_try_at', '>', now)
    .where((column) =>
      column.or([
        column('last_handle', 'is', null),
        // By a clock that was set back since.
        column('next_try_at', '>', now + BACKGROUND_INTERVAL_MILLISECONDS_MAX),
      ]),
    )
    .execute();
}

/** A last word on rows: the envelope is not needed any more. */
export async function endRows(
  database: NotifyDatabase,
  ids: readonly number[],
  state: Exclude<OutboxState, 'waiting'>,
): Promise<void> {
  for (const some of inQueries(ids)) {
    await database
      .updateTable('push_outbox')
      .set({ state, envelope: null })
      .where('outbox_id', 'in', some)
      .execute();
  }
}

/** Another try later; what was cancelled in the meantime stays so. */
export async function postponeRows(
  database: NotifyDatabase,
  ids: readonly number[],
  nextTryAt: number,
): Promise<void> {
  for (const some of inQueries(ids)) {
    await database
      .updateTable('push_outbox')
      .set({ next_try_at: nextTryAt })
      .where('outbox_id', 'in', some)
      .execute();
  }
}

/**
 * Ends the redacted notifications that the bouncer put off and a newer waiting one makes superfluous: a template and a
 * badge say it all. An alert is not given up for what makes no sound, and a row without an answer may have arrived.
 */
export async function supersedeRows(
  transaction: NotifyDatabase,
  registrationIds: readonly string[],
): Promise<void> {
  if (registrationIds.length === 0) return;
  await transaction
    .updateTable('push_outbox')
    .set({ state: 'superseded' })
    .where('registration_id', 'in', registrationIds)
    .where('state', '=', 'waiting')
    .where('put_off', '=', 1)
    .where('envelope', 'is', null)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('push_outbox as newer')
          .select('newer.outbox_id')
          .whereRef('newer.registration_id', '=', 'push_outbox.registration_id')
          .whereRef('newer.outbox_id', '>', 'push_outbox.outbox_id')
          .where('newer.state', '=', 'waiting')
          .where(({ or, eb, ref }) =>
            or([eb('newer.urgency', '=', 'alert'), eb(ref('push_outbox.urgency'), '=', 'background')]),
          ),
      ),
    )
    .execute();
}

/** Ends what is too late to be sent; returns how many. */
export async function expireRows(database: NotifyDatabase, now: number): Promise<number> {
  const result = await database
    .updateTable('push_outbox')
    .set({ state: 'expired', envelope: null })
    .where('state', '=', 'waiting')
    .where('next_try_at', '<=', now)
    .where('expires_at', '<=', secondsOf(now))
    .executeTakeFirst();
  return Number(result.numUpdatedRows);
}

function* inQueries(ids: readonly number[]): Generator<readonly number[]> {
  for (let start = 0; start < ids.length; start += IDS_PER_QUERY_MAX) {
    yield ids.slice(start, start + IDS_PER_QUERY_MAX);
  }
}
