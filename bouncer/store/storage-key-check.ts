// Whether the storage key is the one that the rows were encrypted under: a start with another key must fail, not lose
// every device.
import type { BouncerDatabase } from './database.ts';
import type { StorageKey } from './storage-key.ts';

const ROW_ID = 1;
const ROW = 'storage-key-check';

/** False if the rows were encrypted under another key. The first call on a fresh store sets it. */
export async function isStorageKeyOf(database: BouncerDatabase, key: StorageKey): Promise<boolean> {
  await database
    .insertInto('storage_key_check')
    .values({ id: ROW_ID, sealed: key.seal('storage key check', ROW, new Uint8Array(0)) })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  const { sealed } = await database
    .selectFrom('storage_key_check')
    .select('sealed')
    .where('id', '=', ROW_ID)
    .executeTakeFirstOrThrow();
  return key.open('storage key check', ROW, sealed) !== null;
}
