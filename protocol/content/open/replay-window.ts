// The replay window of a kid (SPEC.md section 10): the newest 256 accepted pairs (sent_at, SHA-256(envelope)[0..16]) and
// the floor, the largest pair that was dropped.
import { REPLAY_WINDOW_PAIRS } from '../../wire/limits.ts';

/** One accepted envelope. */
export interface Pair {
  /** Unix ms. */
  readonly sentAt: number;
  /** The first 16 bytes of SHA-256 of the envelope. */
  readonly hash: Uint8Array;
  /** What the operating system delivered it under; empty where it gives none. */
  readonly identifier: string;
}

/** Pairs ascending; at most 256. */
export interface ReplayWindow {
  readonly pairs: readonly Pair[];
  readonly floor: Omit<Pair, 'identifier'> | null;
}

export const EMPTY_WINDOW: ReplayWindow = { pairs: [], floor: null };

/** Whether a pair was accepted before (`seen`), cannot be told from one that was (`below`), or is `new`. */
export function lookUpPair(window: ReplayWindow, pair: Omit<Pair, 'identifier'>): 'new' | 'seen' | 'below' {
  if (window.pairs.some((known) => comparePairs(known, pair) === 0)) return 'seen';
  if (window.floor !== null && comparePairs(pair, window.floor) <= 0) return 'below';
  return 'new';
}

/** The window with a new pair in it; the smallest goes once there are more than 256. */
export function recordPair(window: ReplayWindow, pair: Pair): ReplayWindow {
  const pairs = [...window.pairs, pair].sort(comparePairs);
  if (pairs.length <= REPLAY_WINDOW_PAIRS) return { ...window, pairs };
  const [dropped, ...kept] = pairs as [Pair, ...Pair[]];
  return { pairs: kept, floor: { sentAt: dropped.sentAt, hash: dropped.hash } };
}

/** What a pair was delivered under last, or null if it is not in the window. */
export function identifierOf(window: ReplayWindow, pair: Omit<Pair, 'identifier'>): string | null {
  return window.pairs.find((known) => comparePairs(known, pair) === 0)?.identifier ?? null;
}

/** The window with a known pair under the identifier that it came under last. */
export function movePair(window: ReplayWindow, pair: Pair): ReplayWindow {
  return {
    ...window,
    pairs: window.pairs.map((known) => (comparePairs(known, pair) === 0 ? pair : known)),
  };
}

/** By sent_at, then by the bytes of the hash. */
function comparePairs(a: Omit<Pair, 'identifier'>, b: Omit<Pair, 'identifier'>): number {
  if (a.sentAt !== b.sentAt) return a.sentAt - b.sentAt;
  for (let i = 0; i < a.hash.length; i += 1) {
    const difference = (a.hash[i] as number) - (b.hash[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
