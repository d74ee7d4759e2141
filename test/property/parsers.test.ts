// Every parser, given anything: a value, or a ProtocolError from the closed list; nothing else.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import { decodeCbor, encodeCbor } from '../../protocol/wire/cbor.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { encodeAppId, encodeOrigin, isAppId, isOrigin } from '../../protocol/wire/origin.ts';
import { anyCbor } from './arbitraries.ts';
import { createDraw, drawBytes, drawText, drawValue } from './draw.ts';
import { BYTE_PARSERS, type Parser, TEXT_PARSERS, VALUE_PARSERS } from './parsers.ts';

/** Fails unless the parser gives a value or throws a ProtocolError. */
function tame(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
  }
}

const named = <Input>(parsers: readonly Parser<Input>[]) =>
  parsers.map((parser) => [parser.name, parser] as const);
/** The drawn input itself is printed; a change of draw.ts would make of its seed another. */
const drawn = <Input>(draw: (seed: number) => Input): fc.Arbitrary<Input> => fc.integer({ min: 1 }).map(draw);

/** Bytes that a parser has a reason to look at: random, of the lengths that count, valid CBOR, or good with a change. */
const framed = fc
  .tuple(
    fc.constantFrom(0x01, 0x02, 0x11, 0x12, 0x31, 0xc0),
    fc.constantFrom(565, 566, 567, 568, 1079, 1653, 1655, 1911, 2999),
    fc.uint8Array(),
  )
  .map(([suite, length, noise]) => {
    const bytes = new Uint8Array(length);
    bytes.set(noise.subarray(0, length - 1), 1);
    bytes[0] = suite;
    return bytes;
  });
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.uint8Array({ maxLength: 600 }),
  framed,
  anyCbor.map(encodeCbor),
);
const anyText = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.base64String(),
  fc.stringMatching(/^[A-Za-z0-9_-]{0,12}$/),
  fc.webUrl(),
  fc.domain().map((domain) => `https://${domain}`),
  fc.ipV4Extended().map((address) => `https://${address}`),
  fc.ipV6().map((address) => `https://[${address}]`),
  fc.tuple(fc.domain(), fc.nat({ max: 70_000 })).map(([domain, port]) => `https://${domain}:${port}`),
  fc.stringMatching(/^https:\/\/[a-z0-9.:@/-]{0,40}$/),
);

describe.each(named(BYTE_PARSERS))('%s', (_name, { parse, seeds }) => {
  test('takes the good ones', () => {
    for (const seed of seeds) expect(() => parse(seed)).not.toThrow();
  });

  test('any bytes give a value or a ProtocolError', () => {
    const changed = drawn((seed) => drawBytes(createDraw(seed), seeds));
    fc.assert(
      fc.property(fc.oneof(anyBytes, changed), (bytes) => tame(() => parse(bytes))),
      { numRuns: 800 },
    );
  });
});

describe.each(named(TEXT_PARSERS))('%s', (_name, { parse, seeds }) => {
  test('takes the first of the good ones', () => {
    expect(parse(seeds[0] as string)).not.toBe(null);
  });

  test('any text gives a value or a ProtocolError', () => {
    const changed = drawn((seed) => drawText(createDraw(seed), seeds));
    fc.assert(
      fc.property(fc.oneof(anyText, changed), (text) => tame(() => parse(text))),
      { numRuns: 800 },
    );
  });
});

describe.each(named(VALUE_PARSERS))('%s', (_name, { parse, seeds }) => {
  test('takes the good ones', () => {
    expect(seeds.length).toBeGreaterThan(0);
    for (const seed of seeds) expect(parse(seed)).not.toBe(null);
  });

  test('any JSON gives a verdict, never an exception', () => {
    const changed = drawn((seed) => drawValue(createDraw(seed), seeds));
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), changed), (value) => {
        expect(() => parse(value)).not.toThrow();
      }),
      { numRuns: 150 },
    );
  });
});

test('CBOR has one encoding: what is accepted is what the encoder writes', () => {
  const [cbor] = BYTE_PARSERS;
  const changed = drawn((seed) => drawBytes(createDraw(seed), cbor?.seeds ?? []));
  fc.assert(
    fc.property(fc.oneof(anyBytes, changed), (bytes) => {
      let value: ReturnType<typeof decodeCbor>;
      try {
        value = decodeCbor(bytes);
      } catch {
        return;
      }
      expect(encodeCbor(value)).toEqual(bytes);
    }),
    { numRuns: 3000 },
  );
});

test('an origin that is accepted is what a URL parser makes of it', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const accepted = isOrigin(text);
      tame(() => encodeAppId(text));
      expect(typeof isAppId(text)).toBe('boolean');
      if (!accepted) return;
      const url = new URL(text);
      expect(`${url.protocol}//${url.host}`).toBe(text);
      expect(url.origin).toBe(text);
      expect(encodeOrigin(text).length).toBeLessThanOrEqual(255);
    }),
    { numRuns: 3000 },
  );
});

test('base64url: what is accepted is what the encoder writes', () => {
  fc.assert(
    fc.property(anyText, (text) =>
      tame(() => {
        expect(encodeBase64url(decodeBase64url(text))).toBe(text);
      }),
    ),
    { numRuns: 3000 },
  );
});

test('base64url inverts itself, and is what Node writes', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      const text = encodeBase64url(bytes);
      expect(text).toBe(Buffer.from(bytes).toString('base64url'));
      expect(decodeBase64url(text)).toEqual(bytes);
    }),
  );
});
