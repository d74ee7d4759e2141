// The CBOR profile (SPEC.md section 8): every input that a lenient decoder takes and that must be refused.
import { expect, test } from 'vitest';
import { hex } from '../../protocol/wire/bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../../protocol/wire/cbor.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
const malformed = new ProtocolError('cbor_malformed');
const unencodable = new ProtocolError('cbor_unencodable');
const SAFE = Number.MAX_SAFE_INTEGER;

/** A value and its one encoding. */
/** A map of so many pairs, keys 0, 1, 2, …, each with the value 0. */
function pairsText(size: number): string {
  const keys = Array.from({ length: size }, (_, key) => {
    if (key < 24) return key.toString(16).padStart(2, '0');
    return key < 256 ? `18${key.toString(16)}` : `19${key.toString(16).padStart(4, '0')}`;
  });
  return `b9${size.toString(16).padStart(4, '0')}${keys.map((key) => `${key}00`).join('')}`;
}

const ACCEPTED: readonly (readonly [string, string, CborValue])[] = [
  ['zero', '00', 0],
  ['largest in the initial byte', '17', 23],
  ['smallest of one byte', '1818', 24],
  ['largest of one byte', '18ff', 255],
  ['smallest of two bytes', '190100', 256],
  ['largest of two bytes', '19ffff', 65_535],
  ['smallest of four bytes', '1a00010000', 65_536],
  ['above the sign bit of 32', '1a80000000', 2 ** 31],
  ['largest of four bytes', '1affffffff', 2 ** 32 - 1],
  ['smallest of eight bytes', '1b0000000100000000', 2 ** 32],
  ['2^53−1', '1b001fffffffffffff', SAFE],
  ['−1', '20', -1],
  ['−24', '37', -24],
  ['−25', '3818', -25],
  ['−256', '38ff', -256],
  ['−257', '390100', -257],
  ['−65536', '39ffff', -65_536],
  ['−65537', '3a00010000', -65_537],
  ['−2^32', '3affffffff', -(2 ** 32)],
  ['−2^32−1', '3b0000000100000000', -(2 ** 32) - 1],
  ['−(2^53−1)', '3b001ffffffffffffe', -SAFE],
  ['empty bytes', '40', new Uint8Array(0)],
  ['bytes', '4401020304', Uint8Array.of(1, 2, 3, 4)],
  ['24 bytes', `5818${'aa'.repeat(24)}`, new Uint8Array(24).fill(0xaa)],
  ['256 bytes', `590100${'00'.repeat(256)}`, new Uint8Array(256)],
  ['empty text', '60', ''],
  ['text of four bytes a character', '64f09f8e89', '🎉'],
  ['text with a byte order mark', '63efbbbf', '\ufeff'],
  ['text with U+0000', '6100', '\0'],
  ['empty array', '80', []],
  ['array', '83010203', [1, 2, 3]],
  ['24 items', `9818${'00'.repeat(24)}`, new Array<number>(24).fill(0)],
  ['512 items', `990200${'00'.repeat(512)}`, new Array<number>(512).fill(0)],
  ['512 pairs', pairsText(512), new Map(Array.from({ length: 512 }, (_, key) => [key, 0] as const))],
  ['empty map', 'a0', new Map()],
  ['canonical map', 'a10102', new Map([[1, 2]])],
  [
    'keys ascending over a width border',
    'a217001818f6',
    new Map<number, CborValue>([
      [23, 0],
      [24, null],
    ]),
  ],
  ['the largest key', 'a11b001fffffffffffff00', new Map([[SAFE, 0]])],
  ['false', 'f4', false],
  ['true', 'f5', true],
  ['null', 'f6', null],
  ['depth 4 of arrays', '8181818100', [[[[0]]]]],
  [
    'depth 4 of maps',
    'a101a101a101a10100',
    new Map([[1, new Map([[1, new Map([[1, new Map([[1, 0]])]])]])]]),
  ],
];

test.each(ACCEPTED)('accepts %s', (_name, text, value) => {
  expect(decodeCbor(bytesOf(text))).toEqual(value);
  expect(hex(encodeCbor(value))).toBe(text);
});

