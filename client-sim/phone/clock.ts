// Time as an argument: what the phone reads and waits by, so that tests can bring the extension's time limit about.

export interface Clock {
  /** Unix ms of the device, right or wrong. */
  nowMs(): number;
  /** Runs once after `ms`, unless the function it answers is called before. */
  after(ms: number, run: () => void): () => void;
}

/** The machine's clock. Its timers never keep the process alive. */
export const systemClock: Clock = {
  nowMs: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms).unref();
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`. */
export function pause(clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.after(ms, resolve);
  });
}
