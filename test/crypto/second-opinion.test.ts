// Two independent HPKE libraries open what we seal, and we open what they seal: suite 0x01 in PSK mode, suite 0x11
// in base mode. `info` and `psk_id` are written out here byte for byte, so that the bindings have a second opinion too.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import { type AeadInterface, CipherSuite as CoreSuite, DhkemX25519HkdfSha256, HkdfSha256 } from '@hpke/core';
import { AEAD_ChaCha20Poly1305, CipherSuite, KDF_HKDF_SHA256, KEM_DHKEM_X25519_HKDF_SHA256 } from 'hpke';
import { expect, test } from 'vitest';
import { openEnvelope } from '../../protocol/content/open/open.ts';
import type { Payload } from '../../protocol/content/payload.ts';
import { prepareSealingKey, sealNotification } from '../../protocol/content/seal/seal.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { generateKeyPair, type KeyPair } from '../../protocol/crypto/key-pair.ts';
import { derivePsk } from '../../protocol/crypto/ratchet.ts';
import { openPushToken } from '../../protocol/registration/open/open-push-token.ts';
import { sealPushToken } from '../../protocol/registration/seal/seal-push-token.ts';
import { concat } from '../../protocol/wire/bytes.ts';
import { SUITE_X25519_BASE, SUITE_X25519_PSK } from '../../protocol/wire/suites.ts';

interface Psk {
  readonly psk: Uint8Array;
  readonly pskId: Uint8Array;
}
interface Sealed {
  readonly enc: Uint8Array;
  readonly ciphertext: Uint8Array;
}
/** What both libraries can do, each in its own words. */
interface Library {
  readonly name: string;
  seal(publicKey: Uint8Array, info: Uint8Array, psk: Psk | null, plaintext: Uint8Array): Promise<Sealed>;
  open(keys: KeyPair, info: Uint8Array, psk: Psk | null, sealed: Sealed): Promise<Uint8Array>;
}

const hpke = new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_ChaCha20Poly1305);
const panva: Library = {
  name: 'hpke',
  async seal(publicKey, info, psk, plaintext) {
    const key = await hpke.DeserializePublicKey(publicKey);
    const sealed = await hpke.Seal(key, plaintext, { info, ...psk });
    return { enc: sealed.encapsulatedSecret, ciphertext: sealed.ciphertext };
  },
  async open(keys, info, psk, sealed) {
    const privateKey = await hpke.DeserializePrivateKey(keys.privateKey, true);
    const publicKey = await hpke.DeserializePublicKey(keys.publicKey);
    return hpke.Open({ privateKey, publicKey }, sealed.enc, sealed.ciphertext, { info, ...psk });
  },
};

/** The AEAD that @hpke/core leaves to the caller. */
const chacha: AeadInterface = {
  id: 0x0003,
  keySize: 32,
  nonceSize: 12,
  tagSize: 16,
  createEncryptionContext: (key) => ({
    async seal(iv, data, aad) {
      const cipher = createCipheriv('chacha20-poly1305', bytes(key), bytes(iv), { authTagLength: 16 });
      cipher.setAAD(bytes(aad), { plaintextLength: data.byteLength });
      return exact(concat(cipher.update(bytes(data)), cipher.final(), cipher.getAuthTag()));
    },
    async open(iv, data, aad) {
      const body = bytes(data).subarray(0, -16);
      const cipher = createDecipheriv('chacha20-poly1305', bytes(key), bytes(iv), { authTagLength: 16 });
      cipher.setAAD(bytes(aad), { plaintextLength: body.length });
      cipher.setAuthTag(bytes(data).subarray(-16));
      return exact(concat(cipher.update(body), cipher.final()));
    },
  }),
};
const core = new CoreSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: chacha });
const dajiaji: Library = {
  name: '@hpke/core',
  async seal(publicKey, info, psk, plaintext) {
    const recipientPublicKey = await core.kem.deserializePublicKey(exact(publicKey));
    const sealed = await core.seal({ recipientPublicKey, info, ...corePsk(psk) }, plaintext);
    return { enc: new Uint8Array(sealed.enc), ciphertext: new Uint8Array(sealed.ct) };
  },
  async open(keys, info, psk, sealed) {
    const recipientKey = await core.kem.deserializePrivateKey(exact(keys.privateKey));
    const opened = await core.open(
      { recipientKey, info, enc: sealed.enc, ...corePsk(psk) },
      sealed.ciphertext,
    );
    return new Uint8Array(opened);
  },
};

const ORIGIN = 'https://chat.example.org';
const APP_ID = 'org.example.chat';
const KID = Uint8Array.of(0xa1, 0xa2, 0xa3, 0xa4);
const REGISTRATION_ID = new Uint8Array(16).fill(0x1d);
const CHAIN = new Uint8Array(32).fill(0xc4);
const EPOCH = 0x0102;
const keys = generateKeyPair(nativeBackend, SUITE_X25519_PSK);
const payload: Payload = {
  sentAt: 1_790_000_000_000,
  counter: 7,
  ttlSeconds: 3600,
  kind: 'badge',
  unread: 3,
};
const recipient = {
  suite: SUITE_X25519_PSK,
  kid: KID,
  origin: ORIGIN,
  appId: APP_ID,
  registrationId: REGISTRATION_ID,
  epoch: EPOCH,
  chain: CHAIN,
};
const PSK: Psk = { psk: derivePsk(nativeBackend, CHAIN), pskId: concat(KID, Uint8Array.of(0x01, 0x02)) };
const INFO = concat(
  Buffer.from('sealed-push/1 notification'),
  Uint8Array.of(0x01, 24),
  Buffer.from(ORIGIN),
  Uint8Array.of(16),
  Buffer.from(APP_ID),
  REGISTRATION_ID,
);
/** {1 sent_at, 2 counter, 3 ttl, 4 kind 3, 5 {}, 6 unread} */
const PADDED = padded('a6', '011b000001a0c4506c00', '0207', '03190e10', '0403', '05a0', '0603');

