// Sealing in both suites, a key made ready once per job (SPEC.md sections 4.2 and 12).
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { utf8 } from '../../protocol/wire/bytes.ts';
import { SUITE_X25519_PSK, SUITE_XWING_PSK } from '../../protocol/wire/suites.ts';
import { EventReader, writeEvent } from '../../server/notify/events.ts';
import { runRatchet } from '../../server/notify/ratchet-job.ts';
import { sealEvents } from '../../server/notify/seal-events.ts';
import { DAY, PushField } from './push-field.ts';

let field: PushField;

beforeEach(async () => {
  field = await PushField.lay();
});
afterEach(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

test.each([
  [SUITE_X25519_PSK, 1911],
  [SUITE_XWING_PSK, 2999],
])('what is sealed in $name is opened on every day of its chain', async (suite, bytes) => {
  await runRatchet(field.context, field.now, null);
  const phone = await field.addDevice('alice', 'apns', suite);
  for (let day = 0; day < 3; day += 1) {
    await field.run(field.message(['alice'], { text: `on day ${day}` }));
    field.now += DAY;
    await runRatchet(field.context, field.now, null);
  }
  const texts = field.payloads(phone).map((payload) => payload.kind === 'message' && payload.message.text);
  expect(texts).toEqual(['on day 0', 'on day 1', 'on day 2']);
  for (const { item } of field.bouncer.receivedBy(phone.token)) {
    const envelope = Buffer.from('envelope' in item ? item.envelope : '', 'base64url');
    expect([envelope[0], envelope.length]).toEqual([suite.id, bytes]);
  }
});

test('several messages of one job cost one preparation, those of another job another [R-PAY-05]', async () => {
  const phones = [await field.addDevice('alice'), await field.addDevice('alice', 'fcm', SUITE_XWING_PSK)];
  const PSK = Buffer.from(utf8('sealed-push/1 psk'));
  let prepared = 0;
  const backend: CryptoBackend = {
    ...nativeBackend,
    hmacSha256(key, ...parts) {
      if (Buffer.concat(parts).includes(PSK)) prepared += 1;
      return nativeBackend.hmacSha256(key, ...parts);
    },
  };
  const context = { ...field.context, backend };
  const record = async (count: number) => {
    for (let i = 0; i < count; i += 1) {
      await writeEvent(context.database, field.message(['alice'], { text: `text ${i}` }), field.now);
    }
    while (await sealEvents(context, new EventReader()));
  };
  await record(5);
  expect(prepared).toBe(2);
  await record(1);
  expect(prepared).toBe(4);
  await field.run();
  for (const phone of phones)
    expect(field.payloads(phone).map(({ counter }) => counter)).toEqual([1, 2, 3, 4, 5, 6]);
});
