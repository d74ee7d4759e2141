// npm run bench -- <name>: the figures that the project promises, measured here and now. Exit code 1 if one is missed.
import { resolve } from 'node:path';
import { type Benchmark, runBenchmark } from './benchmark.ts';
import type { Effort } from './measure.ts';
import { sealBenchmark } from './seal/seal.ts';

const BENCHMARKS: readonly Benchmark[] = [sealBenchmark];
const EFFORT: Effort = { rounds: 11, sliceMilliseconds: 150 };
const RESULTS = resolve(import.meta.dirname, '../../bench-results');
const EXIT_USAGE = 2;

const [name, ...rest] = process.argv.slice(2);
const benchmark = rest.length === 0 ? BENCHMARKS.find((known) => known.name === name) : undefined;
if (benchmark === undefined) {
  const names = BENCHMARKS.map((known) => known.name).join(' | ');
  console.error(`usage: npm run bench -- ${names}`);
  process.exitCode = EXIT_USAGE;
} else {
  process.exitCode = await runBenchmark(benchmark, EFFORT, RESULTS, console.log);
}
