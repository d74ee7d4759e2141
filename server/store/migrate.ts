// Versions of the schema. Each migration runs once, in order, in a transaction; a file that a later version wrote is
// not touched.
import { type Kysely, sql } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { migration as chat } from './0001-chat.ts';
import { migration as push } from './0002-push.ts';
import { migration as pushRepairs } from './0003-push-repairs.ts';
import { migration as putOff } from './0004-put-off.ts';
import { migration as lives } from './0005-lives.ts';

const MIGRATIONS: Readonly<Record<string, Migration>> = {
  '0001-chat': chat,
  '0002-push': push,
  '0003-push-repairs': pushRepairs,
  '0004-put-off': putOff,
  '0005-lives': lives,
};

/** The file has migrations that this version does not know. */
export class SchemaTooNewError extends Error {
  override readonly name = 'SchemaTooNewError';

  constructor() {
    super('the database was written by a later version of the server');
  }
}

/** Brings the schema to this version. @throws SchemaTooNewError */
export async function migrate<Tables>(database: Kysely<Tables>): Promise<void> {
  const migrator = new Migrator({
    db: database,
    provider: { getMigrations: async () => ({ ...MIGRATIONS }) },
  });
  const applied = await appliedMigrations(database);
  if (applied.some((name) => !(name in MIGRATIONS))) throw new SchemaTooNewError();
  const { error } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
}

async function appliedMigrations<Tables>(database: Kysely<Tables>): Promise<readonly string[]> {
  const tables = await database.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some(({ name }) => name === MIGRATION_TABLE)) return [];
  const { rows } = await sql<{ name: string }>`select name from ${sql.table(MIGRATION_TABLE)}`.execute(
    database,
  );
  return rows.map(({ name }) => name);
}

/** Kysely's own table of what was applied. */
const MIGRATION_TABLE = 'kysely_migration';
