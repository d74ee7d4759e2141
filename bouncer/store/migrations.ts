// Versions of the schema. A migration that was released is never edited; a new one is added.
import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { type BouncerDatabase, runExclusive } from './database.ts';

/** The store was written by a newer version of this program. */
export class NewerSchemaError extends Error {
  override readonly name = 'NewerSchemaError';
}

const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-handles': { up: createHandles },
};

const MIGRATION_TABLE = 'kysely_migration';

/** Brings the schema up to date. @throws NewerSchemaError */
export async function migrate(database: BouncerDatabase): Promise<void> {
  const executed = await executedMigrations(database);
  if (executed.some((name) => !(name in MIGRATIONS))) throw new NewerSchemaError();
  if (executed.length === Object.keys(MIGRATIONS).length) return;
  await runExclusive(database, async (connection) => {
    const migrator = new Migrator({
      db: connection,
      provider: { getMigrations: async () => MIGRATIONS },
      migrationTableName: MIGRATION_TABLE,
    });
    const { error } = await migrator.migrateToLatest();
    if (error !== undefined) throw error;
  });
}

async function executedMigrations(database: BouncerDatabase): Promise<string[]> {
  const tables = await database.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === MIGRATION_TABLE)) return [];
  const migrations = database as unknown as Kysely<{ [MIGRATION_TABLE]: { readonly name: string } }>;
  const rows = await migrations.selectFrom(MIGRATION_TABLE).select('name').execute();
  return rows.map((row) => row.name);
}

async function createHandles(database: Kysely<unknown>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable('servers')
    .addColumn('server_id', 'text', (column) => column.primaryKey())
    .addColumn('origin', 'text', (column) => column.notNull().unique())
    .addColumn('contact', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('api_keys')
    .addColumn('server_id', 'text', (column) => column.notNull())
    .addColumn('slot', 'integer', (column) => column.notNull())
    .addColumn('key_hash', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('api_keys_primary', ['server_id', 'slot'])
    .execute();
  await schema
    .createTable('handles')
    .addColumn('handle', 'text', (column) => column.primaryKey())
    .addColumn('origin', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('app_id', 'text', (column) => column.notNull())
    .addColumn('platform', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('token', 'text', (column) => column.notNull())
    .addColumn('token_mac', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('pending_until', 'bigint', (column) => column.notNull())
    .addColumn('activated_at', 'bigint')
    .addColumn('gone_since', 'bigint')
    .addColumn('used_day', 'integer', (column) => column.notNull())
    .addColumn('attempt', 'text')
    .addColumn('forget_at', 'bigint')
    .execute();
  await index(database, 'handles', 'handles_token', ['token_mac', 'origin']);
  await index(database, 'handles', 'handles_forget', ['forget_at']);
  await schema
    .createTable('attempts')
    .addColumn('origin', 'text', (column) => column.notNull())
    .addColumn('attempt', 'text', (column) => column.notNull())
    .addColumn('server_id', 'text', (column) => column.notNull())
    .addColumn('blob_hash', 'text', (column) => column.notNull())
    .addColumn('handle', 'text', (column) => column.notNull())
    .addColumn('token_mac', 'text', (column) => column.notNull())
    .addColumn('confirm_key', 'text', (column) => column.notNull())
    .addColumn('info_hash', 'text', (column) => column.notNull())
    .addColumn('challenge', 'text', (column) => column.notNull())
    .addColumn('challenged', 'integer', (column) => column.notNull())
    .addColumn('replaces', 'text')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('confirmed_at', 'bigint')
    .addColumn('forget_at', 'bigint')
    .addPrimaryKeyConstraint('attempts_primary', ['origin', 'attempt'])
    .execute();
  await index(database, 'attempts', 'attempts_token', ['token_mac', 'created_at']);
  await index(database, 'attempts', 'attempts_forget', ['forget_at']);
  await schema
    .createTable('storage_key_check')
    .addColumn('id', 'integer', (column) => column.primaryKey())
    .addColumn('sealed', 'text', (column) => column.notNull())
    .execute();
}

async function index(
  database: Kysely<unknown>,
  table: string,
  name: string,
  columns: readonly string[],
): Promise<void> {
  await database.schema
    .createIndex(name)
    .on(table)
    .columns([...columns])
    .execute();
}
