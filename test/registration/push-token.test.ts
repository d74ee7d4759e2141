// Push tokens sealed to the bouncer (SPEC.md section 6): bytes for apns, text for fcm, bound to the server's origin.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { prepareSender, sealHpke } from '../../protocol/crypto/hpke.ts';
import { generateKeyPair } from '../../protocol/crypto/key-pair.ts';
import { type BouncerPrivateKey, openPushToken } from '../../protocol/registration/open/open-push-token.ts';
import {
  decodePushToken,
  decodeSealedToken,
  encodePushToken,
  encodeTokenInfo,
  type PushToken,
  type TokenContext,
} from '../../protocol/registration/push-token.ts';
import { sealPushToken } from '../../protocol/registration/seal/seal-push-token.ts';
import { concat, hex, u8, utf8 } from '../../protocol/wire/bytes.ts';
import { type CborValue, encodeCbor } from '../../protocol/wire/cbor.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { SEALED_TOKEN_BYTES_MIN } from '../../protocol/wire/limits.ts';
import { pad } from '../../protocol/wire/padding.ts';
import { SUITE_X25519_BASE } from '../../protocol/wire/suites.ts';
import { apns, apnsToken, bouncerKey, bouncerPrivateKey, fcm, fcmToken } from './push-bouncer.ts';

const malformed = new ProtocolError('payload_malformed');
const openFailed = new ProtocolError('open_failed');
const seal = (context: TokenContext, push: PushToken) =>
  sealPushToken(nativeBackend, bouncerKey, context, push);
const open = (context: TokenContext, blob: Uint8Array, key: BouncerPrivateKey = bouncerPrivateKey) =>
  openPushToken(nativeBackend, [key], context, blob);

test.each([
  ['apns', apns, apnsToken],
  ['apns sandbox', { ...apns, environment: 'sandbox' as const }, apnsToken],
  ['fcm', fcm, fcmToken],
])('%s: the bouncer reads what the app sealed', (_name, context, push) => {
  const { blob, infoHash } = seal(context, push);
  expect(open(context, blob)).toEqual({ push, infoHash });
});

test('the layout: suite, bkid, enc, 512 bytes and a tag', () => {
  const { blob } = seal(apns, apnsToken);
  expect(blob.length).toBe(1 + 4 + 32 + 512 + 16);
  expect(blob.length).toBe(SEALED_TOKEN_BYTES_MIN);
  expect(hex(blob.subarray(0, 5))).toBe('11b1b2b3b4');
});

test('info, byte for byte, and its hash', () => {
  const info = concat(
    utf8('sealed-push/1 token'),
    u8(0x11),
    bouncerKey.bkid,
    u8(24),
    utf8('https://chat.example.org'),
    u8(16),
    utf8('org.example.chat'),
    u8(4),
    utf8('apns'),
    u8(10),
    utf8('production'),
  );
  expect(hex(encodeTokenInfo(SUITE_X25519_BASE, bouncerKey.bkid, apns))).toBe(hex(info));
  expect(hex(seal(apns, apnsToken).infoHash)).toBe(createHash('sha256').update(info).digest('hex'));
  const forFcm = encodeTokenInfo(SUITE_X25519_BASE, bouncerKey.bkid, fcm);
  expect(hex(forFcm.subarray(-5))).toBe('0366636d00');
});

test('an APNs token is a byte string, an FCM token is text', () => {
  expect(hex(encodePushToken('apns', apnsToken)).slice(4, 14)).toBe('a4015820ff');
  expect(hex(encodePushToken('fcm', fcmToken)).slice(4, 14)).toBe('a4016f6451');
});

test.each<readonly [string, Partial<TokenContext>]>([
  ['origin', { origin: 'https://evil.example' }],
  ['app', { appId: 'org.example.other' }],
  ['platform', { platform: 'fcm' }],
  ['environment', { environment: 'sandbox' }],
  ['border between origin and app id', { origin: 'https://chat.example', appId: 'orgorg.example.chat' }],
])('another %s does not open it [R-TOK-03]', (_name, change) => {
  const { blob } = seal(apns, apnsToken);
  expect(() => open({ ...apns, ...change }, blob)).toThrow(openFailed);
});

