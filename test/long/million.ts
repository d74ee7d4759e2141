// A million inputs for every parser: what came of them, how long the slowest took and how much the process grew.
import { expect, test } from 'vitest';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { createDraw, type Draw } from '../property/draw.ts';
import type { Parser } from '../property/parsers.ts';

/** How many inputs every parser gets; LONG_INPUTS asks for another number. */
const INPUTS: number = Number(process.env['LONG_INPUTS'] ?? 1_000_000);
const GROWTH_BYTES_MAX: number = 64 * 1024 * 1024;
/** What is longer is a hang. */
const SLOWEST_MILLISECONDS_MAX = 2_000;

/** What came of it. */
interface Outcome {
  readonly taken: number;
  readonly refused: number;
  /** Exceptions that are no ProtocolError, each with the seed that draws its input; at most ten. */
  readonly escaped: readonly string[];
  readonly slowestMilliseconds: number;
  /** Of the resident set, after the first tenth, which warms the machine up. */
  readonly grownBytes: number;
}

/** Feeds a parser; every input has a seed of its own, its number. */
function feed<Input>(
  parser: Parser<Input>,
  drawInput: (draw: Draw, seeds: readonly Input[]) => Input,
): Outcome {
  const count = { taken: 0, refused: 0 };
  const escaped: string[] = [];
  let slowestMilliseconds = 0;
  let before = 0;
  for (let seed = 1; seed <= INPUTS; seed += 1) {
    if (seed === Math.floor(INPUTS / 10)) before = residentBytes();
    const input = drawInput(createDraw(seed * 2_654_435_761), parser.seeds);
    const started = performance.now();
    try {
      count[parser.parse(input) === null ? 'refused' : 'taken'] += 1;
    } catch (error) {
      count.refused += 1;
      if (!(error instanceof ProtocolError) && escaped.length < 10) escaped.push(`seed ${seed}: ${error}`);
    }
    slowestMilliseconds = Math.max(slowestMilliseconds, performance.now() - started);
  }
  return { ...count, escaped, slowestMilliseconds, grownBytes: residentBytes() - before };
}

/** After a collection, so that what could go has gone. */
function residentBytes(): number {
  globalThis.gc?.();
  return process.memoryUsage.rss();
}

/** One test per parser: no exception but ProtocolError, no hang, no growth. */
export function testParsers<Input>(
  parsers: readonly Parser<Input>[],
  drawInput: (draw: Draw, seeds: readonly Input[]) => Input,
): void {
  test.each(parsers.map((parser) => [parser.name, parser] as const))('%s', (name, parser) => {
    const outcome = feed(parser, drawInput);
    const grown = `${(outcome.grownBytes / 1024 / 1024).toFixed(1)} MiB`;
    const slowest = `${outcome.slowestMilliseconds.toFixed(1)} ms`;
    console.log(
      `${name}: ${outcome.taken} taken, ${outcome.refused} refused, slowest ${slowest}, grown ${grown}`,
    );
    expect(outcome.escaped).toEqual([]);
    expect(outcome.taken + outcome.refused).toBe(INPUTS);
    // A search whose inputs are all refused at the first byte searches nothing.
    expect(outcome.taken).toBeGreaterThan(0);
    expect(outcome.slowestMilliseconds).toBeLessThan(SLOWEST_MILLISECONDS_MAX);
    expect(outcome.grownBytes).toBeLessThan(GROWTH_BYTES_MAX);
  });
}
