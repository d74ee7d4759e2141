// The simulated Android phone (SPEC.md section 10).
import { expect, test } from 'vitest';
import { receiveOnAndroid } from '../../client-sim/phone/android.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { buildTestPhone, fcm, fcmData, message, sealFor } from './test-phone.ts';

test('a loud message is shown with sound and without a badge', async () => {
  const phone = await buildTestPhone();
  await receiveOnAndroid(phone.context, fcmData(sealFor(phone, message('tea is ready'), { unread: 2 })));
  expect(phone.events).toMatchObject([{ event: 'shown', body: 'tea is ready', sound: true }]);
  expect(phone.events[0]).not.toHaveProperty('badge');
});

test('a replay is dropped', async () => {
  const phone = await buildTestPhone();
  const envelope = sealFor(phone, message('once'));
  await receiveOnAndroid(phone.context, fcmData(envelope));
  await receiveOnAndroid(phone.context, fcmData(envelope));
  expect(phone.events).toMatchObject([{ event: 'shown' }, { event: 'ignored', reason: 'replayed' }]);
  expect(phone.context.file.state.inbox).toMatchObject([{ alerted: 1 }]);
});

test('what seems expired is shown quietly if it is the newest of all, and dropped if not', async () => {
  const phone = await buildTestPhone();
  const sentAt = phone.clock.nowMs();
  const newest = sealFor(phone, message('newest', { reference: 2 }), { sentAt, counter: 2, ttlSeconds: 60 });
  const older = sealFor(phone, message('older', { reference: 1 }), { sentAt: sentAt - 1, ttlSeconds: 60 });
  phone.clock.advance(3_600_000);
  await receiveOnAndroid(phone.context, fcmData(newest));
  await receiveOnAndroid(phone.context, fcmData(older));
  expect(phone.events).toMatchObject([
    { event: 'sync_hint', skipped: 1 },
    { event: 'shown', body: 'newest', sound: false },
    { event: 'ignored', reason: 'expired' },
  ]);
});

test('what comes from the future is dropped', async () => {
  const phone = await buildTestPhone();
  const envelope = sealFor(phone, message('soon'), { sentAt: phone.clock.nowMs() + 600_001 });
  await receiveOnAndroid(phone.context, fcmData(envelope));
  expect(phone.events).toEqual([{ event: 'ignored', reason: 'from_future' }]);
});

test('a removed message goes, and does not come back', async () => {
  const phone = await buildTestPhone();
  const sentAt = phone.clock.nowMs();
  await receiveOnAndroid(phone.context, fcmData(sealFor(phone, message('gone soon'), { sentAt })));
  const remove = sealFor(phone, { kind: 'remove', references: [7] }, { sentAt: sentAt + 2, counter: 2 });
  await receiveOnAndroid(phone.context, fcmData(remove));
  const late = sealFor(phone, message('late'), { sentAt: sentAt + 1, counter: 3 });
  await receiveOnAndroid(phone.context, fcmData(late));
  expect(phone.events.slice(1)).toMatchObject([
    { event: 'removed', references: [7] },
    { event: 'ignored', reason: 'removed' },
  ]);
  expect(phone.context.file.state.center).toEqual([]);
});

test('an older state of a message that comes late is not shown', async () => {
  const phone = await buildTestPhone();
  const sentAt = phone.clock.nowMs();
  const draft = sealFor(phone, message('draft'), { sentAt });
  const final = sealFor(phone, message('final', { edited: true }), { sentAt: sentAt + 1, counter: 2 });
  for (const envelope of [final, draft]) await receiveOnAndroid(phone.context, fcmData(envelope));
  expect(phone.events.slice(1)).toMatchObject([
    { event: 'shown', body: 'final' },
    { event: 'ignored', reason: 'superseded' },
  ]);
  expect(phone.context.file.state.center.map(({ body }) => body)).toEqual(['final']);
});

test('an envelope that does not open shows the placeholder, once', async () => {
  const phone = await buildTestPhone();
  const envelope = sealFor(phone, message('x'));
  envelope[100] = (envelope[100] as number) ^ 1;
  await receiveOnAndroid(phone.context, fcmData(envelope));
  await receiveOnAndroid(phone.context, fcmData(envelope));
  expect(phone.events).toMatchObject([
    { event: 'placeholder', diagnostic: 'aead' },
    { event: 'placeholder' },
  ]);
  expect(phone.context.file.state.center).toHaveLength(1);
});

test.each([
  ['a template', { t: 'new_message', b: '1' }],
  ['words', { title: 'Bank', body: 'Call us' }],
  ['a challenge that is not ours', { c: encodeBase64url(new Uint8Array(48)) }],
])('%s is ignored', async (_name, data) => {
  const phone = await buildTestPhone();
  await receiveOnAndroid(phone.context, fcm(data as Record<string, string>));
  expect(phone.events).toMatchObject([{ event: 'ignored' }]);
  expect(phone.confirmations).toEqual([]);
  expect(phone.context.file.state.center).toEqual([]);
});

test('a kind of a later version changes state and shows nothing, however urgent it came [R-REC-13]', async () => {
  const phone = await buildTestPhone();
  const envelope = encodeBase64url(sealFor(phone, { kind: 'unknown', id: 8 }, { unread: 2 }));
  await receiveOnAndroid(phone.context, fcm({ e: envelope }, 'HIGH'));
  expect(phone.events).toEqual([{ event: 'ignored', reason: 'kind' }]);
  expect(phone.context.file.state.registrations[0]).toMatchObject({ unread: 2, keys: [{ counter: 1 }] });
});

test('an e that is not base64url shows the placeholder', async () => {
  const phone = await buildTestPhone();
  await receiveOnAndroid(phone.context, fcm({ e: 'AA==' }));
  expect(phone.events).toMatchObject([{ event: 'placeholder', diagnostic: 'length' }]);
});

test('messages that FCM dropped are a reason to synchronise', async () => {
  const phone = await buildTestPhone();
  const dropped = { platform: 'fcm' as const, delivery_id: 1, sent_at: 1, deleted_messages: true as const };
  await receiveOnAndroid(phone.context, dropped);
  expect(phone.events).toEqual([{ event: 'sync_hint', skipped: 0 }]);
});
