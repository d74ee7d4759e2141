// The MACs of an attempt (SPEC.md section 6), against HMAC computed here over raw bytes.
import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import {
  challengeMac,
  confirmationMac,
  decodeChallenge,
  encodeChallenge,
  revocationMac,
} from '../../protocol/registration/challenge.ts';
import { hex } from '../../protocol/wire/bytes.ts';

const CONFIRM_KEY = new Uint8Array(32).fill(0xcc);
const ATTEMPT = new Uint8Array(16).fill(0xaa);
const CHALLENGE = new Uint8Array(16).fill(0xbb);
const INFO_HASH = new Uint8Array(32).fill(0xdd);

function hmac(label: string, ...parts: readonly Uint8Array[]): string {
  const mac = createHmac('sha256', CONFIRM_KEY).update(label, 'ascii');
  for (const part of parts) mac.update(part);
  return mac.digest('hex');
}

test('the MAC of a challenge: 16 bytes over label, attempt, challenge, SHA-256(info)', () => {
  const mac = challengeMac(nativeBackend, CONFIRM_KEY, ATTEMPT, CHALLENGE, INFO_HASH);
  expect(mac.length).toBe(16);
  expect(hex(mac)).toBe(hmac('sealed-push/1 challenge', ATTEMPT, CHALLENGE, INFO_HASH).slice(0, 32));
});

test('a confirmation is a whole HMAC, 32 bytes', () => {
  const mac = confirmationMac(nativeBackend, CONFIRM_KEY, ATTEMPT, CHALLENGE, INFO_HASH);
  expect(mac.length).toBe(32);
  expect(hex(mac)).toBe(hmac('sealed-push/1 confirm', ATTEMPT, CHALLENGE, INFO_HASH));
});

test('a revocation is a whole HMAC, 32 bytes, without a challenge', () => {
  const mac = revocationMac(nativeBackend, CONFIRM_KEY, ATTEMPT, INFO_HASH);
  expect(mac.length).toBe(32);
  expect(hex(mac)).toBe(hmac('sealed-push/1 revoke', ATTEMPT, INFO_HASH));
});

test('no MAC serves in the place of another', () => {
  const challenge = challengeMac(nativeBackend, CONFIRM_KEY, ATTEMPT, CHALLENGE, INFO_HASH);
  const confirmation = confirmationMac(nativeBackend, CONFIRM_KEY, ATTEMPT, CHALLENGE, INFO_HASH);
  const revocation = revocationMac(nativeBackend, CONFIRM_KEY, ATTEMPT, INFO_HASH);
  expect(new Set([challenge, confirmation, revocation].map((mac) => hex(mac.subarray(0, 16)))).size).toBe(3);
});

test.each([
  ['confirm_key', new Uint8Array(32), ATTEMPT, CHALLENGE, INFO_HASH],
  ['attempt', CONFIRM_KEY, new Uint8Array(16), CHALLENGE, INFO_HASH],
  ['challenge', CONFIRM_KEY, ATTEMPT, new Uint8Array(16), INFO_HASH],
  ['info', CONFIRM_KEY, ATTEMPT, CHALLENGE, new Uint8Array(32)],
])('another %s gives another MAC', (_name, key, attempt, challenge, infoHash) => {
  const right = confirmationMac(nativeBackend, CONFIRM_KEY, ATTEMPT, CHALLENGE, INFO_HASH);
  expect(confirmationMac(nativeBackend, key, attempt, challenge, infoHash)).not.toEqual(right);
});

test('c is attempt, challenge and MAC: 48 bytes', () => {
  const parts = { attempt: ATTEMPT, challenge: CHALLENGE, mac: new Uint8Array(16).fill(0xee) };
  const bytes = encodeChallenge(parts);
  expect(hex(bytes)).toBe('aa'.repeat(16) + 'bb'.repeat(16) + 'ee'.repeat(16));
  expect(decodeChallenge(bytes)).toEqual(parts);
});

test.each([0, 16, 32, 47, 49, 64])('%i bytes are no challenge', (length) => {
  expect(decodeChallenge(new Uint8Array(length))).toBe(null);
});
