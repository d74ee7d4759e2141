// The machine that figures come from, and how busy others keep it.
import { cpus, loadavg } from 'node:os';

export interface Machine {
  readonly node: string;
  readonly openssl: string;
  readonly processors: string;
  /** Of the last minute, before the benchmark. */
  readonly loadAverage: number;
}

export function describeMachine(): Machine {
  const models = cpus().map(({ model }) => model.trim());
  return {
    node: process.versions.node,
    openssl: process.versions.openssl,
    processors: `${models.length} × ${models[0] ?? 'unknown'}`,
    loadAverage: loadavg()[0] as number,
  };
}

/** CPU time so far, in milliseconds. */
export interface MachineTime {
  readonly busy: number;
  readonly total: number;
  readonly own: number;
}

export function readMachineTime(): MachineTime {
  const times = cpus().map((processor) => processor.times);
  const idle = sum(times.map((time) => time.idle));
  const total = sum(times.flatMap((time) => Object.values(time)));
  const { user, system } = process.cpuUsage();
  return { busy: total - idle, total, own: (user + system) / 1000 };
}

/** The share of the machine that other processes had between two readings, 0 … 1. */
export function shareOfOthers(before: MachineTime, after: MachineTime): number {
  const elapsed = after.total - before.total;
  const others = after.busy - before.busy - (after.own - before.own);
  // The processors' times advance in ticks, this process's own does not.
  return elapsed > 0 ? Math.max(0, others / elapsed) : 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
