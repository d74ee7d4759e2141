// The hint `session` and the user's test (SPEC.md section 9): when they go out, and what the server keeps of them.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { removeHandles } from '../../server/notify/handle-removal.ts';
import { keepHouse } from '../../server/notify/housekeeping.ts';
import { registerLegacy } from '../../server/notify/legacy-registrations.ts';
import { releaseClaims } from '../../server/notify/outbox.ts';
import { PushSide } from '../../server/notify/push-side.ts';
import { takeEcho } from '../../server/notify/test-notifications.ts';
import { APP_ID } from './field.ts';
import { id } from './phone.ts';
import { DAY, type Device, PushField } from './push-field.ts';
import { handleOf } from './strict-bouncer.ts';

const MINUTE = 60_000;
let field: PushField;
let phone: Device;
let push: PushSide;

beforeEach(async () => {
  field = await PushField.lay();
  phone = await field.addDevice('alice', 'apns');
  push = new PushSide(field.context);
});
afterEach(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

const revoke = async (device: Device = phone) =>
  await field.database
    .transaction()
    .execute(async (transaction) => await push.revokeSession(transaction, device.caller.session));
const startTest = async (user = 'alice', registrationId = phone.registrationId) =>
  await field.database
    .transaction()
    .execute(async (transaction) => await push.sendTest(transaction, user, registrationId));
const kinds = (device: Device = phone) => field.payloads(device).map(({ kind }) => kind);

test('the hint goes out at once, the handle is given back five minutes later', async () => {
  await revoke();
  expect(await field.database.selectFrom('push_keys').selectAll().execute()).toEqual([]);
  await field.run();
  expect(kinds()).toEqual(['session']);
  field.now += 5 * MINUTE - 1;
  await removeHandles(field.context);
  expect(field.bouncer.removed).toEqual([]);
  field.now += 1;
  await removeHandles(field.context);
  expect(field.bouncer.removed).toEqual([handleOf(phone.token)]);
});

test('an iPhone that had a background notification lately gets the hint 20 minutes after that one [R-PAY-18]', async () => {
  await field.run(field.message(['alice'], { reference: 7 }));
  await field.run({ kind: 'read', id: 'read:1', user: 'alice', references: [7], unread: 0 });
  expect(kinds()).toEqual(['message', 'remove']);
  field.now += 5 * MINUTE;
  await revoke();
  await field.run();
  field.now += 15 * MINUTE - 1;
  await field.run();
  await removeHandles(field.context);
  expect([kinds().length, field.bouncer.removed.length]).toEqual([2, 0]);
  field.now += 1;
  await field.run();
  expect(kinds()).toEqual(['message', 'remove', 'session']);
});

test('a server that starts anew does not send the hint before its time [R-PAY-18]', async () => {
  await field.run(field.message(['alice'], { reference: 7 }));
  await field.run({ kind: 'read', id: 'read:1', user: 'alice', references: [7], unread: 0 });
  field.now += 5 * MINUTE;
  await revoke();
  await releaseClaims(field.context.database, field.now);
  await field.run();
  expect(kinds()).toEqual(['message', 'remove']);
  // By a clock that was set back since.
  field.now -= 60 * MINUTE;
  await releaseClaims(field.context.database, field.now);
  await field.run();
  expect(kinds()).toEqual(['message', 'remove', 'session']);
});

test('what an iPhone is to take back beyond one removal follows 20 minutes later [R-PAY-18]', async () => {
  const references = Array.from({ length: 301 }, (_, i) => i);
  await field.run(...references.map((reference) => field.message(['alice'], { reference })));
  await field.run();
  await field.run();
  await field.run({ kind: 'read', id: 'read:1', user: 'alice', references, unread: 0 });
  const removals = () =>
    field
      .payloads(phone)
      .flatMap((payload) => (payload.kind === 'remove' ? [payload.references.length] : []));
  expect(removals()).toEqual([300]);
  field.now += 20 * MINUTE - 1;
  await field.run();
  expect(removals()).toEqual([300]);
  field.now += 1;
  await field.run();
  expect(removals()).toEqual([300, 1]);
});

test('what waited for the device is not sent any more; the hint ends where the handle is no more', async () => {
  field.bouncer.judge = () => ({ status: 'retry', after_seconds: 60 });
  await field.run(field.message(['alice']));
  await revoke();
  field.bouncer.judge = () => ({ status: 'gone', since: 0 });
  field.now += 2 * MINUTE;
  for (let i = 0; i < 3; i += 1) await field.run();
  expect(kinds()).toEqual(['message', 'session']);
  const rows = await field.database.selectFrom('push_outbox').select(['kind', 'state']).execute();
  expect(rows).toEqual([{ kind: 'session', state: 'gone' }]);
});

test('a device without a handle that works, or without a key, is told nothing, and its handle goes at once', async () => {
  const token = id(100);
  const legacy = {
    registration_id: id(16),
    app_id: APP_ID,
    platform: 'fcm',
    environment: '',
    token,
  } as const;
  await registerLegacy(field.context, { user: 'alice', session: 'an old app' }, legacy);
  await field.database
    .updateTable('push_registrations')
    .set({ handle: null, handle_state: 'gone' })
    .where('registration_id', '=', phone.registrationId)
    .execute();
  for (const session of [phone.caller.session, 'an old app']) {
    await field.database
      .transaction()
      .execute(async (transaction) => await push.revokeSession(transaction, session));
  }
  await field.run();
  await removeHandles(field.context);
  expect(field.bouncer.received).toEqual([]);
  expect(field.bouncer.removed.toSorted()).toEqual([handleOf(phone.token), handleOf(token)].toSorted());
});

test('a clock that was a year ahead holds up neither removals nor handles that are given back', async () => {
  const other = await field.addDevice('alice');
  const begin = field.now;
  const setLastBackground = async (last_background_at: number) =>
    await field.database.updateTable('push_registrations').set({ last_background_at }).execute();
  field.now += 365 * DAY;
  for (const reference of [1, 2]) {
    await field.run(field.message(['alice'], { reference }));
    await field.run({
      kind: 'read',
      id: `read:${reference}`,
      user: 'alice',
      references: [reference],
      unread: 0,
    });
  }
  expect(kinds()).toEqual(['message', 'remove', 'message']);
  await revoke(other);
  field.bouncer.weather = { kind: 'cut' };
  field.now += 6 * MINUTE;
  await removeHandles(field.context);
  field.bouncer.weather = { kind: 'fair' };
  field.now = begin;
  await field.run();
  expect(kinds()).toEqual(['message', 'remove', 'message', 'remove']);
  await removeHandles(field.context);
  expect(field.bouncer.removed).toEqual([handleOf(other.token)]);
  // The latest one, which is in the future, counts as of now.
  await field.run(field.message(['alice'], { reference: 3 }));
  await setLastBackground(begin + 365 * DAY);
  await field.run({ kind: 'read', id: 'read:3', user: 'alice', references: [3], unread: 0 });
  expect(kinds().slice(4)).toEqual(['message']);
  field.now += 20 * MINUTE;
  await field.run();
  expect(kinds().slice(4)).toEqual(['message', 'remove']);
  await setLastBackground(begin + 365 * DAY);
  await revoke();
  field.now += 20 * MINUTE;
  await field.run();
  expect(kinds().slice(4)).toEqual(['message', 'remove', 'session']);
});

test('after an outage an iPhone gets one removal, and the next 20 minutes after that [R-PAY-18]', async () => {
  const android = await field.addDevice('alice');
  await field.run(...[1, 2, 3].map((reference) => field.message(['alice'], { reference })));
  const removals = (device: Device) =>
    field
      .payloads(device)
      .flatMap((payload) => (payload.kind === 'remove' ? [...payload.references.toSorted()] : []));
  field.bouncer.weather = { kind: 'cut' };
  for (const reference of [1, 2, 3]) {
    await field.run({
      kind: 'read',
      id: `read:${reference}`,
      user: 'alice',
      references: [reference],
      unread: 3 - reference,
    });
    field.now += 21 * MINUTE;
  }
  field.bouncer.weather = { kind: 'fair' };
  for (let i = 0; i < 3; i += 1) await field.run();
  expect([removals(phone), removals(android)]).toEqual([[1], [1, 2, 3]]);
  field.now += 20 * MINUTE - 1;
  await field.run();
  expect(removals(phone)).toEqual([1]);
  field.now += 1;
  await field.run();
  expect(removals(phone)).toEqual([1, 2, 3]);
  expect(kinds()).toEqual(['message', 'message', 'message', 'remove', 'remove']);
});

test('a bouncer that asks for an hour is left alone for an hour', async () => {
  await field.database
    .transaction()
    .execute(async (transaction) => await push.signOut(transaction, phone.caller.session));
  field.bouncer.weather = { kind: 'problem', code: 'rate_limited', retryAfter: 3600 };
  const asked = () => field.bouncer.paths.filter((path) => path === 'POST /v1/handles/removal').length;
  for (let second = 0; second < 5; second += 1) {
    await removeHandles(field.context);
    field.now += 1000;
  }
  expect(asked()).toBe(1);
  field.bouncer.weather = { kind: 'fair' };
  field.now += 60 * MINUTE;
  await removeHandles(field.context);
  expect([asked(), field.bouncer.removed]).toEqual([2, [handleOf(phone.token)]]);
});

test('a test carries 16 fresh bytes as an alert, and counts once, within a day, for its own device', async () => {
  const other = await field.addDevice('alice');
  expect(await startTest()).toBe(true);
  expect(await startTest()).toBe(true);
  await field.run();
  const payloads = field.payloads(phone);
  const [first, second] = payloads.map((payload) =>
    payload.kind === 'test' ? payload.nonce : new Uint8Array(),
  ) as [Uint8Array, Uint8Array];
  expect([first.length, second.length]).toEqual([16, 16]);
  expect(first).not.toEqual(second);
  expect(field.bouncer.received.map(({ item }) => 'urgency' in item && item.urgency)).toEqual([
    'alert',
    'alert',
  ]);
  const echo = async (nonce: Uint8Array, device: Device = phone) =>
    await takeEcho(field.context.database, field.context, device.registrationId, nonce);
  expect(await echo(new Uint8Array(16))).toBe(false);
  expect(await echo(first.subarray(0, 15))).toBe(false);
  expect(await echo(first, other)).toBe(false);
  expect(await echo(first)).toBe(true);
  expect(await echo(first)).toBe(false);
  field.now += DAY;
  expect(await echo(second)).toBe(false);
  await keepHouse(field.context);
  expect(await field.database.selectFrom('push_tests').selectAll().execute()).toEqual([]);
});

test('a test goes to one’s own devices, as far as they can be sent to', async () => {
  expect(await startTest('mallory')).toBe(false);
  expect(await startTest('alice', id(16))).toBe(false);
  const caller = { user: 'alice', session: 'an old app' };
  const token = id(100);
  const legacy = {
    registration_id: id(16),
    app_id: APP_ID,
    platform: 'fcm',
    environment: '',
    token,
  } as const;
  await registerLegacy(field.context, caller, legacy);
  expect(await startTest('alice', legacy.registration_id)).toBe(true);
  await field.run();
  expect(field.bouncer.receivedBy(token).map(({ item }) => 'template' in item && item.template)).toEqual([
    'test',
  ]);
  await field.database.updateTable('push_keys').set({ state: 'lost' }).execute();
  expect(await startTest()).toBe(false);
  await field.run();
  expect(field.bouncer.receivedBy(phone.token)).toEqual([]);
  expect(await field.database.selectFrom('push_tests').selectAll().execute()).toEqual([]);
});
