// Tombstones of a registration (SPEC.md section 10): what was removed must not come back by a late or repeated push.
import { hex } from '../../wire/bytes.ts';
import { CLOCK_TOLERANCE_SECONDS } from '../../wire/limits.ts';
import type { Reference } from '../field.ts';
import type { Payload } from '../payload.ts';

/** The sent_at (unix ms) that removed a reference, by the text of the reference. */
export type Tombstones = ReadonlyMap<string, number>;

const DAY_MS = 86_400_000;
/** What a tombstone covers may sound this long after keep_days. */
const TOLERANCE_MS: number = CLOCK_TOLERANCE_SECONDS * 1000;

/** A reference as a map's key: numbers and bytes never collide. */
export function referenceKey(reference: Reference): string {
  return typeof reference === 'number' ? `n${reference}` : `b${hex(reference)}`;
}

/** Whether a message stands under a tombstone: only a later one passes it. */
export function isRemoved(tombstones: Tombstones, reference: Reference, sentAt: number): boolean {
  const removedAt = tombstones.get(referenceKey(reference));
  return removedAt !== undefined && sentAt <= removedAt;
}

/** What an authentic payload takes away: the references of a `remove`, and those in `removed` but a message's own. */
export function removedBy(payload: Payload): readonly Reference[] {
  const body = payload.kind === 'remove' ? payload.references : [];
  const own = payload.kind === 'message' ? referenceKey(payload.message.reference) : null;
  return [...body, ...(payload.removed ?? []).filter((reference) => referenceKey(reference) !== own)];
}

/**
 * The tombstones with those of a payload; each is kept until nothing that it covers can sound: `keepDays` is the longest of
 * the registration's keys, since what it covers may have been sealed to another one.
 */
export function buryRemoved(
  tombstones: Tombstones,
  payload: Payload,
  keepDays: number,
  nowMs: number,
): Tombstones {
  const lifeMs = keepDays * DAY_MS + TOLERANCE_MS;
  const kept = new Map([...tombstones].filter(([, sentAt]) => nowMs - sentAt < lifeMs));
  for (const reference of removedBy(payload)) {
    const key = referenceKey(reference);
    kept.set(key, Math.max(payload.sentAt, kept.get(key) ?? 0));
  }
  return kept;
}
