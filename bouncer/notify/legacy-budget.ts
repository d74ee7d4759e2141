// How many redacted notifications a device may be sent (SPEC.md section 14): what a stolen token is worth is bounded.

export const LEGACY_PER_HOUR_MAX = 30;
const HOUR_SECONDS = 3_600;
/** Handles that are remembered; beyond, hours that have passed are forgotten first. */
const HANDLES_REMEMBERED_MAX = 200_000;

interface Hour {
  readonly until: number;
  spent: number;
}

export class LegacyBudget {
  readonly #hours = new Map<string, Hour>();

  /** Takes one; else how many seconds there are none. */
  take(handle: string, nowSeconds: number): number {
    const known = this.#hours.get(handle);
    if (known !== undefined && nowSeconds < known.until) {
      if (known.spent >= LEGACY_PER_HOUR_MAX) return known.until - nowSeconds;
      known.spent += 1;
      return 0;
    }
    if (this.#hours.size >= HANDLES_REMEMBERED_MAX) this.#forget(nowSeconds);
    this.#hours.delete(handle);
    this.#hours.set(handle, { until: nowSeconds + HOUR_SECONDS, spent: 1 });
    return 0;
  }

  /** Hours stand in the order in which they end. */
  #forget(nowSeconds: number): void {
    for (const [handle, hour] of this.#hours) {
      if (nowSeconds < hour.until && this.#hours.size < HANDLES_REMEMBERED_MAX) return;
      this.#hours.delete(handle);
    }
  }
}
