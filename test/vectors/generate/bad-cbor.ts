// CBOR that the strict profile refuses, one fault each, with what is wrong. Used alone in cbor.json, and as the value of
// an unknown key of an otherwise good payload, which a lenient decoder would ignore.
import { concat, u8 } from '../../../protocol/wire/bytes.ts';
import { unhex } from '../device/unhex.ts';

/** A name, what is wrong, and one data item in hexadecimal. */
export type BadItem = readonly [name: string, says: string, item: string];

const ZEROS_30 = '00'.repeat(30);

export const BAD_ITEMS: readonly BadItem[] = [
  ['integer-long-1', 'the integer 1 in two bytes', '1801'],
  ['integer-long-2', 'the integer 23 in two bytes', '1817'],
  ['integer-long-3', 'the integer 255 in three bytes', '1900ff'],
  ['integer-long-5', 'the integer 65535 in five bytes', '1a0000ffff'],
  ['integer-long-9', 'the integer 4294967295 in nine bytes', '1b00000000ffffffff'],
  ['negative-long', 'the integer −1 in two bytes', '3800'],
  ['integer-2-53', 'the integer 2^53', '1b0020000000000000'],
  ['integer-max', 'the integer 2^64 − 1', '1bffffffffffffffff'],
  ['negative-2-53', 'the integer −2^53', '3b001fffffffffffff'],
  ['negative-max', 'the integer −2^64', '3bffffffffffffffff'],
  ['bytes-long-length', 'a byte string whose length has a long form', '5801aa'],
  ['text-long-length', 'a text whose length has a long form', '780161'],
  ['array-long-length', 'an array whose length has a long form', '980101'],
  ['map-long-length', 'a map whose length has a long form', 'b8010102'],
  ['array-indefinite', 'an array of indefinite length', '9f01ff'],
  ['map-indefinite', 'a map of indefinite length', 'bf0102ff'],
  ['bytes-indefinite', 'a byte string of indefinite length', '5f41aaff'],
  ['text-indefinite', 'a text of indefinite length', '7f6161ff'],
  ['map-duplicate', 'a map with the key 1 twice', 'a201020103'],
  ['map-unsorted', 'a map with the key 2 before 1', 'a202010102'],
  ['map-text-key', 'a map with a text as key', 'a1616101'],
  ['map-proto-key', 'a map with the text __proto__ as key', 'a1695f5f70726f746f5f5f01'],
  ['map-negative-key', 'a map with the key −1', 'a12001'],
  ['map-bytes-key', 'a map with a byte string as key', 'a1410101'],
  ['map-null-key', 'a map with null as key', 'a1f601'],
  ['map-false-key', 'a map with false as key, which some languages take for 0', 'a1f401'],
  ['map-array-key', 'a map with an array as key', 'a1810101'],
  ['map-long-key', 'a map with the key 1 in two bytes', 'a1180102'],
  ['nan', 'NaN', 'f97e00'],
  ['infinity', 'infinity', 'f97c00'],
  ['half-1', 'the half float 1.0', 'f93c00'],
  ['half-1-5', 'the half float 1.5', 'f93e00'],
  ['single-1-5', 'the single float 1.5', 'fa3fc00000'],
  ['double-1', 'the double float 1.0', 'fb3ff0000000000000'],
  ['undefined', 'undefined', 'f7'],
  ['simple-0', 'simple value 0', 'e0'],
  ['simple-19', 'simple value 19', 'f3'],
  ['simple-32', 'simple value 32', 'f820'],
  ['simple-255', 'simple value 255', 'f8ff'],
  ['simple-false-long', 'false in two bytes', 'f814'],
  ['tag-0', 'tag 0, a date as text', 'c074323031332d30332d32315432303a30343a30305a'],
  ['tag-1', 'tag 1, a date as a number', 'c11a514b67b0'],
  ['tag-2', 'tag 2, a bignum of 30 bytes', `c2581e${ZEROS_30}`],
  ['tag-24', 'tag 24, CBOR in a byte string', 'd81841aa'],
  ['tag-64', 'tag 64, a typed array, as a known library writes bytes', 'd84041aa'],
  ['tag-self-described', 'tag 55799, self-described CBOR', 'd9d9f701'],
  ['text-not-utf8', 'a text with a first byte and no second one', '62c328'],
  ['text-surrogate', 'a text with a lone surrogate', '63eda080'],
  ['text-surrogate-pair', 'a text with a surrogate pair, as CESU-8 writes it', '66eda0bdedb880'],
  ['text-overlong', 'a text with an overlong form', '62c0af'],
  ['text-overlong-zero', 'a text with U+0000 in two bytes', '62c080'],
  ['text-beyond', 'a text with a code point above U+10FFFF', '64f4908080'],
  ['text-cut', 'a text that ends within a character', '61c3'],
  ['reserved-28', 'the reserved length 28', '1c'],
  ['reserved-29', 'the reserved length 29', '5d'],
  ['reserved-30', 'the reserved length 30', '7e'],
  ['break', 'a break with nothing to break', 'ff'],
  ['depth-5', 'four arrays within the outermost map: depth 5', '8181818101'],
  ['depth-5-empty', 'an empty array at depth 5', '81818180'],
  ['depth-5-map', 'an empty map at depth 5', '818181a0'],
  ['bytes-2-36', 'a byte string that declares 2^36 bytes', '5b0000001000000000'],
  ['text-2-36', 'a text that declares 2^36 bytes', '7b0000001000000000'],
  ['array-2-31', 'an array that declares 2^31 items', '9a80000000'],
  ['map-2-31', 'a map that declares 2^31 pairs', 'ba80000000'],
  ['array-513', 'an array of 513 items', `990201${'00'.repeat(513)}`],
  ['map-513', 'a map of 513 pairs', bigMap(513)],
  ['bytes-cut', 'a byte string of 4 that ends after 2', '44aabb'],
  ['array-cut', 'an array of 2 that ends after 1', '8201'],
  ['map-cut', 'a map that ends after its key', 'a101'],
];

/** A map of `size` pairs, keys from 0, each with 0 as value. */
export function bigMap(size: number): string {
  let pairs = `b9${size.toString(16).padStart(4, '0')}`;
  for (let key = 0; key < size; key += 1) pairs += `${unsignedHead(key)}00`;
  return pairs;
}

function unsignedHead(value: number): string {
  if (value < 24) return value.toString(16).padStart(2, '0');
  return value < 256
    ? `18${value.toString(16).padStart(2, '0')}`
    : `19${value.toString(16).padStart(4, '0')}`;
}

/** The bytes of a map of fewer than 23 pairs with one more pair behind them, whatever the value is. */
export function withRawPair(map: Uint8Array, key: number, item: Uint8Array): Uint8Array {
  return concat(u8((map[0] as number) + 1), map.subarray(1), unhex(unsignedHead(key)), item);
}
