// Suites 0x02 and 0x12 as SPEC.md states them: its JavaScript opens the example B.12, agrees with the library in both
// directions, and its X-Wing gives the published vectors.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEnvelope } from '../../protocol/content/open/open.ts';
import { encodePayload } from '../../protocol/content/payload.ts';
import { prepareSealingKey, sealNotification } from '../../protocol/content/seal/seal.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { portableBackend } from '../../protocol/crypto/backend-portable.ts';
import { openPushToken } from '../../protocol/registration/open/open-push-token.ts';
import { hex } from '../../protocol/wire/bytes.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { SUITE_XWING_BASE, SUITE_XWING_PSK } from '../../protocol/wire/suites.ts';
import { loadSpecModule, refusedStep } from './spec-module.ts';
import { OPENING_KEY, PAYLOADS, PUSH_TOKEN, TOKEN_CONTEXT } from './worked-example.ts';
import {
  BOUNCER_SEED,
  XWING_BOUNCER_KEY,
  XWING_OPENING_KEY,
  XWING_SEALING_KEY,
  xwingExample,
} from './xwing-example.ts';

const module = loadSpecModule();
const example = xwingExample();
const specOpeningKey = { ...XWING_OPENING_KEY, suite: SUITE_XWING_PSK.id };
const specSealingKey = { ...XWING_SEALING_KEY, suite: SUITE_XWING_PSK.id };
const cbor = encodePayload(PAYLOADS.message);
const bouncerKeys = [{ bkid: XWING_BOUNCER_KEY.bkid, suite: SUITE_XWING_BASE, privateKey: BOUNCER_SEED }];

test("SPEC.md's open and the library open the example of suite 0x02", () => {
  const opened = module.open(example.envelope, () => specOpeningKey);
  expect(opened?.failedStep).toBeNull();
  expect(opened?.payload?.body.get(4)).toBe('Soup or salad? 🥗');
  for (const backend of [nativeBackend, portableBackend]) {
    expect(openEnvelope(backend, example.envelope, () => XWING_OPENING_KEY)?.payload).toEqual(
      PAYLOADS.message,
    );
  }
  expect(example.envelope.length).toBe(512 + 1143);
});

test('the secret, key and nonce that the example spells out decrypt its ciphertext', () => {
  const { key, nonce } = example.steps;
  const ciphertext = example.envelope.slice(7 + SUITE_XWING_PSK.encBytes);
  const padded = nativeBackend.aeadOpen(SUITE_XWING_PSK.aeadId, key, nonce, ciphertext, new Uint8Array(0));
  expect(padded?.slice(2, 2 + cbor.length)).toEqual(cbor);
});

test('what SPEC.md seals in suite 0x02 the library opens, and the other way round', () => {
  const theirs = module.seal(specSealingKey, cbor);
  expect(theirs.length).toBe(2999);
  expect(openEnvelope(nativeBackend, theirs, () => XWING_OPENING_KEY)?.payload).toEqual(PAYLOADS.message);
  const ours = sealNotification(
    nativeBackend,
    prepareSealingKey(nativeBackend, XWING_SEALING_KEY),
    PAYLOADS.message,
  );
  expect(module.open(ours, () => specOpeningKey)?.failedStep).toBeNull();
});

test('a push token in suite 0x12: the example opens, and what SPEC.md seals', () => {
  const theirs = module.sealPushToken(XWING_BOUNCER_KEY, TOKEN_CONTEXT, { ...PUSH_TOKEN });
  expect(theirs.length).toBe(1653);
  for (const blob of [example.blob, theirs]) {
    expect(openPushToken(nativeBackend, bouncerKeys, TOKEN_CONTEXT, blob).push).toEqual(PUSH_TOKEN);
  }
});

test('a flipped bit in every part of the envelope is refused at the same step as in the library', () => {
  const positions = [0, 1, 5, 6, 7, 7 + 1087, 7 + 1088, 7 + 1119, 7 + 1120, example.envelope.length - 1];
  for (const position of positions) {
    const bent = example.envelope.slice();
    bent[position] = (bent[position] as number) ^ 1;
    const said = refusedStep(() => module.open(bent, (kid) => (sameKid(kid) ? specOpeningKey : null)));
    expect(said ?? 'kid', `byte ${position}`).toBe(librarySays(bent));
  }
});

test('bucket 2944, and a key of the other suite, are refused in 0x02', () => {
  expect(refusedStep(() => module.seal(specSealingKey, cbor, 2944))).toBe('length');
  const other = { ...OPENING_KEY, suite: OPENING_KEY.suite.id };
  expect(refusedStep(() => module.open(example.envelope, () => other))).toBe('suite');
});

test('a public key that fails the modulus check is not sealed to [R-HPK-01]', () => {
  const publicKey = XWING_SEALING_KEY.publicKey.slice();
  publicKey.set([0x01, 0x0d, 0x00]); // the first coefficient is 3329
  expect(refusedStep(() => module.seal({ ...specSealingKey, publicKey }, cbor))).toBe('key');
  for (const backend of [nativeBackend, portableBackend]) {
    expect(() => prepareSealingKey(backend, { ...XWING_SEALING_KEY, publicKey })).toThrow(ProtocolError);
  }
  publicKey.set([0x00, 0x0d, 0x00]); // 3328, the largest
  expect(refusedStep(() => module.seal({ ...specSealingKey, publicKey }, cbor))).toBeNull();
});

test('an all-zero X25519 half is a failure on both sides, though ML-KEM’s is sound [R-HPK-02]', () => {
  const publicKey = XWING_SEALING_KEY.publicKey.slice();
  publicKey.fill(0, 1184);
  expect(refusedStep(() => module.seal({ ...specSealingKey, publicKey }, cbor))).not.toBeNull();
  for (const backend of [nativeBackend, portableBackend]) {
    const seal = (): unknown =>
      sealNotification(
        backend,
        prepareSealingKey(backend, { ...XWING_SEALING_KEY, publicKey }),
        PAYLOADS.message,
      );
    expect(seal).toThrow(ProtocolError);
  }
  const bent = example.envelope.slice();
  bent.fill(0, 7 + 1088, 7 + 1120);
  expect(refusedStep(() => module.open(bent, () => specOpeningKey))).toBe('aead');
  expect(librarySays(bent)).toBe('aead');
});

const VECTORS_DIR = process.env['VECTORS_DIR'];

test.skipIf(VECTORS_DIR === undefined)("SPEC.md's X-Wing gives the published vectors", () => {
  const file = join(VECTORS_DIR as string, 'xwing-kem.json');
  expect(existsSync(file)).toBe(true);
  const vectors = JSON.parse(readFileSync(file, 'utf8')) as Record<'sk' | 'pk' | 'ct' | 'ss', string>[];
  expect(vectors.length).toBeGreaterThan(0);
  for (const { sk, pk, ct, ss } of vectors) {
    const seed = Buffer.from(sk, 'hex');
    expect(hex(module.XWING.publicKey(seed))).toBe(pk);
    expect(hex(module.XWING.decapsulate(seed, Buffer.from(ct, 'hex')))).toBe(ss);
  }
});

function sameKid(kid: Uint8Array): boolean {
  return hex(kid) === hex(XWING_OPENING_KEY.kid);
}

function librarySays(bytes: Uint8Array): string {
  try {
    const opened = openEnvelope(nativeBackend, bytes, (kid) => (sameKid(kid) ? XWING_OPENING_KEY : null));
    return opened === null ? 'kid' : (opened.failure ?? 'opened');
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'open_failed') return error.step ?? 'no step';
    throw error;
  }
}
