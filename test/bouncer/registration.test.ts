// Registration at the bouncer: attempt → challenge → active, every way to be refused, and every way to end.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { challengeMac, revocationMac } from '../../protocol/registration/challenge.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import type { Credential } from './call.ts';
import { type Attempt, Field, randomBytes16, until } from './field.ts';

let field: Field;
let chat: Credential;
let other: Credential;

beforeAll(async () => {
  field = await Field.prepare();
  [chat, other] = await Promise.all([
    field.enrol('https://chat.example'),
    field.enrol('https://other.example'),
  ]);
  await field.start();
});
afterAll(() => field.close());

const request = async (attempt: Attempt, as: Credential = chat) =>
  await field.call('POST', '/v1/handles', { as, body: attempt.body });
const confirm = async (body: unknown, as: Credential = chat) =>
  await field.call('POST', '/v1/handles/confirmation', { as, body });
const revoke = async (attempt: Attempt, origin: string = chat.origin, mac?: Uint8Array) => {
  const right = revocationMac(nativeBackend, attempt.confirmKey, attempt.attempt, attempt.infoHash);
  return await field.call('POST', '/v1/revocations', {
    body: { origin, attempt: encodeBase64url(attempt.attempt), mac: encodeBase64url(mac ?? right) },
  });
};
const stateOf = async (handle: string, as: Credential = chat) =>
  ((await field.notify(as, [field.item(handle)])) as { status: string; code?: string }[])[0];

for (const platform of ['apns', 'fcm'] as const) {
  test(`a sealed token becomes a handle that is active after the challenge: ${platform}`, async () => {
    const device = await field.install(platform);
    const attempt = field.seal(device, chat.origin);
    const { status, body } = await request(attempt);
    expect(status).toBe(200);
    expect(body).toEqual({
      handle: expect.stringMatching(/^[\w-]{43}$/),
      state: 'pending',
      pending_until: expect.closeTo(field.nowSeconds + 600, -1),
    });
    const challenge = await field.challengeOf(attempt);
    const mac = challengeMac(
      nativeBackend,
      attempt.confirmKey,
      attempt.attempt,
      challenge.challenge,
      attempt.infoHash,
    );
    expect(challenge.mac).toEqual(mac);
    expect(await stateOf(body.handle)).toEqual({ status: 'refused', code: 'unknown_handle' });

    const confirmed = await confirm(field.confirmation(body.handle, attempt, challenge));
    expect(confirmed.body).toMatchObject({ handle: body.handle, state: 'active' });
    expect(await stateOf(body.handle)).toEqual({ status: 'accepted' });
    // The same confirmation again, as after an answer that was lost.
    expect((await confirm(field.confirmation(body.handle, attempt, challenge))).body.state).toBe('active');
  });
}

test('the challenge is pushed as the protocol freezes it', async () => {
  const iphone = field.seal(await field.install('apns'), chat.origin);
  const android = field.seal(await field.install('fcm'), chat.origin);
  const { body } = await request(iphone);
  await request(android);
  await field.challengeOf(iphone);
  await field.challengeOf(android);
  const [apns] = await field.pushesTo(iphone.device);
  expect(apns?.body).toMatch(
    /^\{"aps":\{"alert":\{"loc-key":"SP"\},"mutable-content":1,"interruption-level":"passive"\},"c":"[\w-]{64}"\}$/,
  );
  expect(apns?.headers).toMatchObject({
    'apns-push-type': 'alert',
    'apns-priority': '10',
    'apns-expiration': String(body.pending_until),
  });
  const [fcm] = await field.pushesTo(android.device);
  const { message } = JSON.parse(fcm?.body ?? '');
  expect(Object.keys(message)).toEqual(['token', 'data', 'android']);
  expect(message.data).toEqual({ c: expect.stringMatching(/^[\w-]{64}$/) });
  expect(Number(message.android.ttl.slice(0, -1))).toBeLessThanOrEqual(600);
});

test('the same bytes from the same account get the same answer, other bytes a conflict [R-HND-01] [R-HND-04] [R-HND-05]', async () => {
  const device = await field.install('apns');
  const attempt = field.seal(device, chat.origin);
  const [first, second] = await Promise.all([request(attempt), request(attempt)]);
  expect(second.body).toEqual(first.body);
  const again = field.seal(device, chat.origin, { attempt: attempt.attempt });
  expect(await request(again)).toMatchObject({ status: 409, body: { code: 'attempt_conflict' } });
  await field.challengeOf(attempt);
  expect(await field.pushesTo(device)).toHaveLength(1);
  // A fresh attempt gets a fresh handle.
  expect((await request(field.seal(device, chat.origin))).body.handle).not.toBe(first.body.handle);
});

