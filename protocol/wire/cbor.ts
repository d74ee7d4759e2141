// The CBOR profile (RFC 8949 section 4.2.1 and stricter; SPEC.md section 8). Own codec: no library refuses
// everything that the profile refuses (docs/adr/0004-strict-cbor.md).
import { concat, textOf, utf8 } from './bytes.ts';
import { ProtocolError } from './errors.ts';
import { CBOR_DEPTH_MAX, CBOR_ITEMS_MAX } from './limits.ts';

/** A map of the profile: keys are unsigned integers. */
export type CborMap = Map<number, CborValue>;
/** What the profile can express. Numbers are integers from −(2^53−1) to 2^53−1. */
export type CborValue = number | string | boolean | null | Uint8Array | CborValue[] | CborMap;

const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, simple: 7 } as const;
const SIMPLE = new Map<number, boolean | null>([
  [20, false],
  [21, true],
  [22, null],
]);

/**
 * Deterministic bytes of a value: shortest forms, keys ascending.
 * @throws ProtocolError `cbor_unencodable` for what the profile has no form for.
 */
export function encodeCbor(value: CborValue): Uint8Array {
  const parts: Uint8Array[] = [];
  write(value, 0, parts);
  return concat(...parts);
}

/**
 * The value of exactly these bytes. Work and memory are bounded by the length of the input.
 * @throws ProtocolError `cbor_malformed` for everything else than the one deterministic encoding.
 */
export function decodeCbor(bytes: Uint8Array): CborValue {
  const cursor: Cursor = { bytes, offset: 0 };
  const value = read(cursor, 0);
  if (cursor.offset !== bytes.length) throw malformed();
  return value;
}

interface Cursor {
  readonly bytes: Uint8Array;
  offset: number;
}

function write(value: CborValue, depth: number, parts: Uint8Array[]): void {
  if (typeof value === 'number') writeInteger(value, parts);
  else if (typeof value === 'string') writeText(value, parts);
  else if (value === null) parts.push(Uint8Array.of(0xf6));
  else if (typeof value === 'boolean') parts.push(Uint8Array.of(value ? 0xf5 : 0xf4));
  else if (value instanceof Uint8Array) parts.push(head(MAJOR.bytes, value.length), value);
  else if (value instanceof Map) writeMap(value, depth + 1, parts);
  else if (Array.isArray(value)) writeArray(value, depth + 1, parts);
  else throw unencodable();
}

function writeInteger(value: number, parts: Uint8Array[]): void {
  if (!Number.isSafeInteger(value)) throw unencodable();
  parts.push(value >= 0 ? head(MAJOR.unsigned, value) : head(MAJOR.negative, -1 - value));
}

function writeText(value: string, parts: Uint8Array[]): void {
  if (!value.isWellFormed()) throw unencodable();
  const bytes = utf8(value);
  parts.push(head(MAJOR.text, bytes.length), bytes);
}

function writeArray(values: readonly CborValue[], depth: number, parts: Uint8Array[]): void {
  if (depth > CBOR_DEPTH_MAX || values.length > CBOR_ITEMS_MAX) throw unencodable();
  parts.push(head(MAJOR.array, values.length));
  for (const value of values) write(value, depth, parts);
}

function writeMap(map: ReadonlyMap<number, CborValue>, depth: number, parts: Uint8Array[]): void {
  if (depth > CBOR_DEPTH_MAX || map.size > CBOR_ITEMS_MAX) throw unencodable();
  parts.push(head(MAJOR.map, map.size));
  for (const [key, value] of [...map].sort(([a], [b]) => a - b)) {
    if (!Number.isSafeInteger(key) || key < 0) throw unencodable();
    parts.push(head(MAJOR.unsigned, key));
    write(value, depth, parts);
  }
}

/** Initial byte and argument, in the shortest form. */
function head(major: number, argument: number): Uint8Array {
  const type = major << 5;
  if (argument < 24) return Uint8Array.of(type | argument);
  if (argument < 0x100) return Uint8Array.of(type | 24, argument);
  if (argument < 0x1_0000) return Uint8Array.of(type | 25, argument >>> 8, argument & 0xff);
  const wide = argument >= 0x1_0000_0000;
  const bytes = new Uint8Array(wide ? 9 : 5);
  bytes[0] = type | (wide ? 27 : 26);
  const view = new DataView(bytes.buffer);
  if (wide) view.setUint32(1, Math.floor(argument / 0x1_0000_0000));
  view.setUint32(wide ? 5 : 1, argument % 0x1_0000_0000);
  return bytes;
}

function read(cursor: Cursor, depth: number): CborValue {
  const initial = take(cursor, 1)[0] as number;
  const major = initial >>> 5;
  if (major === MAJOR.simple) return readSimple(initial & 0x1f);
  const argument = readArgument(cursor, initial & 0x1f);
  if (major === MAJOR.unsigned) return argument;
  if (major === MAJOR.negative) return readNegative(argument);
  if (major === MAJOR.bytes) return take(cursor, argument).slice();
  if (major === MAJOR.text) return readText(take(cursor, argument));
  if (major === MAJOR.array) return readArray(cursor, argument, depth + 1);
  if (major === MAJOR.map) return readMap(cursor, argument, depth + 1);
  throw malformed();
}

function take(cursor: Cursor, length: number): Uint8Array {
  const end = cursor.offset + length;
  if (end > cursor.bytes.length) throw malformed();
  const taken = cursor.bytes.subarray(cursor.offset, end);
  cursor.offset = end;
  return taken;
}

/** The argument of a head; refuses long forms, indefinite lengths, reserved codes and more than 2^53−1. */
function readArgument(cursor: Cursor, info: number): number {
  if (info < 24) return info;
  if (info > 27) throw malformed();
  const width = 1 << (info - 24);
  let argument = 0;
  for (const byte of take(cursor, width)) argument = argument * 256 + byte;
  const shortestAbove = [23, 0xff, 0xffff, 0xffff_ffff][info - 24] as number;
  if (argument <= shortestAbove || argument > Number.MAX_SAFE_INTEGER) throw malformed();
  return argument;
}

function readNegative(argument: number): number {
  if (argument >= Number.MAX_SAFE_INTEGER) throw malformed();
  return -1 - argument;
}

function readSimple(info: number): boolean | null {
  const value = SIMPLE.get(info);
  if (value === undefined) throw malformed();
  return value;
}

function readText(bytes: Uint8Array): string {
  const text = textOf(bytes);
  if (text === null) throw malformed();
  return text;
}

function readArray(cursor: Cursor, length: number, depth: number): CborValue[] {
  if (depth > CBOR_DEPTH_MAX || length > CBOR_ITEMS_MAX) throw malformed();
  const values: CborValue[] = [];
  for (let i = 0; i < length; i += 1) values.push(read(cursor, depth));
  return values;
}

function readMap(cursor: Cursor, size: number, depth: number): CborMap {
  if (depth > CBOR_DEPTH_MAX || size > CBOR_ITEMS_MAX) throw malformed();
  const map: CborMap = new Map();
  let previous = -1;
  for (let i = 0; i < size; i += 1) {
    const initial = take(cursor, 1)[0] as number;
    if (initial >>> 5 !== MAJOR.unsigned) throw malformed();
    const key = readArgument(cursor, initial & 0x1f);
    if (key <= previous) throw malformed();
    previous = key;
    map.set(key, read(cursor, depth));
  }
  return map;
}

function malformed(): ProtocolError {
  return new ProtocolError('cbor_malformed');
}

function unencodable(): ProtocolError {
  return new ProtocolError('cbor_unencodable');
}
