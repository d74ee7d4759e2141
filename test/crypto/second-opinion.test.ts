// Two independent HPKE libraries open what we seal, and we open what they seal: every suite, each on both backends.
// `info` and `psk_id` are written out here byte for byte, so that the bindings have a second opinion too.
import { createCipheriv, createDecipheriv } from 'node:crypto';
import {
  type AeadInterface,
  Aes256Gcm,
  CipherSuite as CoreSuite,
  DhkemX25519HkdfSha256,
  HkdfSha256,
} from '@hpke/core';
import { XWing } from '@hpke/hybridkem-x-wing';
import {
  AEAD_AES_256_GCM,
  AEAD_ChaCha20Poly1305,
  CipherSuite,
  KDF_HKDF_SHA256,
  KEM_DHKEM_X25519_HKDF_SHA256,
  KEM_MLKEM768_X25519,
} from 'hpke';
import { describe, expect, test } from 'vitest';
import { openEnvelope } from '../../protocol/content/open/open.ts';
import type { Payload } from '../../protocol/content/payload.ts';
import { prepareSealingKey, sealNotification } from '../../protocol/content/seal/seal.ts';
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { generateKeyPair, type KeyPair } from '../../protocol/crypto/key-pair.ts';
import { derivePsk } from '../../protocol/crypto/ratchet.ts';
import { openPushToken } from '../../protocol/registration/open/open-push-token.ts';
import { sealPushToken } from '../../protocol/registration/seal/seal-push-token.ts';
import { concat } from '../../protocol/wire/bytes.ts';
import {
  SUITE_X25519_BASE,
  SUITE_X25519_PSK,
  SUITE_XWING_BASE,
  SUITE_XWING_PSK,
  type Suite,
} from '../../protocol/wire/suites.ts';
import { BACKENDS } from './backends.ts';

interface Psk {
  readonly psk: Uint8Array;
  readonly pskId: Uint8Array;
}
interface Sealed {
  readonly enc: Uint8Array;
  readonly ciphertext: Uint8Array;
}
/** What both libraries can do, each in its own words, with one KEM and its AEAD. */
interface Library {
  readonly name: string;
  seal(publicKey: Uint8Array, info: Uint8Array, psk: Psk | null, plaintext: Uint8Array): Promise<Sealed>;
  open(keys: KeyPair, info: Uint8Array, psk: Psk | null, sealed: Sealed): Promise<Uint8Array>;
}

function panva(suite: CipherSuite): Library {
  return {
    name: 'hpke',
    async seal(publicKey, info, psk, plaintext) {
      const key = await suite.DeserializePublicKey(publicKey);
      const sealed = await suite.Seal(key, plaintext, { info, ...psk });
      return { enc: sealed.encapsulatedSecret, ciphertext: sealed.ciphertext };
    },
    async open(keys, info, psk, sealed) {
      const privateKey = await suite.DeserializePrivateKey(keys.privateKey, true);
      const publicKey = await suite.DeserializePublicKey(keys.publicKey);
      return suite.Open({ privateKey, publicKey }, sealed.enc, sealed.ciphertext, { info, ...psk });
    },
  };
}

function dajiaji(suite: CoreSuite): Library {
  return {
    name: '@hpke/core',
    async seal(publicKey, info, psk, plaintext) {
      const recipientPublicKey = await suite.kem.deserializePublicKey(exact(publicKey));
      const sealed = await suite.seal({ recipientPublicKey, info, ...corePsk(psk) }, plaintext);
      return { enc: new Uint8Array(sealed.enc), ciphertext: new Uint8Array(sealed.ct) };
    },
    async open(keys, info, psk, sealed) {
      const recipientKey = await suite.kem.deserializePrivateKey(exact(keys.privateKey));
      const context = { recipientKey, info, enc: sealed.enc, ...corePsk(psk) };
      return new Uint8Array(await suite.open(context, sealed.ciphertext));
    },
  };
}

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

const X25519_LIBRARIES = [
  panva(new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_ChaCha20Poly1305)),
  dajiaji(new CoreSuite({ kem: new DhkemX25519HkdfSha256(), kdf: new HkdfSha256(), aead: chacha })),
];
const XWING_LIBRARIES = [
  panva(new CipherSuite(KEM_MLKEM768_X25519, KDF_HKDF_SHA256, AEAD_AES_256_GCM)),
  dajiaji(new CoreSuite({ kem: new XWing(), kdf: new HkdfSha256(), aead: new Aes256Gcm() })),
];

