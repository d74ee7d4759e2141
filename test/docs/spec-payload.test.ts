// SPEC.md's receiver and the library read the same CBOR, the same payloads and the same base64url, and refuse the same.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodePayload, encodePayload } from '../../protocol/content/payload.ts';
import { decodeBase64url } from '../../protocol/wire/base64url.ts';
import { hex } from '../../protocol/wire/bytes.ts';
import { type CborMap, type CborValue, decodeCbor, encodeCbor } from '../../protocol/wire/cbor.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { isOrigin } from '../../protocol/wire/origin.ts';
import { loadSpecModule, refusedStep } from './spec-module.ts';
import { PAYLOADS } from './worked-example.ts';

const module = loadSpecModule();

/** `accepted`, `cbor` or `schema`, of a call to either of the two. */
function outcomeOf(call: () => unknown): string {
  try {
    call();
    return 'accepted';
  } catch (error) {
    if (error instanceof ProtocolError) return error.code === 'payload_malformed' ? 'schema' : 'cbor';
    return refusedStep(() => {
      throw error;
    }) as string;
  }
}

/** What both say to these bytes as a payload. */
function agreedOutcome(bytes: Uint8Array): string {
  const library = outcomeOf(() => decodePayload(bytes));
  expect(
    outcomeOf(() => module.readPayload(module.decodeCbor(bytes))),
    hex(bytes),
  ).toBe(library);
  return library;
}

test('both accept and refuse the same payloads after a few bytes have changed', () => {
  const seeds = Object.values(PAYLOADS).map((payload) => encodePayload(payload));
  for (const seed of seeds) expect(agreedOutcome(seed)).toBe('accepted');
  const edit = fc.record({ at: fc.nat(120), byte: fc.nat(255), remove: fc.boolean() });
  fc.assert(
    fc.property(fc.constantFrom(...seeds), fc.array(edit, { minLength: 1, maxLength: 3 }), (seed, edits) => {
      const bytes = [...seed];
      for (const { at, byte, remove } of edits) {
        if (remove) bytes.splice(at % bytes.length, 1);
        else bytes[at % bytes.length] = byte;
      }
      agreedOutcome(Uint8Array.from(bytes));
    }),
    { numRuns: 4000, seed: 7 },
  );
});

/** Values that a field may have, should not have, or has just not. */
const VALUES: readonly CborValue[] = [
  ...[0, 1, 2, 3, 4, 5, 6, 2_419_200, 2_419_201, Number.MAX_SAFE_INTEGER, -1],
  ...[true, false, null, '', '/', '/a', '//a', '/a\\b', '/a b', '/\u0000', '/\u007f', '/ä'],
  ...['n'.repeat(128), 'n'.repeat(129), 'ä'.repeat(64), 'ä'.repeat(65), `/${'p'.repeat(254)}`],
  ...[`/${'p'.repeat(255)}`, 't'.repeat(2944), 't'.repeat(2945)],
  ...[0, 1, 15, 16, 17].map((length) => new Uint8Array(length)),
  ...[0, 1, 32, 33, 300, 301].map((length) => new Array<CborValue>(length).fill(7)),
  ...[[null], ['a'], [-1], new Map(), new Map([[1, 7]])],
];

test('both accept and refuse the same value in every field', () => {
  const seen = new Set<string>();
  for (const payload of Object.values(PAYLOADS)) {
    for (const path of PATHS) {
      for (const value of [undefined, ...VALUES]) {
        const map = decodeCbor(encodePayload(payload)) as CborMap;
        if (setField(map, path, value)) seen.add(agreedOutcome(encodeCbor(map)));
      }
    }
  }
  expect(seen).toEqual(new Set(['accepted', 'schema']));
});

/** Every field of section 9, and one that nobody knows, at each level. */
const PATHS: readonly (readonly number[])[] = [
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((key) => [key]),
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((key) => [5, key]),
  ...[1, 2, 3, 4, 5].map((key) => [5, 2, key]),
  ...[1, 2, 3].map((key) => [5, 3, key]),
];

