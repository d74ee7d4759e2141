// Runs `npm run model`'s script with a PATH of one folder, in which a stand-in for ProVerif may lie.
import { execFile } from 'node:child_process';
import { join } from 'node:path';

/** How long the stand-in may take for a file before it counts as stuck. */
const STAND_IN_TIMEOUT_S = 3;

/** How the script ended, and what it printed. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
}

export function runModel(models: string, bin: string): Promise<Ended> {
  const script = join(import.meta.dirname, 'run.ts');
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [script, '--timeout', `${STAND_IN_TIMEOUT_S}`, models],
      { env: { PATH: bin } },
      (error, stdout) => {
        const code = error === null ? 0 : error.code;
        resolve({ code: typeof code === 'number' ? code : null, stdout });
      },
    );
  });
}