test.each<readonly [string, Partial<BouncerPrivateKey>]>([
  ['an unknown bkid', { bkid: Uint8Array.of(0xb1, 0xb2, 0xb3, 0xb5) }],
  ['another private key', { privateKey: generateKeyPair(nativeBackend, SUITE_X25519_BASE).privateKey }],
  ['another suite under the same bkid', { suite: { ...SUITE_X25519_BASE, id: 0x12 } }],
])('%s does not open it', (_name, change) => {
  const { blob } = seal(apns, apnsToken);
  expect(() => open(apns, blob, { ...bouncerPrivateKey, ...change })).toThrow(openFailed);
});

test('of several keys the one with the bkid is taken', () => {
  const other = { ...bouncerPrivateKey, bkid: new Uint8Array(4), privateKey: new Uint8Array(32).fill(1) };
  const { blob } = seal(apns, apnsToken);
  expect(openPushToken(nativeBackend, [other, bouncerPrivateKey], apns, blob).push).toEqual(apnsToken);
  expect(() => openPushToken(nativeBackend, [], apns, blob)).toThrow(openFailed);
});

test('the error names no step: everything that fails is the same to the caller [R-TOK-04]', () => {
  const { blob } = seal(apns, apnsToken);
  for (const broken of [
    blob.subarray(1),
    new Uint8Array(0),
    new Uint8Array(565),
    new Uint8Array(565).fill(0x11),
  ]) {
    try {
      open(apns, broken);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: 'open_failed', step: undefined, message: 'could not be opened' });
    }
  }
});

test('every bit of header and enc, and one in every byte of the ciphertext, counts', () => {
  const { blob } = seal(apns, apnsToken);
  for (let at = 0; at < blob.length; at += 1) {
    for (const bit of at < 37 ? [0, 1, 2, 3, 4, 5, 6, 7] : [at % 8]) {
      const flipped = blob.slice();
      flipped[at] = (flipped[at] as number) ^ (1 << bit);
      expect(() => open(apns, flipped), `byte ${at} bit ${bit}`).toThrow(openFailed);
    }
  }
});

test('only one length is a sealed token of suite 0x11', () => {
  for (let length = 1; length <= 1200; length += 1) {
    const bytes = new Uint8Array(length);
    bytes[0] = 0x11;
    if (length === 565) expect(decodeSealedToken(bytes).ciphertext.length).toBe(528);
    else expect(() => decodeSealedToken(bytes)).toThrow(new ProtocolError('envelope_malformed'));
  }
});

test.each([0x00, 0x01, 0x02, 0x13, 0x31, 0x80, 0xc0, 0xff])(
  'suite byte %i is refused for a push token',
  (suite) => {
    const bytes = new Uint8Array(565);
    bytes[0] = suite;
    expect(() => decodeSealedToken(bytes)).toThrow(new ProtocolError('suite_unknown'));
  },
);

test.each([
  [0x01, new ProtocolError('suite_unknown')],
  [0x12, new ProtocolError('key_malformed')],
  [0xc0, new ProtocolError('suite_unknown')],
])('the app does not seal to a key of suite %i', (suite, error) => {
  expect(() => sealPushToken(nativeBackend, { ...bouncerKey, suite }, apns, apnsToken)).toThrow(error);
});

test('the app does not seal to a key that is none', () => {
  for (const key of [new Uint8Array(31), new Uint8Array(33), new Uint8Array(32)]) {
    const run = () => sealPushToken(nativeBackend, { ...bouncerKey, key }, apns, apnsToken);
    expect(run).toThrow(new ProtocolError('key_malformed'));
  }
});

