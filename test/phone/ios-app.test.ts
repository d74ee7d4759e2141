// The app of the simulated iPhone: background pushes, and alerts that no extension may touch (SPEC.md section 10).
import { expect, test } from 'vitest';
import { receiveOnIphone } from '../../client-sim/phone/ios-app.ts';
import { apns, apnsAlert, apnsBackground, buildTestPhone, message, sealFor } from './test-phone.ts';

test('a badge push changes the number and shows nothing', async () => {
  const phone = await buildTestPhone();
  await receiveOnIphone(phone.context, apnsBackground(sealFor(phone, { kind: 'badge' }, { unread: 3 })));
  expect(phone.events).toEqual([{ event: 'badge', badge: 3 }]);
  expect(phone.context.file.state.center).toEqual([]);
});

test('a removal that comes after its time still buries what it removes [R-REC-08]', async () => {
  const phone = await buildTestPhone();
  const sentAt = phone.clock.nowMs();
  const remove = sealFor(
    phone,
    { kind: 'remove', references: [7] },
    { sentAt: sentAt + 1, counter: 2, ttlSeconds: 60 },
  );
  const late = sealFor(phone, message('read long ago'), { sentAt });
  phone.clock.advance(3_600_000);
  await receiveOnIphone(phone.context, apnsBackground(remove));
  await receiveOnIphone(phone.context, apnsAlert(late));
  expect(phone.events).toMatchObject([
    { event: 'sync_hint', skipped: 1 },
    { event: 'placeholder', diagnostic: 'removed' },
  ]);
});

test('only the newest count is believed [R-REC-15]', async () => {
  const phone = await buildTestPhone();
  const sentAt = phone.clock.nowMs();
  const newer = sealFor(phone, { kind: 'badge' }, { sentAt: sentAt + 1, counter: 2, unread: 1 });
  const older = sealFor(phone, { kind: 'badge' }, { sentAt, unread: 9 });
  await receiveOnIphone(phone.context, apnsBackground(newer));
  await receiveOnIphone(phone.context, apnsBackground(older));
  expect(phone.context.file.state.registrations).toMatchObject([{ unread: 1, keys: [{ missing: 0 }] }]);
});

test('the number on the icon is the sum over the accounts', async () => {
  const phone = await buildTestPhone();
  const other = { ...phone.registration, registrationId: new Uint8Array(16), keys: [], unread: 5 };
  phone.context.file.update((state) => ({ ...state, registrations: [...state.registrations, other] }));
  await receiveOnIphone(phone.context, apnsAlert(sealFor(phone, message('x'), { unread: 2 })));
  expect(phone.events).toMatchObject([{ event: 'shown', badge: 7 }]);
});

test('a message in a background push is shown all the same: display follows the kind [R-REC-13]', async () => {
  const phone = await buildTestPhone();
  const envelope = sealFor(phone, message('quiet transport'));
  await receiveOnIphone(phone.context, apnsBackground(envelope));
  await receiveOnIphone(phone.context, apnsBackground(envelope));
  expect(phone.events).toMatchObject([{ event: 'shown', body: 'quiet transport', sound: true }]);
});

test('an alert that is repeated in a background push stays where it is', async () => {
  const phone = await buildTestPhone();
  const envelope = sealFor(phone, message('here'));
  await receiveOnIphone(phone.context, apnsAlert(envelope, 'collapse-7'));
  await receiveOnIphone(phone.context, apnsBackground(envelope));
  expect(phone.context.file.state.center).toMatchObject([{ identifier: 'collapse-7', body: 'here' }]);
  await receiveOnIphone(phone.context, apnsAlert(envelope, 'collapse-8'));
  expect(phone.context.file.state.center).toMatchObject([{ identifier: 'collapse-8', body: 'here' }]);
});

test('a background push that does not open shows nothing', async () => {
  const phone = await buildTestPhone();
  await receiveOnIphone(phone.context, apnsBackground(new Uint8Array(600)));
  expect(phone.events).toEqual([{ event: 'ignored', reason: 'suite' }]);
});

test('a hint that the session ended makes the app ask, once per hint', async () => {
  const phone = await buildTestPhone();
  const envelope = sealFor(phone, { kind: 'session' });
  await receiveOnIphone(phone.context, apnsBackground(envelope));
  await receiveOnIphone(phone.context, apnsBackground(envelope));
  expect(phone.sessionChecks).toHaveLength(1);
});

test('an alert without mutable-content is shown as it came: no protocol can prevent it', async () => {
  const phone = await buildTestPhone();
  await receiveOnIphone(phone.context, apns({ aps: { alert: { title: 'A', body: 'B' } } }, 'alert', null));
  expect(phone.events).toMatchObject([
    { event: 'shown', title: 'A', body: 'B', sender: '', reference: null },
  ]);
});
