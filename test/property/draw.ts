// Inputs by the million: random ones, and good ones with a change. A small generator of our own, because fast-check's
// shrinking costs more than most parsers do; whoever knows the seed can draw the same inputs again.

/** Draws an integer, 0 … `below` − 1. */
export type Draw = (below: number) => number;

/** xorshift32; the same numbers for the same seed, which must not be 0. */
export function createDraw(seed: number): Draw {
  let state = seed | 0;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

const LENGTHS = [0, 1, 2, 7, 32, 48, 64, 512, 565, 567, 1079, 1653, 1655, 2999];
const EDGE_BYTES = [
  0x00, 0x01, 0x02, 0x17, 0x18, 0x19, 0x1b, 0x1f, 0x40, 0x5b, 0x7b, 0x9b, 0x9f, 0xa5, 0xbb, 0xff,
];
const EDGE_TEXTS = [
  '',
  'A',
  '=',
  'https://',
  '\u0000',
  '\ud800',
  '👋',
  '.',
  ':',
  '-',
  '/',
  ' ',
  '\n',
  'ä',
  '%',
  '"',
  '{',
];
const EDGE_VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  0.5,
  2 ** 53,
  1e308,
  '',
  'AAAA',
  'https://chat.example.org',
  [],
  {},
  [[[[[[]]]]]],
  { __proto__: null, constructor: 1 },
];

/** Random bytes one time in four, else good ones with up to four changes. */
export function drawBytes(draw: Draw, seeds: readonly Uint8Array[]): Uint8Array {
  if (draw(4) === 0) return drawNoise(draw);
  let bytes: Uint8Array = pick(draw, seeds).slice();
  for (let changes = draw(4) + 1; changes > 0; changes -= 1) bytes = changeBytes(draw, bytes);
  return bytes;
}

/** Random text one time in four, else a good one with up to four changes. */
export function drawText(draw: Draw, seeds: readonly string[]): string {
  let text = draw(4) === 0 ? '' : pick(draw, seeds);
  for (let changes = draw(4) + 1; changes > 0; changes -= 1) text = changeText(draw, text);
  return text;
}

/** An odd value one time in eight, else a good one with up to three changes, somewhere inside. */
export function drawValue(draw: Draw, seeds: readonly unknown[]): unknown {
  if (draw(8) === 0) return pick(draw, EDGE_VALUES);
  let value = pick(draw, seeds);
  for (let changes = draw(3) + 1; changes > 0; changes -= 1) value = changeValue(draw, value, 0);
  return value;
}

function pick<Item>(draw: Draw, items: readonly Item[]): Item {
  return items[draw(items.length)] as Item;
}

function drawNoise(draw: Draw): Uint8Array {
  const bytes = new Uint8Array(draw(2) === 0 ? pick(draw, LENGTHS) : draw(80));
  // The head decides which way a parser goes; the rest of a long input need not be all different.
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = i < 64 ? draw(256) : (bytes[i - 64] as number) ^ i;
  if (bytes.length > 0 && draw(2) === 0) bytes[0] = pick(draw, EDGE_BYTES);
  return bytes;
}

function changeBytes(draw: Draw, bytes: Uint8Array): Uint8Array {
  const at = draw(bytes.length + 1);
  switch (draw(6)) {
    case 0:
      return bytes.slice(0, at);
    case 1:
      return splice(bytes, at, at, Uint8Array.of(pick(draw, EDGE_BYTES)));
    case 2:
      return splice(bytes, at, Math.min(bytes.length, at + 1 + draw(4)), new Uint8Array(0));
    case 3:
      return splice(bytes, at, at, bytes.slice(0, draw(40)));
    case 4:
      if (at < bytes.length) bytes[at] = pick(draw, EDGE_BYTES);
      return bytes;
    default:
      if (at < bytes.length) bytes[at] = (bytes[at] as number) ^ (1 << draw(8));
      return bytes;
  }
}

function splice(bytes: Uint8Array, from: number, to: number, put: Uint8Array): Uint8Array {
  const spliced = new Uint8Array(bytes.length - (to - from) + put.length);
  spliced.set(bytes.subarray(0, from));
  spliced.set(put, from);
  spliced.set(bytes.subarray(to), from + put.length);
  return spliced;
}

function changeText(draw: Draw, text: string): string {
  const at = draw(text.length + 1);
  switch (draw(5)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(0, at) + pick(draw, EDGE_TEXTS) + text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(at + 1 + draw(3));
    case 3:
      return text.slice(0, at) + String.fromCharCode(draw(0x80)) + text.slice(at + 1);
    default:
      return text.slice(0, at) + text.slice(0, draw(60)) + text.slice(at);
  }
}

function changeValue(draw: Draw, value: unknown, depth: number): unknown {
  if (draw(6) === 0) return pick(draw, EDGE_VALUES);
  if (typeof value === 'string') return changeText(draw, value);
  if (typeof value === 'number') return value + draw(2_000_000) - 1_000_000;
  if (value === null || typeof value !== 'object' || depth > 6) return pick(draw, EDGE_VALUES);
  if (Array.isArray(value)) {
    if (draw(4) === 0) return [...value, ...value, pick(draw, EDGE_VALUES)];
    const at = draw(value.length + 1);
    return value.map((item, i) => (i === at ? changeValue(draw, item, depth + 1) : item));
  }
  const fields = Object.entries(value);
  const at = draw(fields.length + 2);
  if (at >= fields.length) return { ...value, [`x${draw(9)}`]: pick(draw, EDGE_VALUES) };
  if (draw(4) === 0) return Object.fromEntries(fields.filter((_, i) => i !== at));
  return Object.fromEntries(
    fields.map(([name, field], i) => [name, i === at ? changeValue(draw, field, depth + 1) : field]),
  );
}
