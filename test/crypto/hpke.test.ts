// HPKE, single shot (RFC 9180): what does not open, and what is refused before anything is sealed.
import { hkdfSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { AEAD_AES_256_GCM, AEAD_CHACHA20_POLY1305 } from '../../protocol/crypto/backend.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { createPortableBackend } from '../../protocol/crypto/backend-portable.ts';
import { expand, extract } from '../../protocol/crypto/hkdf.ts';
import { openHpke, type Psk, prepareSender, scheduleContext, sealHpke } from '../../protocol/crypto/hpke.ts';
import { decapsulate, prepareRecipient } from '../../protocol/crypto/kem.ts';
import { KEM_X25519 } from '../../protocol/crypto/kem-x25519.ts';
import { generateKeyPair, isPublicKey } from '../../protocol/crypto/key-pair.ts';
import { hex, utf8 } from '../../protocol/wire/bytes.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { SUITE_X25519_BASE, SUITE_X25519_PSK, type Suite } from '../../protocol/wire/suites.ts';
import { fixedBackend } from './fixed-backend.ts';

const alice = generateKeyPair(nativeBackend, SUITE_X25519_PSK);
const PSK: Psk = { psk: new Uint8Array(32).fill(7), pskId: utf8('kid+epoch') };
const INFO = utf8('info');
const TEXT = utf8('hello');
const seal = (suite: Suite, publicKey: Uint8Array, psk: Psk | null) =>
  sealHpke(nativeBackend, prepareSender(nativeBackend, suite, publicKey, INFO, psk), TEXT);
const sealPsk = () => seal(SUITE_X25519_PSK, alice.publicKey, PSK);

/** Points of small order: their Diffie-Hellman result is zero with every key. */
const LOW_ORDER = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((text) => new Uint8Array(Buffer.from(text, 'hex')));

test('what was sealed opens, in both modes', () => {
  const sealed = sealPsk();
  expect(sealed.ciphertext.length).toBe(TEXT.length + 16);
  expect(openHpke(nativeBackend, SUITE_X25519_PSK, alice.privateKey, INFO, PSK, sealed)).toEqual(TEXT);
  const base = seal(SUITE_X25519_BASE, alice.publicKey, null);
  expect(openHpke(nativeBackend, SUITE_X25519_BASE, alice.privateKey, INFO, null, base)).toEqual(TEXT);
});

test('every sealing has an encapsulation of its own', () => {
  expect(new Set(Array.from({ length: 50 }, () => hex(sealPsk().enc))).size).toBe(50);
});

test('another info, psk, psk_id or private key does not open', () => {
  const sealed = sealPsk();
  const open = (privateKey: Uint8Array, info: Uint8Array, psk: Psk) =>
    openHpke(nativeBackend, SUITE_X25519_PSK, privateKey, info, psk, sealed);
  const bob = generateKeyPair(nativeBackend, SUITE_X25519_PSK);
  expect(open(bob.privateKey, INFO, PSK)).toBe(null);
  expect(open(alice.privateKey, utf8('Info'), PSK)).toBe(null);
  expect(open(alice.privateKey, INFO, { ...PSK, psk: new Uint8Array(32) })).toBe(null);
  expect(open(alice.privateKey, INFO, { ...PSK, pskId: utf8('kid+epocg') })).toBe(null);
});

test('a mode is a mode: what was sealed without a PSK does not open with one', () => {
  const base = seal(SUITE_X25519_BASE, alice.publicKey, null);
  expect(openHpke(nativeBackend, SUITE_X25519_PSK, alice.privateKey, INFO, PSK, base)).toBe(null);
});

test('PSK mode without a PSK, and base mode with one, are errors of the caller [R-HPK-03]', () => {
  expect(() => scheduleContext(nativeBackend, SUITE_X25519_PSK, INFO, null)).toThrow(RangeError);
  expect(() => scheduleContext(nativeBackend, SUITE_X25519_BASE, INFO, PSK)).toThrow(RangeError);
});

test.each([0, 31, 33])('a public key of %i bytes is refused', (length) => {
  const key = alice.publicKey.slice(0, 1);
  const wrong = new Uint8Array(length).fill(key[0] as number);
  const run = () => seal(SUITE_X25519_PSK, wrong, PSK);
  expect(run).toThrow(new ProtocolError('key_malformed'));
  expect(isPublicKey(nativeBackend, SUITE_X25519_PSK, wrong)).toBe(false);
});

test.each(LOW_ORDER.map((point) => [hex(point), point] as const))(
  'the point %s of small order is refused on both sides [R-HPK-02]',
  (_name, point) => {
    expect(prepareRecipient(nativeBackend, KEM_X25519, point)?.encapsulate()).toBe(null);
    expect(decapsulate(nativeBackend, KEM_X25519, alice.privateKey, point)).toBe(null);
    expect(isPublicKey(nativeBackend, SUITE_X25519_PSK, point)).toBe(false);
    const run = () => seal(SUITE_X25519_PSK, point, PSK);
    expect(run).toThrow(new ProtocolError('key_malformed'));
    const sealed = { ...sealPsk(), enc: point };
    expect(openHpke(nativeBackend, SUITE_X25519_PSK, alice.privateKey, INFO, PSK, sealed)).toBe(null);
  },
);

test('an enc or a private key of another size opens nothing', () => {
  const sealed = sealPsk();
  const open = (privateKey: Uint8Array, enc: Uint8Array) =>
    openHpke(nativeBackend, SUITE_X25519_PSK, privateKey, INFO, PSK, { ...sealed, enc });
  expect(open(alice.privateKey, sealed.enc.subarray(1))).toBe(null);
  expect(open(alice.privateKey.subarray(1), sealed.enc)).toBe(null);
  expect(open(new Uint8Array(33), sealed.enc)).toBe(null);
});

test('a ciphertext shorter than its tag opens to nothing, not to an exception', () => {
  const { enc, ciphertext } = sealPsk();
  for (let length = 0; length < ciphertext.length; length += 1) {
    const sealed = { enc, ciphertext: ciphertext.subarray(0, length) };
    expect(openHpke(nativeBackend, SUITE_X25519_PSK, alice.privateKey, INFO, PSK, sealed)).toBe(null);
  }
});

test('the bit of enc that X25519 ignores is bound all the same', () => {
  const sealed = sealPsk();
  const enc = sealed.enc.slice();
  enc[31] = (enc[31] as number) ^ 0x80;
  expect(nativeBackend.x25519SharedSecret(alice.privateKey, enc)).toEqual(
    nativeBackend.x25519SharedSecret(alice.privateKey, sealed.enc),
  );
  expect(openHpke(nativeBackend, SUITE_X25519_PSK, alice.privateKey, INFO, PSK, { ...sealed, enc })).toBe(
    null,
  );
});

test('the ephemeral key is wiped once it has been used', () => {
  const drawn = new Uint8Array(32).fill(9);
  createPortableBackend(() => drawn)
    .x25519Peer(alice.publicKey)
    .agree();
  expect(drawn).toEqual(new Uint8Array(32));
});

test('a key pair is what was drawn and its public key', () => {
  const drawn = new Uint8Array(32).fill(3);
  const pair = generateKeyPair(fixedBackend(drawn), SUITE_X25519_PSK);
  expect(pair.privateKey).toEqual(drawn);
  expect(pair.publicKey).toEqual(nativeBackend.x25519PublicKey(drawn));
  expect(isPublicKey(nativeBackend, SUITE_X25519_PSK, pair.publicKey)).toBe(true);
});

test('the AEADs are told apart by their ids, and no third one exists', () => {
  const key = new Uint8Array(32);
  const nonce = new Uint8Array(12);
  for (const id of [AEAD_AES_256_GCM, AEAD_CHACHA20_POLY1305]) {
    const sealed = nativeBackend.aeadSeal(id, key, nonce, TEXT, INFO);
    expect(nativeBackend.aeadOpen(id, key, nonce, sealed, INFO)).toEqual(TEXT);
    expect(nativeBackend.aeadOpen(id, key, nonce, sealed, TEXT)).toBe(null);
    expect(nativeBackend.aeadOpen(5 - id, key, nonce, sealed, INFO)).toBe(null);
  }
  expect(() => nativeBackend.aeadSeal(0x0001, key, nonce, TEXT, INFO)).toThrow(RangeError);
});

test('randomness differs from call to call and has the length asked for', () => {
  const drawn = Array.from({ length: 20 }, () => nativeBackend.randomBytes(16));
  expect(drawn.every((bytes) => bytes.length === 16)).toBe(true);
  expect(new Set(drawn.map(hex)).size).toBe(20);
});

test('HKDF gives any length to 8,160 bytes and not one more', () => {
  const prk = extract(nativeBackend, utf8('salt'), utf8('key'));
  const longest = expand(nativeBackend, prk, INFO, 8160);
  expect(longest).toEqual(new Uint8Array(hkdfSync('sha256', 'key', 'salt', INFO, 8160)));
  for (const length of [1, 31, 32, 33, 64, 100]) {
    expect(expand(nativeBackend, prk, INFO, length)).toEqual(longest.slice(0, length));
  }
  expect(() => expand(nativeBackend, prk, INFO, 8161)).toThrow(RangeError);
});

test('Ed25519, the first two vectors of RFC 8032', () => {
  const rows = [
    [
      '9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60',
      'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      '',
      'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
    ],
    [
      '4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb',
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      '72',
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
    ],
  ].map((row) => row.map((text) => new Uint8Array(Buffer.from(text, 'hex'))));
  for (const [seed, publicKey, message, signature] of rows as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ][]) {
    expect(nativeBackend.ed25519PublicKey(seed)).toEqual(publicKey);
    expect(nativeBackend.ed25519Sign(seed, message)).toEqual(signature);
    expect(nativeBackend.ed25519Verify(publicKey, message, signature)).toBe(true);
    expect(nativeBackend.ed25519Verify(publicKey, utf8('other'), signature)).toBe(false);
    expect(nativeBackend.ed25519Verify(publicKey, message, signature.subarray(0, 63))).toBe(false);
  }
});
