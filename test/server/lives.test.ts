// The lives of registrations on the server's side (SPEC.md section 4.6): what ends, by whom, in which order, and what is
// left in the store.
import { copyFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ADMIN_KEY, APP_ID, Field, until } from './field.ts';
import { id, Phone } from './phone.ts';
import { handleOf } from './strict-bouncer.ts';

let field: Field;
let bob: string;
let alice: string;

beforeEach(async () => {
  field = await Field.lay();
  await field.start();
  bob = await field.addUser('bob', 'Bob');
  alice = await field.addUser('alice', 'Alice');
});
afterEach(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

/** What the store has now, seen from outside. */
function stored(query: string): Record<string, unknown>[] {
  const database = new BetterSqlite(join(field.folder, 'server.sqlite'), { readonly: true });
  try {
    return database.prepare(query).all() as Record<string, unknown>[];
  } finally {
    database.close();
  }
}
const keys = () => stored("select kid from push_keys where state != 'replaced'").map(({ kid }) => kid);
const handleIn = (phone: Phone) => handleOf(phone.request.token.sealed_token);
const said = async (text: string) => await field.send(bob, { direct: ['alice'] }, text);
const list = async (token: string) =>
  (await field.call('GET', '/v1/push/registrations', { token })).json.devices as { state: string }[];

async function registerLegacy(token: string, registration_id = id(16), pushToken = id(100)) {
  const body = { registration_id, app_id: APP_ID, platform: 'fcm', environment: '', token: pushToken };
  return await field.call('POST', '/v1/push/legacy-registrations', { token, body });
}

test('sign-out: the keys go at once, the handle as soon as the bouncer can be told [R-LIF-04]', async () => {
  const phone = await Phone.active(field, alice);
  expect(keys()).toEqual([phone.request.key.kid]);
  field.bouncer.weather = { kind: 'cut' };
  expect((await field.call('DELETE', '/v1/chat/session', { token: alice })).status).toBe(204);
  expect(keys()).toEqual([]);
  expect(field.bouncer.removed).toEqual([]);
  field.bouncer.weather = { kind: 'fair' };
  await until(() => field.bouncer.removed.includes(handleIn(phone)), 'the handle given back');
  expect(phone.envelopes).toEqual([]);
});

test('account removed: all keys go at once, the devices are told to ask, and nothing is left of it [R-LIF-05] [R-LIF-03]', async () => {
  const phone = await Phone.active(field, alice);
  const tablet = await Phone.active(field, await field.logIn('alice'), 'apns');
  await registerLegacy(await field.logIn('alice'));
  const remove = async (token: string) => await field.call('DELETE', '/v1/chat/users/alice', { token });
  expect((await remove(bob)).status).toBe(401);
  expect((await remove(ADMIN_KEY)).status).toBe(204);
  expect(keys()).toEqual([]);
  for (const table of ['push_registrations', 'push_attempts', 'push_e2ee_devices']) {
    expect(stored(`select * from ${table}`), table).toEqual([]);
  }
  expect(stored("select * from push_users where user_id = 'alice'")).toEqual([]);
  expect((await phone.status()).json.code).toBe('not_authenticated');
  await until(() => [phone, tablet].every(({ payloads }) => payloads.length === 1), 'the hint');
  for (const device of [phone, tablet]) {
    expect(device.payloads[0]?.kind).toBe('session');
    expect(device.envelopes[0]?.urgency).toBe('background');
  }
  // The account without E2EE is told nothing, so its handle waits for nothing.
  await until(() => field.bouncer.removed.length === 1, 'the bare handle given back');
  expect((await remove(ADMIN_KEY)).json.code).toBe('not_found');
  const again = await field.call('POST', '/v1/chat/users', {
    token: ADMIN_KEY,
    body: { user: 'alice', name: 'Another' },
  });
  expect(again.json.code).toBe('not_permitted');
  const body = { conversation: { direct: ['alice'] }, text: 'are you there?' };
  expect((await field.call('POST', '/v1/chat/messages', { token: bob, body })).json.code).toBe('not_found');
});

test('device revoked by another session: the keys first, the hint, and the handle after it', async () => {
  const phone = await Phone.active(field, await field.logIn('alice'));
  const kept = await Phone.active(field, alice);
  expect((await field.call('DELETE', '/v1/chat/sessions', { token: alice })).status).toBe(204);
  expect(keys()).toEqual([kept.request.key.kid]);
  expect(stored('select handle from push_handle_removals')).toEqual([{ handle: handleIn(phone) }]);
  await until(() => phone.payloads.length === 1, 'the hint');
  expect(phone.payloads[0]).toMatchObject({ kind: 'session', counter: 1 });
  await said('for who is left');
  await until(() => kept.payloads.length === 1, 'the message');
  expect(phone.payloads).toHaveLength(1);
  expect((await phone.status()).json.code).toBe('not_authenticated');
  expect(await list(alice)).toHaveLength(1);
});

test('device revoked in the list: the keys first, then the handle, and its session with it [R-LIF-04] [R-LIF-06]', async () => {
  const lost = await Phone.active(field, await field.logIn('alice'));
  field.bouncer.weather = { kind: 'cut' };
  const path = `/v1/push/registrations/${lost.registrationId}`;
  expect((await field.call('DELETE', path, { token: alice })).status).toBe(204);
  expect(keys()).toEqual([]);
  expect(stored('select handle from push_handle_removals')).toEqual([{ handle: handleIn(lost) }]);
  expect(field.bouncer.removed).toEqual([]);
  // Or it would register again at its next start.
  expect((await lost.register()).json.code).toBe('not_authenticated');
  field.bouncer.weather = { kind: 'fair' };
  await until(() => lost.payloads.length === 1, 'the hint');
  expect(lost.payloads[0]?.kind).toBe('session');
  expect(await list(alice)).toEqual([]);
  expect((await field.call('GET', '/v1/chat/unread', { token: alice })).status).toBe(200);
});

test('one’s own registration ends without the session, and its handle at once [R-LIF-04]', async () => {
  const phone = await Phone.active(field, alice);
  expect((await phone.call('DELETE', '', undefined)).status).toBe(204);
  expect(keys()).toEqual([]);
  await until(() => field.bouncer.removed.includes(handleIn(phone)), 'the handle given back');
  expect(phone.envelopes).toEqual([]);
  const again = await Phone.active(field, alice);
  expect(keys()).toEqual([again.request.key.kid]);
});

test('uninstall: the handle is gone, the key stays, nothing is sent any more, also after a restart [R-NOT-05] [R-NOT-06]', async () => {
  const phone = await Phone.active(field, alice);
  field.bouncer.judge = () => ({ status: 'gone', since: Math.floor(Date.now() / 1000) });
  await said('to nowhere');
  await until(async () => (await list(alice))[0]?.state === 'gone', 'gone');
  expect(keys()).toEqual([phone.request.key.kid]);
  field.bouncer.judge = () => ({ status: 'accepted' });
  await field.stop();
  await field.start();
  await said('nobody is told');
  await until(
    () => stored("select * from push_events where state = 'open'").length === 0,
    'it is dealt with',
  );
  expect(phone.envelopes).toHaveLength(1);
  expect((await registerLegacy(alice)).json.code).toBe('e2ee_required');
});

test('a device that ever had a key is never told the redacted way, also after a restart [R-RED-06]', async () => {
  const phone = await Phone.active(field, alice);
  await phone.call('POST', '/keys', phone.makeKey());
  await field.stop();
  await field.start();
  for (const registration of [phone.registrationId, id(16)]) {
    expect((await registerLegacy(alice, registration)).json.code).toBe('e2ee_required');
  }
});

test('restored backup: the app sees it by counter and times, what is sent still opens, and nothing falls back', async () => {
  const phone = await Phone.active(field, alice);
  await said('before the backup');
  await until(() => phone.payloads.length === 1, 'the message');
  const store = join(field.folder, 'server.sqlite');
  const backup = join(field.folder, 'backup.sqlite');
  await field.stop();
  copyFileSync(store, backup);
  await field.start();
  for (const text of ['after', 'the backup']) await said(text);
  await until(() => phone.payloads.length === 3, 'two messages');
  const held = (await phone.status()).json;
  expect(held.counter).toBe(3);
  await field.stop();
  for (const name of [store, `${store}-wal`, `${store}-shm`]) rmSync(name, { force: true });
  copyFileSync(backup, store);
  await field.start();
  const status = (await phone.status()).json;
  expect(status).toMatchObject({ kid: held.kid, epoch: held.epoch, attempt_state: 'active', counter: 1 });
  expect(status.sent_at).toBeLessThan(held.sent_at);
  expect((await registerLegacy(alice)).json.code).toBe('e2ee_required');
  await said('after the restore');
  await until(() => phone.payloads.length === 4, 'the message');
  expect(phone.payloads[3]).toMatchObject({ counter: 2, message: { text: 'after the restore' } });
  // What the app does about it.
  const key = phone.makeKey();
  expect((await phone.call('POST', '/keys', key)).json).toMatchObject({ kid: key.kid, counter: 0 });
});

test('restored backup from before the key: the bouncer knows the bare handle no more, and nothing takes its place', async () => {
  const pushToken = id(100);
  await registerLegacy(alice, id(16), pushToken);
  const store = join(field.folder, 'server.sqlite');
  const backup = join(field.folder, 'backup.sqlite');
  await field.stop();
  copyFileSync(store, backup);
  await field.start();
  const phone = await Phone.active(field, alice);
  await until(() => field.bouncer.removed.includes(handleOf(pushToken)), 'the bare handle given back');
  field.bouncer.endHandle(pushToken);
  await field.stop();
  for (const name of [store, `${store}-wal`, `${store}-shm`]) rmSync(name, { force: true });
  copyFileSync(backup, store);
  await field.start();
  await said('one try');
  await until(async () => (await list(alice))[0]?.state === 'refused', 'the bouncer’s refusal');
  await said('and no second');
  await until(
    () => stored("select * from push_events where state = 'open'").length === 0,
    'it is dealt with',
  );
  expect(field.bouncer.receivedBy(pushToken)).toHaveLength(1);
  expect((await phone.status()).json.code).toBe('unknown_registration');
  // The app registers anew, with a key.
  await Phone.active(field, alice);
  expect(await list(alice)).toMatchObject([{ e2ee: true, state: 'active' }]);
});
