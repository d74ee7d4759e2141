// How much more two worker threads seal than one, by the clock on the wall: CPU time does not see threads that wait for
// one another. Runs with one and with two alternate. Other processes take more from two threads than from one, so there are
// more rounds than are counted: those count in which others had least of the machine. How much they had is told beside.
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { readMachineTime, shareOfOthers } from '../machine.ts';
import type { Effort } from '../measure.ts';

export interface Scaling {
  /** Items per second with two threads, against one: round by round. */
  readonly gains: readonly number[];
  /** Share of the machine, 0 … 1, that other processes had: round by round. */
  readonly others: readonly number[];
}

/** Rounds for each that is counted. */
const CANDIDATES = 3;

/** @param itemsPerSecond what one thread does, roughly */
export async function measureThreads(itemsPerSecond: number, effort: Effort): Promise<Scaling> {
  const workers = [createWorker(), createWorker()] as const;
  const items = Math.ceil((itemsPerSecond * effort.sliceMilliseconds) / 1000);
  const rounds: { readonly gain: number; readonly others: number }[] = [];
  try {
    // Warm, and through with starting.
    await timeSealing(workers, items);
    for (let round = 0; round < effort.rounds * CANDIDATES; round += 1) {
      const before = readMachineTime();
      const alone = await timeSealing(workers.slice(0, 1), items);
      const both = await timeSealing(workers, items);
      const others = shareOfOthers(before, readMachineTime());
      rounds.push({ gain: (workers.length * alone) / both, others });
    }
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
  const quietest = rounds.toSorted((a, b) => a.others - b.others).slice(0, effort.rounds);
  return { gains: quietest.map(({ gain }) => gain), others: quietest.map(({ others }) => others) };
}

function createWorker(): Worker {
  return new Worker(new URL('./sealing-thread.ts', import.meta.url));
}

/** Nanoseconds until each of the workers has sealed this many. */
async function timeSealing(workers: readonly Worker[], items: number): Promise<number> {
  const before = process.hrtime.bigint();
  await Promise.all(
    workers.map((worker) => {
      const done = once(worker, 'message');
      worker.postMessage(items);
      return done;
    }),
  );
  return Number(process.hrtime.bigint() - before);
}
