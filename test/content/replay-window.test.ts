// The replay window (SPEC.md section 10): 256 pairs, and the floor under them.
import { expect, test } from 'vitest';
import {
  EMPTY_WINDOW,
  identifierOf,
  lookUpPair,
  movePair,
  type Pair,
  type ReplayWindow,
  recordPair,
} from '../../protocol/content/open/replay-window.ts';

/** A pair whose hash begins with `high` and ends with `low`. */
function pairOf(sentAt: number, high = 0, low = 0): Pair {
  const hash = new Uint8Array(16);
  hash[0] = high;
  hash[15] = low;
  return { sentAt, hash, identifier: `n${sentAt}.${high}.${low}` };
}

const record = (window: ReplayWindow, ...pairs: readonly Pair[]): ReplayWindow =>
  pairs.reduce(recordPair, window);
const range = (from: number, to: number): Pair[] =>
  Array.from({ length: to - from }, (_, i) => pairOf(from + i));

test('in an empty window everything is new', () => {
  expect(lookUpPair(EMPTY_WINDOW, pairOf(0))).toBe('new');
  expect(EMPTY_WINDOW.floor).toBe(null);
});

test('what was recorded is seen, whatever it was delivered under', () => {
  const window = record(EMPTY_WINDOW, pairOf(5, 1, 2));
  const again: Pair = { ...pairOf(5, 1, 2), identifier: 'other' };
  expect(lookUpPair(window, again)).toBe('seen');
});

test('same sent_at, another hash: another envelope', () => {
  const window = record(EMPTY_WINDOW, pairOf(5, 1, 2));
  expect(lookUpPair(window, pairOf(5, 1, 3))).toBe('new');
  expect(lookUpPair(window, pairOf(5, 2, 2))).toBe('new');
  expect(lookUpPair(window, pairOf(6, 1, 2))).toBe('new');
});

test('256 pairs are kept without a floor; the 257th drops the smallest [R-REC-03]', () => {
  const full = record(EMPTY_WINDOW, ...range(0, 256));
  expect(full.pairs.length).toBe(256);
  expect(full.floor).toBe(null);
  const over = record(full, pairOf(256));
  expect(over.pairs.length).toBe(256);
  expect(over.floor).toEqual({ sentAt: 0, hash: new Uint8Array(16) });
  expect(over.pairs[0]).toEqual(pairOf(1));
  expect(over.pairs.at(-1)).toEqual(pairOf(256));
});

test('at or below the floor nothing is new again', () => {
  const window = record(EMPTY_WINDOW, pairOf(10, 5), ...range(11, 267));
  expect(window.floor?.sentAt).toBe(10);
  expect(lookUpPair(window, pairOf(10, 5))).toBe('below');
  expect(lookUpPair(window, pairOf(10, 4, 255))).toBe('below');
  expect(lookUpPair(window, pairOf(9, 255))).toBe('below');
  expect(lookUpPair(window, pairOf(10, 5, 1))).toBe('new');
  expect(lookUpPair(window, pairOf(10, 6))).toBe('new');
  expect(lookUpPair(window, pairOf(11))).toBe('seen');
});

test('the order of arrival does not matter', () => {
  const pairs = [pairOf(3), pairOf(1, 200), pairOf(1, 30), pairOf(1, 30, 1), pairOf(2)];
  const expected = [pairOf(1, 30), pairOf(1, 30, 1), pairOf(1, 200), pairOf(2), pairOf(3)];
  expect(record(EMPTY_WINDOW, ...pairs).pairs).toEqual(expected);
  expect(record(EMPTY_WINDOW, ...pairs.toReversed()).pairs).toEqual(expected);
});

test('a late pair between floor and window becomes the floor itself once the window is full', () => {
  const window = record(EMPTY_WINDOW, ...range(0, 257));
  const late = record(record(EMPTY_WINDOW, ...range(10, 267)), pairOf(10, 1));
  expect(window.floor?.sentAt).toBe(0);
  expect(late.floor).toEqual({ sentAt: 10, hash: pairOf(10, 1).hash });
  expect(lookUpPair(late, pairOf(10, 1))).toBe('below');
});

test('the floor only rises, and whatever was recorded once is never new again', () => {
  let window = EMPTY_WINDOW;
  let floor = -1;
  const recorded: Pair[] = [];
  for (let i = 0; i < 1000; i += 1) {
    const pair = pairOf((i * 7919) % 1009, i % 256, (i * 31) % 256);
    if (lookUpPair(window, pair) !== 'new') continue;
    window = recordPair(window, pair);
    recorded.push(pair);
    expect(window.floor?.sentAt ?? -1).toBeGreaterThanOrEqual(floor);
    floor = window.floor?.sentAt ?? -1;
  }
  expect(recorded.length).toBeGreaterThan(300);
  expect(recorded.filter((pair) => lookUpPair(window, pair) === 'new')).toEqual([]);
});

test('recording changes no earlier window', () => {
  const before = record(EMPTY_WINDOW, pairOf(2));
  recordPair(before, pairOf(1));
  expect(before.pairs).toEqual([pairOf(2)]);
  expect(EMPTY_WINDOW.pairs).toEqual([]);
});

test('a pair is known by its identifier, and by the one that it came under last', () => {
  const window = record(EMPTY_WINDOW, pairOf(5, 1, 2), pairOf(6), pairOf(7));
  expect(identifierOf(window, pairOf(5, 1, 2))).toBe('n5.1.2');
  expect(identifierOf(window, pairOf(6))).toBe('n6.0.0');
  expect(identifierOf(window, pairOf(5, 1, 3))).toBe(null);
  expect(identifierOf(EMPTY_WINDOW, pairOf(5))).toBe(null);
  const moved = movePair(window, { ...pairOf(6), identifier: 'again' });
  expect(moved.pairs.map(({ identifier }) => identifier)).toEqual(['n5.1.2', 'again', 'n7.0.0']);
  expect(identifierOf(moved, pairOf(6))).toBe('again');
});

test('a pair that is not in the window is not moved into it, and the floor stays', () => {
  const window = record(EMPTY_WINDOW, ...range(0, 257));
  const moved = movePair(window, pairOf(1000));
  expect(moved).toEqual(window);
  expect(moved.floor).not.toBe(null);
});
