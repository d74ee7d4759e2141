// The one clock of the simulated providers. It follows the machine's, and tests may push it forward, so that
// expiry and ageing are seen without waiting.

export class Clock {
  readonly #source: () => number;
  #aheadMs = 0;

  constructor(source: () => number) {
    this.#source = source;
  }

  /** Unix time in milliseconds. */
  nowMs(): number {
    return this.#source() + this.#aheadMs;
  }

  nowSeconds(): number {
    return Math.floor(this.nowMs() / 1000);
  }

  advance(byMs: number): void {
    this.#aheadMs += byMs;
  }
}
