// Registration over the real interface: what repeats, what conflicts, what an outage leaves (SPEC.md sections 4 and 5).
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { discoverySchema, registrationStatusSchema } from '../../protocol/wire/push-api.ts';
import { APP_ID, Field, ORIGIN, until } from './field.ts';
import { id, makeAttempt, Phone } from './phone.ts';
import { handleOf, KEY_LIST } from './strict-bouncer.ts';

let field: Field;
let alice: string;
let bob: string;

beforeAll(async () => {
  field = await Field.lay();
  await field.start();
  alice = await field.addUser('alice', 'Alice');
  bob = await field.addUser('bob', 'Bob');
});
beforeEach(() => {
  field.bouncer.weather = { kind: 'fair' };
});
afterAll(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

test('discovery needs no login and relays the signed list as it is [R-DIS-02]', async () => {
  await until(async () => (await field.call('GET', '/v1/push')).status === 200, 'the list');
  const discovery = discoverySchema.parse((await field.call('GET', '/v1/push')).json);
  expect(discovery).toMatchObject({
    origin: ORIGIN,
    bouncer_origin: field.bouncer.origin,
    bouncer_keys: KEY_LIST,
    app_ids: [APP_ID],
    keep_days_max: 3,
    policy: 'redact',
  });
});

test('a registration is pending, then active; the app sees its state at its start', async () => {
  const phone = new Phone(field, alice);
  const registered = await phone.register();
  expect(registered.status).toBe(200);
  expect(registrationStatusSchema.parse(registered.json)).toMatchObject({
    registration_id: phone.registrationId,
    attempt: phone.request.token.attempt,
    attempt_state: 'pending',
    key_state: 'live',
    kid: phone.request.key.kid,
    suite: 1,
    epoch: 0,
    counter: 0,
    sent_at: 0,
  });
  expect((await phone.confirm()).json.attempt_state).toBe('active');
  // A confirmation again is no error: its answer may have been lost.
  expect((await phone.confirm()).json.attempt_state).toBe('active');
  await field.send(bob, { direct: ['alice'] }, 'first');
  await until(() => phone.envelopes.length === 1, 'the message');
  const { json } = await phone.status();
  expect(json).toMatchObject({ counter: 1, attempt_state: 'active' });
  expect(json.sent_at).toBe(phone.payloads[0]?.sentAt);
});

test('the same bytes get the same answer, and the bouncer is asked once [R-KEY-07]', async () => {
  const phone = new Phone(field, alice);
  const first = await phone.register();
  const asked = field.bouncer.paths.filter((path) => path === 'POST /v1/handles').length;
  const second = await phone.register();
  expect({ ...second.json, server_time: 0 }).toEqual({ ...first.json, server_time: 0 });
  expect(field.bouncer.paths.filter((path) => path === 'POST /v1/handles').length).toBe(asked);
});

test('two of the same at the same time make one registration', async () => {
  const phone = new Phone(field, alice);
  const answers = await Promise.all([phone.register(), phone.register(), phone.register()]);
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  await phone.confirm();
  await field.send(bob, { direct: ['alice'] }, 'once');
  await until(() => phone.envelopes.length > 0, 'the message');
  expect(phone.envelopes.length).toBe(1);
});

test('a kid with other bytes, an attempt with other bytes, a registration of another session conflict [R-KEY-08]', async () => {
  const phone = await Phone.active(field, alice);
  const key = phone.request.key;
  const code = async (body: unknown, token = alice) =>
    (await field.call('POST', '/v1/push/registrations', { token, body })).json.code;
  expect(await code({ ...phone.request, key: { ...key, chain: id(32) } })).toBe('kid_conflict');
  expect(await code({ ...phone.request, key: { ...key, keep_days: 2 } })).toBe('kid_conflict');
  expect(
    await code({ ...phone.request, token: { ...makeAttempt(), attempt: phone.request.token.attempt } }),
  ).toBe('attempt_conflict');
  expect(await code({ ...phone.request, registration_id: id(16), token: makeAttempt() })).toBe(
    'kid_conflict',
  );
  expect(await code(phone.request, bob)).toBe('unknown_registration');
  expect(await code(phone.request, await field.logIn('alice'))).toBe('registration_conflict');
  expect(await code({ ...phone.request, platform: 'apns', environment: 'sandbox' })).toBe(
    'registration_conflict',
  );
  // None of it changed anything.
  expect((await phone.status()).json).toMatchObject({ kid: key.kid, attempt_state: 'active' });
});

test('a kid of another user says nothing [R-KEY-06]', async () => {
  const phone = await Phone.active(field, alice);
  const other = new Phone(field, bob);
  other.request = { ...other.request, key: { ...other.request.key, kid: phone.request.key.kid } };
  expect((await other.register()).json).toMatchObject({
    kid: phone.request.key.kid,
    attempt_state: 'pending',
  });
});

test('another session sees nothing of a registration [R-KEY-06]', async () => {
  const phone = await Phone.active(field, alice);
  const path = `/v1/push/registrations/${phone.registrationId}`;
  expect((await field.call('GET', path, { token: bob })).json.code).toBe('unknown_registration');
  expect((await field.call('DELETE', path, { token: bob })).json.code).toBe('unknown_registration');
  expect((await field.call('POST', `${path}/keys`, { token: bob, body: phone.makeKey() })).json.code).toBe(
    'unknown_registration',
  );
  expect((await field.call('GET', path)).json.code).toBe('not_authenticated');
  expect((await phone.status()).status).toBe(200);
});

test('a key is replaced at once; the replaced kid repeats its first answer and changes nothing [R-KEY-09] [R-ROT-01]', async () => {
  const phone = await Phone.active(field, alice);
  const old = phone.request.key;
  const key = phone.makeKey();
  const replaced = await phone.call('POST', '/keys', key);
  expect(replaced.json).toMatchObject({ kid: key.kid, counter: 0, attempt_state: 'active' });
  const again = await phone.call('POST', '/keys', key);
  expect(again.json).toMatchObject({ kid: key.kid, counter: 0 });
  await field.send(bob, { direct: ['alice'] }, 'under the new key');
  await until(() => phone.envelopes.length === 1, 'the message');
  expect(phone.payloads[0]).toMatchObject({ counter: 1, message: { text: 'under the new key' } });
  const first = await phone.call('POST', '/keys', old);
  expect(first.status).toBe(200);
  expect(first.json).toMatchObject({ kid: old.kid, attempt_state: 'pending', counter: 0 });
  expect((await phone.register()).json).toMatchObject({ kid: old.kid });
  expect((await phone.call('POST', '/keys', { ...old, chain: id(32) })).json.code).toBe('kid_conflict');
  expect((await phone.status()).json).toMatchObject({ kid: key.kid, counter: 1 });
});

test('sent_at goes on rising over a replacement, and the counter starts anew', async () => {
  const phone = await Phone.active(field, alice);
  await field.send(bob, { direct: ['alice'] }, 'one');
  await until(() => phone.envelopes.length === 1, 'one');
  await phone.call('POST', '/keys', phone.makeKey());
  await field.send(bob, { direct: ['alice'] }, 'two');
  await until(() => phone.envelopes.length === 2, 'two');
  const [one, two] = phone.payloads;
  expect(two?.counter).toBe(1);
  expect(two?.sentAt).toBeGreaterThan(one?.sentAt as number);
});

test('a new token takes over when it is confirmed, and not before', async () => {
  const phone = await Phone.active(field, alice);
  const token = { ...makeAttempt(), replaces: phone.request.token.attempt };
  expect((await phone.call('POST', '/tokens', token)).json).toMatchObject({
    attempt: token.attempt,
    attempt_state: 'pending',
  });
  await field.send(bob, { direct: ['alice'] }, 'to the old handle');
  await until(() => phone.envelopes.length === 1, 'the message');
  expect((await phone.confirm(token)).json.attempt_state).toBe('active');
  await until(
    () => field.bouncer.removed.includes(handleOf(phone.request.token.sealed_token)),
    'the old handle',
  );
  await field.send(bob, { direct: ['alice'] }, 'to the new handle');
  await until(() => field.bouncer.receivedBy(token.sealed_token).length === 1, 'the message');
  expect((await phone.call('POST', '/tokens', { ...token, sealed_token: id(565) })).json.code).toBe(
    'attempt_conflict',
  );
});

test('a wrong confirmation, one of an unknown attempt, and one of an ended handle are refused', async () => {
  const phone = new Phone(field, alice);
  await phone.register();
  const { attempt, sealed_token } = phone.request.token;
  const body = { attempt, challenge: field.bouncer.challengeOf(sealed_token), confirmation: id(32) };
  expect((await phone.call('POST', '/confirmations', body)).json.code).toBe('confirmation_refused');
  expect((await phone.call('POST', '/confirmations', { ...body, attempt: id(16) })).json.code).toBe(
    'confirmation_refused',
  );
  expect((await phone.status()).json.attempt_state).toBe('pending');
  field.bouncer.endHandle(sealed_token);
  expect((await phone.confirm()).json.code).toBe('confirmation_refused');
  expect((await phone.status()).json.attempt_state).toBe('gone');
});

test('without the bouncer the answer is bouncer_unavailable, and a retry with the same bytes works', async () => {
  const phone = new Phone(field, alice);
  field.bouncer.weather = { kind: 'cut' };
  const failed = await phone.register();
  expect(failed.status).toBe(503);
  expect(failed.json).toMatchObject({ code: 'bouncer_unavailable', retryable: true });
  expect((await phone.status()).json.code).toBe('unknown_registration');
  field.bouncer.weather = { kind: 'fair' };
  expect((await phone.register()).json.attempt_state).toBe('pending');
  field.bouncer.weather = { kind: 'cut' };
  expect((await phone.confirm()).json.code).toBe('bouncer_unavailable');
  field.bouncer.weather = { kind: 'fair' };
  expect((await phone.confirm()).json.attempt_state).toBe('active');
});

test.each([
  ['stale_request', 422, 'stale_request'],
  ['push_token_refused', 422, 'push_token_refused'],
  ['rate_limited', 429, 'rate_limited'],
  ['not_authenticated', 502, 'bouncer_refused'],
  ['internal', 503, 'bouncer_unavailable'],
] as const)('the bouncer’s %s becomes %i %s', async (code, status, told) => {
  field.bouncer.weather = { kind: 'problem', code };
  const answer = await new Phone(field, alice).register();
  expect([answer.status, answer.json.code]).toEqual([status, told]);
});

test('keys and apps that cannot be used are refused before the bouncer is asked [R-KEY-11] [R-REG-01]', async () => {
  const asked = field.bouncer.paths.filter((path) => path === 'POST /v1/handles').length;
  const { request } = new Phone(field, alice);
  const code = async (changes: object) =>
    (await field.call('POST', '/v1/push/registrations', { token: alice, body: { ...request, ...changes } }))
      .json.code;
  expect(await code({ app_id: 'org.example.other' })).toBe('unknown_app');
  expect(await code({ environment: 'production' })).toBe('wrong_environment');
  expect(await code({ key: { ...request.key, suite: 0x11 } })).toBe('suite_refused');
  expect(await code({ key: { ...request.key, suite: 0x31 } })).toBe('suite_refused');
  expect(await code({ key: { ...request.key, suite: 0xc5 } })).toBe('suite_refused');
  expect(await code({ key: { ...request.key, public_key: Buffer.alloc(32).toString('base64url') } })).toBe(
    'key_refused',
  );
  expect(await code({ key: { ...request.key, keep_days: 4 } })).toBe('malformed_request');
  expect(field.bouncer.paths.filter((path) => path === 'POST /v1/handles').length).toBe(asked);
});

test('devices are listed for their user, and ended by them', async () => {
  const session = await field.addUser('dora', 'Dora');
  const phone = await Phone.active(field, session);
  const other = new Phone(field, await field.logIn('dora'), 'apns');
  await other.register();
  const list = async () =>
    (await field.call('GET', '/v1/push/registrations', { token: session })).json.devices;
  expect(await list()).toEqual([
    { registration_id: phone.registrationId, app_id: APP_ID, platform: 'fcm', e2ee: true, state: 'active' },
    { registration_id: other.registrationId, app_id: APP_ID, platform: 'apns', e2ee: true, state: 'pending' },
  ]);
  const path = `/v1/push/registrations/${other.registrationId}`;
  expect((await field.call('DELETE', path, { token: session })).status).toBe(204);
  expect((await list()).length).toBe(1);
  await until(() => field.bouncer.removed.includes(handleOf(other.request.token.sealed_token)), 'its handle');
});

test('a user has at most 100 devices, and none of the present ones suffers', async () => {
  const session = await field.addUser('erin', 'Erin');
  const first = await Phone.active(field, session);
  const phones = Array.from({ length: 109 }, () => new Phone(field, session));
  const answers = [];
  for (const phone of phones) answers.push(await phone.register());
  expect(answers.map(({ status }) => status)).toEqual([...Array(99).fill(200), ...Array(10).fill(409)]);
  expect(answers.at(-1)?.json).toMatchObject({ code: 'too_many_devices', retryable: false });
  expect((await first.status()).json.attempt_state).toBe('active');
});

test('a device that ever had a key is not registered without one, until its user removes it', async () => {
  const session = await field.addUser('frank', 'Frank');
  const phone = await Phone.active(field, session);
  const legacy = (registration_id: string, token = session) =>
    field.call('POST', '/v1/push/legacy-registrations', {
      token,
      body: { registration_id, app_id: APP_ID, platform: 'fcm', environment: '', token: id(100) },
    });
  expect((await legacy(phone.registrationId)).json.code).toBe('e2ee_required');
  expect((await legacy(id(16))).json.code).toBe('e2ee_required');
  expect((await legacy(id(16), await field.logIn('frank'))).json).toMatchObject({ state: 'active' });
  await phone.call('DELETE', '', undefined);
  expect((await legacy(phone.registrationId)).json).toEqual({
    registration_id: phone.registrationId,
    state: 'active',
  });
  // With a key again, the redacted registration of the same session ends.
  await Phone.active(field, session);
  const { json } = await field.call('GET', '/v1/push/registrations', { token: session });
  expect(json.devices.filter(({ e2ee }: { e2ee: boolean }) => !e2ee).length).toBe(1);
});
