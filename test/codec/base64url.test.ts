// Unpadded canonical base64url (SPEC.md section 3).
import { expect, test } from 'vitest';
import {
  base64urlLength,
  decodeBase64url,
  encodeBase64url,
  isBase64url,
} from '../../protocol/wire/base64url.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';

const CANONICAL: readonly (readonly [string, readonly number[]])[] = [
  ['', []],
  ['AA', [0]],
  ['_w', [255]],
  ['AAA', [0, 0]],
  ['__8', [255, 255]],
  ['AAAA', [0, 0, 0]],
  ['-_-_', [0xfb, 0xff, 0xbf]],
  ['Zm9vYg', [0x66, 0x6f, 0x6f, 0x62]],
];

test.each(CANONICAL)('"%s" is canonical', (text, bytes) => {
  expect(decodeBase64url(text)).toEqual(Uint8Array.from(bytes));
  expect(encodeBase64url(Uint8Array.from(bytes))).toBe(text);
  expect(text.length).toBe(base64urlLength(bytes.length));
});

const REFUSED: readonly (readonly [string, string])[] = [
  ['padding', 'AA=='],
  ['padding of one', 'AAA='],
  ['a character of plain base64', 'ab+/'],
  ['a slash', 'AA/A'],
  ['a space', 'AA A'],
  ['a leading space', ' AAA'],
  ['a line break at the end', 'AAAA\n'],
  ['a letter outside ASCII', 'AAAÄ'],
  ['a full-width letter', 'AAA\uff21'],
  ['U+0000', 'AAA\0'],
  ['a length of 1', 'A'],
  ['a length of 5', 'AAAAA'],
];

test.each(REFUSED)('refuses %s [R-ENC-01]', (_name, text) => {
  expect(isBase64url(text)).toBe(false);
  expect(() => decodeBase64url(text)).toThrow(new ProtocolError('base64url_malformed'));
});

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

test('of two characters, only the last ones without spare bits pass: 4 of 64 [R-ENC-01]', () => {
  expect([...ALPHABET].filter((last) => isBase64url(`A${last}`))).toEqual(['A', 'Q', 'g', 'w']);
});

test('of three characters, only the last ones without spare bits pass: 16 of 64', () => {
  expect([...ALPHABET].filter((last) => isBase64url(`AA${last}`)).join('')).toBe('AEIMQUYcgkosw048');
});

test('a view with an offset is encoded as the view alone', () => {
  expect(encodeBase64url(Uint8Array.of(9, 9, 0, 0, 0, 9).subarray(2, 5))).toBe('AAAA');
});

test('decoded bytes share their memory with nothing', () => {
  expect(decodeBase64url('AAAA').buffer.byteLength).toBe(3);
});
