// What a phone does with the server's answer at app start (SPEC.md section 4), and with its attempts (section 6).
import { expect, test } from 'vitest';
import { activateAttempt, addAttempt } from '../../client-sim/phone/attempts.ts';
import { addKey, findKey, makeKey, retireKeys } from '../../client-sim/phone/keyring.ts';
import { judgeStatus, type Present } from '../../client-sim/phone/reconcile.ts';
import { makeAttempt as makeFreshAttempt } from '../../client-sim/phone/registration.ts';
import { type Attempt, EMPTY_STATE, type HeldKey, type Registration } from '../../client-sim/phone/state.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import type { RegistrationStatus } from '../../protocol/wire/push-api.ts';
import { SUITE_X25519_PSK } from '../../protocol/wire/suites.ts';
import { bouncerKey, NOW as KEY_TIME, keyList } from '../registration/push-bouncer.ts';
import { buildTestPhone, makeTestKey, NOW_MS } from './test-phone.ts';

const NOW = NOW_MS / 1000;
const TOKEN = 'aa';
const WISH = { suiteId: 1, keepDays: 3, appBuild: 1 };
const PRESENT: Present = { token: TOKEN, suiteId: 1, appBuild: 1, now: NOW };

function makeAttempt(changes: Partial<Attempt> = {}): Attempt {
  return {
    attempt: nativeBackend.randomBytes(16),
    confirmKey: nativeBackend.randomBytes(32),
    infoHash: nativeBackend.randomBytes(32),
    blob: nativeBackend.randomBytes(565),
    token: TOKEN,
    issuedAt: NOW,
    state: 'active',
    bouncerOrigin: 'https://push.example.net',
    replaces: null,
    ...changes,
  };
}

async function buildRegistration(attempt: Attempt = makeAttempt()): Promise<Registration> {
  const { registration, key } = await buildTestPhone();
  return { ...registration, keys: [{ ...key, counter: 5, sentAt: 1000, epoch: 3 }], attempts: [attempt] };
}

function statusOf(registration: Registration, changes: Partial<RegistrationStatus> = {}): RegistrationStatus {
  return {
    registration_id: encodeBase64url(registration.registrationId),
    attempt: encodeBase64url(registration.attempts[0]?.attempt ?? new Uint8Array(16)),
    attempt_state: 'active',
    key_state: 'live',
    kid: encodeBase64url(registration.keys[0]?.kid ?? new Uint8Array(4)),
    suite: 1,
    epoch: 6,
    counter: 5,
    sent_at: 1000,
    server_time: NOW,
    ...changes,
  };
}

test.each<[string, Partial<RegistrationStatus>, object]>([
  ['both agree', {}, { key: 'keep', token: 'keep', sync: false }],
  ['another kid [R-STA-03]', { kid: 'AAAAAA' }, { key: 'replace' }],
  ['another suite [R-STA-03]', { suite: 2 }, { key: 'replace' }],
  ['an epoch before the oldest kept [R-STA-05]', { epoch: 2 }, { key: 'replace' }],
  ['an epoch 1023 ahead', { epoch: 3 + 1023 }, { key: 'keep' }],
  ['an epoch 1024 ahead [R-STA-05]', { epoch: 3 + 1024 }, { key: 'replace' }],
  ['a lower counter [R-STA-06]', { counter: 4 }, { key: 'replace' }],
  ['a lower sent_at [R-STA-06]', { sent_at: 999 }, { key: 'replace' }],
  ['a higher counter [R-STA-08]', { counter: 6, sent_at: 2000 }, { key: 'keep', sync: true }],
  ['the server asks for a new key [R-STA-04]', { key_state: 'replace' }, { key: 'replace' }],
  ['the server lost the chain [R-STA-04]', { key_state: 'lost' }, { key: 'replace' }],
  ['the handle is gone [R-STA-09]', { attempt_state: 'gone' }, { key: 'keep', token: 'replace' }],
  ['the token was refused [R-STA-09]', { attempt_state: 'refused' }, { token: 'replace' }],
  ['another attempt', { attempt: 'AAAAAAAAAAAAAAAAAAAAAA' }, { token: 'replace' }],
])('%s', async (_name, changes, repair) => {
  const registration = await buildRegistration();
  expect(judgeStatus(registration, statusOf(registration, changes), PRESENT)).toMatchObject(repair);
});

