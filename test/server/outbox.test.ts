// What depends on time in the outbox: expiry, sent_at, removals and silent devices, with a clock that the test sets.

import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import type { LegacyRegistrationRequest } from '../../protocol/wire/push-api.ts';
import { scheduleSilent, sealBackground } from '../../server/notify/background.ts';
import { buildBatches } from '../../server/notify/batches.ts';
import { buildCollapse, type CollapseSubject } from '../../server/notify/collapse.ts';
import { Delivery } from '../../server/notify/delivery.ts';
import { EventReader, writeEvent } from '../../server/notify/events.ts';
import { registerLegacy } from '../../server/notify/legacy-registrations.ts';
import { type DueRow, supersedeRows } from '../../server/notify/outbox.ts';
import type { PushEvent } from '../../server/notify/push-service.ts';
import { runRatchet } from '../../server/notify/ratchet-job.ts';
import { sealEvents } from '../../server/notify/seal-events.ts';
import { StorageKey } from '../../server/notify/storage-key.ts';
import { APP_ID } from './field.ts';
import { id } from './phone.ts';
import { DAY, type Device, PushField } from './push-field.ts';

let field: PushField;
let phone: Device;
let delivery: Delivery;
let events: number;
const HOUR = 3_600_000;

beforeEach(async () => {
  events = 0;
  field = await PushField.lay();
  phone = await field.addDevice('alice');
  delivery = new Delivery(field.context, () => undefined);
});
afterEach(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

function message(reference: number, changes: Partial<PushEvent> = {}): PushEvent {
  events += 1;
  return {
    kind: 'message',
    id: `message:${events}`,
    reference,
    conversation: { kind: 'direct', id: 1 },
    sender: { user: 'bob', name: 'Bob' },
    text: `message ${reference}`,
    audience: [{ user: 'alice', level: 'all', unread: 1 }],
    ...changes,
  } as PushEvent;
}

function read(references: number[], session = 'elsewhere'): PushEvent {
  events += 1;
  return { kind: 'read', id: `read:${events}`, user: 'alice', session, references, unread: 0 };
}

async function record(...list: PushEvent[]): Promise<void> {
  const { context } = field;
  const reader = new EventReader();
  await context.database.transaction().execute(async (transaction) => {
    for (const event of list) await writeEvent(transaction, event, context.now());
  });
  while (await sealEvents(context, reader));
  while (await sealBackground(context));
}

async function deliver(): Promise<void> {
  await delivery.run();
  await delivery.drain();
}

async function states(): Promise<string[]> {
  const rows = await field.database.selectFrom('push_outbox').select('state').orderBy('outbox_id').execute();
  return rows.map(({ state }) => state);
}

test('expires_at is sent_at and ttl, rounded up to the hour; until then it is tried, and then no more [R-NOT-02] [R-NOT-11]', async () => {
  // No full hour.
  field.now += 754_321;
  await record(message(1));
  field.bouncer.weather = { kind: 'problem', code: 'internal' };
  await deliver();
  field.bouncer.weather = { kind: 'fair' };
  field.bouncer.judge = () => ({ status: 'retry', after_seconds: 0 });
  field.now += HOUR;
  await deliver();
  const [received] = field.bouncer.received;
  const sentAt = field.payloads(phone)[0]?.sentAt as number;
  expect(received?.item.expires_at).toBe(Math.ceil((Math.ceil(sentAt / 1000) + 3 * 86_400) / 3600) * 3600);
  field.now = (received?.item.expires_at as number) * 1000 - 1;
  await deliver();
  expect(field.bouncer.received.length).toBe(2);
  field.now += 70_000;
  await deliver();
  expect(field.bouncer.received.length).toBe(2);
  expect(await states()).toEqual(['expired']);
  expect(field.events).toContain('items_expired');
});

test('a clock that jumps days ahead ends nothing that waits', async () => {
  await runRatchet(field.context, field.now, null);
  await record(message(1));
  const start = field.now;
  field.now = start + 4 * DAY;
  field.bouncer.judge = () => ({ status: 'retry', after_seconds: 0 });
  await deliver();
  expect(await states()).toEqual(['waiting']);
  field.now = start + 1000;
  field.bouncer.judge = () => ({ status: 'accepted' });
  await deliver();
  expect(await states()).toEqual(['sent']);
});

test('a clock that is set back holds nothing up', async () => {
  await record(message(1));
  await deliver();
  field.now += DAY;
  await record(message(2));
  field.bouncer.weather = { kind: 'problem', code: 'internal' };
  await deliver();
  field.bouncer.weather = { kind: 'fair' };
  field.now -= DAY;
  await record(message(3));
  await deliver();
  expect(await states()).toEqual(['sent', 'sent', 'sent']);
  expect(field.events).toContain('clock_set_back');
});

test('what is postponed is not overtaken by what comes later for the same device, and holds up no other [R-NOT-16]', async () => {
  const other = await field.addDevice('carol');
  field.bouncer.judge = () => ({ status: 'retry', after_seconds: 60 });
  await record(message(1));
  await deliver();
  field.bouncer.judge = () => ({ status: 'accepted' });
  await record(message(2), message(3, { audience: [{ user: 'carol', level: 'all', unread: 1 }] }));
  await deliver();
  expect(await states()).toEqual(['waiting', 'waiting', 'sent']);
  expect(field.payloads(other).length).toBe(1);
  field.now += 10 * 60_000;
  await deliver();
  expect(await states()).toEqual(['sent', 'sent', 'sent']);
});

test('sent_at rises when the clock stands still or goes back; far ahead of it the key is to be replaced [R-PAY-03] [R-PAY-04]', async () => {
  const first = field.now;
  await record(message(1), message(2));
  field.now -= 5 * 60_000;
  await record(message(3));
  const keyState = async () =>
    (await field.database.selectFrom('push_keys').select('state').executeTakeFirstOrThrow()).state;
  expect(await keyState()).toBe('live');
  field.now -= 10 * 60_000;
  await record(message(4));
  field.now = first + 1000;
  await deliver();
  const stamps = field.payloads(phone).map(({ sentAt, counter }) => [sentAt - first, counter]);
  expect(stamps.toSorted((a, b) => (a[0] as number) - (b[0] as number))).toEqual([
    [0, 1],
    [1, 2],
    [2, 3],
    [3, 4],
  ]);
  expect(await keyState()).toBe('replace');
});

test('the same event is dealt with once', async () => {
  const event = message(1);
  await record(event, event);
  await record(event);
  await deliver();
  expect(field.bouncer.received.length).toBe(1);
});

test('a reference that was read rides in alerts until one that carried it is an hour old [R-PAY-07]', async () => {
  await record(message(1), message(2));
  await deliver();
  await record(read([1]));
  await record(message(3));
  await deliver();
  field.now += HOUR - 1000;
  await record(message(4));
  await deliver();
  field.now += 2000;
  await record(message(5));
  await deliver();
  const alerts = field.payloads(phone).filter(({ kind }) => kind === 'message');
  const removed = new Map(alerts.map((p) => [p.kind === 'message' && p.message.reference, p.removed]));
  expect(removed.get(3)).toEqual([1]);
  expect(removed.get(4)).toEqual([1]);
  expect(removed.get(5)).toBeUndefined();
});

test('a message that is said again does not take itself away [R-PAY-08]', async () => {
  await record(message(1), message(2));
  await deliver();
  await record(read([1, 2]));
  await deliver();
  await record(message(1));
  await deliver();
  expect(field.payloads(phone).at(-1)).toMatchObject({ kind: 'message', removed: [2] });
});

test('an alert that was never accepted has carried nothing', async () => {
  await record(message(1));
  await deliver();
  await record(read([1]));
  field.bouncer.judge = () => ({ status: 'refused', code: 'provider_refused' });
  await record(message(2));
  await deliver();
  field.bouncer.judge = () => ({ status: 'accepted' });
  field.now += 2 * HOUR;
  await record(message(3));
  await deliver();
  const alert = field.payloads(phone).find((p) => p.kind === 'message' && p.message.reference === 3);
  expect(alert?.removed).toEqual([1]);
});

test('500 messages read at once become removals that each fit [R-PAY-11]', async () => {
  const references = Array.from({ length: 500 }, (_, i) => 1_000_000_000_000 + i);
  await record(...references.map((reference) => message(reference)));
  for (let i = 0; i < 5 && field.bouncer.received.length < 500; i += 1) {
    await deliver();
    field.now += 10_000;
  }
  expect(field.bouncer.received.length).toBe(500);
  await record(read(references));
  await deliver();
  const removals = field.payloads(phone).filter((payload) => payload.kind === 'remove');
  expect(removals.length).toBe(3);
  const removed = removals.flatMap((payload) => (payload.kind === 'remove' ? payload.references : []));
  expect(removed.toSorted()).toEqual(references);
});

test('a removal of what was tried without an answer is sent, of what was never tried is not', async () => {
  field.bouncer.weather = { kind: 'cut' };
  await record(message(1));
  await deliver();
  await record(message(2), read([1, 2]));
  expect(await states()).toEqual(['cancelled', 'cancelled', 'waiting']);
  field.bouncer.weather = { kind: 'fair' };
  field.now += 60_000;
  await deliver();
  expect(field.payloads(phone)).toMatchObject([{ kind: 'remove', references: [1] }]);
});

test('a device that heard nothing for 21 days gets a badge, once [R-RAT-09]', async () => {
  field.now += 20 * DAY;
  await scheduleSilent(field.context);
  await record();
  await deliver();
  expect(field.bouncer.received).toEqual([]);
  field.now += 2 * DAY;
  for (let i = 0; i < 2; i += 1) {
    await scheduleSilent(field.context);
    await record();
    await deliver();
  }
  expect(field.payloads(phone).map(({ kind }) => kind)).toEqual(['badge']);
  expect(field.bouncer.received[0]?.item).toMatchObject({ urgency: 'background' });
});

test('where E2EE is required, a device without it is told so and gets nothing, also one from before', async () => {
  const caller = { user: 'alice', session: 'an old app' };
  const legacy = (token: string): LegacyRegistrationRequest => ({
    registration_id: id(16),
    app_id: APP_ID,
    platform: 'fcm',
    environment: '',
    token,
  });
  const token = id(100);
  await registerLegacy(field.context, caller, legacy(token));
  await record(message(1));
  await deliver();
  expect(field.bouncer.receivedBy(token).length).toBe(1);
  field.policy = 'require_e2ee';
  delivery = new Delivery(field.context, () => undefined);
  await record(message(2), read([1]));
  await deliver();
  expect(field.bouncer.receivedBy(token).length).toBe(1);
  expect(field.payloads(phone).filter(({ kind }) => kind === 'message').length).toBe(2);
  await expect(registerLegacy(field.context, caller, legacy(id(100)))).rejects.toMatchObject({
    code: 'legacy_refused',
  });
});

test('collapse is the same for the same reference on one device, and else different [R-NOT-14]', async () => {
  const other = await field.addDevice('alice');
  await record(message(7), message(7), message(8));
  await deliver();
  const collapses = (device: Device) =>
    field.bouncer.receivedBy(device.token).map(({ item }) => item.collapse);
  expect(new Set(collapses(phone)).size).toBe(2);
  expect(new Set([...collapses(phone), ...collapses(other)]).size).toBe(4);
});

test('collapse is the documented MAC, under a key of its own for each server', () => {
  const key = Buffer.alloc(32, 7);
  const [registrationId, kid] = [id(16), id(4)];
  const collapse = (subject: CollapseSubject) =>
    buildCollapse(nativeBackend, key, registrationId, kid, subject);
  const mac = (what: string) =>
    createHmac('sha256', key)
      .update('sealed-push/1 collapse')
      .update(Buffer.concat([Buffer.from(registrationId, 'base64url'), Buffer.from(kid, 'base64url')]))
      .update(Buffer.from(what, 'hex'))
      .digest()
      .subarray(0, 16)
      .toString('base64url');
  expect(collapse({ reference: 500 })).toBe(mac('1901f4'));
  expect(collapse({ reference: Uint8Array.of(1, 2) })).toBe(mac('420102'));
  expect(collapse({ sentAt: 500 })).toBe(mac('00000000000001f4'));
  expect(new StorageKey(Buffer.alloc(32, 1)).collapseKey).not.toEqual(new StorageKey(key).collapseKey);
});

test('the items of one event are spread over the batches that are possible', () => {
  const rows = Array.from({ length: 1000 }, (_, i) => ({
    outbox_id: i,
    registration_id: `device ${i}`,
    event_id: i < 900 ? 'large' : 'small',
    envelope: new Uint8Array(1),
  })) as unknown as DueRow[];
  const batches = buildBatches(rows, 4, 1000, Math.random);
  expect(batches.map((batch) => batch.rows.length)).toEqual([250, 250, 250, 250]);
  for (const { rows: dealt } of batches) {
    expect(dealt.filter(({ event_id }) => event_id === 'small').length).toBe(25);
  }
  const order = batches[0]?.rows.map((row) => row.outbox_id) as number[];
  expect(order).not.toEqual(order.toSorted((a, b) => a - b));
  expect(new Set(batches.flatMap((batch) => batch.rows.map((row) => row.outbox_id))).size).toBe(1000);
  expect(buildBatches(rows.slice(0, 3), 4, 1000, Math.random).length).toBe(1);
  expect(buildBatches(rows, 4, 10, Math.random).map((batch) => batch.rows.length)).toEqual([10, 10, 10, 10]);
});

test('what is for one device stays together, in order, and within half a replay window [R-NOT-16]', () => {
  const rows = Array.from({ length: 1000 }, (_, i) => ({
    outbox_id: 1000 - i,
    registration_id: `device ${i % 3}`,
    event_id: `event ${i}`,
    envelope: new Uint8Array(1),
  })) as unknown as DueRow[];
  const batches = buildBatches(rows, 4, 1000, Math.random);
  expect(batches.length).toBe(3);
  for (const { rows: dealt } of batches) {
    expect(new Set(dealt.map((row) => row.registration_id)).size).toBe(1);
    const order = dealt.map((row) => row.outbox_id);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(order.length).toBe(128);
    expect(order[0]).toBeLessThanOrEqual(3);
  }
});

/** A device of alice without E2EE; what it was sent and accepted, and what became of its rows. */
async function addBareDevice() {
  const [token, registrationId] = [id(100), id(16)];
  await registerLegacy(
    field.context,
    { user: 'alice', session: 'an old app' },
    { registration_id: registrationId, app_id: APP_ID, platform: 'fcm', environment: '', token },
  );
  return {
    badges: () =>
      field.bouncer.receivedBy(token).map(({ item }) => ('badge' in item ? item.badge : undefined)),
    states: async () => {
      const rows = await field.database
        .selectFrom('push_outbox')
        .select(['state', 'badge'])
        .where('registration_id', '=', registrationId)
        .orderBy('outbox_id')
        .execute();
      return rows.map(({ state, badge }) => `${state} ${badge}`);
    },
  };
}

function unread(count: number): PushEvent {
  return message(count, { audience: [{ user: 'alice', level: 'all', unread: count }] });
}

test('of redacted notifications that are put off only the newest waits, and rings once', async () => {
  const bare = await addBareDevice();
  let room = 30;
  field.bouncer.judge = ({ route }) => {
    if (route === 'sealed') return { status: 'accepted' };
    room -= 1;
    return room >= 0 ? { status: 'accepted' } : { status: 'retry', after_seconds: 600 };
  };
  await record(...Array.from({ length: 600 }, (_, i) => unread(i + 1)));
  for (let i = 0; i < 10; i += 1) await deliver();
  const rows = async (state: string) => (await bare.states()).filter((row) => row.startsWith(state));
  expect(await rows('waiting')).toEqual(['waiting 600']);
  expect((await rows('sent')).length).toBe(30);
  expect((await rows('superseded')).length).toBe(569);
  // One that comes meanwhile takes its place at once.
  await record(unread(601));
  expect(await rows('waiting')).toEqual(['waiting 601']);
  await deliver();
  const tried = bare.badges().length;
  room = 30;
  field.now += 2 * HOUR;
  for (let i = 0; i < 3; i += 1) await deliver();
  expect(bare.badges().slice(tried)).toEqual([601]);
  expect(await rows('waiting')).toEqual([]);
  // What is sealed says something of its own, every time.
  expect(field.payloads(phone).length).toBe(601);
});

test('what was not answered is not superseded, nor an alert by what makes no sound', async () => {
  const bare = await addBareDevice();
  // After a failure, one request at a time.
  const settle = async () => {
    for (let i = 0; i < 3; i += 1) await deliver();
  };
  field.bouncer.weather = { kind: 'cut' };
  await record(unread(1));
  await settle();
  await record(unread(2));
  expect(await bare.states()).toEqual(['waiting 1', 'waiting 2']);
  field.bouncer.weather = { kind: 'fair' };
  field.now += HOUR;
  await settle();
  expect(await bare.states()).toEqual(['sent 1', 'sent 2']);
  field.bouncer.judge = () => ({ status: 'retry', after_seconds: 600 });
  await record(unread(3));
  await settle();
  await record(read([1]));
  expect((await bare.states()).slice(2)).toEqual(['waiting 3', 'waiting 0']);
  field.bouncer.weather = { kind: 'cut' };
  field.now += HOUR;
  await settle();
  await record(unread(4));
  expect((await bare.states()).slice(2)).toEqual(['waiting 3', 'waiting 0', 'waiting 4']);
  field.bouncer.weather = { kind: 'fair' };
  field.now += HOUR;
  await settle();
  expect((await bare.states()).slice(2)).toEqual(['superseded 3', 'superseded 0', 'waiting 4']);
});

test('what is sealed is never superseded', async () => {
  field.bouncer.judge = () => ({ status: 'retry', after_seconds: 600 });
  await record(message(1));
  await deliver();
  await record(message(2));
  await supersedeRows(field.context.database, [phone.registrationId]);
  expect(await states()).toEqual(['waiting', 'waiting']);
});
