// base64url.json and cbor.json.
import type { Base64urlCase, Base64urlFile, CborCase, CborFile, CborForm } from '../shape/encodings.ts';
import { BAD_ITEMS, bigMap } from './bad-cbor.ts';
import { headed } from './headed.ts';
import { headOf } from './told.ts';

const BASE64URL_VALID: readonly (readonly [id: string, text: string, bytes: string])[] = [
  ['empty', '', ''],
  ['1-byte', 'Zg', '66'],
  ['2-bytes', 'Zm8', '666f'],
  ['3-bytes', 'Zm9v', '666f6f'],
  ['4-bytes', 'Zm9vYg', '666f6f62'],
  ['minus', '-_8', 'fbff'],
  ['underscores', '____', 'ffffff'],
  ['zeros', 'AAAA', '000000'],
  ['zero', 'AA', '00'],
  ['all-bits', '_w', 'ff'],
];

const BASE64URL_REFUSED: readonly (readonly [id: string, comment: string, text: string])[] = [
  ['padding-2', 'two characters of padding', 'Zg=='],
  ['padding-1', 'one character of padding', 'Zm8='],
  ['padding-alone', 'padding alone', '='],
  ['padding-whole', 'padding where none is due', 'Zm9v===='],
  ['length-1', 'one character', 'Z'],
  ['length-5', 'five characters: a length of 1 modulo 4', 'Zm9vY'],
  ['spare-4', 'spare bits that are not zero, of one byte', 'Zh'],
  ['spare-4-all', 'all four spare bits set', '_3'],
  ['spare-2', 'spare bits that are not zero, of two bytes', 'Zm9'],
  ['spare-2-all', 'both spare bits set', '__7'],
  ['plus', 'a + of base64', '+_8'],
  ['slash', 'a / of base64', '-/8'],
  ['space', 'a space', 'Zm 9v'],
  ['space-behind', 'a space behind it', 'Zm9v '],
  ['newline', 'a newline within', 'Zm9v\nZm9v'],
  ['newline-behind', 'a newline behind it', 'Zm9v\n'],
  ['dot', 'a dot', 'Zm9.'],
  ['percent', 'an escaped character', 'Zm9v%2F'],
  ['nul', 'U+0000', 'Zm9\u0000'],
  ['letter', 'a letter beyond ASCII', 'Zm9ä'],
  ['full-width', 'a full-width letter', 'Ｚm9v'],
];

export function base64urlVectors(): Base64urlFile {
  const valid = BASE64URL_VALID.map(
    ([id, text, bytes]): Base64urlCase => ({
      ...headOf('base64url', [id, `the bytes ${bytes || '(none)'}`, 'encodings', 'Base64url']),
      result: 'valid',
      text,
      bytes,
    }),
  );
  const refused = BASE64URL_REFUSED.map(
    ([id, comment, text]): Base64urlCase => ({
      ...headOf('base64url', [id, comment, 'encodings', 'Base64url']),
      result: 'refused',
      text,
    }),
  );
  return headed('base64url', 'Unpadded canonical base64url, the one form of bytes in JSON.', [
    ...valid,
    ...refused,
  ]);
}

const BIG = Number.MAX_SAFE_INTEGER;

