// A phone of the stack: its process, and what it says it received and showed.
import type { Child, Line } from './child.ts';

const READY_MS = 30_000;
const ANSWER_MS = 20_000;

export type PhoneKind = 'iphone' | 'android' | 'legacy-iphone' | 'legacy-android';

/** A notification as a person sees it. */
export interface Shown {
  readonly reference: number | string | null;
  readonly title: string;
  readonly subtitle: string;
  readonly body: string;
  readonly sound: boolean;
  readonly truncated: boolean;
  readonly at: number;
}

export class PhoneProcess {
  readonly name: string;
  readonly kind: PhoneKind;
  readonly #spawn: () => Child;
  #child: Child | null = null;

  constructor(name: string, kind: PhoneKind, spawn: () => Child) {
    this.name = name;
    this.kind = kind;
    this.#spawn = spawn;
  }

  /** Starts the app and waits until it is registered and its handle is active. */
  async start(): Promise<void> {
    this.#child = this.#spawn();
    await this.#child.waitFor((line) => line['event'] === 'ready', READY_MS);
  }

  async stop(): Promise<void> {
    await this.#child?.stop();
  }

  get events(): readonly Line[] {
    return this.#running.lines;
  }

  /** Everything shown since the app started, in order. */
  get shown(): readonly Shown[] {
    return this.events.filter(
      (line) => line['event'] === 'shown',
    ) as readonly Line[] as unknown as readonly Shown[];
  }

  waitFor(test: (line: Line) => boolean, timeoutMs: number): Promise<Line> {
    return this.#running.waitFor(test, timeoutMs);
  }

  /** Sends a command and waits for its answer. */
  async command(op: string, fields: Line = {}): Promise<Line> {
    const from = this.events.length;
    this.#running.send({ op, ...fields });
    const answer = await this.#running.waitFor((line) => answers(line, op), ANSWER_MS, from);
    if (answer['event'] === 'failed') throw new Error(`${this.name} could not ${op}`);
    return answer;
  }

  get #running(): Child {
    if (this.#child === null) throw new Error(`${this.name} was not started`);
    return this.#child;
  }
}

function answers(line: Line, op: string): boolean {
  if (op === 'state') return line['event'] === 'state';
  return (line['event'] === 'done' || line['event'] === 'failed') && line['op'] === op;
}
