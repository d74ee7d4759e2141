// When to try again: full jitter, and never before the time that the other side asked for.

const BASE_SECONDS = 1;
/** For one item that the bouncer wants to be retried. */
export const ITEM_CAP_SECONDS = 60;
/** For a bouncer that does not answer: soon after it is back, what waits goes out. */
export const BOUNCER_CAP_SECONDS = 5;

/**
 * Milliseconds to wait after the given number of failures: a random part of min(cap, base · 2^(failures − 1)), after
 * what was asked for. `random` is in [0, 1).
 */
export function backoffMilliseconds(
  failures: number,
  askedSeconds: number,
  capSeconds: number,
  random: number,
): number {
  const ceiling = Math.min(capSeconds, BASE_SECONDS * 2 ** Math.min(failures - 1, 16));
  return Math.ceil((askedSeconds + random * ceiling) * 1000);
}
