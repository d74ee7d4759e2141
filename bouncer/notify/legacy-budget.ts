// How many redacted notifications a server may send to a bare token (SPEC.md section 14): what a stolen token is worth is
// bounded, whatever number of handles is made of it.
import { LEGACY_NOTIFICATIONS_PER_HOUR_MAX } from '../../protocol/wire/limits.ts';

const HOUR_SECONDS = 3_600;
/** Tokens that are remembered; beyond, hours that have passed are forgotten first. */
const TOKENS_REMEMBERED_MAX = 200_000;

interface Hour {
  readonly until: number;
  spent: number;
}

export class LegacyBudget {
  readonly #hours = new Map<string, Hour>();

  /** Takes one; else how many seconds there are none. */
  take(origin: string, tokenMac: string, nowSeconds: number): number {
    const token = `${origin} ${tokenMac}`;
    const known = this.#hours.get(token);
    if (known !== undefined && nowSeconds < known.until) {
      if (known.spent >= LEGACY_NOTIFICATIONS_PER_HOUR_MAX) return known.until - nowSeconds;
      known.spent += 1;
      return 0;
    }
    if (this.#hours.size >= TOKENS_REMEMBERED_MAX) this.#forget(nowSeconds);
    this.#hours.delete(token);
    this.#hours.set(token, { until: nowSeconds + HOUR_SECONDS, spent: 1 });
    return 0;
  }

  /** Hours stand in the order in which they end. */
  #forget(nowSeconds: number): void {
    for (const [token, hour] of this.#hours) {
      if (nowSeconds < hour.until && this.#hours.size < TOKENS_REMEMBERED_MAX) return;
      this.#hours.delete(token);
    }
  }
}
