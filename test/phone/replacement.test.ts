// Several keys of one registration (SPEC.md section 4.3): what belongs to the kid, what to the registration, and how long
// a key opens what was sealed to it.
import { expect, test } from 'vitest';
import { receiveOnIphone } from '../../client-sim/phone/ios-app.ts';
import { runExtension } from '../../client-sim/phone/ios-extension.ts';
import { addKey } from '../../client-sim/phone/keyring.ts';
import { type HeldKey, updateRegistration } from '../../client-sim/phone/state.ts';
import { LIVE_KIDS_MAX } from '../../protocol/wire/limits.ts';
import { SUITE_XWING_PSK } from '../../protocol/wire/suites.ts';
import {
  apnsAlert,
  apnsBackground,
  buildTestPhone,
  DAY_MS,
  KEEP_DAYS,
  makeTestKey,
  message,
  sealFor,
  type TestPhone,
} from './test-phone.ts';

/** One more key; the phone as the server has it from then on. */
function replaceKey(phone: TestPhone, key: HeldKey = makeTestKey()): TestPhone {
  phone.context.file.update((state) =>
    updateRegistration(state, phone.registration.registrationId, (registration) => addKey(registration, key)),
  );
  return { ...phone, key };
}

const registrationOf = (phone: TestPhone) => phone.context.file.state.registrations[0];

test('envelopes to all four keys open, of both suites; a fifth key closes the oldest', async () => {
  const first = await buildTestPhone();
  const phones = [
    first,
    replaceKey(first),
    replaceKey(first, makeTestKey(SUITE_XWING_PSK)),
    replaceKey(first),
  ];
  expect(phones).toHaveLength(LIVE_KIDS_MAX);
  for (const [reference, phone] of phones.entries()) {
    first.clock.advance(1);
    await runExtension(
      first.context,
      apnsAlert(sealFor(phone, message(`m${reference}`, { reference })), `c${reference}`),
    );
  }
  expect(first.events).toMatchObject(
    phones.map((_, index) => ({ event: 'shown', body: `m${index}`, sound: true })),
  );
  replaceKey(first);
  first.events.length = 0;
  for (const phone of phones.slice(0, 2)) {
    first.clock.advance(1);
    await runExtension(
      first.context,
      apnsAlert(sealFor(phone, message('again', { reference: 9 }), { counter: 2 }), 'd'),
    );
  }
  expect(first.events).toMatchObject([
    { event: 'placeholder', diagnostic: 'registration' },
    { event: 'shown', body: 'again' },
  ]);
});

test('counter and window are of the kid: the new one begins at 1, and no gap is seen', async () => {
  const old = await buildTestPhone();
  await runExtension(old.context, apnsAlert(sealFor(old, message('a'), { counter: 1 }), 'a'));
  const fresh = replaceKey(old);
  old.clock.advance(1);
  await runExtension(
    old.context,
    apnsAlert(sealFor(fresh, message('b', { reference: 8 }), { counter: 1 }), 'b'),
  );
  expect(registrationOf(old)?.keys).toMatchObject([
    { counter: 1, missing: 0, window: { pairs: [{ identifier: 'a' }] } },
    { counter: 1, missing: 0, window: { pairs: [{ identifier: 'b' }] } },
  ]);
  expect(old.events.filter(({ event }) => event === 'sync_hint')).toEqual([]);
});

test('tombstones, and the newest state of a message, are of the registration and outlive the kid', async () => {
  const old = await buildTestPhone();
  const sentAt = old.clock.nowMs();
  const remove = sealFor(old, { kind: 'remove', references: [7] }, { sentAt: sentAt + 2 });
  const edit = sealFor(old, message('edited', { reference: 8 }), { sentAt: sentAt + 3, counter: 2 });
  for (const envelope of [remove, edit]) await runExtension(old.context, apnsAlert(envelope, 'a'));
  const fresh = replaceKey(old);
  old.events.length = 0;
  const late = sealFor(fresh, message('late'), { sentAt: sentAt + 1 });
  const draft = sealFor(fresh, message('draft', { reference: 8 }), { sentAt, counter: 2 });
  await runExtension(old.context, apnsAlert(late, 'b'));
  await runExtension(old.context, apnsAlert(draft, 'c'));
  expect(old.events).toMatchObject([
    { event: 'placeholder', diagnostic: 'removed' },
    { event: 'shown', body: 'edited', sound: false },
  ]);
});

