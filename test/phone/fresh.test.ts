// What a phone draws anew for each account, key and attempt, what it opens with, and what no clock erases (SPEC.md
// sections 4 to 6).
import { expect, test } from 'vitest';
import { judgeChallenge } from '../../client-sim/phone/challenge.ts';
import { runExtension } from '../../client-sim/phone/ios-extension.ts';
import { makeAttempt, makeRegistration } from '../../client-sim/phone/registration.ts';
import { readStateFile } from '../../client-sim/phone/state-file.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { derivePsk } from '../../protocol/crypto/ratchet.ts';
import { challengeMac, encodeChallenge } from '../../protocol/registration/challenge.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { hex } from '../../protocol/wire/bytes.ts';
import { NOW as KEY_TIME, keyList } from '../registration/push-bouncer.ts';
import { apnsAlert, buildTestPhone, DAY_MS, makeTestKey, message, sealFor } from './test-phone.ts';

const distinct = (values: readonly Uint8Array[]): number => new Set(values.map(hex)).size;

test('every account and every key is drawn anew: nothing of one serves another [R-KEY-02]', async () => {
  const { registration } = await buildTestPhone();
  const config = { ...registration, serverOrigin: registration.origin } as unknown as Parameters<
    typeof makeRegistration
  >[1];
  const made = [1, 2, 3].map(() => makeRegistration(nativeBackend, config, true));
  expect(distinct(made.map(({ registrationId }) => registrationId))).toBe(3);
  const keys = [1, 2, 3].map(() => makeTestKey());
  for (const field of ['kid', 'privateKey', 'publicKey', 'chain'] as const) {
    expect(distinct(keys.map((key) => key[field])), field).toBe(3);
  }
});

test('every attempt has an attempt and a confirm_key of its own, also for the same token [R-TOK-01]', async () => {
  const { registration } = await buildTestPhone();
  const found = { bouncerOrigin: 'https://push.example.org', keys: keyList, keysNow: KEY_TIME };
  const made = [1, 2, 3].map(() => makeAttempt(nativeBackend, registration, found, 'aa', KEY_TIME));
  for (const field of ['attempt', 'confirmKey', 'blob'] as const) {
    expect(distinct(made.map((attempt) => attempt[field])), field).toBe(3);
  }
});

test('a clock that runs a year ahead erases nothing: what was sealed on day 0 opens [R-RAT-15]', async () => {
  const phone = await buildTestPhone();
  phone.clock.advance(400 * DAY_MS);
  await runExtension(phone.context, apnsAlert(sealFor(phone, message('still here'))));
  expect(phone.events).toMatchObject([{ event: 'shown', body: 'still here', sound: true }]);
  expect(readStateFile(phone.path).state.registrations[0]?.keys[0]).toMatchObject({
    epoch: 0,
    chain: phone.key.chain,
  });
});

test('each registration opens with the app id that it was made with, whatever app is running [R-ORI-06]', async () => {
  const phone = await buildTestPhone();
  const other = {
    ...phone.registration,
    registrationId: nativeBackend.randomBytes(16),
    appId: 'org.example.other',
    keys: [{ ...makeTestKey(), registered: true }],
  };
  phone.context.file.update((state) => ({ ...state, registrations: [...state.registrations, other] }));
  const second = { ...phone, registration: other, key: other.keys[0] as (typeof other.keys)[number] };
  const extension = {
    ...phone,
    registration: { ...phone.registration, appId: 'chat.example.app.extension' },
  };
  await runExtension(phone.context, apnsAlert(sealFor(phone, message('one')), 'a'));
  await runExtension(phone.context, apnsAlert(sealFor(second, message('two')), 'b'));
  await runExtension(phone.context, apnsAlert(sealFor(extension, message('three')), 'c'));
  expect(phone.events).toMatchObject([{ body: 'one' }, { body: 'two' }, { event: 'placeholder' }]);
});

test('what is kept after opening is the chain value and never a PSK [R-RAT-01]', async () => {
  const phone = await buildTestPhone();
  await runExtension(phone.context, apnsAlert(sealFor(phone, message('x'), {}, { epoch: 9 })));
  const { state } = readStateFile(phone.path);
  const kept = state.registrations[0]?.keys[0];
  const text = JSON.stringify(state, (_, value: unknown) =>
    value instanceof Uint8Array ? encodeBase64url(value) : value instanceof Map ? [...value] : value,
  );
  expect(text).toContain(encodeBase64url(kept?.chain as Uint8Array));
  const [past, present] = [phone.key.chain, kept?.chain as Uint8Array];
  for (const chain of [past, present]) {
    expect(text).not.toContain(encodeBase64url(derivePsk(nativeBackend, chain)));
  }
  expect(text).not.toContain(encodeBase64url(past));
});

test('a c of another length, of an unknown attempt or of one that is active is not answered [R-CHA-05]', async () => {
  const phone = await buildTestPhone();
  const found = { bouncerOrigin: 'https://push.example.org', keys: keyList, keysNow: KEY_TIME };
  const attempt = makeAttempt(nativeBackend, phone.registration, found, 'aa', KEY_TIME);
  const judged = (held: typeof attempt, c: Uint8Array): string => {
    const registrations = [{ ...phone.registration, attempts: [held] }];
    const state = { ...phone.context.file.state, registrations };
    return judgeChallenge(nativeBackend, state, encodeBase64url(c)).kind;
  };
  const challenge = nativeBackend.randomBytes(16);
  const mac = challengeMac(nativeBackend, attempt.confirmKey, attempt.attempt, challenge, attempt.infoHash);
  const c = encodeChallenge({ attempt: attempt.attempt, challenge, mac });
  expect(judged(attempt, c)).toBe('answer');
  expect(judged({ ...attempt, state: 'active' }, c)).toBe('answered');
  expect(judged({ ...attempt, attempt: nativeBackend.randomBytes(16) }, c)).toBe('refused');
  for (const length of [0, 16, 47]) expect(judged(attempt, c.slice(0, length))).toBe('refused');
  expect(judged(attempt, new Uint8Array([...c, 0]))).toBe('refused');
});

test('a c whose MAC is wrong in any byte is not answered [R-CHA-06]', async () => {
  const phone = await buildTestPhone();
  const found = { bouncerOrigin: 'https://push.example.org', keys: keyList, keysNow: KEY_TIME };
  const attempt = makeAttempt(nativeBackend, phone.registration, found, 'aa', KEY_TIME);
  const registrations = [{ ...phone.registration, attempts: [attempt] }];
  const state = { ...phone.context.file.state, registrations };
  const challenge = nativeBackend.randomBytes(16);
  const mac = challengeMac(nativeBackend, attempt.confirmKey, attempt.attempt, challenge, attempt.infoHash);
  for (const index of mac.keys()) {
    const bent = mac.slice();
    bent[index] = (bent[index] as number) ^ 1;
    const c = encodeChallenge({ attempt: attempt.attempt, challenge, mac: bent });
    expect(judgeChallenge(nativeBackend, state, encodeBase64url(c)).kind).toBe('refused');
  }
});
