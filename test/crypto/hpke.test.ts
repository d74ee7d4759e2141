// HPKE, single shot (RFC 9180), of every suite on both backends: what does not open, and what is refused before anything
// is sealed.
import { describe, expect, test } from 'vitest';
import { createPortableBackend } from '../../protocol/crypto/backend-portable.ts';
import {
  openHpke,
  type Psk,
  prepareSender,
  type Sealed,
  scheduleContext,
  sealHpke,
} from '../../protocol/crypto/hpke.ts';
import { decapsulate, prepareRecipient, publicKeyOf } from '../../protocol/crypto/kem.ts';
import { generateKeyPair, isPublicKey } from '../../protocol/crypto/key-pair.ts';
import { concat, hex, utf8 } from '../../protocol/wire/bytes.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { SUITE_X25519_BASE, SUITE_X25519_PSK, SUITE_XWING_PSK } from '../../protocol/wire/suites.ts';
import { BACKENDS, FIXTURES, type Fixture, LOW_ORDER, NATIVE, PAIRS, PSK } from './backends.ts';
import { fixedBackend } from './fixed-backend.ts';

const INFO = utf8('info');
const TEXT = utf8('hello');
const MLKEM_CIPHERTEXT_BYTES = 1088;
const MLKEM_PUBLIC_KEY_BYTES = 1184;
const isXWing = ({ suite }: Fixture): boolean => suite.kemId === SUITE_XWING_PSK.kemId;

describe.each(FIXTURES)('$name', (fixture) => {
  const { suite, alice, psk } = fixture;

  test.each(PAIRS)('%s', (_name, sealer, opener) => {
    const sealed = sealHpke(sealer, prepareSender(sealer, suite, alice.publicKey, INFO, psk), TEXT);
    expect(sealed.enc.length).toBe(suite.encBytes);
    expect(sealed.ciphertext.length).toBe(TEXT.length + suite.tagBytes);
    expect(openHpke(opener, suite, alice.privateKey, INFO, psk, sealed)).toEqual(TEXT);
  });

  describe.each(BACKENDS)('$name', ({ backend }) => {
    const seal = (publicKey = alice.publicKey): Sealed =>
      sealHpke(backend, prepareSender(backend, suite, publicKey, INFO, psk), TEXT);
    const open = (
      sealed: Sealed,
      privateKey = alice.privateKey,
      info = INFO,
      other = psk,
    ): Uint8Array | null => openHpke(backend, suite, privateKey, info, other, sealed);

    test('every sealing has an encapsulation of its own', () => {
      expect(new Set(Array.from({ length: 20 }, () => hex(seal().enc))).size).toBe(20);
    });

    test('a key made ready once seals any number of times', () => {
      const sender = prepareSender(backend, suite, alice.publicKey, INFO, psk);
      const [first, second] = [sealHpke(backend, sender, TEXT), sealHpke(backend, sender, INFO)];
      expect(open(first)).toEqual(TEXT);
      expect(open(second)).toEqual(INFO);
    });

    test('another info or private key does not open', () => {
      const sealed = seal();
      expect(open(sealed, generateKeyPair(backend, suite).privateKey)).toBe(null);
      expect(open(sealed, alice.privateKey, utf8('Info'))).toBe(null);
      expect(open(sealed, alice.privateKey, utf8(''))).toBe(null);
    });

    test('an enc or a private key of another size opens nothing', () => {
      const sealed = seal();
      expect(open({ ...sealed, enc: sealed.enc.subarray(1) })).toBe(null);
      expect(open({ ...sealed, enc: concat(sealed.enc, Uint8Array.of(0)) })).toBe(null);
      expect(open(sealed, alice.privateKey.subarray(1))).toBe(null);
      expect(open(sealed, concat(alice.privateKey, Uint8Array.of(0)))).toBe(null);
    });

    test('a ciphertext shorter than its tag opens to nothing, not to an exception', () => {
      const { enc, ciphertext } = seal();
      for (let length = 0; length < ciphertext.length; length += 1) {
        expect(open({ enc, ciphertext: ciphertext.subarray(0, length) })).toBe(null);
      }
    });

    test('a public key of another size is refused', () => {
      for (const length of [0, suite.publicKeyBytes - 1, suite.publicKeyBytes + 1]) {
        const wrong = concat(alice.publicKey, Uint8Array.of(1)).subarray(0, length);
        expect(() => seal(wrong)).toThrow(new ProtocolError('key_malformed'));
        expect(isPublicKey(backend, suite, wrong)).toBe(false);
      }
    });

    test.each(LOW_ORDER.map((point) => [hex(point), point] as const))(
      'the X25519 point %s of small order is refused on both sides [R-HPK-02]',
      (_name, point) => {
        const publicKey = isXWing(fixture) ? withEnd(alice.publicKey, point) : point;
        expect(prepareRecipient(backend, suite.kemId, publicKey)?.encapsulate()).toBe(null);
        expect(isPublicKey(backend, suite, publicKey)).toBe(false);
        expect(() => seal(publicKey)).toThrow(new ProtocolError('key_malformed'));
        const sealed = seal();
        const enc = isXWing(fixture) ? withEnd(sealed.enc, point) : point;
        expect(decapsulate(backend, suite.kemId, alice.privateKey, enc)).toBe(null);
        expect(open({ ...sealed, enc })).toBe(null);
      },
    );

    test('the bit of enc that X25519 ignores is bound all the same', () => {
      const sealed = seal();
      const enc = sealed.enc.slice();
      enc[enc.length - 1] = (enc.at(-1) as number) ^ 0x80;
      expect(open({ ...sealed, enc })).toBe(null);
    });

    test('a key pair is what was drawn and its public key', () => {
      const drawn = new Uint8Array(32).fill(3);
      const { privateKey, publicKey } = generateKeyPair(fixedBackend(drawn), suite);
      expect(privateKey).toEqual(drawn);
      expect(publicKey).toEqual(publicKeyOf(backend, suite.kemId, drawn));
      expect(publicKey.length).toBe(suite.publicKeyBytes);
      expect(isPublicKey(backend, suite, publicKey)).toBe(true);
    });
  });
});

