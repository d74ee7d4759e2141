// The bouncer's tables (SPEC.md section 5). Nothing of a notification is among them. Bytes are base64url text and times
// are unix seconds, so that every query runs on SQLite and on PostgreSQL alike; the hot path reads by primary key.
import SqliteDatabase from 'better-sqlite3';
import { Kysely, SqliteDialect, sql } from 'kysely';
import type { Environment, Platform } from '../../protocol/wire/ids.ts';

/** A chat server's account. */
export interface ServerTable {
  readonly server_id: string;
  readonly origin: string;
  readonly contact: string;
  readonly created_at: number;
}

/** Two live keys at most: slot 0 and slot 1. */
export interface ApiKeyTable {
  readonly server_id: string;
  readonly slot: number;
  /** SHA-256 of the key's bytes. */
  readonly key_hash: string;
  readonly created_at: number;
}

/** What a handle stands for; an ended one is remembered for a while. */
export interface HandleTable {
  readonly handle: string;
  readonly origin: string;
  /** Sealed or bare for life. */
  readonly kind: 'sealed' | 'bare';
  readonly app_id: string;
  readonly platform: Platform;
  readonly environment: Environment;
  /** The push token, encrypted for this row. */
  readonly token: string;
  /** Keyed hash of platform and token: equal for equal tokens. */
  readonly token_mac: string;
  readonly state: 'pending' | 'active' | 'ended';
  readonly pending_until: number;
  readonly activated_at: number | null;
  /** Set when the provider or the limit of handles ended it. */
  readonly gone_since: number | null;
  /** Unix day of the last accepted notification. */
  readonly used_day: number;
  /** With kind `sealed`. */
  readonly attempt: string | null;
  /** When the row may be deleted; null while it is active. */
  readonly forget_at: number | null;
}

/** One sealed push token that a server brought. */
export interface AttemptTable {
  readonly origin: string;
  readonly attempt: string;
  readonly server_id: string;
  /** SHA-256 of the blob. */
  readonly blob_hash: string;
  readonly handle: string;
  readonly token_mac: string;
  /** Encrypted for this row. */
  readonly confirm_key: string;
  readonly info_hash: string;
  readonly challenge: string;
  /** Whether the limits allowed a challenge: 1 or 0. */
  readonly challenged: number;
  readonly replaces: string | null;
  readonly created_at: number;
  readonly confirmed_at: number | null;
  readonly forget_at: number | null;
}

/** Proof that the storage key is the one the rows were encrypted under. One row. */
export interface StorageKeyCheckTable {
  readonly id: number;
  readonly sealed: string;
}

export interface BouncerTables {
  readonly servers: ServerTable;
  readonly api_keys: ApiKeyTable;
  readonly handles: HandleTable;
  readonly attempts: AttemptTable;
  readonly storage_key_check: StorageKeyCheckTable;
}

export type BouncerDatabase = Kysely<BouncerTables>;

/** How long a writer waits for another process's transaction. */
const BUSY_TIMEOUT_MS = 5_000;
/** How often a transaction that lost a race against another process is tried. */
const TRANSACTION_TRIES_MAX = 5;

/** Opens the file, made if it is absent. An answer that says "done" is on the disk: WAL with synchronous=FULL. */
export function openDatabase(file: string): BouncerDatabase {
  const database = new SqliteDatabase(file, { timeout: BUSY_TIMEOUT_MS });
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  return new Kysely<BouncerTables>({ dialect: new SqliteDialect({ database }) });
}

/** Runs a transaction, again if it lost a race against another process. `run` must not have effects outside it. */
export async function transact<T>(
  database: BouncerDatabase,
  run: (transaction: BouncerDatabase) => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await database.transaction().execute(run);
    } catch (error) {
      if (tries === TRANSACTION_TRIES_MAX || !isLostRace(error)) throw error;
    }
  }
}

/**
 * Runs with the whole store to itself, all or nothing: several processes may start at once on a fresh store.
 * SQLite's own means; a dialect with a lock for migrations needs it not.
 */
export async function runExclusive(
  database: BouncerDatabase,
  run: (connection: BouncerDatabase) => Promise<void>,
): Promise<void> {
  await database.connection().execute(async (connection) => {
    await sql`begin exclusive`.execute(connection);
    try {
      await run(connection);
      await sql`commit`.execute(connection);
    } catch (error) {
      await sql`rollback`.execute(connection);
      throw error;
    }
  });
}

/** SQLite's busy snapshot, or PostgreSQL's serialisation failure. */
function isLostRace(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return code.startsWith('SQLITE_BUSY') || code === '40001';
}
