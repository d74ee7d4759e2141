// The record: everything the two services saw, in order, and what became of it. A bounded ring; the counts
// go on when old entries have left it.
import { recordEntriesMax } from './limits.ts';

export type Provider = 'apns' | 'fcm' | 'oauth';

/**
 * What has become of a request. `stored` may turn into any other of an accepted push; `answered` is a good
 * request that is no push: an access token, a dry run.
 */
export type Outcome = keyof OutcomeCounts | 'refused' | 'answered';

/** What a request was, before anybody judged it. */
export interface SeenRequest {
  /** Unix time in milliseconds. */
  at: number;
  provider: Provider;
  method: string;
  path: string;
  headers: object;
  body: string;
}

export interface RecordEntry extends SeenRequest {
  n: number;
  device_id: string | null;
  /** null where no answer was given. */
  status: number | null;
  reason: string | null;
  outcome: Outcome;
}

/** Of accepted pushes. */
export interface OutcomeCounts {
  delivered: number;
  stored: number;
  superseded: number;
  expired: number;
  dropped: number;
}

export interface Answered {
  deviceId?: string;
  status: number | null;
  reason?: string | null;
  outcome: Outcome;
}

export class ProviderRecord {
  readonly #ring: RecordEntry[] = [];
  readonly #counts = {
    delivered: 0,
    stored: 0,
    superseded: 0,
    expired: 0,
    dropped: 0,
    refused: 0,
    answered: 0,
  };
  #last = 0;

  add(seen: SeenRequest, answered: Answered): RecordEntry {
    this.#last += 1;
    const entry: RecordEntry = {
      n: this.#last,
      ...seen,
      device_id: answered.deviceId ?? null,
      status: answered.status,
      reason: answered.reason ?? null,
      outcome: answered.outcome,
    };
    this.#counts[entry.outcome] += 1;
    this.#ring[(entry.n - 1) % recordEntriesMax] = entry;
    return entry;
  }

  /** Moves a push on to what has become of it. */
  settle(entry: RecordEntry, outcome: Outcome): void {
    this.#counts[entry.outcome] -= 1;
    this.#counts[outcome] += 1;
    entry.outcome = outcome;
  }

  /** Entries numbered above `after`, oldest first. */
  read(after: number): RecordEntry[] {
    const entries: RecordEntry[] = [];
    const oldest = Math.max(after, this.#last - recordEntriesMax, 0);
    for (let n = oldest; n < this.#last; n += 1) {
      const entry = this.#ring[n % recordEntriesMax];
      if (entry !== undefined) entries.push(entry);
    }
    return entries;
  }

  counts(): OutcomeCounts & { accepted: number } {
    const { refused: _, answered: __, ...accepted } = this.#counts;
    return { accepted: Object.values(accepted).reduce((sum, count) => sum + count, 0), ...accepted };
  }
}
