// The notification service extension of the simulated iPhone (SPEC.md section 10).
import { mkdir, rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { receiveOnIphone } from '../../client-sim/phone/ios-app.ts';
import { EXTENSION_LIMIT_MS, runExtension } from '../../client-sim/phone/ios-extension.ts';
import { addKey } from '../../client-sim/phone/keyring.ts';
import { readStateFile } from '../../client-sim/phone/state-file.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { challengeMac, encodeChallenge } from '../../protocol/registration/challenge.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import {
  apns,
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

function centerOf(phone: TestPhone) {
  return phone.context.file.state.center.map(({ identifier, title, body, placeholder }) => ({
    identifier,
    title,
    body,
    placeholder,
  }));
}

test('an alert is shown with its words, its sound and the unread count', async () => {
  const phone = await buildTestPhone();
  await runExtension(phone.context, apnsAlert(sealFor(phone, message('tea is ready'), { unread: 4 })));
  expect(phone.events).toEqual([
    {
      event: 'shown',
      identifier: 'collapse-7',
      reference: 7,
      title: 'Alice',
      subtitle: '#general > tea',
      body: 'tea is ready',
      sound: true,
      truncated: false,
      sender: 'Alice',
      conversation: '#general > tea',
      sent_at: phone.clock.nowMs(),
      at: phone.clock.nowMs(),
      replaced: null,
      badge: 4,
    },
  ]);
  expect(phone.context.file.state.inbox).toMatchObject([{ reference: 7, text: 'tea is ready', alerted: 1 }]);
});

test('a replay is shown passively, under its identifier, and counts one alert [R-REC-12]', async () => {
  const phone = await buildTestPhone();
  const envelope = sealFor(phone, message('once'));
  await runExtension(phone.context, apnsAlert(envelope));
  await runExtension(phone.context, apnsAlert(envelope));
  expect(phone.events).toMatchObject([
    { event: 'shown', sound: true },
    { event: 'shown', sound: false, replaced: 'collapse-7' },
  ]);
  expect(phone.context.file.state.inbox).toMatchObject([{ alerted: 1 }]);
  expect(centerOf(phone)).toHaveLength(1);
});

test('a replay under another identifier takes the earlier notification away, every time', async () => {
  const phone = await buildTestPhone();
  const envelope = sealFor(phone, { kind: 'test', nonce: new Uint8Array(16) });
  for (const identifier of ['first', 'second', 'third']) {
    await runExtension(phone.context, apnsAlert(envelope, identifier));
  }
  expect(phone.events).toMatchObject([
    { sound: true, replaced: null },
    { sound: false, replaced: 'first' },
    { sound: false, replaced: 'second' },
  ]);
  expect(centerOf(phone).map(({ identifier }) => identifier)).toEqual(['third']);
});

test('what comes after its time is shown without sound [R-REC-12]', async () => {
  const phone = await buildTestPhone();
  const envelope = sealFor(phone, message('too late'), { ttlSeconds: 60 });
  phone.clock.advance(60_000 + 600_000);
  await runExtension(phone.context, apnsAlert(envelope));
  expect(phone.events).toMatchObject([{ event: 'shown', body: 'too late', sound: false }]);
  expect(phone.context.file.state.inbox).toMatchObject([{ text: 'too late', alerted: 0 }]);
});

test('within ten minutes after its time it still sounds', async () => {
  const phone = await buildTestPhone();
  const envelope = sealFor(phone, message('just in time'), { ttlSeconds: 60 });
  phone.clock.advance(60_000 + 600_000 - 1);
  await runExtension(phone.context, apnsAlert(envelope));
  expect(phone.events).toMatchObject([{ event: 'shown', sound: true }]);
});

test('what comes from the future is shown passively and not recorded', async () => {
  const phone = await buildTestPhone();
  const envelope = sealFor(phone, message('soon'), { sentAt: phone.clock.nowMs() + 600_001 });
  await runExtension(phone.context, apnsAlert(envelope));
  expect(phone.events).toMatchObject([{ event: 'shown', sound: false }]);
  expect(phone.context.file.state.registrations[0]?.keys[0]?.window.pairs).toEqual([]);
  expect(phone.context.file.state.inbox).toEqual([]);
});

test("the server's clock, not the phone's, tells what is late", async () => {
  const phone = await buildTestPhone();
  phone.context.file.update((state) => ({ ...state, clockOffsetMs: DAY_MS }));
  const envelope = sealFor(phone, message('of tomorrow'), {
    sentAt: phone.clock.nowMs() + DAY_MS,
    ttlSeconds: 60,
  });
  await runExtension(phone.context, apnsAlert(envelope));
  expect(phone.events).toMatchObject([{ event: 'shown', sound: true }]);
});

test('a removed message does not come back: its place is the placeholder', async () => {
  const phone = await buildTestPhone();
  const sentAt = phone.clock.nowMs();
  const shown = sealFor(phone, message('read elsewhere'), { sentAt });
  const late = sealFor(phone, message('read elsewhere', { edited: true }), {
    sentAt: sentAt + 1,
    counter: 2,
  });
  await runExtension(phone.context, apnsAlert(shown));
  const remove = { kind: 'remove' as const, references: [7] };
  await receiveOnIphone(
    phone.context,
    apnsBackground(sealFor(phone, remove, { sentAt: sentAt + 2, counter: 3 })),
  );
  expect(centerOf(phone)).toEqual([]);
  await runExtension(phone.context, apnsAlert(late));
  await runExtension(phone.context, apnsAlert(shown));
  expect(phone.events.slice(1)).toMatchObject([
    { event: 'removed', identifiers: ['collapse-7'], references: [7] },
    { event: 'sync_hint', skipped: 1 },
    { event: 'placeholder', identifier: 'collapse-7', text: 'New notification', diagnostic: 'removed' },
    { event: 'placeholder', diagnostic: 'removed' },
  ]);
  const again = sealFor(phone, message('edited', { edited: true }), { sentAt: sentAt + 3, counter: 4 });
  await runExtension(phone.context, apnsAlert(again));
  expect(phone.events.at(-1)).toMatchObject({ event: 'shown', body: 'edited', sound: true });
});

test('references that ride along with a message are taken away with it', async () => {
  const phone = await buildTestPhone();
  await runExtension(phone.context, apnsAlert(sealFor(phone, message('first')), 'a'));
  phone.clock.advance(1);
  const next = message('second', { reference: Uint8Array.of(1, 2) });
  await runExtension(phone.context, apnsAlert(sealFor(phone, next, { counter: 2, removed: [7] }), 'b'));
  expect(phone.events.slice(1)).toMatchObject([
    { event: 'removed', identifiers: ['a'], references: [7] },
    { event: 'shown', identifier: 'b', reference: 'AQI' },
  ]);
});

test('a kind of a later version changes state and shows the placeholder', async () => {
  const phone = await buildTestPhone();
  const envelope = sealFor(phone, { kind: 'unknown', id: 8 }, { unread: 2 });
  await runExtension(phone.context, apnsAlert(envelope));
  expect(phone.events).toMatchObject([{ event: 'placeholder', diagnostic: 'kind' }]);
  expect(phone.context.file.state.registrations[0]).toMatchObject({ unread: 2, keys: [{ counter: 1 }] });
});

test('an envelope that is bound to another origin shows the placeholder', async () => {
  const phone = await buildTestPhone();
  const envelope = sealFor(phone, message('x'), {}, { origin: 'https://chat.example.com' });
  await runExtension(phone.context, apnsAlert(envelope));
  expect(phone.events).toMatchObject([{ event: 'placeholder', diagnostic: 'aead' }]);
});

test('a flipped bit anywhere shows the placeholder and changes nothing [R-RAT-14]', async () => {
  const phone = await buildTestPhone();
  const envelope = sealFor(phone, message('x'));
  const before = phone.context.file.state.registrations;
  const steps = new Set<string>();
  const header = [0, 1, 2, 3, 4, 5, 6];
  const rest = Array.from({ length: 60 }, (_, index) => 7 + index * 31);
  for (const position of [...header, ...rest, envelope.length - 1]) {
    const flipped = envelope.slice();
    flipped[position] = (flipped[position] as number) ^ (1 << (position % 8));
    phone.events.length = 0;
    await runExtension(phone.context, apnsAlert(flipped));
    expect(phone.events).toMatchObject([{ event: 'placeholder', text: 'New notification' }]);
    for (const event of phone.events) if (event.event === 'placeholder') steps.add(event.diagnostic);
  }
  expect([...steps].sort()).toEqual(['aead', 'epoch', 'registration', 'suite']);
  expect(phone.context.file.state.registrations).toEqual(before);
});

test.each([
  ['cut', (text: string) => text.slice(0, -4), 'length'],
  ['too long', (text: string) => `${text}AAAA`, 'length'],
  ['another suite', (text: string) => `xx${text.slice(2)}`, 'suite'],
  ['padded base64', (text: string) => `${text}=`, 'length'],
  ['plain base64', (text: string) => `+/${text.slice(2)}`, 'length'],
  ['empty', () => '', 'length'],
])('%s: the placeholder', async (_name, change, diagnostic) => {
  const phone = await buildTestPhone();
  const text = encodeBase64url(sealFor(phone, message('x')));
  await runExtension(phone.context, apnsAlert(change(text)));
  expect(phone.events).toMatchObject([{ event: 'placeholder', diagnostic }]);
});

test('an alert without an envelope shows the placeholder, and keeps nothing of what came [R-REC-14]', async () => {
  const phone = await buildTestPhone();
  const aps = { alert: { title: 'Bank', body: 'Call us' }, sound: 'siren', badge: 99, 'mutable-content': 1 };
  await receiveOnIphone(phone.context, apns({ aps }, 'alert', null));
  expect(phone.events).toMatchObject([{ event: 'placeholder', diagnostic: 'length' }]);
  expect(JSON.stringify([phone.events, phone.context.file.state.center])).not.toMatch(
    /Bank|Call us|siren|99/,
  );
});

test('a placeholder makes no sound [R-REC-11]', async () => {
  const phone = await buildTestPhone();
  await runExtension(phone.context, apnsAlert('AAAA'));
  expect(phone.context.file.state.center).toMatchObject([{ placeholder: true, sound: false }]);
});

test('a kid that is not ours shows the placeholder', async () => {
  const phone = await buildTestPhone();
  const envelope = sealFor({ ...phone, key: makeTestKey() }, message('x'));
  await runExtension(phone.context, apnsAlert(envelope));
  expect(phone.events).toMatchObject([{ event: 'placeholder', diagnostic: 'registration' }]);
});

test('a text that was cut is flagged', async () => {
  const phone = await buildTestPhone();
  await runExtension(phone.context, apnsAlert(sealFor(phone, message('so it begi', { truncated: true }))));
  expect(phone.events).toMatchObject([{ event: 'shown', body: 'so it begi', truncated: true }]);
});

test('an empty text shows sender and conversation', async () => {
  const phone = await buildTestPhone();
  await runExtension(phone.context, apnsAlert(sealFor(phone, message(''))));
  expect(phone.events).toMatchObject([
    { event: 'shown', title: 'Alice', subtitle: '#general > tea', body: '#general > tea' },
  ]);
  expect(phone.context.file.state.inbox).toMatchObject([{ text: '' }]);
});

test('a message takes the place of what is shown under its reference', async () => {
  const phone = await buildTestPhone();
  await runExtension(phone.context, apnsAlert(sealFor(phone, message('draft')), 'old-key'));
  phone.clock.advance(1);
  const edited = sealFor(phone, message('final', { edited: true }), { counter: 2 });
  await runExtension(phone.context, apnsAlert(edited, 'new-key'));
  expect(phone.events.at(-1)).toMatchObject({ event: 'shown', body: 'final', replaced: 'old-key' });
  expect(centerOf(phone).map(({ body }) => body)).toEqual(['final']);
});

test('an older state of a message that comes late, or again, leaves the newer one as it is', async () => {
  const phone = await buildTestPhone();
  const sentAt = phone.clock.nowMs();
  const draft = sealFor(phone, message('draft'), { sentAt });
  const final = sealFor(phone, message('final', { edited: true }), { sentAt: sentAt + 1, counter: 2 });
  for (const envelope of [final, draft, draft]) await runExtension(phone.context, apnsAlert(envelope));
  expect(phone.events).toMatchObject([
    { event: 'sync_hint' },
    { event: 'shown', body: 'final', sound: true },
    { event: 'shown', body: 'final', sound: false },
    { event: 'shown', body: 'final', sound: false },
  ]);
  expect(centerOf(phone).map(({ body }) => body)).toEqual(['final']);
  expect(phone.context.file.state.inbox).toMatchObject([{ text: 'final', alerted: 1 }]);
  await runExtension(phone.context, apnsAlert(draft, 'elsewhere'));
  expect(centerOf(phone)).toMatchObject([{ identifier: 'elsewhere', body: 'final' }]);
  phone.context.file.update((state) => ({ ...state, center: [] }));
  await runExtension(phone.context, apnsAlert(draft));
  expect(phone.events.at(-1)).toMatchObject({ event: 'placeholder', diagnostic: 'superseded' });
});

test('what was removed and came anew is not put away by its first state', async () => {
  const phone = await buildTestPhone();
  const sentAt = phone.clock.nowMs();
  const first = sealFor(phone, message('first'), { sentAt });
  const gone = sealFor(phone, { kind: 'remove', references: [7] }, { sentAt: sentAt + 1, counter: 2 });
  const anew = sealFor(phone, message('anew'), { sentAt: sentAt + 2, counter: 3 });
  for (const envelope of [first, gone, anew, first]) await runExtension(phone.context, apnsAlert(envelope));
  expect(phone.events.at(-1)).toMatchObject({ event: 'shown', body: 'anew', sound: false });
  expect(centerOf(phone).map(({ body }) => body)).toEqual(['anew']);
});

test('both keys open while two are alive, and the old one goes when the new one has aged', async () => {
  const phone = await buildTestPhone();
  const fresh = { ...makeTestKey(), registered: true };
  phone.context.file.update((state) => ({
    ...state,
    registrations: state.registrations.map((registration) => addKey(registration, fresh)),
  }));
  const newPhone = { ...phone, key: fresh };
  await runExtension(phone.context, apnsAlert(sealFor(newPhone, message('new key')), 'a'));
  phone.clock.advance(1);
  await runExtension(phone.context, apnsAlert(sealFor(phone, message('old key', { reference: 8 })), 'b'));
  expect(phone.events).toMatchObject([{ body: 'new key' }, { body: 'old key' }]);
  phone.clock.advance(1);
  const aged = sealFor(newPhone, message('aged', { reference: 9 }), { counter: 2 }, { epoch: KEEP_DAYS + 2 });
  await runExtension(phone.context, apnsAlert(aged, 'c'));
  const late = sealFor(phone, message('late', { reference: 10 }), { counter: 2 });
  await runExtension(phone.context, apnsAlert(late, 'd'));
  expect(phone.events.slice(2)).toMatchObject([
    { event: 'shown', body: 'aged' },
    { event: 'placeholder', diagnostic: 'registration' },
  ]);
});

test('the chain moves on with the epoch, and the days before are closed [R-RAT-12]', async () => {
  const phone = await buildTestPhone();
  const recorded = sealFor(phone, message('recorded', { reference: 1 }), {}, { epoch: 5 });
  const today = sealFor(phone, message('today', { reference: 2 }), {}, { epoch: 10 });
  const kept = sealFor(phone, message('kept', { reference: 3 }), { counter: 2 }, { epoch: 6 });
  await runExtension(phone.context, apnsAlert(today, 'a'));
  expect(readStateFile(phone.path).state.registrations[0]?.keys[0]?.epoch).toBe(10 - KEEP_DAYS - 1);
  await runExtension(phone.context, apnsAlert(recorded, 'b'));
  await runExtension(phone.context, apnsAlert(kept, 'c'));
  expect(phone.events).toMatchObject([
    { event: 'shown', body: 'today' },
    { event: 'placeholder', diagnostic: 'epoch' },
    { event: 'shown', body: 'kept' },
  ]);
});

test('an epoch too far ahead is not followed', async () => {
  const phone = await buildTestPhone();
  await runExtension(phone.context, apnsAlert(sealFor(phone, message('x'), {}, { epoch: 1024 })));
  expect(phone.events).toMatchObject([{ event: 'placeholder', diagnostic: 'epoch' }]);
});

test('what does not finish within 30 seconds becomes the placeholder', async () => {
  const phone = await buildTestPhone();
  const shown = runExtension(phone.context, apnsAlert(sealFor(phone, message('slow'))));
  phone.clock.advance(EXTENSION_LIMIT_MS);
  await shown;
  expect(phone.events).toMatchObject([{ event: 'placeholder', diagnostic: 'time_limit' }]);
  expect(centerOf(phone)).toMatchObject([{ identifier: 'collapse-7', placeholder: true }]);
});

test('what cannot be written is not shown', async () => {
  const phone = await buildTestPhone();
  await mkdir(`${phone.path}.new`);
  await runExtension(phone.context, apnsAlert(sealFor(phone, message('x'))));
  expect(phone.events[0]).toMatchObject({ event: 'placeholder', diagnostic: 'storage' });
  await rm(`${phone.path}.new`, { recursive: true });
});

test('what was shown is in the state file by then', async () => {
  const phone = await buildTestPhone();
  const read: unknown[] = [];
  const context = {
    ...phone.context,
    emit: () => void read.push(readStateFile(phone.path).state.registrations[0]?.keys[0]),
  };
  await runExtension(context, apnsAlert(sealFor(phone, message('x'))));
  expect(read[0]).toMatchObject({ counter: 1, window: { pairs: [{ identifier: 'collapse-7' }] } });
});

test('the challenge is looked for before the envelope [R-CHA-04] [R-CHA-06]', async () => {
  const phone = await buildTestPhone();
  const attempt = {
    attempt: nativeBackend.randomBytes(16),
    confirmKey: nativeBackend.randomBytes(32),
    infoHash: nativeBackend.randomBytes(32),
    blob: nativeBackend.randomBytes(565),
    token: 'aa',
    issuedAt: 0,
    state: 'pending' as const,
    bouncerOrigin: 'https://push.example.net',
    replaces: null,
  };
  phone.context.file.update((state) => ({
    ...state,
    registrations: state.registrations.map((registration) => ({ ...registration, attempts: [attempt] })),
  }));
  const challenge = nativeBackend.randomBytes(16);
  const mac = challengeMac(nativeBackend, attempt.confirmKey, attempt.attempt, challenge, attempt.infoHash);
  const aps = { alert: { 'loc-key': 'SP' }, 'mutable-content': 1, 'interruption-level': 'passive' };
  const e = encodeBase64url(sealFor(phone, message('not this')));
  const push = (changedMac: Uint8Array) =>
    apns(
      {
        aps,
        c: encodeBase64url(encodeChallenge({ attempt: attempt.attempt, challenge, mac: changedMac })),
        e,
      },
      'alert',
      null,
    );
  await receiveOnIphone(phone.context, push(new Uint8Array(16)));
  expect(phone.confirmations).toEqual([]);
  await receiveOnIphone(phone.context, push(mac));
  expect(phone.confirmations).toMatchObject([{ attempt: attempt.attempt, challenge }]);
  expect(phone.events).toEqual([{ event: 'ignored', reason: 'challenge_refused' }]);
});

test('a forged challenge outside a registration is only a placeholder', async () => {
  const phone = await buildTestPhone();
  const aps = { alert: { 'loc-key': 'SP' }, 'mutable-content': 1 };
  await receiveOnIphone(phone.context, apns({ aps, c: encodeBase64url(new Uint8Array(48)) }, 'alert', null));
  expect(phone.events).toMatchObject([{ event: 'placeholder', diagnostic: 'challenge' }]);
  expect(phone.confirmations).toEqual([]);
});