describe.each(FIXTURES.filter(isXWing))('$name', ({ suite, alice, psk }) => {
  describe.each(BACKENDS)('$name', ({ backend }) => {
    const seal = (publicKey = alice.publicKey): Sealed =>
      sealHpke(backend, prepareSender(backend, suite, publicKey, INFO, psk), TEXT);

    test('an ML-KEM key with a coefficient that is not reduced is refused [R-HPK-01]', () => {
      // The first coefficient, 12 bits, little-endian: 3328 is the largest there is, 3329 the smallest that is none.
      for (const [coefficient, accepted] of [
        [3328, true],
        [3329, false],
        [4095, false],
      ] as const) {
        const publicKey = alice.publicKey.slice();
        publicKey[0] = coefficient & 0xff;
        publicKey[1] = ((publicKey[1] as number) & 0xf0) | (coefficient >>> 8);
        expect(prepareRecipient(backend, suite.kemId, publicKey) !== null).toBe(accepted);
        expect(isPublicKey(backend, suite, publicKey)).toBe(accepted);
        if (!accepted) expect(() => seal(publicKey)).toThrow(new ProtocolError('key_malformed'));
      }
    });

    test('a changed ML-KEM ciphertext gives another secret, no error, and the AEAD refuses it', () => {
      const recipient = prepareRecipient(backend, suite.kemId, alice.publicKey);
      const encapsulation = recipient?.encapsulate();
      if (encapsulation == null) throw new Error('the key is a good one');
      const sealed = seal();
      for (const at of [0, 500, MLKEM_CIPHERTEXT_BYTES - 1]) {
        const [secret, again] = [0, 1].map(() =>
          decapsulate(backend, suite.kemId, alice.privateKey, flip(encapsulation.enc, at)),
        );
        expect(secret?.length).toBe(32);
        expect(secret).toEqual(again);
        expect(secret).not.toEqual(encapsulation.sharedSecret);
        const changed = { ...sealed, enc: flip(sealed.enc, at) };
        expect(openHpke(backend, suite, alice.privateKey, INFO, psk, changed)).toBe(null);
      }
    });

    test('both halves count: neither the ML-KEM nor the X25519 half of another key opens', () => {
      const bob = generateKeyPair(backend, suite);
      const half = (key: Uint8Array, from: number, to: number): Uint8Array => key.subarray(from, to);
      const mixed = [
        concat(
          half(alice.publicKey, 0, MLKEM_PUBLIC_KEY_BYTES),
          half(bob.publicKey, MLKEM_PUBLIC_KEY_BYTES, 1216),
        ),
        concat(
          half(bob.publicKey, 0, MLKEM_PUBLIC_KEY_BYTES),
          half(alice.publicKey, MLKEM_PUBLIC_KEY_BYTES, 1216),
        ),
      ];
      for (const publicKey of mixed) {
        const sealed = seal(publicKey);
        expect(openHpke(backend, suite, alice.privateKey, INFO, psk, sealed)).toBe(null);
        expect(openHpke(backend, suite, bob.privateKey, INFO, psk, sealed)).toBe(null);
      }
    });
  });
});

