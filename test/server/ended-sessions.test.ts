// A session that ends while the bouncer is asked: nothing is written for it (server/notify/ended-sessions.ts).
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { generateKeyPair } from '../../protocol/crypto/key-pair.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { SUITE_X25519_PSK } from '../../protocol/wire/suites.ts';
import { createSession } from '../../server/chat/sessions.ts';
import type { ChatTables } from '../../server/chat/tables.ts';
import { removeUser, writeUser } from '../../server/chat/users.ts';
import { removeHandles } from '../../server/notify/handle-removal.ts';
import { keepHouse } from '../../server/notify/housekeeping.ts';
import { registerLegacy } from '../../server/notify/legacy-registrations.ts';
import { PushSide } from '../../server/notify/push-side.ts';
import { register } from '../../server/notify/registrations.ts';
import { APP_ID, until } from './field.ts';
import { id, makeAttempt } from './phone.ts';
import { DAY, PushField } from './push-field.ts';
import { handleOf } from './strict-bouncer.ts';

const caller = { user: 'alice', session: 'the-session' };
const app = { registration_id: id(16), app_id: APP_ID, platform: 'fcm', environment: '' } as const;
let field: PushField;

beforeEach(async () => {
  field = await PushField.lay();
});
afterEach(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

/** Signs out while the bouncer is being asked for a handle. */
async function signOutDuring(path: string, registering: Promise<unknown>): Promise<void> {
  let release = (): void => undefined;
  field.bouncer.hold = new Promise((resolve) => {
    release = resolve;
  });
  const outcome = expect(registering).rejects.toMatchObject({ code: 'not_authenticated' });
  await until(() => field.bouncer.paths.includes(path), 'the question');
  const { database } = field.context;
  await database
    .transaction()
    .execute(async (transaction) => await new PushSide(field.context).signOut(transaction, caller.session));
  release();
  await outcome;
}

async function expectNothingBut(token: string): Promise<void> {
  for (const table of ['push_registrations', 'push_attempts', 'push_keys', 'push_e2ee_devices'] as const) {
    expect(await field.database.selectFrom(table).selectAll().execute()).toEqual([]);
  }
  await removeHandles(field.context);
  expect(field.bouncer.removed).toEqual([handleOf(token)]);
}

function registerSealed(token: { attempt: string; sealed_token: string }) {
  const { publicKey } = generateKeyPair(nativeBackend, SUITE_X25519_PSK);
  const chain = encodeBase64url(randomBytes(32));
  const key = { kid: id(4), suite: 1, public_key: encodeBase64url(publicKey), chain, keep_days: 3 };
  return register(field.context, caller, { ...app, e2ee_required: true, key, token });
}

test('a registration with a key leaves nothing behind but a handle to give back', async () => {
  const token = makeAttempt();
  await signOutDuring('POST /v1/handles', registerSealed(token));
  await expectNothingBut(token.sealed_token);
});

test('nor does one without', async () => {
  const token = id(32);
  await signOutDuring('POST /v1/bare-handles', registerLegacy(field.context, caller, { ...app, token }));
  await expectNothingBut(token);
});

test('ended sessions are forgotten', async () => {
  await signOutDuring('POST /v1/handles', registerSealed(makeAttempt()));
  const ended = async () => await field.database.selectFrom('push_ended_sessions').selectAll().execute();
  expect(await ended()).toHaveLength(1);
  field.now += DAY;
  await keepHouse(field.context);
  expect(await ended()).toEqual([]);
});

test('an account that is removed while it gets a session has none after that', async () => {
  const database = field.database.$pickTables<keyof ChatTables>();
  const push = new PushSide(field.context);
  await writeUser(database, push, 'alice', 'Alice');
  await Promise.all([
    createSession(database, 'alice', randomBytes, field.now),
    removeUser(database, push, 'alice'),
  ]);
  expect(await database.selectFrom('chat_sessions').selectAll().execute()).toEqual([]);
  await expect(createSession(database, 'alice', randomBytes, field.now)).rejects.toMatchObject({
    code: 'not_found',
  });
});
