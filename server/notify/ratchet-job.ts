// The daily ratchet (SPEC.md section 4): one job steps every chain to the day, by compare-and-set on (kid, epoch).
// Sealing uses the stored epoch as it is, and nothing else ever steps.
import { stepChain } from '../../protocol/crypto/ratchet.ts';
import { EPOCH_MAX } from '../../protocol/wire/limits.ts';
import type { NotifyContext } from './context.ts';
import { markLost, markReplace } from './stamps.ts';
import type { NotifyDatabase } from './tables.ts';
import { dayOf } from './time.ts';

const KEYS_PER_TRANSACTION = 200;
/** A clock that jumps further may be wrong, and a step cannot be taken back. */
const JUMP_DAYS_MAX = 2;
/** A key whose day lies this far behind its epoch asks for a new one. */
const BEHIND_DAYS_MAX = 2;

/** `jumped`: nothing was stepped. */
export type RatchetResult =
  | { readonly kind: 'stepped'; readonly keys: number }
  | { readonly kind: 'nothing_to_do' }
  | { readonly kind: 'jumped' };

type RatchetContext = Pick<NotifyContext, 'database' | 'backend' | 'storageKey' | 'log'>;

/**
 * Steps all chains to the day of `now` (unix ms). Ended halfway, it goes on where it was when it runs again.
 * `confirmedDay` is the day by another clock: with it, a long pause is told from a clock that jumped.
 */
export async function runRatchet(
  context: RatchetContext,
  now: number,
  confirmedDay: number | null,
): Promise<RatchetResult> {
  const today = dayOf(now);
  const last = await readLastDay(context.database);
  if (isJumpFrom(last, today) && confirmedDay !== today) {
    context.log.write('clock_jumped', { days: today - last });
    return { kind: 'jumped' };
  }
  if (last === today) return { kind: 'nothing_to_do' };
  let keys = 0;
  let after: string | null = '';
  while (after !== null) {
    const chunk = await stepChunk(context, after, today);
    keys += chunk.stepped;
    after = chunk.last;
  }
  // A day that lies behind is not written: the next run still measures the jump from the latest day there was.
  if (last === null || today > last) await writeLastDay(context.database, today);
  else context.log.write('clock_behind', { days: last - today });
  context.log.write('chains_stepped', { keys });
  return { kind: 'stepped', keys };
}

/** Whether a time (unix ms) lies so far after the last run that nothing that cannot be undone is done by it. */
export async function isJump(database: NotifyDatabase, now: number): Promise<boolean> {
  return isJumpFrom(await readLastDay(database), dayOf(now));
}

function isJumpFrom(last: number | null, today: number): last is number {
  return last !== null && today > last + JUMP_DAYS_MAX;
}

async function stepChunk(
  { database, backend, storageKey, log }: RatchetContext,
  after: string,
  today: number,
): Promise<{ stepped: number; last: string | null }> {
  return await database.transaction().execute(async (transaction) => {
    const keys = await transaction
      .selectFrom('push_keys')
      .select(['kid', 'epoch', 'day_zero', 'chain', 'registration_id'])
      .where('registration_id', '>', after)
      .where('state', 'in', ['live', 'replace'])
      .orderBy('registration_id')
      .limit(KEYS_PER_TRANSACTION)
      .execute();
    let stepped = 0;
    for (const key of keys) {
      const day = Math.min(today - key.day_zero, EPOCH_MAX);
      if (day <= key.epoch - BEHIND_DAYS_MAX) await markReplace(transaction, key.registration_id);
      if (day <= key.epoch) continue;
      const chain = storageKey.openChain(key, key.chain);
      if (chain === null) {
        await markLost(transaction, log, key);
        continue;
      }
      const next = storageKey.sealChain(key, stepChain(backend, chain, day - key.epoch));
      await transaction
        .updateTable('push_keys')
        .set({ epoch: day, chain: next })
        .where('registration_id', '=', key.registration_id)
        .where('kid', '=', key.kid)
        .where('epoch', '=', key.epoch)
        .execute();
      stepped += 1;
    }
    return { stepped, last: keys.at(-1)?.registration_id ?? null };
  });
}

async function readLastDay(database: NotifyDatabase): Promise<number | null> {
  const row = await database
    .selectFrom('push_facts')
    .select('value')
    .where('name', '=', 'ratchet_day')
    .executeTakeFirst();
  return row === undefined ? null : Number(row.value);
}

async function writeLastDay(database: NotifyDatabase, day: number): Promise<void> {
  const value = String(day);
  await database
    .insertInto('push_facts')
    .values({ name: 'ratchet_day', value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
}
