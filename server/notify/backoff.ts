// When to try again: full jitter, and never before the time that the other side asked for.

const BASE_SECONDS = 1;
const CAP_SECONDS = 60;

/**
 * Milliseconds to wait after the given number of tries: a random part of min(cap, base · 2^(tries − 1)), after what
 * was asked for. `random` is in [0, 1).
 */
export function backoffMilliseconds(tries: number, askedSeconds: number, random: number): number {
  const ceiling = Math.min(CAP_SECONDS, BASE_SECONDS * 2 ** Math.min(tries - 1, 16));
  return Math.ceil((askedSeconds + random * ceiling) * 1000);
}
