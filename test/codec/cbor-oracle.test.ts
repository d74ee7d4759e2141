// cbor-x as an oracle: what our encoder writes, an independent decoder reads back as the same value.
import { Decoder } from 'cbor-x';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CborValue, decodeCbor, encodeCbor } from '../../protocol/wire/cbor.ts';
import { anyCbor } from '../property/arbitraries.ts';

const oracle = new Decoder({ mapsAsObjects: false, useRecords: false });

test('cbor-x reads what we write', () => {
  fc.assert(
    fc.property(anyCbor, (value) => {
      expect(plain(oracle.decode(encodeCbor(value)))).toEqual(plain(value));
    }),
    { numRuns: 1000 },
  );
});

test('we read what we write, and write it again to the same bytes', () => {
  fc.assert(
    fc.property(anyCbor, (value) => {
      const bytes = encodeCbor(value);
      const decoded = decodeCbor(bytes);
      expect(plain(decoded)).toEqual(plain(value));
      expect(encodeCbor(decoded)).toEqual(bytes);
    }),
    { numRuns: 1000 },
  );
});

test('what we accept, cbor-x reads as the same value', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      const value = tryDecode(bytes);
      if (value !== undefined) expect(plain(oracle.decode(bytes))).toEqual(plain(value));
    }),
    { numRuns: 20_000 },
  );
});

function tryDecode(bytes: Uint8Array): CborValue | undefined {
  try {
    return decodeCbor(bytes);
  } catch {
    return undefined;
  }
}

/** The same value without the differences of spelling: Buffer, bigint, order of a map. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint8Array) return `bytes ${Buffer.from(value).toString('hex')}`;
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map) return [...value].map(([key, item]) => [Number(key), plain(item)]).sort(byKey);
  return value;
}

function byKey(a: readonly unknown[], b: readonly unknown[]): number {
  return (a[0] as number) - (b[0] as number);
}
