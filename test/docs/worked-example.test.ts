// SPEC.md's worked example is what the library gives, and SPEC.md's JavaScript, run as written, gives the same.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildApnsBody } from '../../bouncer/providers/apns/body.ts';
import { openEnvelope } from '../../protocol/content/open/open.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { openPushToken } from '../../protocol/registration/open/open-push-token.ts';
import { concat, hex, textOf } from '../../protocol/wire/bytes.ts';
import {
  APNS_PAYLOAD_BYTES_MAX,
  ENVELOPE_BYTES_MAX,
  FCM_DATA_BYTES_MAX,
} from '../../protocol/wire/limits.ts';
import { SUITE_X25519_BASE } from '../../protocol/wire/suites.ts';
import { EXAMPLE_BODIES } from './example-bodies.ts';
import { specBlocks } from './spec-blocks.ts';
import { loadSpecModule, refusedStep } from './spec-module.ts';
import { blockNames, fillBlocks, SPEC_URL } from './spec-text.ts';
import * as example from './worked-example.ts';

const spec = readFileSync(SPEC_URL, 'utf8');
const module = loadSpecModule();
const notification = example.notificationExample();
const token = example.tokenExample();
const list = example.keyListExample();
const openingKey = { ...example.OPENING_KEY, suite: example.OPENING_KEY.suite.id };
const sealingKey = { ...example.SEALING_KEY, suite: example.SEALING_KEY.suite.id };
const bouncerKey = example.KEY_LIST.keys[0] as (typeof example.KEY_LIST.keys)[number];
const pending = { attempt: example.ATTEMPT, confirmKey: example.CONFIRM_KEY, infoHash: token.infoHash };
const trust = { roots: [list.rootPublicKey], buildTime: 0, lowestVersion: 1, seen: null };

test('every generated block of SPEC.md is what the code gives', () => {
  expect(spec === fillBlocks(spec, specBlocks()), 'run node test/docs/spec-blocks.ts').toBe(true);
});

test('SPEC.md prints every generated block, and each once but for the message', () => {
  const names = blockNames(spec);
  expect(new Set(names)).toEqual(new Set(specBlocks().keys()));
  expect(names.length).toBe(new Set(names).size);
});

test('the key and nonce that the example spells out decrypt its ciphertext', () => {
  const { key, nonce } = notification.steps;
  const { aeadId } = example.SEALING_KEY.suite;
  const none = new Uint8Array(0);
  expect(nativeBackend.aeadOpen(aeadId, key, nonce, notification.ciphertext, none)).toEqual(
    notification.padded,
  );
  const opened = openPushToken(
    nativeBackend,
    [{ bkid: bouncerKey.bkid, suite: SUITE_X25519_BASE, privateKey: example.BOUNCER_PRIVATE_KEY }],
    example.TOKEN_CONTEXT,
    token.blob,
  );
  expect(opened.push).toEqual(example.PUSH_TOKEN);
});

test("SPEC.md's seal makes the envelope of the example", () => {
  const made = module.seal(sealingKey, notification.cbor, example.BUCKET, example.EPHEMERAL_KEY);
  expect(hex(made)).toBe(hex(notification.envelope));
});

test("SPEC.md's open gives the payload of the example", () => {
  const opened = module.open(notification.envelope, (kid) =>
    hex(kid) === hex(openingKey.kid) ? openingKey : null,
  );
  expect(opened?.failedStep).toBeNull();
  const { sentAt, counter, ttl, kind, unread, removed, body } = opened?.payload ?? {};
  const head = example.PAYLOADS.message;
  expect([sentAt, counter, ttl, kind]).toEqual([head.sentAt, head.counter, head.ttlSeconds, 1]);
  expect([unread, removed]).toEqual([head.unread, head.removed]);
  expect(body?.get(4)).toBe('Soup or salad? 🥗');
  expect(opened?.oldestEpoch).toBe(0);
});

test("SPEC.md's receiver opens what the library seals today, and the other way round", () => {
  const fresh = module.seal(sealingKey, notification.cbor);
  const opened = openEnvelope(nativeBackend, fresh, () => example.OPENING_KEY);
  expect(opened?.payload).toEqual(example.PAYLOADS.message);
  expect(fresh.length).toBe(1856 + 55);
});

