// A device without E2EE that gets a key: it is told the one way or the other, never both ways and never neither
// (SPEC.md section 14).
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { APP_ID, Field, until } from './field.ts';
import { id, Phone } from './phone.ts';
import { handleOf } from './strict-bouncer.ts';

let field: Field;
let bob: string;
let session: string;
let token: string;
let users = 0;

beforeAll(async () => {
  field = await Field.lay();
  await field.start();
  bob = await field.addUser('bob', 'Bob');
});
beforeEach(async () => {
  users += 1;
  session = await field.addUser(`alice-${users}`);
  token = id(100);
});
afterAll(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

async function registerLegacy(registration_id: string) {
  const body = { registration_id, app_id: APP_ID, platform: 'fcm', environment: '', token };
  return await field.call('POST', '/v1/push/legacy-registrations', { token: session, body });
}

/** How many notifications have come, by the redacted way and by the sealed one. */
const told = (phone: Phone) => [field.bouncer.receivedBy(token).length, phone.envelopes.length];

async function say(text: string): Promise<void> {
  await field.send(bob, { direct: [`alice-${users}`] }, text);
}

test.each([
  ['under another id', false],
  ['under the same id', true],
])('a device that gets a key %s is told the redacted way until its handle works', async (_case, same) => {
  const phone = new Phone(field, session);
  await registerLegacy(same ? phone.registrationId : id(16));
  await say('before');
  await until(() => told(phone)[0] === 1, 'the redacted one');
  expect((await phone.register()).json.attempt_state).toBe('pending');
  await say('while it is pending');
  await until(() => told(phone)[0] === 2, 'the redacted one');
  expect((await registerLegacy(id(16))).json.code).toBe('e2ee_required');
  expect((await phone.confirm()).json.attempt_state).toBe('active');
  await until(() => field.bouncer.removed.includes(handleOf(token)), 'the redacted handle');
  await say('after');
  await until(() => told(phone)[1] === 1, 'the sealed one');
  expect(told(phone)).toEqual([2, 1]);
  const { json } = await field.call('GET', '/v1/push/registrations', { token: session });
  expect(json.devices).toMatchObject([
    { registration_id: phone.registrationId, e2ee: true, state: 'active' },
  ]);
});

test('a device that allows redaction beside its key is not told both ways', async () => {
  const phone = new Phone(field, session);
  phone.request = { ...phone.request, e2ee_required: false };
  await phone.register();
  expect((await registerLegacy(id(16))).status).toBe(200);
  await say('while it is pending');
  await until(() => told(phone)[0] === 1, 'the redacted one');
  await phone.confirm();
  expect((await registerLegacy(id(16))).status).toBe(200);
  await say('after');
  await until(() => told(phone)[1] === 1, 'the sealed one');
  await say('and again');
  await until(() => told(phone)[1] === 2, 'the sealed one');
  expect(told(phone)).toEqual([1, 2]);
});
