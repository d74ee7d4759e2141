// The operator's commands, run as processes.
import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const ROOT: string = resolve(import.meta.dirname, '../..');

/** What a command of the operator prints. */
export async function runCli(
  environment: Readonly<Record<string, string>>,
  args: readonly string[],
): Promise<unknown> {
  const script = join(ROOT, 'bouncer/cli/main.ts');
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], {
    env: { ...environment },
  });
  return JSON.parse(stdout);
}