test("SPEC.md's sealPushToken, answerChallenge and revocationMac give the values of the example", () => {
  const push = { ...example.PUSH_TOKEN };
  const sealed = module.sealPushToken(bouncerKey, example.TOKEN_CONTEXT, push, example.TOKEN_EPHEMERAL_KEY);
  expect(hex(sealed)).toBe(hex(token.blob));
  const c = Buffer.from(concat(example.ATTEMPT, example.CHALLENGE, token.challengeMac));
  expect(module.answerChallenge(c, pending)?.confirmation).toEqual(Buffer.from(token.confirmation));
  expect(module.answerChallenge(c.subarray(1), pending)).toBeNull();
  for (const index of c.keys()) {
    const bent = Buffer.from(c);
    bent[index] = (bent[index] as number) ^ 1;
    expect(module.answerChallenge(bent, pending)).toBeNull();
  }
  expect(module.revocationMac(pending)).toEqual(Buffer.from(token.revocation));
});

test("SPEC.md's sealPushToken writes an FCM token as text", () => {
  const context = { ...example.TOKEN_CONTEXT, platform: 'fcm', environment: '' } as const;
  const blob = module.sealPushToken(bouncerKey, context, { ...example.PUSH_TOKEN, token: 'abc:def' });
  const keys = [{ bkid: bouncerKey.bkid, suite: SUITE_X25519_BASE, privateKey: example.BOUNCER_PRIVATE_KEY }];
  expect(textOf(openPushToken(nativeBackend, keys, context, blob).push.token)).toBe('abc:def');
});

test("SPEC.md's verifyKeyList takes the example and refuses what section 6.1 refuses", () => {
  const { bouncerOrigin, version, issuedAt, validUntil } = example.KEY_LIST;
  const now = example.NOON_SECONDS;
  const verify = (overTrust: object, origin = bouncerOrigin, at = now, signed: object = list.signed) =>
    refusedStep(() => module.verifyKeyList({ ...trust, ...overTrust }, origin, signed, at));
  expect(module.verifyKeyList(trust, bouncerOrigin, list.signed, now).keys).toHaveLength(1);
  const seen = { version, issuedAt, digest: nativeBackend.sha256(list.bytes) };
  expect(verify({ seen })).toBeNull();
  expect(verify({ seen: { ...seen, digest: nativeBackend.sha256() } })).toBe('key_list_refused');
  expect(verify({ seen: { ...seen, version: version + 1 } })).toBe('key_list_refused');
  expect(verify({ lowestVersion: version + 1 })).toBe('key_list_refused');
  expect(verify({ buildTime: validUntil })).toBe('key_list_refused');
  expect(verify({ roots: [example.ROOT_SEED] })).toBe('key_list_refused');
  expect(verify({}, 'https://other.example.net')).toBe('key_list_refused');
  expect(verify({}, bouncerOrigin, validUntil)).toBe('clock_wrong');
  const signature = `A${list.signed.signature.slice(1)}`;
  expect(verify({}, bouncerOrigin, now, { ...list.signed, signature })).toBe('key_list_refused');
});

test('each body of section 13 is one that its schema takes, whole', () => {
  for (const [name, { schema, body }] of Object.entries(EXAMPLE_BODIES)) {
    expect(schema.parse(body), name).toEqual(body);
  }
});

test('the bouncer builds the bodies that sections 6.4 and 13.3 print, byte for byte', () => {
  const sealed = { kind: 'envelope', envelope: '…' } as const;
  const challenge = { kind: 'challenge', challenge: '…' } as const;
  for (const body of [
    `APNs, urgency alert        ${buildApnsBody(sealed, 'alert')}  `,
    `APNs, urgency background   ${buildApnsBody(sealed, 'background')}\n`,
    `APNs, alert, apns-expiration 600 s      ${buildApnsBody(challenge, 'alert')}\n`,
    `APNs, background, once, 30 s later      ${buildApnsBody(challenge, 'background')}\n`,
  ]) {
    expect(spec).toContain(body);
  }
});

test('the largest envelope fills what the providers carry, as section 7 counts it', () => {
  const text = 'A'.repeat(Math.ceil((ENVELOPE_BYTES_MAX * 4) / 3));
  expect(text.length).toBe(3999);
  expect('e'.length + text.length).toBe(FCM_DATA_BYTES_MAX);
  const body = buildApnsBody({ kind: 'envelope', envelope: text }, 'alert');
  expect(body.length).toBe(4078);
  expect(body.length).toBeLessThan(APNS_PAYLOAD_BYTES_MAX);
});
