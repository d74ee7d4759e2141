// A job that runs when it is woken or when its time has come, one run at a time, until it is stopped.
import { errorFields } from '../log/content-free.ts';
import type { Log } from '../log/log.ts';

const FAILED_PAUSE_MILLISECONDS = 1000;
const PAUSE_MILLISECONDS_MAX = 60 * 60 * 1000;

/** Does what there is to do; says in how many milliseconds there is more (0: at once). */
export type Step = () => Promise<number>;

export class Loop {
  readonly #step: Step;
  readonly #log: Log;
  #stopped = false;
  #woken = false;
  #wakeSleeper: (() => void) | undefined;
  #running: Promise<void> | undefined;

  constructor(step: Step, log: Log) {
    this.#step = step;
    this.#log = log;
  }

  start(): void {
    this.#running ??= this.#run();
  }

  /** There is something to do: the next run starts at once. */
  wake(): void {
    this.#woken = true;
    this.#wakeSleeper?.();
  }

  /** Ends after the present run. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      this.#woken = false;
      await this.#sleep(await this.#runStep());
    }
  }

  async #runStep(): Promise<number> {
    try {
      return await this.#step();
    } catch (error) {
      this.#log.write('job_failed', errorFields(error));
      return FAILED_PAUSE_MILLISECONDS;
    }
  }

  async #sleep(milliseconds: number): Promise<void> {
    if (this.#woken || this.#stopped) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(milliseconds, PAUSE_MILLISECONDS_MAX));
      this.#wakeSleeper = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wakeSleeper = undefined;
  }
}
