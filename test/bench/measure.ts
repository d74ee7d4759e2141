// CPU time per item, of all threads of this process, job by job in short turns, so that whatever else the machine does
// meets all of them alike.

/** Something to measure. */
export interface Job {
  readonly name: string;
  /** Does the work for this many items. */
  run(items: number): void | Promise<void>;
}

/** How much work is put into a figure. */
export interface Effort {
  readonly rounds: number;
  /** CPU time for each job in each round. */
  readonly sliceMilliseconds: number;
}

/** One job's rounds. */
export interface Measured {
  readonly name: string;
  /** Microseconds per item, round by round. */
  readonly cpu: readonly number[];
  /** By the clock on the wall, round by round: for orientation. */
  readonly itemsPerSecond: readonly number[];
}

/** A slice is taken in so many turns. */
const TURNS = 5;

/** Both in microseconds. */
interface Time {
  readonly cpu: number;
  readonly wall: number;
}

/** Measures jobs, whose names differ, in turns. */
export async function measure(jobs: readonly Job[], effort: Effort): Promise<ReadonlyMap<string, Measured>> {
  const plan: { readonly job: Job; readonly items: number; readonly rounds: Time[] }[] = [];
  for (const job of jobs) plan.push({ job, items: await itemsOf(job, effort.sliceMilliseconds), rounds: [] });
  for (let round = 0; round < effort.rounds; round += 1) {
    const turns: Time[][] = [];
    for (let turn = 0; turn < TURNS; turn += 1) turns.push(await takeTurn(plan));
    for (const [index, { items, rounds }] of plan.entries()) {
      rounds.push(
        perItem(
          turns.map((turn) => turn[index] as Time),
          items * TURNS,
        ),
      );
    }
  }
  return new Map(plan.map(({ job: { name }, rounds }) => [name, summary(name, rounds)]));
}

/** How many items a turn has, from how many take about a slice; finding out warms the job up. */
async function itemsOf(job: Job, sliceMilliseconds: number): Promise<number> {
  const slice = sliceMilliseconds * 1000;
  for (let items = 1; ; items *= 2) {
    const { cpu } = await takeTime(job, items);
    if (cpu >= slice / 2) return Math.ceil((items * slice) / cpu / TURNS);
  }
}

async function takeTurn(plan: readonly { readonly job: Job; readonly items: number }[]): Promise<Time[]> {
  const times: Time[] = [];
  for (const { job, items } of plan) {
    // What the job before left behind, garbage above all, is over before this one's time is taken.
    await job.run(Math.ceil(items / 10));
    times.push(await takeTime(job, items));
  }
  return times;
}

async function takeTime(job: Job, items: number): Promise<Time> {
  const cpuBefore = process.cpuUsage();
  const before = process.hrtime.bigint();
  await job.run(items);
  const wall = Number(process.hrtime.bigint() - before) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { cpu: user + system, wall };
}

function perItem(times: readonly Time[], items: number): Time {
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / items;
  return { cpu: sum(times.map(({ cpu }) => cpu)), wall: sum(times.map(({ wall }) => wall)) };
}

function summary(name: string, rounds: readonly Time[]): Measured {
  return {
    name,
    cpu: rounds.map(({ cpu }) => cpu),
    itemsPerSecond: rounds.map(({ wall }) => 1_000_000 / wall),
  };
}
