// Whose a handle is: one without E2EE may be shared by the accounts on a phone, a sealed one is one registration's.
import { sql } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { generateKeyPair } from '../../protocol/crypto/key-pair.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { SUITE_X25519_PSK } from '../../protocol/wire/suites.ts';
import { endSessionRegistrations } from '../../server/notify/end-registrations.ts';
import { removeHandles } from '../../server/notify/handle-removal.ts';
import { registerLegacy } from '../../server/notify/legacy-registrations.ts';
import { PushSide } from '../../server/notify/push-side.ts';
import { replaceToken } from '../../server/notify/registration-changes.ts';
import { register } from '../../server/notify/registrations.ts';
import { migration } from '../../server/store/0003-push-repairs.ts';
import { APP_ID } from './field.ts';
import { id } from './phone.ts';
import { type Device, PushField } from './push-field.ts';
import { handleOf } from './strict-bouncer.ts';

let field: PushField;

beforeEach(async () => {
  field = await PushField.lay();
});
afterEach(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

/** An account on a phone without E2EE. */
async function addAccount(user: string, token: string, registration_id: string = id(16)): Promise<string> {
  await registerLegacy(
    field.context,
    { user, session: `session-${user}` },
    { registration_id, app_id: APP_ID, platform: 'apns', environment: 'production', token },
  );
  return registration_id;
}

async function signOut(user: string): Promise<void> {
  await field.context.database
    .transaction()
    .execute(async (transaction) => await endSessionRegistrations(transaction, `session-${user}`));
}

test('two accounts on one phone without E2EE: its handle goes with the last of them', async () => {
  const token = id(32);
  await addAccount('alice', token);
  await addAccount('bob', token);
  await signOut('alice');
  await removeHandles(field.context);
  expect(field.bouncer.removed).toEqual([]);
  await signOut('bob');
  await removeHandles(field.context);
  expect(field.bouncer.removed).toEqual([handleOf(token)]);
});

test('both sign out in one transaction, and the handle is given back', async () => {
  const token = id(32);
  await addAccount('alice', token);
  await addAccount('alice', token);
  await signOut('alice');
  await removeHandles(field.context);
  expect(field.bouncer.removed).toEqual([handleOf(token)]);
});

test('another token of one account leaves the handle to the other', async () => {
  const [first, second] = [id(32), id(32)];
  const registration = await addAccount('alice', first);
  await addAccount('bob', first);
  await addAccount('alice', second, registration);
  await removeHandles(field.context);
  expect(field.bouncer.removed).toEqual([]);
  await addAccount('bob', second);
  await signOut('bob');
  await removeHandles(field.context);
  expect(field.bouncer.removed).toEqual([handleOf(first)]);
});

test('a handle that is taken again before the bouncer was told stays', async () => {
  const token = id(32);
  await addAccount('alice', token);
  await signOut('alice');
  await addAccount('bob', token);
  await removeHandles(field.context);
  expect(field.bouncer.removed).toEqual([]);
});

/** Another account registers with a sealed token that it has from somewhere. */
async function registerCopy(user: string, of: Device, attempt: string) {
  const { publicKey } = generateKeyPair(nativeBackend, SUITE_X25519_PSK);
  const key = {
    kid: id(4),
    suite: SUITE_X25519_PSK.id,
    public_key: encodeBase64url(publicKey),
    chain: id(32),
    keep_days: 3,
  };
  return await register(
    field.context,
    { user, session: `session-${user}` },
    {
      registration_id: id(16),
      app_id: APP_ID,
      platform: 'fcm',
      environment: '',
      e2ee_required: true,
      key,
      token: { attempt, sealed_token: of.token },
    },
  );
}

test.each([
  ['the attempt that it names', true],
  ['an attempt of its own', false],
])('a sealed token that is copied with %s gets nobody the handle [R-HND-06]', async (_case, same) => {
  const phone = await field.addDevice('alice');
  const { attempt } = await field.database
    .selectFrom('push_registrations')
    .select('attempt')
    .executeTakeFirstOrThrow();
  const copy = registerCopy('mallory', phone, same ? attempt : id(16));
  await expect(copy).rejects.toMatchObject({ code: 'attempt_conflict' });
  const rows = await field.database.selectFrom('push_registrations').select(['user_id', 'handle']).execute();
  expect(rows).toEqual([{ user_id: 'alice', handle: handleOf(phone.token) }]);
  await signOut('mallory');
  await removeHandles(field.context);
  expect(field.bouncer.removed).toEqual([]);
});

test('one’s own sealed token under another attempt is a conflict as well', async () => {
  const phone = await field.addDevice('alice');
  const again = { attempt: id(16), sealed_token: phone.token };
  await expect(replaceToken(field.context, phone.caller, phone.registrationId, again)).rejects.toMatchObject({
    code: 'attempt_conflict',
  });
});

test('a store in which a handle is shared is mended: the first keeps it', async () => {
  const phone = await field.addDevice('alice');
  const { database } = field;
  const raw = async (text: string) => await sql.raw(text).execute(database);
  // As it was before that version, with a copy.
  await raw('drop index push_attempts_handle');
  await raw('drop index push_registrations_sealed_handle');
  await raw('drop index push_registrations_handle');
  await raw('drop table push_ended_sessions');
  await raw('alter table push_events drop column state');
  await raw('alter table push_events drop column failures');
  await raw('alter table push_e2ee_devices drop column was_active');
  const registration = await database.selectFrom('push_registrations').selectAll().executeTakeFirstOrThrow();
  const attempt = await database.selectFrom('push_attempts').selectAll().executeTakeFirstOrThrow();
  const copy = { registration_id: id(16), created_at: field.now + 1 };
  await database
    .insertInto('push_registrations')
    .values({ ...registration, ...copy, user_id: 'mallory' })
    .execute();
  await database
    .insertInto('push_attempts')
    .values({ ...attempt, ...copy })
    .execute();
  await migration.up(database);
  const owner = { registration_id: phone.registrationId };
  expect(await database.selectFrom('push_registrations').select('registration_id').execute()).toEqual([
    owner,
  ]);
  expect(await database.selectFrom('push_attempts').select('registration_id').execute()).toEqual([owner]);
  expect(await database.selectFrom('push_e2ee_devices').select('was_active').execute()).toEqual([
    { was_active: 1 },
  ]);
});

test('a sealed token that is copied gets nobody the handle that is being given back [R-HND-06]', async () => {
  const phone = await field.addDevice('alice');
  await field.context.database
    .transaction()
    .execute(
      async (transaction) =>
        await new PushSide(field.context).revokeSession(transaction, phone.caller.session),
    );
  await expect(registerCopy('bob', phone, id(16))).rejects.toMatchObject({ code: 'attempt_conflict' });
  await field.run(field.message(['bob'], { sender: { user: 'alice', name: 'Alice' } }));
  expect(field.payloads(phone).map(({ kind }) => kind)).toEqual(['session']);
  field.now += 5 * 60_000;
  await removeHandles(field.context);
  expect(field.bouncer.removed).toEqual([handleOf(phone.token)]);
});
