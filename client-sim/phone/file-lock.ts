// The lock that app and extension share (SPEC.md section 10): two processes, one state file. SQLite locks the file, so
// the operating system opens the lock of a process that is killed while it holds it.
import Database from 'better-sqlite3';

const RETRY_MS = 1;
/** Longer than any write takes, shorter than an extension lives. */
const WAIT_MS_MAX = 10_000;

/** Runs while nobody else holds the lock of this path. @throws Error if it cannot be had */
export async function holdLock<Result>(path: string, work: () => Promise<Result>): Promise<Result> {
  const database = new Database(path, { timeout: 0 });
  try {
    await takeLock(database);
    return await work();
  } finally {
    database.close();
  }
}

async function takeLock(database: Database.Database): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += RETRY_MS) {
    try {
      database.exec('BEGIN EXCLUSIVE');
      return;
    } catch (error) {
      if (!isBusy(error) || waitedMs >= WAIT_MS_MAX) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code === 'SQLITE_BUSY';
}