test('what implicit rejection gives for a changed ciphertext is the same on both backends', () => {
  const { privateKey } = generateKeyPair(NATIVE.backend, SUITE_XWING_PSK);
  const enc = new Uint8Array(SUITE_XWING_PSK.encBytes).fill(9);
  const secrets = BACKENDS.map(({ backend }) => decapsulate(backend, SUITE_XWING_PSK.kemId, privateKey, enc));
  expect(secrets[0]?.length).toBe(32);
  expect(secrets[0]).toEqual(secrets[1]);
});

describe.each(FIXTURES.filter(({ psk }) => psk !== null))('$name', ({ suite, alice }) => {
  describe.each(BACKENDS)('$name', ({ backend }) => {
    const sealed = sealHpke(backend, prepareSender(backend, suite, alice.publicKey, INFO, PSK), TEXT);
    const open = (psk: Psk) => openHpke(backend, suite, alice.privateKey, INFO, psk, sealed);

    test('another psk or psk_id does not open', () => {
      expect(open(PSK)).toEqual(TEXT);
      expect(open({ ...PSK, psk: new Uint8Array(32) })).toBe(null);
      expect(open({ ...PSK, pskId: utf8('kid+epocg') })).toBe(null);
    });

    test('a mode is a mode: what was sealed without a PSK does not open with one', () => {
      const baseSuite = { ...suite, mode: 'base' as const };
      const base = sealHpke(backend, prepareSender(backend, baseSuite, alice.publicKey, INFO, null), TEXT);
      expect(openHpke(backend, baseSuite, alice.privateKey, INFO, null, base)).toEqual(TEXT);
      expect(openHpke(backend, suite, alice.privateKey, INFO, PSK, base)).toBe(null);
    });

    test('PSK mode without a PSK, and base mode with one, are errors of the caller [R-HPK-03]', () => {
      const disagreement = new RangeError('the mode and the PSK do not agree');
      expect(() => scheduleContext(backend, suite, INFO, null)).toThrow(disagreement);
      expect(() => scheduleContext(backend, SUITE_X25519_BASE, INFO, PSK)).toThrow(disagreement);
    });
  });
});

test('the schedule is bound to KEM, KDF and AEAD: the same secret gives other keys in another suite', () => {
  const context = (change: object) =>
    hex(scheduleContext(NATIVE.backend, { ...SUITE_X25519_PSK, ...change }, INFO, PSK));
  const contexts = [{}, { kemId: 0x647a }, { kdfId: 2 }, { aeadId: 2 }].map(context);
  expect(new Set(contexts).size).toBe(4);
});

test('the ephemeral key of the portable backend is wiped once it has been used', () => {
  for (const peer of [NATIVE.backend.x25519PublicKey(new Uint8Array(32)), new Uint8Array(32)]) {
    const drawn = new Uint8Array(32).fill(9);
    createPortableBackend(() => drawn)
      .x25519Peer(peer)
      .agree();
    expect(drawn).toEqual(new Uint8Array(32));
  }
});

test.each(BACKENDS)('$name: no other KEM exists', ({ backend }) => {
  const { publicKey, privateKey } = generateKeyPair(backend, SUITE_X25519_PSK);
  const noSuchKem = new RangeError('no such KEM');
  expect(() => prepareRecipient(backend, 0x0021, publicKey)).toThrow(noSuchKem);
  expect(() => decapsulate(backend, 0x0021, privateKey, publicKey)).toThrow(noSuchKem);
  expect(() => publicKeyOf(backend, 0x0021, privateKey)).toThrow(noSuchKem);
});

function flip(bytes: Uint8Array, at: number): Uint8Array {
  const flipped = bytes.slice();
  flipped[at] = (flipped[at] as number) ^ 1;
  return flipped;
}

/** The bytes with their end replaced. */
function withEnd(bytes: Uint8Array, end: Uint8Array): Uint8Array {
  return concat(bytes.subarray(0, bytes.length - end.length), end);
}
