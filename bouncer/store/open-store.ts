// Opening the store: schema brought up to date, storage key proven. Bouncer and operator's commands both start here.
import { ConfigurationError, type StoreConfig } from '../config.ts';
import { type BouncerDatabase, openDatabase } from './database.ts';
import { migrate, NewerSchemaError } from './migrations.ts';
import type { StorageKey } from './storage-key.ts';
import { isStorageKeyOf } from './storage-key-check.ts';
import { readStorageKey } from './storage-key-file.ts';

export interface Store {
  readonly database: BouncerDatabase;
  readonly storageKey: StorageKey;
}

/** @throws ConfigurationError where the store is of a newer version, or of another storage key */
export async function openStore(config: StoreConfig): Promise<Store> {
  const storageKey = readStorageKey(config.storageKeyFile);
  const database = openFile(config.databaseFile);
  try {
    await migrate(database);
    if (!(await isStorageKeyOf(database, storageKey))) {
      throw new ConfigurationError(
        'BOUNCER_STORAGE_KEY_FILE is not the key that BOUNCER_DATABASE_FILE was written with',
      );
    }
  } catch (error) {
    await database.destroy();
    if (error instanceof NewerSchemaError) {
      throw new ConfigurationError('BOUNCER_DATABASE_FILE was written by a newer version of the bouncer');
    }
    throw error;
  }
  return { database, storageKey };
}

function openFile(file: string): BouncerDatabase {
  try {
    return openDatabase(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable';
    throw new ConfigurationError(`BOUNCER_DATABASE_FILE cannot be opened (${code})`);
  }
}
