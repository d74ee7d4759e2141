// Rows of attempts: one sealed push token that a server brought, its challenge and how it ended (SPEC.md section 6).
import { CHALLENGES_PER_ORIGIN_HOUR_MAX, CHALLENGES_PER_TOKEN_DAY_MAX } from '../../protocol/wire/limits.ts';
import type { AttemptTable, BouncerDatabase } from './database.ts';

const HOUR_SECONDS = 3_600;
const DAY_SECONDS = 86_400;

export async function readAttempt(
  database: BouncerDatabase,
  origin: string,
  attempt: string,
): Promise<AttemptTable | null> {
  const row = await database
    .selectFrom('attempts')
    .selectAll()
    .where('origin', '=', origin)
    .where('attempt', '=', attempt)
    .executeTakeFirst();
  return row ?? null;
}

/**
 * Whether the limits allow another challenge to this token for this origin. Only challenges that were not confirmed
 * count: 5 an hour per origin and token, and 30 a day per token over all origins that have no active handle for it.
 */
export async function isChallengeAllowed(
  database: BouncerDatabase,
  origin: string,
  tokenMac: string,
  nowSeconds: number,
): Promise<boolean> {
  const unconfirmed = database
    .selectFrom('attempts')
    .select((select) => select.fn.countAll().as('count'))
    .where('token_mac', '=', tokenMac)
    .where('challenged', '=', 1)
    .where('confirmed_at', 'is', null);
  const hourly = await unconfirmed
    .where('origin', '=', origin)
    .where('created_at', '>', nowSeconds - HOUR_SECONDS)
    .executeTakeFirstOrThrow();
  if (Number(hourly.count) >= CHALLENGES_PER_ORIGIN_HOUR_MAX) return false;

  const active = await database
    .selectFrom('handles')
    .select('origin')
    .distinct()
    .where('token_mac', '=', tokenMac)
    .where('kind', '=', 'sealed')
    .where('state', '=', 'active')
    .execute();
  const trusted = active.map((row) => row.origin);
  if (trusted.includes(origin)) return true;
  const daily = unconfirmed.where('created_at', '>', nowSeconds - DAY_SECONDS);
  const { count } = await (trusted.length === 0
    ? daily
    : daily.where('origin', 'not in', trusted)
  ).executeTakeFirstOrThrow();
  return Number(count) < CHALLENGES_PER_TOKEN_DAY_MAX;
}
