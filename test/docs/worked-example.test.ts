// SPEC.md's worked example is what the library gives, and SPEC.md's JavaScript, run as written, gives the same.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { buildApnsBody } from '../../bouncer/providers/apns/body.ts';
import { openEnvelope } from '../../protocol/content/open/open.ts';
import { encodePayload } from '../../protocol/content/payload.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { openPushToken } from '../../protocol/registration/open/open-push-token.ts';
import { selectBouncerKey, verifyKeyList } from '../../protocol/registration/seal/verify-key-list.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { concat, hex, textOf, utf8 } from '../../protocol/wire/bytes.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import {
  APNS_PAYLOAD_BYTES_MAX,
  ENVELOPE_BYTES_MAX,
  FCM_DATA_BYTES_MAX,
} from '../../protocol/wire/limits.ts';
import { SUITE_X25519_BASE } from '../../protocol/wire/suites.ts';
import { EXAMPLE_BODIES } from './example-bodies.ts';
import { ARRIVALS, judgeArrivals, payloadOf, REFUSED, refusedAt, START_MS } from './receiver-cases.ts';
import { specBlocks } from './spec-blocks.ts';
import { loadSpecModule, refusedStep, type SpecState } from './spec-module.ts';
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
  const verified = module.verifyKeyList(trust, bouncerOrigin, list.signed, now);
  const library = verifyKeyList(nativeBackend, trust, bouncerOrigin, list.signed, now);
  expect(verified.list.keys).toHaveLength(1);
  expect([verified.now, hex(bkidOf(verified))]).toEqual([library.now, hex(bouncerKey.bkid)]);
  expect(verified.seen).toEqual({ ...library.seen, digest: Buffer.from(library.seen.digest) });
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
  for (const broken of ['+', 'A'.repeat(32_769), `${list.signed.bytes}=`]) {
    expect(verify({}, bouncerOrigin, now, { ...list.signed, bytes: broken })).toBe('key_list_refused');
    expect(verify({}, bouncerOrigin, now, { ...list.signed, root: broken })).toBe('key_list_refused');
  }
  const message = concat(utf8('sealed-push/1 bouncer keys'), Uint8Array.of(0xff));
  const signed = nativeBackend.ed25519Sign(example.ROOT_SEED, message);
  const noCbor = { root: list.signed.root, signature: encodeBase64url(signed), bytes: '_w' };
  expect(verify({}, bouncerOrigin, now, noCbor)).toBe('key_list_refused');
});

/** Of the key that is chosen of a verified list. */
function bkidOf({ list: { keys, version }, now }: ReturnType<typeof module.verifyKeyList>): Uint8Array {
  const key = module.selectBouncerKey({ keys, version }, SUITE_X25519_BASE.id, now);
  return key?.[0] as Uint8Array;
}

test("SPEC.md's selectBouncerKey chooses as the library does", () => {
  const now = example.NOON_SECONDS;
  const [suite, other] = [SUITE_X25519_BASE.id, SUITE_X25519_BASE.id + 1];
  const spans = [
    ...[[suite, now - 2, now + 1] as const, [suite, now - 1, now + 1] as const],
    ...[[suite, now - 1, now + 9] as const, [suite, now, now] as const],
    ...[[suite, now + 1, now + 9] as const, [other, now, now + 9] as const],
  ];
  const keys = spans.map(([id, notBefore, notAfter], index) => ({
    ...{ bkid: Uint8Array.of(9 - index, 0, 0, index), suite: id, key: bouncerKey.key, notBefore, notAfter },
  }));
  for (let chosen = 0; chosen < 2 ** keys.length; chosen += 1) {
    const some = keys.filter((_, index) => (chosen >> index) % 2 === 1);
    const rows = some.map((key) => [key.bkid, key.suite, key.key, key.notBefore, key.notAfter]);
    const spec = module.selectBouncerKey({ version: 1, keys: rows }, suite, now);
    if (spec === null) {
      expect(() => selectBouncerKey({ ...example.KEY_LIST, keys: some }, suite, now)).toThrow(ProtocolError);
    } else {
      expect(selectBouncerKey({ ...example.KEY_LIST, keys: some }, suite, now).bkid).toEqual(spec[0]);
    }
  }
});

test("SPEC.md's sealPushToken gives the fcm token of the example, and any issued_at there is", () => {
  const push = { ...example.FCM_TOKEN, token: textOf(example.FCM_TOKEN.token) };
  const sealed = module.sealPushToken(bouncerKey, example.FCM_CONTEXT, push, example.TOKEN_EPHEMERAL_KEY);
  expect(hex(sealed)).toBe(hex(example.fcmTokenExample().blob));
  const keys = [{ bkid: bouncerKey.bkid, suite: SUITE_X25519_BASE, privateKey: example.BOUNCER_PRIVATE_KEY }];
  for (const issuedAt of [0, 23, 24, 65_536, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
    const blob = module.sealPushToken(bouncerKey, example.FCM_CONTEXT, { ...push, issuedAt });
    expect(openPushToken(nativeBackend, keys, example.FCM_CONTEXT, blob).push.issuedAt).toBe(issuedAt);
  }
});

test("SPEC.md's open moves O as the example says", () => {
  const opened = module.open(example.laterEnvelope(), () => openingKey);
  expect(opened?.payload?.kind).toBe(3);
  expect(opened?.oldestEpoch).toBe(2);
  expect(hex(opened?.oldestChain as Uint8Array)).toBe(hex(notification.chains[2] as Uint8Array));
});

test("SPEC.md's decoder refuses what appendix B lists, at the step that the library names", () => {
  for (const [text, why] of REFUSED) {
    const bytes = Buffer.from(text, 'hex');
    const step = refusedStep(() => module.readPayload(module.decodeCbor(bytes)));
    expect(step, why).toBe(refusedAt(bytes));
    expect(step, why).not.toBeNull();
  }
});

test("SPEC.md's judge, record and bury say of the arrivals of appendix B what the library says", () => {
  let state: SpecState = { pairs: [], floor: null, tombstones: new Map(), newest: new Map() };
  for (const [index, verdict] of judgeArrivals().entries()) {
    const arrival = ARRIVALS[index] as (typeof ARRIVALS)[number];
    const payload = module.readPayload(module.decodeCbor(encodePayload(payloadOf(arrival))));
    const now = START_MS + arrival.now;
    const spec = module.judge(
      module.replayHash(Buffer.of(arrival.envelope)),
      payload,
      state,
      example.KEEP_DAYS,
      now,
    );
    const { replay: _, ...said } = verdict;
    expect(spec, `row ${index}, ${arrival.what}`).toMatchObject(said);
    if (!spec.changesState) continue;
    state = module.bury(module.record(state, spec.pair), payload, example.KEEP_DAYS, now);
  }
  expect(state.tombstones.size + state.newest.size).toBe(0);
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
    `APNs, alert                             ${buildApnsBody(challenge, 'alert')}\n`,
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