test('what is refused: each with its own code [R-TOK-03] [R-TOK-04] [R-TOK-06]', async () => {
  const device = await field.install('apns');
  const good = field.seal(device, chat.origin);
  const flipped = `${String(good.body['sealed_token']).slice(0, -3)}AAA`;
  const cases: [string, Record<string, unknown>, number, string][] = [
    ['another origin', field.seal(device, other.origin).body, 422, 'push_token_refused'],
    ['a flipped bit', { ...good.body, sealed_token: flipped }, 422, 'push_token_refused'],
    ['another environment in clear', { ...good.body, environment: 'sandbox' }, 422, 'push_token_refused'],
    ['an environment that fcm has not', { ...good.body, platform: 'fcm' }, 422, 'wrong_environment'],
    ['no environment for apns', { ...good.body, environment: '' }, 422, 'wrong_environment'],
    ['another app', { ...good.body, app_id: 'unknown.example.app' }, 422, 'unknown_app'],
    ['a field too many', { ...good.body, text: 'hello' }, 400, 'malformed_request'],
    ['too short', { ...good.body, sealed_token: 'AAAA' }, 400, 'malformed_request'],
    [
      'too old',
      field.seal(device, chat.origin, { issuedAt: field.nowSeconds - 86_460 }).body,
      422,
      'stale_request',
    ],
    [
      'of the future',
      field.seal(device, chat.origin, { issuedAt: field.nowSeconds + 660 }).body,
      422,
      'stale_request',
    ],
  ];
  for (const [name, body, status, code] of cases) {
    expect(await field.call('POST', '/v1/handles', { as: chat, body }), name).toMatchObject({
      status,
      body: { code },
    });
  }
  const stale = await request(field.seal(device, chat.origin, { issuedAt: field.nowSeconds - 90_000 }));
  expect(stale.body.bouncer_time).toBeCloseTo(field.nowSeconds, -1);
  expect((await request(field.seal(device, chat.origin, { issuedAt: field.nowSeconds + 580 }))).status).toBe(
    200,
  );
  expect(
    (await request(field.seal(device, chat.origin, { issuedAt: field.nowSeconds - 86_300 }))).status,
  ).toBe(200);
});

test('a confirmation counts only from the owner, with the right challenge and MAC, and in time [R-CHA-03] [R-HND-02]', async () => {
  const attempt = field.seal(await field.install('fcm'), chat.origin);
  const { handle } = (await request(attempt)).body;
  const challenge = await field.challengeOf(attempt);
  const right = field.confirmation(handle, attempt, challenge);
  const wrongMac = { ...right, confirmation: encodeBase64url(new Uint8Array(32)) };
  const wrongChallenge = field.confirmation(handle, attempt, { ...challenge, challenge: randomBytes16() });
  const cut = { ...right, confirmation: encodeBase64url(new Uint8Array(16)) };
  const unknown = { ...right, handle: encodeBase64url(new Uint8Array(32)) };
  expect(await confirm(wrongMac)).toMatchObject({ status: 422, body: { code: 'confirmation_refused' } });
  expect(await confirm(wrongChallenge)).toMatchObject({
    status: 422,
    body: { code: 'confirmation_refused' },
  });
  expect(await confirm(cut)).toMatchObject({ status: 400, body: { code: 'malformed_request' } });
  expect(await confirm(unknown)).toMatchObject({ status: 404, body: { code: 'unknown_handle' } });
  expect(await confirm(right, other)).toMatchObject({ status: 404, body: { code: 'unknown_handle' } });
  field.advance(601);
  expect(await confirm(right)).toMatchObject({ status: 404, body: { code: 'unknown_handle' } });
  expect((await request(attempt)).body).toMatchObject({ handle, state: 'ended' });
});

test('an attempt is remembered with its final state', async () => {
  const device = await field.install('fcm');
  const { handle, attempt } = await field.register(chat, device);
  expect((await request(attempt)).body).toMatchObject({ handle, state: 'active' });
  await field.call('POST', '/v1/handles/removal', { as: chat, body: { handles: [handle] } });
  expect((await request(attempt)).body).toMatchObject({ handle, state: 'ended' });
  expect(await request(field.seal(device, chat.origin, { attempt: attempt.attempt }))).toMatchObject({
    status: 409,
  });
});