const REFUSED: readonly (readonly [string, string])[] = [
  ['duplicate keys', 'a201020103'],
  ['unsorted keys', 'a202010102'],
  ['unsorted keys in an inner map', 'a101a202010102'],
  ['unsorted over a width border', 'a21818001700'],
  ['integer 1 in two bytes', '1801'],
  ['integer 23 in two bytes', '1817'],
  ['integer 255 in three bytes', '1900ff'],
  ['integer 65535 in five bytes', '1a0000ffff'],
  ['integer 2^32−1 in nine bytes', '1b00000000ffffffff'],
  ['−1 in two bytes', '3800'],
  ['−256 in three bytes', '3900ff'],
  ['long byte-string length', '5801aa'],
  ['long text length', '780161'],
  ['long array length', '980101'],
  ['long map size', 'b8010102'],
  ['long key', 'a1180102'],
  ['indefinite array', '9f01ff'],
  ['indefinite map', 'bf0102ff'],
  ['indefinite bytes', '5f41aaff'],
  ['indefinite text', '7f6161ff'],
  ['indefinite array inside', '819fff'],
  ['trailing byte', '0102'],
  ['trailing byte after a map', 'a1010200'],
  ['truncated bytes', '44aabb'],
  ['truncated text', '6461'],
  ['truncated array', '8201'],
  ['truncated map, no value', 'a101'],
  ['truncated map, no key', 'a20102'],
  ['truncated argument', '19ff'],
  ['empty', ''],
  ['invalid UTF-8', '62c328'],
  ['lone surrogate', '63eda080'],
  ['overlong form', '62c0af'],
  ['UTF-8 cut in a character', '62f09f'],
  ['above U+10FFFF', '64f4908080'],
  ['NaN', 'f97e00'],
  ['infinity', 'f97c00'],
  ['half float 1.5', 'f93e00'],
  ['single float', 'fa3fc00000'],
  ['double for 1.0', 'fb3ff0000000000000'],
  ['undefined', 'f7'],
  ['simple(0)', 'e0'],
  ['simple(19)', 'f3'],
  ['simple(32)', 'f820'],
  ['true in two bytes', 'f815'],
  ['tag 0 (date)', 'c074323031332d30332d32315432303a30343a30305a'],
  ['tag 1 (time)', 'c11a514b67b0'],
  ['tag 24 (encoded CBOR)', 'd81841aa'],
  ['tag 64 (byte array)', 'd84041aa'],
  ['tag 55799 (this is CBOR)', 'd9d9f700'],
  ['bignum of 30 bytes', `c2581e${'ff'.repeat(30)}`],
  ['2^53', '1b0020000000000000'],
  ['2^64−1', '1bffffffffffffffff'],
  ['−2^53', '3b001fffffffffffff'],
  ['−2^64', '3bffffffffffffffff'],
  ['reserved length code 28', '1c'],
  ['reserved length code 29', '5d'],
  ['reserved length code 30', '9e'],
  ['indefinite integer', '1f'],
  ['lone break', 'ff'],
  ['break in an array', '81ff'],
  ['text key', 'a1616100'],
  ['__proto__ as a key', 'a1695f5f70726f746f5f5f00'],
  ['negative key', 'a12000'],
  ['bytes as a key', 'a1410000'],
  ['null as a key', 'a1f600'],
  ['key 2^53', 'a11b002000000000000000'],
  ['depth 5 of arrays', '818181818100'],
  ['depth 5 of maps', 'a101a101a101a101a10100'],
  ['depth 5, empty', '8181818180'],
  ['depth 10,000', '81'.repeat(10_000)],
  ['depth 1,000,000', '81'.repeat(1_000_000)],
  ['depth 1,000,000 of maps', 'a101'.repeat(500_000)],
  ['2^36 bytes declared', '5b0000001000000000'],
  ['2^53−1 bytes declared', '5b001fffffffffffff'],
  ['2^36 bytes of text declared', '7b0000001000000000'],
  ['2^31 items declared', '9a80000000'],
  ['2^31 pairs declared', 'ba80000000'],
  ['513 items', `990201${'00'.repeat(513)}`],
  ['513 pairs', pairsText(513)],
  // Were a reserved code a length, these would be whole.
  ['reserved length code 28 with 16 bytes', `1c${'00'.repeat(16)}`],
  ['reserved length code 29 with 32 bytes', `1d${'00'.repeat(32)}`],
  ['reserved length code 30 with 64 bytes', `1e${'00'.repeat(64)}`],
  ['reserved length code 31 with 128 bytes', `1f${'00'.repeat(128)}`],
];

test.each(REFUSED)('refuses %s [R-CBR-01] [R-CBR-02]', (_name, text) => {
  expect(() => decodeCbor(bytesOf(text))).toThrow(malformed);
});

const UNENCODABLE: readonly (readonly [string, unknown])[] = [
  ['2^53', 2 ** 53],
  ['−2^53', -(2 ** 53)],
  ['a fraction', 1.5],
  ['NaN', Number.NaN],
  ['infinity', Number.POSITIVE_INFINITY],
  ['a bigint', 1n],
  ['undefined', undefined],
  ['undefined in a map', new Map([[1, undefined]])],
  ['a lone surrogate', 'a\ud800'],
  ['a plain object', { a: 1 }],
  ['a date', new Date(0)],
  ['a negative key', new Map([[-1, 0]])],
  ['a key that is a fraction', new Map([[0.5, 0]])],
  ['a text key', new Map([['1', 0]])],
  ['depth 5', [[[[[]]]]]],
  ['depth 5 of maps', [[[[new Map()]]]]],
  ['depth 5 of arrays in a map', new Map([[1, [[[[]]]]]])],
  ['513 items', new Array<number>(513).fill(0)],
  ['513 pairs', new Map(Array.from({ length: 513 }, (_, key) => [key, 0]))],
];

test.each(UNENCODABLE)('does not encode %s [R-CBR-03]', (_name, value) => {
  expect(() => encodeCbor(value as CborValue)).toThrow(unencodable);
});

test('keys are written in ascending order, whatever the order of insertion [R-CBR-03]', () => {
  expect(
    hex(
      encodeCbor(
        new Map([
          [300, 0],
          [2, 0],
          [24, 0],
          [10, 0],
        ]),
      ),
    ),
  ).toBe('a402000a0018180019012c00');
});

test('decoded bytes are a copy: changing the input later changes nothing', () => {
  const input = bytesOf('4401020304');
  const value = decodeCbor(input);
  input.fill(0);
  expect(value).toEqual(Uint8Array.of(1, 2, 3, 4));
});

test('a view with an offset into a larger buffer is decoded as the view alone', () => {
  const outer = bytesOf('ffffa10102ffff');
  expect(decodeCbor(outer.subarray(2, 5))).toEqual(new Map([[1, 2]]));
});