test('a key that the server has never answered is sent again, not made again [R-STA-03]', async () => {
  const registration = await buildRegistration();
  const fresh = makeTestKey();
  const both = addKey(registration, fresh);
  expect(judgeStatus(both, statusOf(both), PRESENT)).toMatchObject({ key: 'send' });
});

test('a key is replaced after 30 days [R-ROT-02]', async () => {
  const registration = await buildRegistration();
  const judge = (now: number) => judgeStatus(registration, statusOf(registration), { ...PRESENT, now }).key;
  const month = 30 * 86_400;
  expect([judge(NOW + month - 1), judge(NOW + month)]).toEqual(['keep', 'replace']);
});

test('an update of the app, and a suite that it now prefers, replace the key; an older app does not', async () => {
  const registration = await buildRegistration();
  const judge = (changes: Partial<Present>) =>
    judgeStatus(registration, statusOf(registration), { ...PRESENT, ...changes }).key;
  expect(judge({ appBuild: 2 })).toBe('replace');
  expect(judge({ suiteId: 2 })).toBe('replace');
  expect(judge({ appBuild: 0 })).toBe('keep');
});

test('counters that had a gap since the last start are a reason to synchronise, not to register', async () => {
  const registration = await buildRegistration();
  const keys = registration.keys.map((key) => ({ ...key, missing: 2 }));
  expect(judgeStatus({ ...registration, keys }, statusOf(registration), PRESENT)).toEqual({
    key: 'keep',
    token: 'keep',
    sync: true,
  });
});

test('a new push token is sealed anew [R-STA-09]', async () => {
  const registration = await buildRegistration();
  expect(judgeStatus(registration, statusOf(registration), { ...PRESENT, token: 'bb' })).toMatchObject({
    token: 'replace',
  });
});

test('a pending attempt is waited for ten minutes [R-STA-09]', async () => {
  const registration = await buildRegistration(makeAttempt({ state: 'pending' }));
  const pending = statusOf(registration, { attempt_state: 'pending' });
  expect(judgeStatus(registration, pending, { ...PRESENT, now: NOW + 599 }).token).toBe('keep');
  expect(judgeStatus(registration, pending, { ...PRESENT, now: NOW + 600 }).token).toBe('replace');
  const lost = statusOf(registration, { attempt: 'AAAAAAAAAAAAAAAAAAAAAA' });
  expect(judgeStatus(registration, lost, { ...PRESENT, now: NOW + 599 }).token).toBe('send');
});

test('a fifth key erases the oldest [R-ROT-05]', async () => {
  let registration = await buildRegistration();
  const [oldest] = registration.keys;
  for (let count = 0; count < 4; count += 1) {
    registration = addKey(registration, makeTestKey());
  }
  const state = { ...EMPTY_STATE, registrations: [registration] };
  expect(registration.keys).toHaveLength(4);
  expect(findKey(state, oldest?.kid ?? new Uint8Array(4))).toBe(null);
});

test('an older key goes by its own keep_days, not by those of the newest [R-ROT-03]', async () => {
  const registration = await buildRegistration();
  const [long, short, newest] = [28, 3, 1].map((days) => makeTestKey(SUITE_X25519_PSK, days));
  const keys = [long, short, newest] as HeldKey[];
  const kept = (epoch: number, kid = newest?.kid as Uint8Array) =>
    retireKeys({ ...registration, keys }, kid, epoch).keys;
  expect(kept(4)).toEqual(keys);
  expect(kept(5)).toEqual([long, newest]);
  expect(kept(29)).toEqual([long, newest]);
  expect(kept(30)).toEqual([newest]);
  expect(kept(30, long?.kid)).toEqual(keys);
});

