// What the parts of the push side work with. Time and randomness are among it, so that tests can choose them.
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import type { Log } from '../log/log.ts';
import type { BouncerClient } from './bouncer-client.ts';
import type { ServerPolicy } from './policy.ts';
import type { StorageKey } from './storage-key.ts';
import type { NotifyDatabase } from './tables.ts';

export interface NotifyContext {
  readonly database: NotifyDatabase;
  readonly bouncer: BouncerClient;
  readonly backend: CryptoBackend;
  readonly storageKey: StorageKey;
  readonly origin: string;
  /** The origin that it has moved to, for people to read; null while it has not. */
  readonly movedTo: string | null;
  readonly appIds: readonly string[];
  readonly keepDaysMax: number;
  readonly policy: ServerPolicy;
  /** The UTC day that the operator vouches for, if the clock has jumped to it; null for none. */
  readonly confirmedDay: number | null;
  readonly log: Log;
  /** Unix ms. */
  readonly now: () => number;
  /** In [0, 1): jitter and shuffling, nothing secret. */
  readonly random: () => number;
}