const CBOR_VALID: readonly (readonly [id: string, bytes: string, value: CborForm])[] = [
  ['0', '00', 0],
  ['23', '17', 23],
  ['24', '1818', 24],
  ['255', '18ff', 255],
  ['256', '190100', 256],
  ['65535', '19ffff', 65_535],
  ['65536', '1a00010000', 65_536],
  ['2-32-minus-1', '1affffffff', 4_294_967_295],
  ['2-32', '1b0000000100000000', 4_294_967_296],
  ['2-53-minus-1', '1b001fffffffffffff', BIG],
  ['minus-1', '20', -1],
  ['minus-24', '37', -24],
  ['minus-25', '3818', -25],
  ['minus-256', '38ff', -256],
  ['minus-2-53-plus-1', '3b001ffffffffffffe', -BIG],
  ['bytes-empty', '40', { bytes: '' }],
  ['bytes-24', `5818${'aa'.repeat(24)}`, { bytes: 'aa'.repeat(24) }],
  ['bytes-256', `590100${'bb'.repeat(256)}`, { bytes: 'bb'.repeat(256) }],
  ['text-empty', '60', ''],
  ['text-ascii', '656c756e6368', 'lunch'],
  ['text-emoji', '64f09fa597', '🥗'],
  ['text-bom', '64efbbbf61', '\ufeffa'],
  ['text-nul', '6100', '\u0000'],
  ['text-decomposed', '6365cc81', 'e\u0301'],
  ['text-last', '64f48fbfbf', '\u{10ffff}'],
  ['text-256', `790100${'74'.repeat(256)}`, 't'.repeat(256)],
  ['array-empty', '80', []],
  ['array-mixed', '83014161f5', [1, { bytes: '61' }, true]],
  ['array-512', `990200${'00'.repeat(512)}`, Array.from({ length: 512 }, () => 0)],
  ['map-empty', 'a0', { map: [] }],
  ['map-1', 'a10102', { map: [[1, 2]] }],
  [
    'map-sorted',
    'a3000118180219010003',
    {
      map: [
        [0, 1],
        [24, 2],
        [256, 3],
      ],
    },
  ],
  ['map-key-max', 'a11b001fffffffffffff00', { map: [[BIG, 0]] }],
  ['map-512', bigMap(512), { map: Array.from({ length: 512 }, (_, key) => [key, 0] as const) }],
  ['false', 'f4', false],
  ['true', 'f5', true],
  ['null', 'f6', null],
  ['depth-4', '8181818101', [[[[1]]]]],
  ['depth-4-mixed', 'a10181a10180', { map: [[1, [{ map: [[1, []]] }]]] }],
  ['depth-siblings', '82818101818102', [[[1]], [[2]]]],
];

/** What only shows where the item is all there is. */
const CBOR_ALONE: readonly (readonly [id: string, comment: string, bytes: string])[] = [
  ['empty', 'no item', ''],
  ['trailing-item', 'two items', '0102'],
  ['trailing-byte', 'a map and a byte', 'a1010200'],
  ['text-long', 'a text that is longer than the rest', '65616263'],
  ['head-cut', 'a head without its argument', '19'],
  ['head-half', 'a head with half of its argument', '1901'],
  ['alone-depth-5', 'five arrays', '818181818100'],
  ['alone-depth-5-maps', 'five maps', 'a101a101a101a101a0'],
  ['depth-10000', '10,000 arrays', `${'81'.repeat(10_000)}00`],
  ['depth-10000-open', '10,000 arrays and nothing in them', '81'.repeat(10_000)],
  ['bignum', 'tag 2 of 9 bytes', 'c249010000000000000000'],
  ['negative-bignum', 'tag 3 of 9 bytes', 'c349010000000000000000'],
  ['decimal', 'tag 4, a decimal fraction', 'c48221196ab3'],
  ['tag-long', 'tag 1 in two bytes', 'd80100'],
  ['bytes-2-53', 'a byte string that declares 2^53 bytes', '5b0020000000000000'],
  ['map-2-32', 'a map that declares 2^32 pairs', 'bb0000000100000000'],
  ['map-odd', 'a map of two pairs with three items', 'a2010203'],
  ['map-unsorted-length', 'keys in the order of RFC 7049 (2^32 before 24)', 'a21b000000010000000000181800'],
];

export function cborVectors(): CborFile {
  const valid = CBOR_VALID.map(
    ([id, bytes, value]): CborCase => ({
      ...headOf('cbor', [id, `the value is ${id.replaceAll('-', ' ')}`, 'cbor', 'Cbor']),
      result: 'valid',
      bytes,
      value,
    }),
  );
  const nested = BAD_ITEMS.filter(([id]) => !id.startsWith('depth-5'));
  const refused = [...nested, ...CBOR_ALONE].map(
    ([id, comment, bytes]): CborCase => ({
      ...headOf('cbor', [id, comment, 'cbor', 'Cbor']),
      result: 'refused',
      bytes,
    }),
  );
  return headed('cbor', 'The strict CBOR profile: one data item each.', [...valid, ...refused]);
}