test('a kid is drawn again until it is unique [R-KEY-03]', async () => {
  const registration = await buildRegistration();
  const taken = registration.keys[0]?.kid as Uint8Array;
  const free = Uint8Array.of(9, 9, 9, 9);
  const draws = [taken, taken, free];
  const backend = {
    ...nativeBackend,
    randomBytes: (length: number) =>
      length === 4 ? (draws.shift() as Uint8Array) : nativeBackend.randomBytes(length),
  };
  expect(makeKey(backend, { ...EMPTY_STATE, registrations: [registration] }, WISH, NOW).kid).toEqual(free);
});

test('an attempt that was given up, or is not replaced by the active one, is revoked by the app [R-REV-03]', async () => {
  const first = makeAttempt();
  const registration = await buildRegistration(first);
  const state = { ...EMPTY_STATE, registrations: [registration] };
  const given = makeAttempt({ state: 'pending', token: 'bb' });
  const current = makeAttempt({ state: 'pending', token: 'bb' });
  const withGiven = addAttempt(nativeBackend, state, registration, given);
  const withCurrent = addAttempt(
    nativeBackend,
    withGiven,
    withGiven.registrations[0] as Registration,
    current,
  );
  expect(withCurrent.revocations.map(({ attempt }) => attempt)).toEqual([given.attempt]);
  const active = activateAttempt(nativeBackend, withCurrent, withCurrent.registrations[0] as Registration);
  expect(active.revocations.map(({ attempt }) => attempt)).toEqual([given.attempt, first.attempt]);
  expect(active.registrations[0]?.attempts).toEqual([{ ...current, state: 'active' }]);
});

test('an attempt at another bouncer is not named, and is revoked where it was begun', async () => {
  const first = makeAttempt({ bouncerOrigin: 'https://old.example.net' });
  const registration = await buildRegistration(first);
  const found = { bouncerOrigin: 'https://push.example.org', keys: keyList, keysNow: KEY_TIME };
  const made = makeFreshAttempt(nativeBackend, registration, found, TOKEN, KEY_TIME);
  expect(made).toMatchObject({ replaces: null, bouncerOrigin: 'https://push.example.org' });
  const here = { ...found, bouncerOrigin: first.bouncerOrigin };
  expect(makeFreshAttempt(nativeBackend, registration, here, TOKEN, KEY_TIME).replaces).toEqual(
    first.attempt,
  );
  const state = { ...EMPTY_STATE, registrations: [registration] };
  const added = addAttempt(nativeBackend, state, registration, made);
  const active = activateAttempt(nativeBackend, added, added.registrations[0] as Registration);
  expect(active.revocations).toMatchObject([
    { attempt: first.attempt, bouncerOrigin: 'https://old.example.net' },
  ]);
});

test('the key is chosen by the time of the list, not by the clock that servers correct [R-LST-10]', async () => {
  const registration = await buildRegistration();
  const found = { bouncerOrigin: 'https://push.example.org', keys: keyList, keysNow: KEY_TIME };
  const make = (keysNow: number, now: number) =>
    makeFreshAttempt(nativeBackend, registration, { ...found, keysNow }, TOKEN, now).issuedAt;
  expect(make(KEY_TIME, 5)).toBe(5);
  expect(() => make(bouncerKey.notAfter, KEY_TIME)).toThrow(new ProtocolError('no_bouncer_key'));
});

test('an attempt that the active one names is over without a revocation', async () => {
  const first = makeAttempt();
  const registration = await buildRegistration(first);
  const state = { ...EMPTY_STATE, registrations: [registration] };
  const next = makeAttempt({ state: 'pending', replaces: first.attempt });
  const added = addAttempt(nativeBackend, state, registration, next);
  const active = activateAttempt(nativeBackend, added, added.registrations[0] as Registration);
  expect(active.revocations).toEqual([]);
  expect(active.registrations[0]?.attempts).toEqual([{ ...next, state: 'active' }]);
});
