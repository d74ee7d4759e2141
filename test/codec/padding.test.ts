// Padding (SPEC.md section 8): length(2) ‖ CBOR ‖ zeros.
import { expect, test } from 'vitest';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { BUCKETS } from '../../protocol/wire/limits.ts';
import { contentBytesMax, pad, unpad } from '../../protocol/wire/padding.ts';

const filled = (length: number): Uint8Array => new Uint8Array(length).fill(0xab);

test('the layout, byte for byte', () => {
  const padded = pad(filled(300), 512);
  expect(padded.length).toBe(512);
  expect([...padded.subarray(0, 3)]).toEqual([0x01, 0x2c, 0xab]);
  expect(padded[301]).toBe(0xab);
  expect(padded.subarray(302).every((byte) => byte === 0)).toBe(true);
});

test.each(BUCKETS)('bucket %i holds 1 to bucket − 2 bytes', (bucket) => {
  expect(contentBytesMax(bucket)).toBe(bucket - 2);
  for (const length of [1, 2, 255, 256, bucket - 3, bucket - 2]) {
    const padded = pad(filled(length), bucket);
    expect(padded.length).toBe(bucket);
    expect(unpad(padded)).toEqual(filled(length));
  }
  for (const length of [0, bucket - 1, bucket]) {
    expect(() => pad(filled(length), bucket)).toThrow(new ProtocolError('payload_too_large'));
  }
});

/** 512 bytes with this length in front, then this many bytes of content. */
function plaintext(length: number, content: number): Uint8Array {
  const padded = new Uint8Array(512);
  padded.set([length >>> 8, length & 0xff]);
  padded.fill(0xab, 2, 2 + content);
  return padded;
}

test.each([
  ['length 0', plaintext(0, 0)],
  ['length 0 before content', plaintext(0, 10)],
  ['a length of bucket − 1', plaintext(511, 510)],
  ['a length of bucket', plaintext(512, 510)],
  ['length 65535', plaintext(0xffff, 510)],
  ['one byte of content more than the length says', plaintext(10, 11)],
  ['no bytes at all', new Uint8Array(0)],
  ['one byte', Uint8Array.of(0)],
  ['a length and nothing else', Uint8Array.of(0, 1)],
])('refuses %s [R-PAD-03]', (_name, padded) => {
  expect(unpad(padded)).toBe(null);
});

test('refuses any byte of padding that is not zero, each bit of it [R-PAD-04]', () => {
  for (let at = 12; at < 512; at += 1) {
    const padded = plaintext(10, 10);
    padded[at] = 1 << (at % 8);
    expect(unpad(padded)).toBe(null);
  }
});

test('content that ends in zeros keeps them', () => {
  const content = Uint8Array.of(1, 0, 0, 0);
  expect(unpad(pad(content, 512))).toEqual(content);
});
