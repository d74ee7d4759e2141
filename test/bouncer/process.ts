// The bouncer as a process of its own: started, waited for until it is ready, stopped or killed.
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { Child } from '../../client-sim/stack/child.ts';
import type { Field } from './field.ts';
import { ROOT } from './operator-cli.ts';

const READY_MS = 30_000;
const SCRIPT: string = join(ROOT, 'bouncer/main.ts');

export type Settings = Readonly<Record<string, string | undefined>>;

export interface RunningBouncer {
  readonly child: Child;
  readonly address: string;
}

/** A bouncer with the field's environment and these changes; undefined leaves a setting out. */
export async function startBouncer(field: Field, changes: Settings = {}): Promise<RunningBouncer> {
  const child = new Child({
    name: 'bouncer',
    script: SCRIPT,
    env: apply(field.environment, changes),
    logFile: join(field.folder, 'bouncer.log'),
  });
  const ready = await child.waitFor((line) => line['event'] === 'ready', READY_MS);
  return { child, address: String(ready['address']) };
}

/** How a process ended. */
export interface Refusal {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a start that is refused prints. */
export function refuseStart(field: Field, changes: Settings): Promise<Refusal> {
  return new Promise((resolve) => {
    const env = apply(field.environment, changes);
    execFile(process.execPath, [SCRIPT], { env, timeout: READY_MS }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

export function apply(environment: Settings, changes: Settings): Record<string, string> {
  const merged = Object.entries({ ...environment, ...changes });
  return Object.fromEntries(merged.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}
