// Bytes (SPEC.md section 3, notation).
import { expect, test } from 'vitest';
import { concat, equalConstantTime, hex, textOf, u8, u8len, u16, utf8 } from '../../protocol/wire/bytes.ts';

test('integers are big-endian', () => {
  expect(hex(u8(255))).toBe('ff');
  expect([0, 1, 0x0102, 0xffff].map((value) => hex(u16(value)))).toEqual(['0000', '0001', '0102', 'ffff']);
});

test('u8len takes 0 to 255 bytes', () => {
  expect(hex(u8len(new Uint8Array(0)))).toBe('00');
  expect(hex(u8len(Uint8Array.of(7, 8)))).toBe('020708');
  expect(u8len(new Uint8Array(255))[0]).toBe(255);
  expect(() => u8len(new Uint8Array(256))).toThrow(new RangeError('more than 255 bytes'));
});

test('joining nothing gives nothing, and the parts stay in order', () => {
  expect(concat().length).toBe(0);
  expect(hex(concat(u8(1), new Uint8Array(0), u16(0x0203)))).toBe('010203');
});

test.each([
  [[], [], true],
  [[1, 2], [1, 2], true],
  [[1, 2], [1, 3], false],
  [[0, 2], [128, 2], false],
  [[1, 2], [1, 2, 0], false],
  [[], [0], false],
])('%j and %j are equal: %s', (a, b, equal) => {
  expect(equalConstantTime(Uint8Array.from(a), Uint8Array.from(b))).toBe(equal);
});

test('a comparison reads every byte, wherever the first difference is [R-ENC-02]', () => {
  for (const difference of [0, 15, 31, null]) {
    const right = new Uint8Array(32).fill(7);
    const given = right.slice();
    if (difference !== null) given[difference] = 8;
    const read = new Set<string | symbol>();
    const watched = new Proxy(given, {
      get(target, name) {
        if (typeof name === 'string' && /^\d+$/.test(name)) read.add(name);
        return Reflect.get(target, name);
      },
    });
    expect(equalConstantTime(watched, right)).toBe(difference === null);
    expect(read.size, `a difference at ${difference}`).toBe(32);
  }
});

test('text is UTF-8 or it is none', () => {
  expect(textOf(utf8('héllo 🎉'))).toBe('héllo 🎉');
  expect(textOf(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61))).toBe('\ufeffa');
  expect(textOf(Uint8Array.of(0xc3, 0x28))).toBe(null);
  expect(textOf(Uint8Array.of(0xed, 0xa0, 0x80))).toBe(null);
});
