// Runs a script of the repository, or of a copy of it, as a process.
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';

const ROOT: string = resolve(import.meta.dirname, '../..');

/** How a process ended, and what it printed. */
export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function runScript(path: string, args: readonly string[], timeoutMs: number): Promise<Ended> {
  return new Promise((resolve, reject) => {
    execFile(
      process.execPath,
      [join(ROOT, path), ...args],
      { timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : error.code;
        if (typeof code === 'number') resolve({ code, stdout, stderr });
        else reject(new Error(`${path} did not end by itself: ${stderr}`));
      },
    );
  });
}
