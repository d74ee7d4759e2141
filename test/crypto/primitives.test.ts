// The primitives, on both backends: known answers, limits, and that one never says anything else than the other.
import { createHash, createHmac, hkdfSync } from 'node:crypto';
import { gcm } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { ed25519, x25519 } from '@noble/curves/ed25519.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  AEAD_AES_256_GCM,
  AEAD_CHACHA20_POLY1305,
  type CryptoBackend,
} from '../../protocol/crypto/backend.ts';
import { expand, extract } from '../../protocol/crypto/hkdf.ts';
import { sealBox } from '../../protocol/crypto/zulip/sealed-box.ts';
import { concat, hex, utf8 } from '../../protocol/wire/bytes.ts';
import { BACKENDS, LOW_ORDER, NATIVE, PORTABLE } from './backends.ts';
import { fixedBackend } from './fixed-backend.ts';

const TEXT = utf8('hello');
const INFO = utf8('info');
const anyBytes = fc.uint8Array({ maxLength: 300 });
const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const bytes12 = fc.uint8Array({ minLength: 12, maxLength: 12 });
const anyAead = fc.constantFrom(AEAD_AES_256_GCM, AEAD_CHACHA20_POLY1305);
const flat = (bytes: Uint8Array | null | undefined): string | null => (bytes == null ? null : hex(bytes));

describe.each(BACKENDS)('$name', ({ backend }) => {
  test('the AEADs are told apart by their ids, and no third one exists', () => {
    const key = new Uint8Array(32);
    const nonce = new Uint8Array(12);
    for (const id of [AEAD_AES_256_GCM, AEAD_CHACHA20_POLY1305]) {
      const sealed = backend.aeadSeal(id, key, nonce, TEXT, INFO);
      expect(backend.aeadOpen(id, key, nonce, sealed, INFO)).toEqual(TEXT);
      expect(backend.aeadOpen(id, key, nonce, sealed, TEXT)).toBe(null);
      expect(backend.aeadOpen(id, key, nonce, sealed, new Uint8Array(0))).toBe(null);
      expect(backend.aeadOpen(5 - id, key, nonce, sealed, INFO)).toBe(null);
      expect(backend.aeadOpen(id, key, nonce, sealed.subarray(0, 15), INFO)).toBe(null);
    }
    for (const id of [0x0000, 0x0001, 0x0004, 0xffff]) {
      expect(() => backend.aeadSeal(id, key, nonce, TEXT, INFO)).toThrow(new RangeError('no such AEAD'));
      expect(() => backend.aeadOpen(id, key, nonce, new Uint8Array(16), INFO)).toThrow(
        new RangeError('no such AEAD'),
      );
    }
  });

  test('an AEAD opens the empty text too', () => {
    for (const id of [AEAD_AES_256_GCM, AEAD_CHACHA20_POLY1305]) {
      const empty = new Uint8Array(0);
      const sealed = backend.aeadSeal(id, new Uint8Array(32), new Uint8Array(12), empty, empty);
      expect(sealed.length).toBe(16);
      expect(backend.aeadOpen(id, new Uint8Array(32), new Uint8Array(12), sealed, empty)).toEqual(empty);
    }
  });

  test('AES-256-GCM, test cases 13 and 14 of the GCM specification', () => {
    const [key, nonce, empty] = [new Uint8Array(32), new Uint8Array(12), new Uint8Array(0)];
    const seal = (text: Uint8Array) => hex(backend.aeadSeal(AEAD_AES_256_GCM, key, nonce, text, empty));
    expect(seal(empty)).toBe('530f8afbc74536b9a963b4f1c4cb738b');
    expect(seal(new Uint8Array(16))).toBe('cea7403d4d606b6e074ec5d3baf39d18d0d1c8a799996bf0265b98b5d48ab919');
  });

  test('randomness differs from call to call and has the length asked for', () => {
    const drawn = Array.from({ length: 20 }, () => backend.randomBytes(16));
    expect(drawn.every((bytes) => bytes.length === 16)).toBe(true);
    expect(new Set(drawn.map(hex)).size).toBe(20);
  });

  test('HKDF gives any length to 8,160 bytes and not one more', () => {
    const prk = extract(backend, utf8('salt'), utf8('key'));
    const longest = expand(backend, prk, INFO, 8160);
    expect(longest).toEqual(new Uint8Array(hkdfSync('sha256', 'key', 'salt', INFO, 8160)));
    for (const length of [0, 1, 31, 32, 33, 63, 64, 65, 96, 100]) {
      expect(expand(backend, prk, INFO, length)).toEqual(longest.slice(0, length));
    }
    expect(() => expand(backend, prk, INFO, 8161)).toThrow(new RangeError('more than 8,160 bytes'));
  });

  test('HMAC with a key as long as a block, one byte longer and one shorter', () => {
    for (const length of [0, 1, 63, 64, 65, 128]) {
      const key = Uint8Array.from({ length }, (_, i) => i + 1);
      const expected = createHmac('sha256', key).update(TEXT).update(INFO).digest('hex');
      expect(hex(backend.hmacSha256(key, TEXT, INFO))).toBe(expected);
      expect(hex(backend.hmacSha256(key, concat(TEXT, INFO)))).toBe(expected);
    }
  });

  test('hashes take their parts as if joined', () => {
    for (const parts of [[], [TEXT], [TEXT, INFO], [TEXT, new Uint8Array(0), INFO]]) {
      const joined = concat(...parts);
      expect(hex(backend.sha256(...parts))).toBe(createHash('sha256').update(joined).digest('hex'));
      expect(hex(backend.sha3(...parts))).toBe(createHash('sha3-256').update(joined).digest('hex'));
    }
  });

  test('SHA3-256 and SHAKE256 of nothing, as FIPS 202 has them', () => {
    const empty = new Uint8Array(0);
    expect(hex(backend.sha3())).toBe('a7ffc6f8bf1ed76651c14756a061d662f580ff4de43b49fa82d80a4b80f8434a');
    expect(hex(backend.shake256(empty, 32))).toBe(
      '46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f',
    );
    const long = backend.shake256(TEXT, 300);
    for (const length of [1, 32, 96, 136, 137]) {
      expect(backend.shake256(TEXT, length)).toEqual(long.slice(0, length));
    }
  });

  test.each(LOW_ORDER.map((point) => [hex(point), point] as const))(
    'X25519 with %s gives no secret',
    (_name, point) => {
      expect(backend.x25519SharedSecret(new Uint8Array(32).fill(5), point)).toBe(null);
      expect(backend.x25519Peer(point).agree()).toBe(null);
    },
  );

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
      expect(hex(backend.ed25519PublicKey(seed))).toBe(hex(publicKey));
      expect(hex(backend.ed25519Sign(seed, message))).toBe(hex(signature));
      expect(backend.ed25519Verify(publicKey, message, signature)).toBe(true);
      expect(backend.ed25519Verify(publicKey, utf8('other'), signature)).toBe(false);
      const flipped = signature.slice();
      flipped[0] = (flipped[0] as number) ^ 1;
      expect(backend.ed25519Verify(publicKey, message, flipped)).toBe(false);
      for (const length of [0, 63]) {
        expect(backend.ed25519Verify(publicKey, message, signature.subarray(0, length))).toBe(false);
      }
      expect(backend.ed25519Verify(publicKey, message, concat(signature, Uint8Array.of(0)))).toBe(false);
    }
  });
});