test('five unconfirmed challenges an hour: the sixth attempt is answered alike and nothing is pushed [R-LIM-01] [R-LIM-03]', async () => {
  const device = await field.install('apns');
  const attempts = Array.from({ length: 6 }, () => field.seal(device, chat.origin));
  const answers = [];
  for (const attempt of attempts) answers.push(await request(attempt));
  for (const { status, body } of answers) {
    expect(status).toBe(200);
    expect(Object.keys(body)).toEqual(Object.keys(answers[0]?.body));
    expect(body.state).toBe('pending');
  }
  for (const attempt of attempts.slice(0, 5)) await field.challengeOf(attempt);
  // Another origin's challenge comes after the sixth would have come.
  const later = field.seal(device, other.origin);
  await request(later, other);
  await field.challengeOf(later);
  expect(await field.findChallenge(attempts[5] as Attempt)).toBeUndefined();
  // A confirmed one counts no more, and leaves room for another.
  const first = attempts[0] as Attempt;
  const challenge = await field.challengeOf(first);
  expect((await confirm(field.confirmation(answers[0]?.body.handle, first, challenge))).status).toBe(200);
  const seventh = field.seal(device, chat.origin);
  await request(seventh);
  await field.challengeOf(seventh);
});

test('a repeated request counts with its first, and pushes nothing again', async () => {
  const device = await field.install('fcm');
  const attempt = field.seal(device, chat.origin);
  for (let i = 0; i < 7; i += 1) await request(attempt);
  await field.challengeOf(attempt);
  const next = field.seal(device, chat.origin);
  await request(next);
  await field.challengeOf(next);
  expect(await field.pushesTo(device)).toHaveLength(2);
});

test('an attempt ends the one it replaces when it becomes active, of the same token only [R-HND-10]', async () => {
  const device = await field.install('fcm');
  const old = await field.register(chat, device);
  const foreign = await field.register(chat, await field.install('fcm'));
  const fresh = field.seal(device, chat.origin, { replaces: old.attempt });
  const { handle } = (await request(fresh)).body;
  expect(await stateOf(old.handle)).toEqual({ status: 'accepted' });
  await confirm(field.confirmation(handle, fresh, await field.challengeOf(fresh)));
  expect(await stateOf(old.handle)).toEqual({ status: 'refused', code: 'unknown_handle' });
  await field.register(chat, device, { replaces: foreign.attempt });
  expect(await stateOf(foreign.handle)).toEqual({ status: 'accepted' });
});

test('the app itself revokes: only with its MAC, always 204, for good [R-REV-01] [R-REV-02]', async () => {
  const { handle, attempt } = await field.register(chat, await field.install('fcm'));
  expect((await revoke(attempt, chat.origin, new Uint8Array(32))).status).toBe(204);
  expect((await revoke(attempt, other.origin)).status).toBe(204);
  expect((await revoke(field.seal(attempt.device, chat.origin))).status).toBe(204);
  expect(await stateOf(handle)).toEqual({ status: 'accepted' });
  const answer = await revoke(attempt);
  expect([answer.status, answer.text]).toEqual([204, '']);
  expect(await stateOf(handle)).toEqual({ status: 'refused', code: 'unknown_handle' });
  expect((await request(attempt)).body.state).toBe('ended');
  expect((await revoke(attempt)).status).toBe(204);
});

test('a pending attempt can be revoked, and then not be confirmed [R-HND-03] [R-REV-01]', async () => {
  const attempt = field.seal(await field.install('fcm'), chat.origin);
  const { handle } = (await request(attempt)).body;
  const challenge = await field.challengeOf(attempt);
  await revoke(attempt);
  expect((await confirm(field.confirmation(handle, attempt, challenge))).status).toBe(404);
});

test('a server removes its own handles and nobody else’s', async () => {
  const { handle } = await field.register(chat, await field.install('fcm'));
  const removal = async (as: Credential) =>
    (await field.call('POST', '/v1/handles/removal', { as, body: { handles: [handle] } })).status;
  expect(await removal(other)).toBe(204);
  expect(await stateOf(handle)).toEqual({ status: 'accepted' });
  expect(await removal(chat)).toBe(204);
  expect(await stateOf(handle)).toEqual({ status: 'refused', code: 'unknown_handle' });
  expect(await removal(chat)).toBe(204);
});

test('a challenge that the provider does not take at once is tried again', async () => {
  await field.control('POST', '/control/faults', {
    provider: 'apns',
    status: 503,
    reason: 'ServiceUnavailable',
    times: 1,
  });
  const attempt = field.seal(await field.install('apns'), chat.origin);
  await request(attempt);
  await until(
    async () => (await field.pushesTo(attempt.device)).some((push) => push.status === 200),
    'a second try',
  );
});
