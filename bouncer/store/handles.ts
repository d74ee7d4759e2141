// Rows of handles: reading them on the hot path, and the ways in which they end (SPEC.md section 5).
import type { HandleState } from '../../protocol/wire/bouncer-api.ts';
import { ATTEMPT_REMEMBERED_SECONDS } from '../../protocol/wire/limits.ts';
import { type BouncerDatabase, type HandleTable, transact } from './database.ts';

/** A handle that is gone is told to be gone for longer than any notification may wait. */
const GONE_REMEMBERED_SECONDS = 30 * 86_400;
const SECONDS_PER_DAY = 86_400;

/** Whole days since 1970. */
export function unixDay(nowSeconds: number): number {
  return Math.floor(nowSeconds / SECONDS_PER_DAY);
}

/** Unix seconds of the day's first moment: an answer tells no more of a time than its day. */
export function startOfDay(nowSeconds: number): number {
  return unixDay(nowSeconds) * SECONDS_PER_DAY;
}

/** Where a handle stands now: a pending one lapses by itself. */
export function handleState(row: HandleTable, nowSeconds: number): HandleState {
  return row.state === 'pending' && nowSeconds >= row.pending_until ? 'ended' : row.state;
}

export async function readHandle(database: BouncerDatabase, handle: string): Promise<HandleTable | null> {
  const row = await database
    .selectFrom('handles')
    .selectAll()
    .where('handle', '=', handle)
    .executeTakeFirst();
  return row ?? null;
}

/** Those of the handles that exist, by handle. */
export async function readHandles(
  database: BouncerDatabase,
  handles: readonly string[],
): Promise<Map<string, HandleTable>> {
  if (handles.length === 0) return new Map();
  const rows = await database.selectFrom('handles').selectAll().where('handle', 'in', handles).execute();
  return new Map(rows.map((row) => [row.handle, row]));
}

/** Active handles of one origin and token, the longest unused first. */
export async function readActiveHandles(
  database: BouncerDatabase,
  origin: string,
  tokenMac: string,
): Promise<HandleTable[]> {
  return await database
    .selectFrom('handles')
    .selectAll()
    .where('token_mac', '=', tokenMac)
    .where('origin', '=', origin)
    .where('state', '=', 'active')
    .orderBy('used_day')
    .orderBy('activated_at')
    .execute();
}

/** Remembers the day of the last accepted notification. */
export async function writeUsedDay(
  database: BouncerDatabase,
  handles: readonly string[],
  day: number,
): Promise<void> {
  if (handles.length === 0) return;
  await database
    .updateTable('handles')
    .set({ used_day: day })
    .where('handle', 'in', handles)
    .where('used_day', '<', day)
    .execute();
}

/** Ends handles for good. With `goneSince` (unix seconds) they answer `gone` from now on, else `unknown_handle`. */
export async function endHandles(
  database: BouncerDatabase,
  rows: readonly HandleTable[],
  goneSince: number | null,
  nowSeconds: number,
): Promise<void> {
  const remembered = goneSince === null ? ATTEMPT_REMEMBERED_SECONDS : GONE_REMEMBERED_SECONDS;
  for (const row of rows) {
    await database
      .updateTable('handles')
      .set({ state: 'ended', gone_since: goneSince, forget_at: nowSeconds + remembered })
      .where('handle', '=', row.handle)
      .where('state', '!=', 'ended')
      .execute();
    if (row.attempt === null) continue;
    await database
      .updateTable('attempts')
      .set({ forget_at: nowSeconds + remembered })
      .where('origin', '=', row.origin)
      .where('attempt', '=', row.attempt)
      .execute();
  }
}

/** A handle that the provider calls dead, and since when: the start of a day in unix seconds. */
export interface GoneHandle {
  readonly row: HandleTable;
  readonly since: number;
}

export async function writeGone(
  database: BouncerDatabase,
  gone: readonly GoneHandle[],
  nowSeconds: number,
): Promise<void> {
  if (gone.length === 0) return;
  await transact(database, async (transaction) => {
    for (const { row, since } of gone) await endHandles(transaction, [row], since, nowSeconds);
  });
}

/** Ends those of the handles that are the origin's. */
export async function removeHandles(
  database: BouncerDatabase,
  origin: string,
  handles: readonly string[],
  nowSeconds: number,
): Promise<void> {
  await transact(database, async (transaction) => {
    const rows = await readHandles(transaction, handles);
    const own = [...rows.values()].filter((row) => row.origin === origin && row.state !== 'ended');
    await endHandles(transaction, own, null, nowSeconds);
  });
}

/** Deletes what has been remembered long enough. */
export async function deleteForgotten(database: BouncerDatabase, nowSeconds: number): Promise<void> {
  await database.deleteFrom('handles').where('forget_at', '<=', nowSeconds).execute();
  await database.deleteFrom('attempts').where('forget_at', '<=', nowSeconds).execute();
}