/** What both must say alike, whatever the input. */
const AGREEMENTS: readonly (readonly [string, fc.Arbitrary<(backend: CryptoBackend) => string | null>])[] = [
  ['SHA-256', anyBytes.map((bytes) => (backend) => flat(backend.sha256(bytes)))],
  ['SHA3-256', anyBytes.map((bytes) => (backend) => flat(backend.sha3(bytes)))],
  [
    'SHAKE256',
    fc.tuple(anyBytes, fc.integer({ min: 1, max: 400 })).map(
      ([bytes, length]) =>
        (backend) =>
          flat(backend.shake256(bytes, length)),
    ),
  ],
  [
    'HMAC',
    fc.tuple(anyBytes, anyBytes).map(
      ([key, bytes]) =>
        (backend) =>
          flat(backend.hmacSha256(key, bytes)),
    ),
  ],
  ['X25519, public key', bytes32.map((key) => (backend) => flat(backend.x25519PublicKey(key)))],
  [
    'X25519, shared secret',
    fc.tuple(bytes32, bytes32).map(
      ([key, peer]) =>
        (backend) =>
          flat(backend.x25519SharedSecret(key, peer)),
    ),
  ],
  ['Ed25519, public key', bytes32.map((seed) => (backend) => flat(backend.ed25519PublicKey(seed)))],
  [
    'Ed25519, signature',
    fc.tuple(bytes32, anyBytes).map(
      ([seed, text]) =>
        (backend) =>
          flat(backend.ed25519Sign(seed, text)),
    ),
  ],
  [
    'AEAD, sealing',
    fc.tuple(anyAead, bytes32, bytes12, anyBytes, anyBytes).map(
      ([id, key, nonce, text, aad]) =>
        (backend) =>
          flat(backend.aeadSeal(id, key, nonce, text, aad)),
    ),
  ],
  [
    'AEAD, opening anything',
    fc.tuple(anyAead, bytes32, bytes12, anyBytes, anyBytes).map(
      ([id, key, nonce, text, aad]) =>
        (backend) =>
          flat(backend.aeadOpen(id, key, nonce, text, aad)),
    ),
  ],
];

