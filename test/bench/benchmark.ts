// What a benchmark is, and how one is run: figures and goals printed, and written as JSON.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describeMachine, type Machine } from './machine.ts';
import type { Effort } from './measure.ts';
import { formatReport } from './report.ts';
import type { Summary } from './statistics.ts';

/** One line of the report. */
export interface Figure extends Summary {
  readonly name: string;
  readonly unit: string;
  /** Median by the clock on the wall, for orientation only. */
  readonly itemsPerSecond?: number;
}

/** Something that must be at least so much. */
export interface Goal {
  readonly name: string;
  /** A median. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly goal: number;
  readonly met: boolean;
}

/** What a benchmark found out. */
export interface Findings {
  /** What was measured, for the head of the report. */
  readonly subject: string;
  readonly figures: readonly Figure[];
  readonly goals: readonly Goal[];
}

/** The file that a benchmark writes. */
export interface Result extends Findings {
  readonly benchmark: string;
  readonly effort: Effort;
  readonly machine: Machine;
}

export interface Benchmark {
  readonly name: string;
  run(effort: Effort): Promise<Findings>;
}

/** The median decides, whatever the spread is. */
export function judgeGoal(name: string, { median, low, high }: Summary, goal: number): Goal {
  return { name, value: median, low, high, goal, met: median >= goal };
}

/**
 * Runs a benchmark, prints its report and writes `<folder>/<name>.json`.
 * @returns the exit code: 1 if a goal is missed
 */
export async function runBenchmark(
  benchmark: Benchmark,
  effort: Effort,
  folder: string,
  print: (text: string) => void,
): Promise<number> {
  const machine = describeMachine();
  const findings = await benchmark.run(effort);
  const result: Result = { benchmark: benchmark.name, effort, machine, ...findings };
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${benchmark.name}.json`), `${JSON.stringify(result, null, 2)}\n`);
  print(formatReport(result));
  return findings.goals.every((goal) => goal.met) ? 0 : 1;
}
