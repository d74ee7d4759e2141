// One process of the stack: started, waited for, spoken to in JSON lines, stopped or killed.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';

const STOP_MS = 12_000;
const LINES_MAX = 200_000;

/** One JSON object that a process printed on its standard output. */
export type Line = Readonly<Record<string, unknown>>;

export interface ChildOptions {
  readonly name: string;
  /** Path of the script. */
  readonly script: string;
  readonly args?: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Everything it prints is kept here, for those who search it. */
  readonly logFile: string;
}

/** A running process. Its lines are kept, so that waiting for one that has come already works. */
export class Child {
  readonly name: string;
  readonly #process: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #lines: Line[] = [];
  readonly #exited: Promise<number | null>;
  readonly #log: WriteStream;
  readonly #waiting = new Set<() => void>();
  #running = true;
  /** The first line of what it last wrote to standard error. */
  #complaint = '';

  constructor(options: ChildOptions) {
    this.name = options.name;
    this.#log = createWriteStream(options.logFile, { flags: 'a' });
    this.#process = spawn(process.execPath, [options.script, ...(options.args ?? [])], {
      env: options.env,
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.#process.stdin.on('error', () => undefined);
    this.#process.stderr.on('data', (chunk: Buffer) => {
      this.#log.write(chunk);
      this.#complaint = chunk.toString('utf8').trim().split('\n')[0] ?? '';
    });
    this.#process.stdout.on('data', (chunk: Buffer) => this.#log.write(chunk));
    createInterface({ input: this.#process.stdout }).on('line', (text) => this.#receive(text));
    this.#exited = new Promise((resolve) => {
      this.#process.once('close', (code) => {
        this.#running = false;
        this.#log.end();
        this.#wake();
        resolve(code);
      });
    });
  }

  get running(): boolean {
    return this.#running;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** What it has printed so far. */
  get lines(): readonly Line[] {
    return this.#lines;
  }

  /** One JSON object to its standard input. */
  send(line: Line): void {
    this.#process.stdin.write(`${JSON.stringify(line)}\n`);
  }

  /**
   * The first line from `from` on for which the test holds.
   * @throws Error if it exits first or the time is over; the message names the process and says what it complained of
   */
  async waitFor(test: (line: Line) => boolean, timeoutMs: number, from = 0): Promise<Line> {
    const deadline = Date.now() + timeoutMs;
    for (let next = from; ; ) {
      for (; next < this.#lines.length; next += 1) {
        const line = this.#lines[next] as Line;
        if (test(line)) return line;
      }
      if (!this.#running) throw new Error(`${this.name} exited: ${this.#complaint}`);
      await this.#change(deadline);
    }
  }

  /** Asks it to stop and kills it if it does not. */
  async stop(): Promise<number | null> {
    if (this.#running) this.#process.kill('SIGTERM');
    const timer = setTimeout(() => this.#process.kill('SIGKILL'), STOP_MS);
    const code = await this.#exited;
    clearTimeout(timer);
    return code;
  }

  /** SIGKILL, as when the power goes. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  #receive(text: string): void {
    const line = parseLine(text);
    if (line === null) return;
    if (this.#lines.length >= LINES_MAX) throw new Error(`${this.name} printed more than ${LINES_MAX} lines`);
    this.#lines.push(line);
    this.#wake();
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  /** Resolves at the next line or at the end of the process. */
  #change(deadline: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => {
          this.#waiting.delete(wake);
          reject(new Error(`${this.name} did not answer in time`));
        },
        Math.max(0, deadline - Date.now()),
      );
      const wake = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.#waiting.add(wake);
    });
  }
}

function parseLine(text: string): Line | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Line) : null;
  } catch {
    return null;
  }
}
