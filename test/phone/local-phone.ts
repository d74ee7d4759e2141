// A whole phone inside the test process: everything but main.ts, with the same lines.
import { readFile } from 'node:fs/promises';
import type { Agent } from 'undici';
import { parseCommand } from '../../client-sim/phone/commands.ts';
import { parseConfig } from '../../client-sim/phone/config.ts';
import { createAgent } from '../../client-sim/phone/https-client.ts';
import { openInstalledState } from '../../client-sim/phone/install-marker.ts';
import { Phone } from '../../client-sim/phone/phone.ts';
import type { StateFile } from '../../client-sim/phone/state-file.ts';
import type { Line } from '../../client-sim/stack/child.ts';

export class LocalPhone {
  readonly lines: Line[] = [];
  readonly #waiting = new Set<() => void>();
  readonly #phone: Phone;
  readonly #agent: Agent;
  #killed: Promise<unknown> | null = null;

  constructor(environment: Readonly<Record<string, string>>, file: StateFile, ca: string) {
    this.#agent = createAgent(ca);
    this.#phone = new Phone(parseConfig(environment), file, this.#agent, (event) => {
      this.lines.push(event as unknown as Line);
      for (const wake of this.#waiting) wake();
    });
    this.#phone.start();
  }

  send(line: Line): void {
    const command = parseCommand(JSON.stringify(line));
    if (command === null) throw new Error('no command');
    void this.#phone.obey(command);
  }

  /** The first line from `from` on for which the test holds. */
  async waitFor(test: (line: Line) => boolean, timeoutMs: number, from = 0): Promise<Line> {
    const { promise: late, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => reject(new Error(`not in time: ${JSON.stringify(this.lines)}`)),
      timeoutMs,
    );
    try {
      for (let next = from; ; ) {
        for (; next < this.lines.length; next += 1) {
          const line = this.lines[next] as Line;
          if (test(line)) return line;
        }
        const change = new Promise<void>((resolve) => void this.#waiting.add(resolve));
        await Promise.race([change, late]);
      }
    } finally {
      clearTimeout(timer);
    }
  }

  /** Cuts every connection. Nothing is written afterwards. */
  kill(): Promise<void> {
    this.#killed ??= Promise.all([this.#agent.destroy(), this.#phone.stop()]);
    return this.#killed.then(() => undefined);
  }
}

export async function startLocalPhone(environment: Readonly<Record<string, string>>): Promise<LocalPhone> {
  const statePath = environment['PHONE_STATE_FILE'] as string;
  const { file } = await openInstalledState(statePath);
  const ca = await readFile(environment['PHONE_CA_FILE'] as string, 'utf8');
  return new LocalPhone(environment, file, ca);
}
