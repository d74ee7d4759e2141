// How much more two worker threads seal than one, by the clock on the wall: CPU time does not see threads that wait for
// one another. Runs with one and with two alternate. Other processes take more from two threads than from one, so there are
// more rounds than are counted: those count in which others had least of the machine. How much they had is told beside.
// `npm run bench` has V8 collect garbage on the thread that made it: its helpers would else lend one thread the other core,
// and one would not be one.
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

/** Rounds that are run, and those of them that are counted, for each round of the other measurements. */
const CANDIDATES = 3;
const COUNTED = 2;
/** Starting two threads at once takes its time: it is lost in a longer turn. */
const SLICES_PER_TURN = 3;

/** @param itemsPerSecond what one thread does, roughly */
export async function measureThreads(itemsPerSecond: number, effort: Effort): Promise<Scaling> {
  const workers = [createWorker(), createWorker()] as const;
  const items = Math.ceil((itemsPerSecond * effort.sliceMilliseconds * SLICES_PER_TURN) / 1000);
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
  const quietest = rounds.toSorted((a, b) => a.others - b.others).slice(0, effort.rounds * COUNTED);
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
