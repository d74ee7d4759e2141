// Whose a handle is: one without E2EE may be shared by the accounts on a phone, a sealed one is one registration's.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { endSessionRegistrations } from '../../server/notify/end-registrations.ts';
import { removeHandles } from '../../server/notify/handle-removal.ts';
import { registerLegacy } from '../../server/notify/legacy-registrations.ts';
import { APP_ID } from './field.ts';
import { id } from './phone.ts';
import { PushField } from './push-field.ts';
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