const BKID = Uint8Array.of(0xb1, 0xb2, 0xb3, 0xb4);
const context = { origin: ORIGIN, appId: APP_ID, platform: 'fcm', environment: '' } as const;
const TOKEN_INFO = concat(
  Buffer.from('sealed-push/1 token'),
  Uint8Array.of(0x11),
  BKID,
  Uint8Array.of(24),
  Buffer.from(ORIGIN),
  Uint8Array.of(16),
  Buffer.from(APP_ID),
  Uint8Array.of(3),
  Buffer.from('fcm'),
  Uint8Array.of(0),
);
const push = {
  token: Buffer.from('fcm-token'),
  issuedAt: 1000,
  attempt: new Uint8Array(16).fill(0xaa),
  confirmKey: new Uint8Array(32).fill(0xcc),
};
/** {1 "fcm-token", 2 1000, 3 attempt, 4 confirm_key} */
const TOKEN_PADDED = padded(
  'a4',
  '016966636d2d746f6b656e',
  '021903e8',
  `0350${'aa'.repeat(16)}`,
  `045820${'cc'.repeat(32)}`,
);

function sealOurs(publicKey: Uint8Array): Uint8Array {
  const key = prepareSealingKey(nativeBackend, { ...recipient, publicKey });
  return sealNotification(nativeBackend, key, payload, 512);
}

test.each([panva, dajiaji])('$name opens our envelope, suite 0x01', async (library) => {
  const envelope = sealOurs(keys.publicKey);
  const sealed = { enc: envelope.subarray(7, 39), ciphertext: envelope.subarray(39) };
  expect(await library.open(keys, INFO, PSK, sealed)).toEqual(PADDED);
});

test.each([panva, dajiaji])('we open an envelope that $name sealed, suite 0x01', async (library) => {
  const { enc, ciphertext } = await library.seal(keys.publicKey, INFO, PSK, PADDED);
  const envelope = concat(Uint8Array.of(0x01), KID, Uint8Array.of(0x01, 0x02), enc, ciphertext);
  const key = { ...recipient, privateKey: keys.privateKey, keepDays: 3 };
  expect(openEnvelope(nativeBackend, envelope, () => key)?.payload).toEqual(payload);
});

test.each([panva, dajiaji])('$name does not open our envelope with another PSK', async (library) => {
  const envelope = sealOurs(keys.publicKey);
  const sealed = { enc: envelope.subarray(7, 39), ciphertext: envelope.subarray(39) };
  await expect(library.open(keys, INFO, { ...PSK, psk: CHAIN }, sealed)).rejects.toThrow();
});

test.each([panva, dajiaji])('$name opens our push token, suite 0x11', async (library) => {
  const key = { bkid: BKID, suite: 0x11, key: keys.publicKey, notBefore: 0, notAfter: 1 };
  const { blob } = sealPushToken(nativeBackend, key, context, push);
  const sealed = { enc: blob.subarray(5, 37), ciphertext: blob.subarray(37) };
  expect(await library.open(keys, TOKEN_INFO, null, sealed)).toEqual(TOKEN_PADDED);
});

test.each([panva, dajiaji])('we open a push token that $name sealed, suite 0x11', async (library) => {
  const { enc, ciphertext } = await library.seal(keys.publicKey, TOKEN_INFO, null, TOKEN_PADDED);
  const blob = concat(Uint8Array.of(0x11), BKID, enc, ciphertext);
  const key = { bkid: BKID, suite: SUITE_X25519_BASE, privateKey: keys.privateKey };
  const opened = openPushToken(nativeBackend, [key], context, blob);
  expect(Buffer.from(opened.push.token).toString()).toBe('fcm-token');
  expect(opened.push.confirmKey).toEqual(push.confirmKey);
});

/** length(2) ‖ CBOR ‖ zeros, 512 bytes. */
function padded(...cbor: readonly string[]): Uint8Array {
  const content = Buffer.from(cbor.join(''), 'hex');
  const plaintext = new Uint8Array(512);
  plaintext.set([0, content.length]);
  plaintext.set(content, 2);
  return plaintext;
}

function corePsk(psk: Psk | null): { psk?: { id: Uint8Array; key: Uint8Array } } {
  return psk === null ? {} : { psk: { id: psk.pskId, key: psk.psk } };
}

function bytes(data: ArrayBufferLike | ArrayBufferView): Uint8Array {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(data);
}

/** A buffer of exactly these bytes. */
function exact(view: Uint8Array): ArrayBuffer {
  return new Uint8Array(view).buffer;
}
