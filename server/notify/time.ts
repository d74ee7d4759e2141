// Time in the push side: unix ms inside, unix s and UTC days where the protocol says so (SPEC.md section 3).
import { EXPIRY_GRAIN_SECONDS } from '../../protocol/wire/limits.ts';

export const SECOND_MILLISECONDS = 1000;
export const MINUTE_MILLISECONDS: number = 60 * SECOND_MILLISECONDS;
export const HOUR_MILLISECONDS: number = 60 * MINUTE_MILLISECONDS;
export const DAY_SECONDS = 86_400;
export const DAY_MILLISECONDS: number = DAY_SECONDS * SECOND_MILLISECONDS;

/** Unix seconds. */
export function secondsOf(milliseconds: number): number {
  return Math.floor(milliseconds / SECOND_MILLISECONDS);
}

/** The UTC day: floor(seconds / 86400). */
export function dayOf(milliseconds: number): number {
  return Math.floor(milliseconds / DAY_MILLISECONDS);
}

/** sent_at + ttl rounded up to the full hour, in unix seconds, whatever the ttl. */
export function expiresAt(sentAtMilliseconds: number, ttlSeconds: number): number {
  const seconds = Math.ceil(sentAtMilliseconds / SECOND_MILLISECONDS) + ttlSeconds;
  return Math.ceil(seconds / EXPIRY_GRAIN_SECONDS) * EXPIRY_GRAIN_SECONDS;
}