/** Sets a field, or takes it away; false where the payload has no map on the way. */
function setField(map: CborMap, [key, ...rest]: readonly number[], value: CborValue | undefined): boolean {
  if (rest.length > 0) {
    const inner = map.get(key as number);
    return inner instanceof Map && setField(inner, rest, value);
  }
  if (value === undefined) map.delete(key as number);
  else map.set(key as number, value);
  return true;
}

test('both accept and refuse the same CBOR', () => {
  const agree = (bytes: Uint8Array): string => {
    const library = outcomeOf(() => decodeCbor(bytes));
    expect(
      outcomeOf(() => module.decodeCbor(bytes)),
      hex(bytes),
    ).toBe(library);
    return library;
  };
  for (const item of ACCEPTED_CBOR) expect(agree(Buffer.from(item, 'hex')), item).toBe('accepted');
  for (const item of REFUSED_CBOR) expect(agree(Buffer.from(item, 'hex')), item).toBe('cbor');
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 24 }), (bytes) => void agree(bytes)),
    { numRuns: 4000, seed: 7 },
  );
});

const ACCEPTED_CBOR: readonly string[] = [
  ...['00', '17', '1818', '18ff', '190100', '19ffff', '1a00010000', '1affffffff', '1b0000000100000000'],
  ...[
    '1b001fffffffffffff',
    '20',
    '3b001ffffffffffffe',
    '40',
    '4100',
    '60',
    '63e282ac',
    '63efbbbf',
    '80',
    'a0',
  ],
  ...['f4', 'f5', 'f6', '8180', '81818180', 'a100a100a100a0', 'a20000181800'],
  `990200${'00'.repeat(512)}`,
];
const REFUSED_CBOR: readonly string[] = [
  ...['', '1800', '1817', '190017', '1900ff', '1a0000ffff', '1b00000000ffffffff', '1b0020000000000000'],
  ...[
    '3817',
    '3b001fffffffffffff',
    '5801',
    '580100',
    '5f4100ff',
    '61ff',
    '62c080',
    '63eda080',
    '6180',
    '7f6161ff',
  ],
  ...['8181818180', 'a100a100a100a100a0', 'a1', 'a101', 'a14100', 'a16000', 'a2010001', 'a201000100'],
  ...[
    'a202000100',
    '9fff',
    'bfff',
    'c000',
    'd81800',
    'f7',
    'f800',
    'f820',
    'f90000',
    'fa00000000',
    'f0',
    'ff',
  ],
  ...['1c', '1d', '1e', '1f', '0000', '9affffffff', `990201${'00'.repeat(513)}`],
];

test('both read base64url in its one canonical form only', () => {
  fc.assert(
    fc.property(fc.stringMatching(/^[A-Za-z0-9_+/=-]{0,9}$/), (text) => {
      const library = ((): string => {
        try {
          return Buffer.from(decodeBase64url(text)).toString('hex');
        } catch {
          return 'refused';
        }
      })();
      let spec = 'refused';
      refusedStep(() => {
        spec = Buffer.from(module.decodeBase64url(text)).toString('hex');
      });
      expect(spec, text).toBe(library);
    }),
    { numRuns: 2000, seed: 7 },
  );
});

test('both take the same texts for origins', () => {
  const label = fc.constantFrom(
    'a',
    'chat',
    'xn--bcher-kva',
    '-a',
    'a-',
    '0',
    '127',
    '256',
    '01',
    '0x7f',
    '0x',
    'A',
    '',
  );
  const port = fc.constantFrom('', ':80', ':443', ':8443', ':65535', ':65536', ':0', ':08');
  const host = fc.array(label, { minLength: 1, maxLength: 5 }).map((labels) => labels.join('.'));
  const text = fc.tuple(
    fc.constantFrom('https://', 'https://', 'https://', 'http://'),
    host,
    port,
    fc.constantFrom('', '', '', '/', '\n'),
  );
  let origins = 0;
  fc.assert(
    fc.property(text, (parts) => {
      const drawn = parts.join('');
      expect(module.isOrigin(drawn), drawn).toBe(isOrigin(drawn));
      origins += isOrigin(drawn) ? 1 : 0;
    }),
    { numRuns: 5000, seed: 7 },
  );
  expect(origins).toBeGreaterThan(50);
});
