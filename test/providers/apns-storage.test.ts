// What becomes of a push to an iPhone that is offline, gone, or has a new token.
import type { ClientHttp2Session, OutgoingHttpHeaders } from 'node:http2';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { connectTo, type Outcome, sendPush } from './apns-client.ts';
import { type Field, type InstalledDevice, startField } from './field.ts';
import { goOnline, type OnlinePhone } from './phone.ts';

let field: Field;
let session: ClientHttp2Session;
let device: InstalledDevice;
let phones: OnlinePhone[];
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.close());
beforeEach(async () => {
  phones = [];
  device = await field.install('apns');
  session = connectTo(field.addresses.apns, field.ca);
});
afterEach(() => {
  session.destroy();
  for (const phone of phones) phone.goOffline();
});

const bodyOf = (e: string): string => JSON.stringify({ aps: { alert: 'x', 'mutable-content': 1 }, e });

async function push(e: string, headers: OutgoingHttpHeaders = {}, token = device.token): Promise<Outcome> {
  const jwt = await field.providerToken(field.keys.main, { iat: Math.floor(field.nowSeconds / 3000) * 3000 });
  const lasting = { 'apns-expiration': String(field.nowSeconds + 3600) };
  return sendPush(session, { token, jwt, headers: { ...lasting, ...headers }, body: bodyOf(e) });
}

async function online(): Promise<OnlinePhone> {
  const phone = await goOnline(field, device.device_id);
  phones.push(phone);
  return phone;
}

const contents = (phone: OnlinePhone): unknown[] =>
  phone.deliveries.map((delivery) => (delivery['payload'] as { e: string }).e);

test('an online phone gets the push as it was sent', async () => {
  const phone = await online();
  await push('one', { 'apns-collapse-id': 'same' });
  expect(await phone.received(1)).toEqual([
    {
      platform: 'apns',
      push_type: 'alert',
      priority: 10,
      collapse_id: 'same',
      payload: JSON.parse(bodyOf('one')),
      delivery_id: expect.any(Number),
      sent_at: field.nowMs,
    },
  ]);
  expect(await field.outcomesOf(device.device_id)).toEqual(['delivered']);
});

test('an offline phone gets the newest one only', async () => {
  for (const e of ['one', 'two', 'three']) await push(e);
  expect(await field.outcomesOf(device.device_id)).toEqual(['superseded', 'superseded', 'stored']);
  const phone = await online();
  await phone.received(1);
  await push('four');
  await phone.received(2);
  expect(contents(phone)).toEqual(['three', 'four']);
  const [first, second] = phone.deliveries;
  expect(second?.delivery_id).toBeGreaterThan(first?.delivery_id ?? Infinity);
  expect(await field.outcomesOf(device.device_id)).toEqual([
    'superseded',
    'superseded',
    'delivered',
    'delivered',
  ]);
});

test('what is kept for one app says nothing to another', async () => {
  const other = await field.install('apns');
  await push('mine');
  await push('theirs', {}, other.token);
  expect(await field.outcomesOf(device.device_id)).toEqual(['stored']);
});

test('an expiration of 0 is one attempt', async () => {
  await push('now or never', { 'apns-expiration': '0' });
  expect(await field.outcomesOf(device.device_id)).toEqual(['dropped']);
  const phone = await online();
  await push('now', { 'apns-expiration': '0' });
  await phone.received(1);
  expect(contents(phone)).toEqual(['now']);
});

test('a kept push expires, and one that comes too late is not delivered', async () => {
  await push('short', { 'apns-expiration': String(field.nowSeconds + 60) });
  field.advance(59_000);
  expect(await field.outcomesOf(device.device_id)).toEqual(['stored']);
  field.advance(2_000);
  expect(await field.outcomesOf(device.device_id)).toEqual(['expired']);
  const phone = await online();
  await push('late', { 'apns-expiration': String(field.nowSeconds - 1) });
  await push('live');
  await phone.received(1);
  expect(contents(phone)).toEqual(['live']);
  expect(await field.outcomesOf(device.device_id)).toEqual(['expired', 'expired', 'delivered']);
});

test('nothing is kept longer than 30 days', async () => {
  await push('long', { 'apns-expiration': '9999999999' });
  field.advance(30 * 86_400_000 + 1000);
  expect(await field.outcomesOf(device.device_id)).toEqual(['expired']);
});

test('the second stream of a device takes over from the first', async () => {
  const first = await online();
  const second = await online();
  await first.ended();
  await push('one');
  await second.received(1);
  expect(contents(second)).toEqual(['one']);
  expect(contents(first)).toEqual([]);
});

test('a phone that hangs up is offline', async () => {
  const phone = await online();
  phone.goOffline();
  await expect
    .poll(async () => {
      await push('later');
      return (await field.outcomesOf(device.device_id)).at(-1);
    })
    .toBe('stored');
});

test('after uninstalling the token is dead, with the moment in milliseconds', async () => {
  await push('kept');
  field.advance(1_234);
  const phone = await online();
  const goneAt = field.nowMs;
  expect((await field.call('DELETE', `/devices/${device.device_id}`)).status).toBe(204);
  await phone.ended();
  field.advance(5_000);
  expect(await push('gone')).toMatchObject({
    status: 410,
    body: { reason: 'Unregistered', timestamp: goneAt },
  });
  expect((await field.call('DELETE', `/devices/${device.device_id}`)).status).toBe(404);
  expect((await field.call('GET', `/devices/${device.device_id}/deliveries`)).status).toBe(404);
});

test('what waits for an app that is uninstalled is dropped', async () => {
  await push('waiting');
  await field.call('DELETE', `/devices/${device.device_id}`);
  expect(await field.outcomesOf(device.device_id)).toEqual(['dropped']);
});

test('a rotated token dies, the new one reaches the same phone', async () => {
  const phone = await online();
  const rotatedAt = field.nowMs;
  const { body } = await field.call('POST', `/devices/${device.device_id}/token`);
  const { token } = body as { token: string };
  expect(token).toMatch(/^[0-9a-f]{64}$/);
  expect(token).not.toBe(device.token);
  expect(await push('old')).toMatchObject({
    status: 410,
    body: { reason: 'Unregistered', timestamp: rotatedAt },
  });
  expect(await push('new', {}, token)).toMatchObject({ status: 200 });
  await phone.received(1);
  expect(contents(phone)).toEqual(['new']);
});

test('the counts add up', async () => {
  const { body } = await field.call('GET', '/control/outcomes');
  const { accepted, ...parts } = body as Record<string, number>;
  expect(Object.keys(parts).sort()).toEqual(['delivered', 'dropped', 'expired', 'stored', 'superseded']);
  expect(Object.values(parts).reduce((sum, count) => sum + count, 0)).toBe(accepted);
  const answered = (await field.record()).filter((entry) => entry.status === 200);
  expect(accepted).toBe(answered.length);
});
