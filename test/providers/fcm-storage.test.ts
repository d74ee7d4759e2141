// What becomes of a message to an Android phone that is offline or dozes.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Field, type InstalledDevice, startField } from './field.ts';
import { goOnline, type OnlinePhone } from './phone.ts';

let field: Field;
let access: string;
let device: InstalledDevice;
let phones: OnlinePhone[];
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.close());
beforeEach(async () => {
  phones = [];
  device = await field.install('fcm');
  access = await field.accessToken(field.keys.project);
});
afterEach(() => {
  for (const phone of phones) phone.goOffline();
});

async function send(e: string, android: object = {}): Promise<void> {
  const answer = await field.send(access, { message: { token: device.token, data: { e }, android } });
  expect(answer.status).toBe(200);
}

async function online(): Promise<OnlinePhone> {
  const phone = await goOnline(field, device.device_id);
  phones.push(phone);
  return phone;
}

const contents = (phone: OnlinePhone): unknown[] =>
  phone.deliveries.map((delivery) => (delivery['data'] as { e: string } | undefined)?.e ?? 'deleted');

test('a token has the form of a real one', () => {
  expect(device.token).toMatch(/^[\w-]{22}:APA91b[\w-]{112}$/);
});

test('an online phone gets the data as it was sent', async () => {
  const phone = await online();
  await send('one', { priority: 'HIGH' });
  expect(await phone.received(1)).toEqual([
    {
      platform: 'fcm',
      priority: 'HIGH',
      data: { e: 'one' },
      delivery_id: expect.any(Number),
      sent_at: field.nowMs,
    },
  ]);
});

test('up to 100 wait, and come in order', async () => {
  const sent = Array.from({ length: 100 }, (_, i) => `m${i}`);
  for (const e of sent) await send(e);
  const phone = await online();
  await phone.received(100);
  expect(contents(phone)).toEqual(sent);
});

test('the 101st drops all, and the phone is told so', async () => {
  for (let i = 0; i < 101; i += 1) await send(`m${i}`);
  expect(new Set(await field.outcomesOf(device.device_id))).toEqual(new Set(['dropped']));
  await send('after');
  const phone = await online();
  expect(await phone.received(2)).toMatchObject([
    { platform: 'fcm', deleted_messages: true },
    { data: { e: 'after' } },
  ]);
  phone.goOffline();
  const again = await online();
  await send('later');
  await again.received(1);
  expect(contents(again)).toEqual(['later']);
});

test('a collapse key replaces, and a fifth drives out the first', async () => {
  await send('a1', { collapse_key: 'a' });
  await send('plain');
  await send('a2', { collapse_key: 'a' });
  expect(await field.outcomesOf(device.device_id)).toEqual(['superseded', 'stored', 'stored']);
  for (const key of ['b', 'c', 'd', 'e']) await send(key, { collapse_key: key });
  const phone = await online();
  await phone.received(5);
  expect(contents(phone)).toEqual(['plain', 'b', 'c', 'd', 'e']);
  expect((await field.outcomesOf(device.device_id)).filter((outcome) => outcome === 'dropped')).toHaveLength(
    1,
  );
});

test('ttl: a message expires, and 0 is now or never', async () => {
  await send('never', { ttl: '0s' });
  await send('short', { ttl: '60s' });
  await send('long');
  expect(await field.outcomesOf(device.device_id)).toEqual(['dropped', 'stored', 'stored']);
  field.advance(60_000);
  expect(await field.outcomesOf(device.device_id)).toEqual(['dropped', 'expired', 'stored']);
  const phone = await online();
  await send('now', { ttl: '0s' });
  await phone.received(2);
  expect(contents(phone)).toEqual(['long', 'now']);
});

test('in Doze only high priority comes through', async () => {
  const doze = (dozing: boolean) =>
    field.call('POST', `/control/devices/${device.device_id}/doze`, { dozing });
  const phone = await online();
  expect((await doze(true)).status).toBe(204);
  await send('normal');
  await send('high', { priority: 'HIGH' });
  await phone.received(1);
  expect(contents(phone)).toEqual(['high']);
  await doze(false);
  await phone.received(2);
  expect(contents(phone)).toEqual(['high', 'normal']);
});