const ORIGIN = 'https://chat.example.org';
const APP_ID = 'org.example.chat';
const KID = Uint8Array.of(0xa1, 0xa2, 0xa3, 0xa4);
const REGISTRATION_ID = new Uint8Array(16).fill(0x1d);
const CHAIN = new Uint8Array(32).fill(0xc4);
const EPOCH = 0x0102;
const payload: Payload = {
  sentAt: 1_790_000_000_000,
  counter: 7,
  ttlSeconds: 3600,
  kind: 'badge',
  unread: 3,
};
const recipient = {
  kid: KID,
  origin: ORIGIN,
  appId: APP_ID,
  registrationId: REGISTRATION_ID,
  epoch: EPOCH,
  chain: CHAIN,
};
const PSK: Psk = { psk: derivePsk(nativeBackend, CHAIN), pskId: concat(KID, Uint8Array.of(0x01, 0x02)) };
const infoOf = (suite: Suite): Uint8Array =>
  concat(
    Buffer.from('sealed-push/1 notification'),
    Uint8Array.of(suite.id, 24),
    Buffer.from(ORIGIN),
    Uint8Array.of(16),
    Buffer.from(APP_ID),
    REGISTRATION_ID,
  );
/** {1 sent_at, 2 counter, 3 ttl, 4 kind 3, 5 {}, 6 unread} */
const PADDED = padded('a6', '011b000001a0c4506c00', '0207', '03190e10', '0403', '05a0', '0603');

const BKID = Uint8Array.of(0xb1, 0xb2, 0xb3, 0xb4);
const context = { origin: ORIGIN, appId: APP_ID, platform: 'fcm', environment: '' } as const;
const tokenInfoOf = (suite: Suite): Uint8Array =>
  concat(
    Buffer.from('sealed-push/1 token'),
    Uint8Array.of(suite.id),
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

describe.each([
  ['0x01', SUITE_X25519_PSK, X25519_LIBRARIES],
  ['0x02', SUITE_XWING_PSK, XWING_LIBRARIES],
] as const)('suite %s', (_id, suite, libraries) => {
  const keys = generateKeyPair(nativeBackend, suite);
  const info = infoOf(suite);
  const sealOurs = (backend: CryptoBackend): Sealed => {
    const key = prepareSealingKey(backend, { ...recipient, suite, publicKey: keys.publicKey });
    const envelope = sealNotification(backend, key, payload, 512);
    const encEnd = 7 + suite.encBytes;
    return { enc: envelope.subarray(7, encEnd), ciphertext: envelope.subarray(encEnd) };
  };

  describe.each(libraries)('$name', (library) => {
    test.each(BACKENDS)('opens our envelope, $name', async ({ backend }) => {
      expect(await library.open(keys, info, PSK, sealOurs(backend))).toEqual(PADDED);
    });

    test('seals an envelope that we open', async () => {
      const { enc, ciphertext } = await library.seal(keys.publicKey, info, PSK, PADDED);
      const envelope = concat(Uint8Array.of(suite.id), KID, Uint8Array.of(0x01, 0x02), enc, ciphertext);
      const key = { ...recipient, suite, privateKey: keys.privateKey, keepDays: 3 };
      for (const { backend } of BACKENDS) {
        expect(openEnvelope(backend, envelope, () => key)?.payload).toEqual(payload);
      }
    });

    test('does not open our envelope with another PSK', async () => {
      const sealed = sealOurs(nativeBackend);
      await expect(library.open(keys, info, { ...PSK, psk: CHAIN }, sealed)).rejects.toThrow();
    });
  });
});

describe.each([
  ['0x11', SUITE_X25519_BASE, X25519_LIBRARIES],
  ['0x12', SUITE_XWING_BASE, XWING_LIBRARIES],
] as const)('suite %s', (_id, suite, libraries) => {
  const keys = generateKeyPair(nativeBackend, suite);

  describe.each(libraries)('$name', (library) => {
    test.each(BACKENDS)('opens our push token, $name', async ({ backend }) => {
      const key = { bkid: BKID, suite: suite.id, key: keys.publicKey, notBefore: 0, notAfter: 1 };
      const { blob } = sealPushToken(backend, key, context, push);
      const encEnd = 5 + suite.encBytes;
      const sealed = { enc: blob.subarray(5, encEnd), ciphertext: blob.subarray(encEnd) };
      expect(await library.open(keys, tokenInfoOf(suite), null, sealed)).toEqual(TOKEN_PADDED);
    });

    test('seals a push token that we open', async () => {
      const { enc, ciphertext } = await library.seal(keys.publicKey, tokenInfoOf(suite), null, TOKEN_PADDED);
      const blob = concat(Uint8Array.of(suite.id), BKID, enc, ciphertext);
      const key = { bkid: BKID, suite, privateKey: keys.privateKey };
      for (const { backend } of BACKENDS) {
        const opened = openPushToken(backend, [key], context, blob);
        expect(Buffer.from(opened.push.token).toString()).toBe('fcm-token');
        expect(opened.push.confirmKey).toEqual(push.confirmKey);
      }
    });
  });
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
