// The daily ratchet (SPEC.md section 4), against HMAC computed here: HKDF-Expand(k, L, 32) = HMAC(k, L ‖ 0x01).
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { derivePsk, stepChain } from '../../protocol/crypto/ratchet.ts';
import { hex } from '../../protocol/wire/bytes.ts';

const CHAIN = Uint8Array.from({ length: 32 }, (_, i) => i);

function expand(key: Uint8Array, label: string): Buffer {
  return createHmac('sha256', key).update(label, 'ascii').update(Buffer.of(1)).digest();
}

test('psk[e] is HMAC(chain[e], "sealed-push/1 psk" ‖ 0x01)', () => {
  expect(hex(derivePsk(nativeBackend, CHAIN))).toBe(expand(CHAIN, 'sealed-push/1 psk').toString('hex'));
});

test('chain[e+n] is n times HMAC(chain, "sealed-push/1 chain" ‖ 0x01)', () => {
  let expected: Uint8Array = CHAIN;
  for (let steps = 0; steps <= 30; steps += 1) {
    expect(hex(stepChain(nativeBackend, CHAIN, steps))).toBe(hex(expected));
    expected = expand(expected, 'sealed-push/1 chain');
  }
});

test('zero steps give the same value, and the input is never changed', () => {
  const chain = CHAIN.slice();
  expect(stepChain(nativeBackend, chain, 0)).toEqual(CHAIN);
  stepChain(nativeBackend, chain, 1023);
  expect(chain).toEqual(CHAIN);
});

test('steps add up', () => {
  const twice = stepChain(nativeBackend, stepChain(nativeBackend, CHAIN, 400), 623);
  expect(twice).toEqual(stepChain(nativeBackend, CHAIN, 1023));
});
