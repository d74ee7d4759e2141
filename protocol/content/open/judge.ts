// The one question after opening (SPEC.md section 10): may this sound?
//
//   loud = the pair is new, not expired, not from the future, of a kind that alerts, under no tombstone, not superseded
import { CLOCK_TOLERANCE_SECONDS } from '../../wire/limits.ts';
import { alerts, type Payload } from '../payload.ts';
import { lookUpPair, type ReplayWindow } from './replay-window.ts';
import { isRemoved, type Tombstones } from './tombstones.ts';

/** What is known when an authentic payload has arrived. */
export interface Arrival {
  readonly payload: Payload;
  /** The first 16 bytes of SHA-256 of the envelope. */
  readonly hash: Uint8Array;
  readonly window: ReplayWindow;
  readonly tombstones: Tombstones;
  /** The newest sent_at (unix ms) that the app knows of the payload's reference, of a message only; null if none. */
  readonly knownAt: number | null;
  /** 1 … 28, of the key. */
  readonly keepDays: number;
  /** Unix ms, corrected by the server's TLS answers. */
  readonly nowMs: number;
}

/** The answer. `changesState` is false for what was seen before, is at or below the floor, or is from the future. */
export interface Verdict {
  readonly loud: boolean;
  readonly changesState: boolean;
  readonly replay: 'new' | 'seen' | 'below';
  readonly expired: boolean;
  readonly fromFuture: boolean;
  readonly removed: boolean;
  /** A message of which the app knows a newer state: it never takes that one's place. */
  readonly superseded: boolean;
}

const TOLERANCE_MS = CLOCK_TOLERANCE_SECONDS * 1000;
const DAY_MS = 86_400_000;

export function judge(arrival: Arrival): Verdict {
  const { payload, nowMs } = arrival;
  const replay = lookUpPair(arrival.window, { sentAt: payload.sentAt, hash: arrival.hash });
  const lifeMs = Math.min(payload.ttlSeconds * 1000, arrival.keepDays * DAY_MS);
  const expired = nowMs >= payload.sentAt + lifeMs + TOLERANCE_MS;
  const fromFuture = payload.sentAt > nowMs + TOLERANCE_MS;
  const removed =
    payload.kind === 'message' && isRemoved(arrival.tombstones, payload.message.reference, payload.sentAt);
  const superseded = payload.kind === 'message' && (arrival.knownAt ?? 0) > payload.sentAt;
  const changesState = replay === 'new' && !fromFuture;
  return {
    loud: changesState && !expired && !removed && !superseded && alerts(payload),
    changesState,
    replay,
    expired,
    fromFuture,
    removed,
    superseded,
  };
}
