// The store: SQLite behind Kysely. Calls are asynchronous from the first day, and no query is SQLite's alone.
import { closeSync, openSync } from 'node:fs';
import BetterSqlite, { type Database as SqliteFile, type Statement } from 'better-sqlite3';
import { Kysely, type SqliteDatabase, SqliteDialect, type SqliteStatement } from 'kysely';
import type { ChatTables } from '../chat/tables.ts';
import type { NotifyTables } from '../notify/tables.ts';
import { migrate } from './migrate.ts';

/** All tables: chat and push side share the file, so that a message and its event share a transaction. */
export type Tables = ChatTables & NotifyTables;
export type Database = Kysely<Tables>;

const BUSY_MILLISECONDS = 5000;
const STATEMENTS_MAX = 256;

/** Opens and migrates. @throws SchemaTooNewError if a later version wrote the file. */
export async function openDatabase(file: string): Promise<Database> {
  // Nobody else on the machine reads it; SQLite gives its journals the same mode.
  closeSync(openSync(file, 'a', 0o600));
  const sqlite = new BetterSqlite(file, { timeout: BUSY_MILLISECONDS });
  sqlite.pragma('journal_mode = WAL');
  // An accepted message survives the loss of power, not only of the process.
  sqlite.pragma('synchronous = FULL');
  sqlite.pragma('foreign_keys = ON');
  // What is deleted (keys among it) is overwritten, not only unlinked.
  sqlite.pragma('secure_delete = ON');
  const database: Database = new Kysely({
    dialect: new SqliteDialect({ database: cacheStatements(sqlite) }),
  });
  try {
    await migrate(database);
  } catch (error) {
    sqlite.close();
    throw error;
  }
  return database;
}

/** Kysely prepares anew for each query; preparing costs more than most of ours. The least recently used goes first. */
function cacheStatements(sqlite: SqliteFile): SqliteDatabase {
  const statements = new Map<string, Statement>();
  return {
    close: () => sqlite.close(),
    prepare(sql): SqliteStatement {
      const statement = statements.get(sql) ?? sqlite.prepare(sql);
      statements.delete(sql);
      statements.set(sql, statement);
      if (statements.size > STATEMENTS_MAX) statements.delete(statements.keys().next().value as string);
      return statement as unknown as SqliteStatement;
    },
  };
}
