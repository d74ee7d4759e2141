// An attempt and its handle, and what happens when the device has confirmed (SPEC.md section 5).
import { ACTIVE_HANDLES_PER_TOKEN_MAX } from '../../protocol/wire/limits.ts';
import { readAttempt } from '../store/attempts.ts';
import type { AttemptTable, BouncerDatabase, HandleTable } from '../store/database.ts';
import { endHandles, readActiveHandles, readHandle, startOfDay, unixDay } from '../store/handles.ts';

/** The two rows of one attempt. */
export interface Rows {
  readonly attempt: AttemptTable;
  readonly handle: HandleTable;
}

export async function readRows(
  database: BouncerDatabase,
  origin: string,
  attemptId: string,
): Promise<Rows | null> {
  const attempt = await readAttempt(database, origin, attemptId);
  const handle = attempt === null ? null : await readHandle(database, attempt.handle);
  return attempt === null || handle === null ? null : { attempt, handle };
}

/** Makes the handle active; ends what it replaces, bare handles of the token, and the longest unused beyond 64. */
export async function activate(transaction: BouncerDatabase, rows: Rows, nowSeconds: number): Promise<void> {
  const { attempt, handle } = rows;
  await transaction
    .updateTable('handles')
    .set({ state: 'active', activated_at: nowSeconds, used_day: unixDay(nowSeconds), forget_at: null })
    .where('handle', '=', handle.handle)
    .execute();
  await transaction
    .updateTable('attempts')
    .set({ confirmed_at: nowSeconds, forget_at: null })
    .where('origin', '=', attempt.origin)
    .where('attempt', '=', attempt.attempt)
    .execute();
  // A device that can decrypt is never sent templates again.
  await transaction
    .deleteFrom('handles')
    .where('token_mac', '=', handle.token_mac)
    .where('origin', '=', handle.origin)
    .where('kind', '=', 'bare')
    .execute();
  if (attempt.replaces !== null && attempt.replaces !== attempt.attempt) {
    const replaced = await readRows(transaction, attempt.origin, attempt.replaces);
    if (replaced?.attempt.token_mac === attempt.token_mac) {
      await endHandles(transaction, [replaced.handle], null, nowSeconds);
    }
  }
  const active = await readActiveHandles(transaction, handle.origin, handle.token_mac);
  const others = active.filter((row) => row.handle !== handle.handle);
  const surplus = others.slice(0, Math.max(0, active.length - ACTIVE_HANDLES_PER_TOKEN_MAX));
  await endHandles(transaction, surplus, startOfDay(nowSeconds), nowSeconds);
}