test.each<readonly [string, 'apns' | 'fcm', Partial<PushToken>]>([
  ['no token', 'apns', { token: new Uint8Array(0) }],
  ['a token of 301 bytes', 'apns', { token: new Uint8Array(301) }],
  ['text of 301 bytes', 'fcm', { token: new Uint8Array(301).fill(0x61) }],
  ['an FCM token that is no text', 'fcm', { token: Uint8Array.of(0xff) }],
  ['a time before 1970', 'apns', { issuedAt: -1 }],
  ['an attempt of 15 bytes', 'apns', { attempt: new Uint8Array(15) }],
  ['a confirm_key of 31 bytes', 'apns', { confirmKey: new Uint8Array(31) }],
  ['a confirm_key of 33 bytes', 'apns', { confirmKey: new Uint8Array(33) }],
])('%s is not sealed', (_name, platform, change) => {
  expect(() => encodePushToken(platform, { ...apnsToken, ...change })).toThrow(malformed);
});

test.each([1, 32, 100, 300])('a token of %i bytes fits', (length) => {
  const push = { ...apnsToken, token: new Uint8Array(length).fill(0x61) };
  expect(encodePushToken('apns', push).length).toBe(512);
  expect(decodePushToken('apns', encodePushToken('apns', push))).toEqual(push);
  expect(decodePushToken('fcm', encodePushToken('fcm', push))).toEqual(push);
});

const FIELDS: readonly (readonly [number, CborValue])[] = [
  [1, apnsToken.token],
  [2, apnsToken.issuedAt],
  [3, apnsToken.attempt],
  [4, apnsToken.confirmKey],
];
const plaintext = (...change: readonly (readonly [number, CborValue])[]): Uint8Array =>
  pad(encodeCbor(new Map([...FIELDS, ...change])), 512);

/** Authentic, but this is what was sealed. */
function sealRaw(padded: Uint8Array): Uint8Array {
  const info = encodeTokenInfo(SUITE_X25519_BASE, bouncerKey.bkid, apns);
  const sealed = sealHpke(
    nativeBackend,
    prepareSender(nativeBackend, SUITE_X25519_BASE, bouncerKey.key, info, null),
    padded,
  );
  return concat(u8(0x11), bouncerKey.bkid, sealed.enc, sealed.ciphertext);
}

test('the plaintext of these tests is one that opens', () => {
  expect(open(apns, sealRaw(plaintext())).push).toEqual(apnsToken);
});

test.each<readonly [string, Uint8Array]>([
  ['a key that is not known', plaintext([5, 0])],
  ['a token as text for apns', plaintext([1, 'token'])],
  ['no token', plaintext([1, new Uint8Array(0)])],
  ['a token of 301 bytes', plaintext([1, new Uint8Array(301)])],
  ['issued_at as text', plaintext([2, '1790000000'])],
  ['issued_at −1', plaintext([2, -1])],
  ['an attempt of 17 bytes', plaintext([3, new Uint8Array(17)])],
  ['an attempt as text', plaintext([3, 'a'.repeat(16)])],
  ['a confirm_key of 16 bytes', plaintext([4, new Uint8Array(16)])],
  ['a confirm_key as text', plaintext([4, 'a'.repeat(32)])],
  ['a field less', pad(encodeCbor(new Map(FIELDS.slice(0, 3))), 512)],
  ['another key instead', pad(encodeCbor(new Map([...FIELDS.slice(0, 3), [5, new Uint8Array(32)]])), 512)],
  ['an array', pad(encodeCbor(FIELDS.map(([, value]) => value)), 512)],
  ['padding that is not zero', plaintext().fill(1, 511)],
  ['length 0', new Uint8Array(512)],
  ['no CBOR', pad(Uint8Array.of(0xff), 512)],
])('authentic, but with %s it is refused', (_name, padded) => {
  expect(() => open(apns, sealRaw(padded))).toThrow(openFailed);
  expect(() => decodePushToken('apns', padded)).toThrow(ProtocolError);
});

test('a token as bytes is refused for fcm [R-TOK-05]', () => {
  expect(() => decodePushToken('fcm', encodePushToken('apns', apnsToken))).toThrow(malformed);
});

test('a primitive that fails is no token that does not open: its error goes on', () => {
  const { blob } = seal(apns, apnsToken);
  const broken = {
    ...nativeBackend,
    aeadOpen: () => {
      throw new RangeError('broken');
    },
  };
  const run = () => openPushToken(broken, [bouncerPrivateKey], apns, blob);
  expect(run).toThrow(new RangeError('broken'));
});
