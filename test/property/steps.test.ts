// No input makes a parser work long: the steps that any input costs are bounded by its length, for every parser there is.
// V8 counts the blocks of a file only if it counts while the file is loaded: so the counter is opened first.
import { afterAll, expect, test } from 'vitest';
import { createDraw, drawBytes, drawText, drawValue } from './draw.ts';
import type { Parser } from './parsers.ts';
import { openStepCounter } from './steps.ts';

const counter = openStepCounter();
const { BYTE_PARSERS, TEXT_PARSERS, VALUE_PARSERS } = await import('./parsers.ts');
afterAll(() => {
  counter.close();
});

const BATCHES = 3;
const BATCH_INPUTS = 10;
/** What any input may cost, and what each of its bytes or characters may cost besides. */
const STEPS_FIXED = 1_000;
const STEPS_PER_BYTE = 10;
/** 1,023 steps of the ratchet before the AEAD: what an envelope from far ahead costs, whoever made it. */
const STEPS_OF_RATCHET = 500_000;

/** Runs a parser on drawn inputs, a few at a time, and fails where their steps are more than their lengths allow. */
function checkSteps<Input>(
  parser: Parser<Input>,
  drawInput: (seed: number) => Input,
  lengthOf: (input: Input) => number,
): void {
  const fixed = parser.name.startsWith('opening an envelope') ? STEPS_OF_RATCHET : STEPS_FIXED;
  for (let batch = 0; batch < BATCHES; batch += 1) {
    const inputs = Array.from({ length: BATCH_INPUTS }, (_, i) => drawInput(1 + batch * BATCH_INPUTS + i));
    const allowed = inputs.reduce((sum, input) => sum + fixed + STEPS_PER_BYTE * lengthOf(input), 0);
    const steps = counter.count(() => {
      for (const input of inputs) runQuietly(() => parser.parse(input));
    });
    expect(steps).toBeGreaterThan(0);
    expect(steps, `inputs from seed ${1 + batch * BATCH_INPUTS} on`).toBeLessThanOrEqual(allowed);
  }
}

function runQuietly(run: () => unknown): void {
  try {
    run();
  } catch {
    // What it throws is looked at elsewhere.
  }
}

test.each(BYTE_PARSERS.map((parser) => [parser.name, parser] as const))('%s', (_name, parser) => {
  const drawInput = (seed: number): Uint8Array => drawBytes(createDraw(seed), parser.seeds);
  checkSteps(parser, drawInput, (bytes) => bytes.length);
});

test.each(TEXT_PARSERS.map((parser) => [parser.name, parser] as const))('%s', (_name, parser) => {
  const drawInput = (seed: number): string => drawText(createDraw(seed), parser.seeds);
  checkSteps(parser, drawInput, (text) => text.length);
});

test.each(VALUE_PARSERS.map((parser) => [parser.name, parser] as const))('%s', (_name, parser) => {
  const drawInput = (seed: number): unknown => drawValue(createDraw(seed), parser.seeds);
  checkSteps(parser, drawInput, (value) => JSON.stringify(value)?.length ?? 0);
});

/** What is made to cost much: long, deep, and full of promises that it does not keep. */
const BAD: readonly (readonly [string, (size: number) => Uint8Array])[] = [
  ['arrays in arrays', (size) => new Uint8Array(size).fill(0x81)],
  ['arrays that promise 512 items', (size) => repeat(size, [0x99, 0x02, 0x00])],
  ['maps that promise 512 pairs', (size) => repeat(size, [0xb9, 0x02, 0x00])],
  ['an array that promises 2^31 items', (size) => head(size, [0x9a, 0x7f, 0xff, 0xff, 0xff])],
  ['a text that promises 2^36 bytes', (size) => head(size, [0x7b, 0, 0, 0, 0x10, 0, 0, 0, 0])],
  ['bytes of 2^53 − 1', (size) => head(size, [0x5b, 0, 0x1f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])],
  ['512 empty arrays', (size) => head(size, [0x99, 0x02, 0x00, ...new Array<number>(512).fill(0x80)])],
];

test.each(BAD)('CBOR, %s: ten times the bytes never cost more than ten times the steps', (_name, build) => {
  const [cbor] = BYTE_PARSERS;
  const cost = (size: number): number => counter.count(() => runQuietly(() => cbor?.parse(build(size))));
  const [short, long] = [cost(3_000), cost(30_000)];
  expect(short).toBeLessThanOrEqual(STEPS_FIXED + 10 * 3_000);
  expect(long).toBeLessThanOrEqual(Math.max(10 * short, STEPS_FIXED));
});

function repeat(size: number, pattern: readonly number[]): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => pattern[i % pattern.length] as number);
}

function head(size: number, bytes: readonly number[]): Uint8Array {
  const built = new Uint8Array(size);
  built.set(bytes);
  return built;
}
