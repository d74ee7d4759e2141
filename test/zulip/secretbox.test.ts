// The primitives of suite 0x31, against their known answers and against another library.
import { xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import sodium from 'libsodium-wrappers';
import { expect, test } from 'vitest';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { portableBackend } from '../../protocol/crypto/backend-portable.ts';
import { openBox, sealBox } from '../../protocol/crypto/zulip/sealed-box.ts';
import { openSecretbox, sealSecretbox } from '../../protocol/crypto/zulip/secretbox.ts';
import { hex, textOf, utf8 } from '../../protocol/wire/bytes.ts';
import { decodeBase64, encodeBase64 } from '../../protocol/wire/zulip/base64.ts';
import { SEALED_BOX_OVERHEAD_BYTES, SECRETBOX_OVERHEAD_BYTES } from '../../protocol/wire/zulip/limits.ts';
import { fixedBackend } from '../crypto/fixed-backend.ts';
import {
  BOUNCER_PRIVATE_KEY,
  BOUNCER_PUBLIC_KEY,
  bytesOf,
  EMPTY,
  KEY,
  MESSAGE,
  NONCE,
  OTHER_KEY,
  REGISTRATION,
  REMOVE,
  SEALED_REGISTRATION,
  TEST,
} from './known-answers.ts';

await sodium.ready;
const publicKey = bytesOf(BOUNCER_PUBLIC_KEY);

test.each([REMOVE, TEST, MESSAGE, EMPTY])('$name: both libraries seal and open it', (known) => {
  const plaintext = utf8(known.plaintext);
  expect(plaintext.length).toBe(known.bytes);
  const box = sealSecretbox(KEY, NONCE, plaintext);
  expect(box.length).toBe(known.bytes + SECRETBOX_OVERHEAD_BYTES);
  expect(encodeBase64(box)).toBe(known.encryptedData);
  expect(hex(box.subarray(24))).toBe(hex(xsalsa20poly1305(KEY, NONCE).encrypt(plaintext)));
  expect(textOf(openSecretbox(KEY, box) as Uint8Array)).toBe(known.plaintext);
});

test('what the one library seals, the other opens, at many lengths', () => {
  for (const length of [0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 255, 1000, 2933]) {
    const key = nativeBackend.randomBytes(32);
    const nonce = nativeBackend.randomBytes(24);
    const plaintext = nativeBackend.randomBytes(length);
    const box = sealSecretbox(key, nonce, plaintext);
    const noble = xsalsa20poly1305(key, nonce);
    expect(hex(noble.decrypt(box.subarray(24)))).toBe(hex(plaintext));
    expect(hex(box.subarray(24))).toBe(hex(noble.encrypt(plaintext)));
  }
});

test('a secretbox under another key, too short or with any bit flipped does not open', () => {
  const box = bytesOf(EMPTY.encryptedData);
  expect(openSecretbox(OTHER_KEY, box)).toBe(null);
  for (let length = 0; length < box.length; length += 1) {
    expect(openSecretbox(KEY, box.subarray(0, length)), `${length} bytes`).toBe(null);
  }
  for (let bit = 0; bit < box.length * 8; bit += 1) {
    const bent = box.slice();
    bent[bit >> 3] = (bent[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(openSecretbox(KEY, bent), `bit ${bit}`).toBe(null);
  }
});

test('the known sealed box opens', () => {
  const opened = openBox(publicKey, BOUNCER_PRIVATE_KEY, bytesOf(SEALED_REGISTRATION));
  expect(textOf(opened as Uint8Array)).toBe(REGISTRATION);
  expect(bytesOf(SEALED_REGISTRATION).length).toBe(136);
  expect(utf8(REGISTRATION).length).toBe(136 - SEALED_BOX_OVERHEAD_BYTES);
  expect(hex(nativeBackend.x25519PublicKey(BOUNCER_PRIVATE_KEY))).toBe(hex(publicKey));
});

test.each([
  ['native', nativeBackend],
  ['portable', portableBackend],
])(
  'sealed boxes go both ways between us and libsodium, with randomness of the %s backend',
  (_name, backend) => {
    const plaintext = backend.randomBytes(88);
    const ours = sealBox(backend, publicKey, plaintext) as Uint8Array;
    expect(ours.length).toBe(136);
    expect(hex(sodium.crypto_box_seal_open(ours, publicKey, BOUNCER_PRIVATE_KEY))).toBe(hex(plaintext));
    const theirs = sodium.crypto_box_seal(plaintext, publicKey);
    expect(hex(openBox(publicKey, BOUNCER_PRIVATE_KEY, theirs) as Uint8Array)).toBe(hex(plaintext));
    expect(hex(sealBox(backend, publicKey, plaintext) as Uint8Array)).not.toBe(hex(ours));
  },
);

test('with a chosen ephemeral key a sealed box is always the same', () => {
  const draw = new Uint8Array(32).fill(0x5e);
  const seal = () => sealBox(fixedBackend(draw), publicKey, utf8('soup')) as Uint8Array;
  expect(hex(seal())).toBe(hex(seal()));
  expect(hex(seal().subarray(0, 32))).toBe(hex(nativeBackend.x25519PublicKey(draw)));
});

test('nothing is sealed to a key that makes the secret all zero', () => {
  expect(sealBox(nativeBackend, new Uint8Array(32), utf8('soup'))).toBe(null);
  expect(sealBox(nativeBackend, Uint8Array.of(1, ...new Uint8Array(31)), utf8('soup'))).toBe(null);
});

test('a sealed box that is bent, cut or for another key does not open', () => {
  const box = bytesOf(SEALED_REGISTRATION);
  for (let length = 0; length < box.length; length += 1) {
    expect(openBox(publicKey, BOUNCER_PRIVATE_KEY, box.subarray(0, length)), `${length} bytes`).toBe(null);
  }
  for (let index = 0; index < box.length; index += 1) {
    const bent = box.slice();
    bent[index] = (bent[index] as number) ^ (1 << (index % 8));
    expect(openBox(publicKey, BOUNCER_PRIVATE_KEY, bent), `byte ${index}`).toBe(null);
  }
  const other = nativeBackend.randomBytes(32);
  expect(openBox(nativeBackend.x25519PublicKey(other), other, box)).toBe(null);
});

test('base64 is the standard one, padded and canonical, and nothing else', () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  for (let length = 0; length <= 256; length += 1) {
    const text = encodeBase64(bytes.subarray(0, length));
    expect(text).toBe(Buffer.from(bytes.subarray(0, length)).toString('base64'));
    expect(decodeBase64(text)).toEqual(bytes.subarray(0, length));
  }
  const refused = [
    'A',
    'AA',
    'AAA',
    'AA=',
    'AA===',
    'AB==',
    'AAB=',
    'A===',
    '====',
    'AA==AAAA',
    'AAAA=',
    '-_-_',
  ];
  for (const text of [...refused, ' AAAA', 'AAAA\n', 'AA AA', 'AAÁA', 'AA==\u0000']) {
    expect(decodeBase64(text), JSON.stringify(text)).toBe(null);
  }
});
