// A benchmark's own logic: goals, exit codes, the file, and the figures' arithmetic. No test asks how fast anything is.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runScript } from '../support/run-script.ts';
import { type Benchmark, type Goal, judgeGoal, type Result, runBenchmark } from './benchmark.ts';
import { shareOfOthers } from './machine.ts';
import { type Effort, type Job, measure } from './measure.ts';
import { sealBenchmark } from './seal/seal.ts';
import { ratios, summarize } from './statistics.ts';

const TINY: Effort = { rounds: 2, sliceMilliseconds: 1 };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealed-push-bench-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Exit code, report and file of a benchmark. */
async function ended(
  benchmark: Benchmark,
): Promise<{ readonly code: number; readonly report: string; readonly file: Result }> {
  const printed: string[] = [];
  const code = await runBenchmark(benchmark, TINY, folder, (text) => printed.push(text));
  const file = JSON.parse(await readFile(join(folder, `${benchmark.name}.json`), 'utf8')) as Result;
  return { code, report: printed.join('\n'), file };
}

function found(...goals: readonly Goal[]): Benchmark {
  const figures = [{ name: 'sealing', unit: 'µs of CPU', median: 20, low: 19, high: 21 }];
  return { name: 'found', run: async () => ({ subject: 'two goals', figures, goals }) };
}

test('goals that are met end with 0 and say so', async () => {
  const { code, report, file } = await ended(
    found(judgeGoal('faster', { median: 3, low: 2.9, high: 3.1 }, 2.5)),
  );
  expect(code).toBe(0);
  expect(file.goals).toEqual([{ name: 'faster', value: 3, low: 2.9, high: 3.1, goal: 2.5, met: true }]);
  expect(report).toMatch(/^faster +3\.000 {2}2\.900 … 3\.100 {2}at least 2\.5: met$/m);
});

test('one missed goal among met ones ends with 1 and says so', async () => {
  const met = judgeGoal('faster', { median: 3, low: 2.9, high: 3.1 }, 2.5);
  const missed = judgeGoal('share', { median: 0.5499, low: 0.54, high: 0.56 }, 0.55);
  const { code, report, file } = await ended(found(met, missed, met));
  expect(code).toBe(1);
  expect(file.goals.map((goal) => goal.met)).toEqual([true, false, true]);
  expect(report).toMatch(/^share .* at least 0\.55: MISSED, equal within the spread$/m);
});

test('a goal is met at exactly its value', () => {
  expect(judgeGoal('share', { median: 0.55, low: 0.5, high: 0.6 }, 0.55).met).toBe(true);
});

test('the file tells effort, machine and figures', async () => {
  const { file } = await ended(found());
  expect(file).toMatchObject({ benchmark: 'found', subject: 'two goals', effort: TINY });
  expect(file.machine).toEqual({
    node: process.versions.node,
    openssl: process.versions.openssl,
    processors: expect.stringMatching(/^\d+ × /),
    loadAverage: expect.any(Number),
  });
  expect(file.figures).toEqual([{ name: 'sealing', unit: 'µs of CPU', median: 20, low: 19, high: 21 }]);
});

test('a benchmark without a name, with an unknown one, or with two gets the usage and 2', async () => {
  for (const args of [[], ['unseal'], ['seal', 'seal']]) {
    const { code, stdout, stderr } = await runScript('test/bench/main.ts', args, 20_000);
    expect({ args, code, stdout }).toEqual({ args, code: 2, stdout: '' });
    expect(stderr).toContain('usage: npm run bench -- seal');
  }
});

test('seal measures everything that the goals are about', { timeout: 60_000 }, async () => {
  const { file, code } = await ended(sealBenchmark);
  expect(code).toBe(file.goals.every((goal) => goal.met) ? 0 : 1);
  expect(file.goals.map(({ name, goal }) => [name, goal])).toEqual([
    ['0x01 against X25519 key and Diffie-Hellman alone', 0.55],
    [
      expect.stringMatching(/^0x01 against (@hpke\/core|hpke) seals X25519-PSK, (one by one|16 at once)$/),
      2.5,
    ],
    ['0x01 against web-push', 1.8],
    ['0x02 against 0x01', 0.7],
    ['0x01, two worker threads against one', 1.8],
  ]);
  expect(file.figures.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['seal 0x01, cold from the store', 'open 0x01', 'open 0x02']),
  );
  for (const { median, low, high } of file.figures) {
    expect(low).toBeLessThanOrEqual(median);
    expect(median).toBeLessThanOrEqual(high);
  }
});

test('every job is measured in every round, for all of its items', async () => {
  const burnt = new Map<string, number>();
  const job = (name: string): Job => ({
    name,
    run(items) {
      for (let item = 0; item < items; item += 1) burn();
      burnt.set(name, (burnt.get(name) ?? 0) + items);
    },
  });
  const measured = await measure([job('one'), job('two')], { rounds: 3, sliceMilliseconds: 2 });
  expect([...measured.keys()]).toEqual(['one', 'two']);
  for (const { name, cpu, itemsPerSecond } of measured.values()) {
    expect(cpu).toHaveLength(3);
    expect(itemsPerSecond).toHaveLength(3);
    expect(burnt.get(name)).toBeGreaterThan(0);
    for (const value of [...cpu, ...itemsPerSecond]) expect(value).toBeGreaterThan(0);
  }
});

test('medians and quartiles', () => {
  expect(summarize([5, 1, 4, 2, 3])).toEqual({ median: 3, low: 2, high: 4 });
  expect(summarize([1, 2])).toEqual({ median: 1.5, low: 1.25, high: 1.75 });
  expect(() => summarize([])).toThrow(RangeError);
});

test('ratios are taken round by round', () => {
  expect(ratios([10, 40], [5, 10])).toEqual([2, 4]);
  expect(() => ratios([1, 2], [1])).toThrow(RangeError);
});

test('what others had of the machine is what was busy and not ours', () => {
  const before = { busy: 1000, total: 5000, own: 100 };
  expect(shareOfOthers(before, { busy: 1600, total: 6000, own: 500 })).toBe(0.2);
  expect(shareOfOthers(before, { busy: 1300, total: 6000, own: 420 })).toBe(0);
  expect(shareOfOthers(before, before)).toBe(0);
});

function burn(): void {
  let sum = 0;
  for (let i = 0; i < 10_000; i += 1) sum += Math.sqrt(i);
  if (Number.isNaN(sum)) throw new Error('not reached');
}