test.each(AGREEMENTS)('%s: native and portable agree', (_name, anyCall) => {
  fc.assert(
    fc.property(anyCall, (call) => {
      expect(call(PORTABLE.backend)).toBe(call(NATIVE.backend));
    }),
    { numRuns: 200 },
  );
});

test('ML-KEM-768: native and portable agree on keys, on ciphertexts and on what a wrong one gives', () => {
  const seed = fc.uint8Array({ minLength: 64, maxLength: 64 });
  fc.assert(
    fc.property(seed, bytes32, fc.nat({ max: 1087 }), (seed, randomness, at) => {
      const publicKey = NATIVE.backend.mlKem768PublicKey(seed);
      expect(publicKey).toEqual(PORTABLE.backend.mlKem768PublicKey(seed));
      expect(publicKey.length).toBe(1184);
      const ours = fixedBackend(randomness).mlKem768Peer(publicKey)?.encapsulate();
      const theirs = NATIVE.backend.mlKem768Peer(publicKey)?.encapsulate();
      for (const sent of [ours, theirs]) {
        if (sent === undefined) throw new Error('a key of ours is a good one');
        expect(sent.ciphertext.length).toBe(1088);
        const changed = sent.ciphertext.slice();
        changed[at] = (changed[at] as number) ^ 1;
        for (const { backend } of BACKENDS) {
          expect(backend.mlKem768Decapsulate(seed, sent.ciphertext)).toEqual(sent.sharedSecret);
          expect(backend.mlKem768Decapsulate(seed, changed)).not.toEqual(sent.sharedSecret);
        }
        expect(NATIVE.backend.mlKem768Decapsulate(seed, changed)).toEqual(
          PORTABLE.backend.mlKem768Decapsulate(seed, changed),
        );
      }
    }),
    { numRuns: 15 },
  );
});

test('ML-KEM-768: native and portable agree on which bytes are a public key', () => {
  const good = NATIVE.backend.mlKem768PublicKey(new Uint8Array(64).fill(1));
  const anyChange = fc.tuple(fc.nat({ max: 1151 }), fc.integer({ min: 0, max: 255 }));
  const judged = { good: 0, bad: 0 };
  fc.assert(
    fc.property(anyChange, ([at, value]) => {
      const bytes = good.slice();
      bytes[at] = value;
      const accepted = NATIVE.backend.mlKem768Peer(bytes) !== null;
      expect(PORTABLE.backend.mlKem768Peer(bytes) !== null).toBe(accepted);
      judged[accepted ? 'good' : 'bad'] += 1;
    }),
    { numRuns: 200 },
  );
  expect(judged.good).toBeGreaterThan(0);
  expect(judged.bad).toBeGreaterThan(0);
});

test('libsodium against noble: X25519, Ed25519, ChaCha20-Poly1305; OpenSSL against noble: AES-256-GCM', () => {
  fc.assert(
    fc.property(bytes32, bytes32, bytes12, anyBytes, anyBytes, (key, seed, nonce, text, aad) => {
      const { backend } = PORTABLE;
      const peer = x25519.getPublicKey(seed);
      expect(hex(backend.x25519PublicKey(key))).toBe(hex(x25519.getPublicKey(key)));
      expect(flat(backend.x25519SharedSecret(key, peer))).toBe(hex(x25519.getSharedSecret(key, peer)));
      const signature = ed25519.sign(text, seed);
      expect(hex(backend.ed25519Sign(seed, text))).toBe(hex(signature));
      expect(backend.ed25519Verify(ed25519.getPublicKey(seed), text, signature)).toBe(true);
      expect(ed25519.verify(backend.ed25519Sign(seed, text), text, backend.ed25519PublicKey(seed))).toBe(
        true,
      );
      expect(hex(backend.aeadSeal(AEAD_CHACHA20_POLY1305, key, nonce, text, aad))).toBe(
        hex(chacha20poly1305(key, nonce, aad).encrypt(text)),
      );
      expect(hex(NATIVE.backend.aeadSeal(AEAD_AES_256_GCM, key, nonce, text, aad))).toBe(
        hex(gcm(key, nonce, aad).encrypt(text)),
      );
    }),
    { numRuns: 50 },
  );
});

test('the ephemeral key of a sealed box is wiped once it has been used, whether or not it could be', () => {
  for (const publicKey of [NATIVE.backend.x25519PublicKey(new Uint8Array(32)), new Uint8Array(32)]) {
    const drawn = new Uint8Array(32).fill(9);
    const sealed = sealBox({ ...NATIVE.backend, randomBytes: () => drawn }, publicKey, TEXT);
    expect(sealed === null).toBe(publicKey.every((byte) => byte === 0));
    expect(drawn).toEqual(new Uint8Array(32));
  }
});