test('the count is of the highest sent_at over all keys of the registration [R-REC-15]', async () => {
  const old = await buildTestPhone();
  const fresh = replaceKey(old);
  const sentAt = old.clock.nowMs();
  await runExtension(
    old.context,
    apnsAlert(sealFor(fresh, message('new'), { sentAt: sentAt + 1, unread: 4 }), 'a'),
  );
  const late = sealFor(old, message('old', { reference: 8 }), { sentAt, unread: 9 });
  await runExtension(old.context, apnsAlert(late, 'b'));
  expect(old.events).toMatchObject([{ badge: 4 }, { body: 'old', sound: true, badge: 4 }]);
});

test('only the newest key ends another, and only once it has opened: no epoch on the outside does', async () => {
  const old = await buildTestPhone();
  const middle = replaceKey(old);
  const fresh = replaceKey(old);
  const kids = () => registrationOf(old)?.keys.length;
  const aged = { epoch: KEEP_DAYS + 2 };
  await runExtension(old.context, apnsAlert(sealFor(middle, message('a'), {}, aged), 'a'));
  expect(kids()).toBe(3);
  const forged = sealFor(fresh, message('b'), {}, aged);
  forged[forged.length - 1] = (forged.at(-1) as number) ^ 1;
  await runExtension(old.context, apnsAlert(forged, 'b'));
  expect(kids()).toBe(3);
  await runExtension(old.context, apnsAlert(sealFor(fresh, message('c'), {}, aged), 'c'));
  expect(kids()).toBe(1);
});

test('a badge moves the chain on: silence does not keep old days open', async () => {
  const phone = await buildTestPhone();
  await receiveOnIphone(phone.context, apnsBackground(sealFor(phone, { kind: 'badge' }, {}, { epoch: 30 })));
  expect(registrationOf(phone)?.keys).toMatchObject([{ epoch: 30 - KEEP_DAYS - 1 }]);
});

test('what was removed stays removed as long as the longest-lived key opens what it covers', async () => {
  const first = await buildTestPhone();
  const longLived = replaceKey(first, makeTestKey(undefined, 7));
  const shortLived = replaceKey(first, makeTestKey(undefined, 1));
  const held = sealFor(longLived, message('withheld'), { ttlSeconds: 7 * 86_400 });
  first.clock.advance(1000);
  const takenAway = sealFor(shortLived, { kind: 'remove', references: [7] });
  await receiveOnIphone(first.context, apnsBackground(takenAway));
  first.clock.advance(DAY_MS + 720_000);
  await receiveOnIphone(
    first.context,
    apnsBackground(sealFor(shortLived, { kind: 'badge' }, { counter: 2 })),
  );
  first.events.length = 0;
  await runExtension(first.context, apnsAlert(held));
  expect(first.events).toMatchObject([{ event: 'placeholder' }]);
});

test('a push that ends the longest-lived key has the phone forget by the keys that are left', async () => {
  const first = await buildTestPhone();
  const longLived = replaceKey(first, makeTestKey(undefined, 7));
  const shortLived = replaceKey(first, makeTestKey(undefined, 1));
  await receiveOnIphone(
    first.context,
    apnsBackground(sealFor(longLived, { kind: 'remove', references: [7] })),
  );
  expect(registrationOf(first)?.tombstones.size).toBe(1);
  first.clock.advance(2 * DAY_MS);
  const badge = sealFor(shortLived, { kind: 'badge' }, {}, { epoch: 9 });
  await receiveOnIphone(first.context, apnsBackground(badge));
  expect(registrationOf(first)?.keys).toHaveLength(1);
  expect(registrationOf(first)?.tombstones.size).toBe(0);
});
