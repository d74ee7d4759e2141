// The daily ratchet with a clock of its own (SPEC.md section 4): one job steps every chain, and only forwards.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { stepChain } from '../../protocol/crypto/ratchet.ts';
import { Delivery } from '../../server/notify/delivery.ts';
import { EventReader, writeEvent } from '../../server/notify/events.ts';
import { checkStorageKey } from '../../server/notify/housekeeping.ts';
import { runRatchet } from '../../server/notify/ratchet-job.ts';
import { sealEvents } from '../../server/notify/seal-events.ts';
import { StorageKey } from '../../server/notify/storage-key.ts';
import { DAY, type Device, PushField } from './push-field.ts';

let field: PushField;
let phone: Device;

beforeEach(async () => {
  field = await PushField.lay();
  await runRatchet(field.context, field.now, null);
  phone = await field.addDevice('alice');
});
afterEach(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

const owner = () => ({ registration_id: phone.registrationId, kid: phone.kid });

async function storedKey() {
  return await field.database
    .selectFrom('push_keys')
    .selectAll()
    .where('kid', '=', phone.kid)
    .executeTakeFirstOrThrow();
}

let events = 0;
async function notify(text: string): Promise<void> {
  events += 1;
  const { context } = field;
  await writeEvent(
    context.database,
    {
      kind: 'message',
      id: `message:${events}`,
      reference: events,
      conversation: { kind: 'direct', id: 1 },
      sender: { user: 'bob', name: 'Bob' },
      text,
      audience: [{ user: 'alice', level: 'all', unread: 1 }],
    },
    context.now(),
  );
  await sealEvents(context, new EventReader());
  const delivery = new Delivery(context, () => undefined);
  await delivery.run();
  await delivery.drain();
}

test('the chain is encrypted at rest, bound to its kid, and steps once a day [R-RAT-06]', async () => {
  const before = await storedKey();
  expect(Buffer.from(before.chain).includes(Buffer.from(phone.key.chain))).toBe(false);
  expect(field.storageKey.openChain(owner(), before.chain)).toEqual(new Uint8Array(phone.key.chain));
  expect(field.storageKey.openChain({ ...owner(), kid: 'AAAAAA' }, before.chain)).toBeNull();
  field.now += DAY;
  expect(await runRatchet(field.context, field.now, null)).toEqual({ kind: 'stepped', keys: 1 });
  expect(await runRatchet(field.context, field.now + 3_600_000, null)).toEqual({ kind: 'nothing_to_do' });
  const after = await storedKey();
  expect(after.epoch).toBe(1);
  expect(field.storageKey.openChain(owner(), after.chain)).toEqual(
    stepChain(nativeBackend, phone.key.chain, 1),
  );
});

test('sealing uses the stored epoch, and the device opens every day of it [R-RAT-02]', async () => {
  await notify('today');
  for (let day = 1; day <= 4; day += 1) {
    field.now += DAY;
    await runRatchet(field.context, field.now, null);
  }
  await notify('four days later');
  field.now += DAY;
  await notify('before the job ran');
  expect(field.payloads(phone).map((payload) => payload.kind === 'message' && payload.message.text)).toEqual([
    'today',
    'four days later',
    'before the job ran',
  ]);
  const epochs = field.bouncer
    .receivedBy(phone.token)
    .map(({ item }) => 'envelope' in item && Buffer.from(item.envelope, 'base64url').readUInt16BE(5));
  expect(epochs).toEqual([0, 4, 4]);
});

test.each([
  ['2 days', 2, null, 'stepped', 2],
  ['3 days', 3, null, 'jumped', 0],
  ['a year', 365, null, 'jumped', 0],
  ['a year, and the bouncer says another day', 365, 364, 'jumped', 0],
  ['a year, and the bouncer says so too', 365, 365, 'stepped', 365],
])('a jump of %s [R-RAT-05]', async (_case, days, confirmed, kind, epoch) => {
  const today = Math.floor(field.now / DAY);
  field.now += days * DAY;
  const day = confirmed === null ? null : today + confirmed;
  expect(await runRatchet(field.context, field.now, day)).toMatchObject({ kind });
  expect((await storedKey()).epoch).toBe(epoch);
  expect(field.events.includes('clock_jumped')).toBe(kind === 'jumped');
});

test('a clock that goes back steps nothing back, and asks for a new key [R-RAT-03] [R-RAT-04]', async () => {
  for (let day = 1; day <= 3; day += 1) await runRatchet(field.context, field.now + day * DAY, null);
  await runRatchet(field.context, field.now + 2 * DAY, null);
  expect(await storedKey()).toMatchObject({ epoch: 3, state: 'live' });
  await runRatchet(field.context, field.now + DAY, null);
  expect(await storedKey()).toMatchObject({ epoch: 3, state: 'replace' });
});

test('a key that was stepped meanwhile is not stepped twice', async () => {
  field.now += DAY;
  await Promise.all([runRatchet(field.context, field.now, null), runRatchet(field.context, field.now, null)]);
  const { epoch, chain } = await storedKey();
  expect(epoch).toBe(1);
  expect(field.storageKey.openChain(owner(), chain)).toEqual(stepChain(nativeBackend, phone.key.chain, 1));
});

test('with another storage key the keys are lost: nothing is sent, and nothing falls back [R-RAT-07]', async () => {
  await checkStorageKey(field.context, false);
  field.storageKey = new StorageKey(randomBytes(32));
  await checkStorageKey(field.context, true);
  expect((await storedKey()).state).toBe('lost');
  expect(field.events).toContain('keys_lost');
  await notify('nobody hears this');
  expect(field.bouncer.received).toEqual([]);
});

test('a chain that cannot be decrypted loses its key alone [R-RAT-07]', async () => {
  const other = await field.addDevice('alice');
  await field.database
    .updateTable('push_keys')
    .set({ chain: randomBytes(60) })
    .where('kid', '=', phone.kid)
    .execute();
  await notify('for the other one');
  expect((await storedKey()).state).toBe('lost');
  expect(field.payloads(other).length).toBe(1);
  expect(field.bouncer.receivedBy(phone.token)).toEqual([]);
});
