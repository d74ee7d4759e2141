// A phone that was switched on and not unlocked yet (SPEC.md section 4.5): storage that is locked is not broken storage.
import { readFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { receiveWhileLocked } from '../../client-sim/phone/locked-phone.ts';
import type { ChatStandIn } from './chat-stand-in.ts';
import { command, isEvent, type PhoneField, startPhoneField, WAIT_MS } from './phone-field.ts';
import {
  apns,
  apnsAlert,
  apnsBackground,
  buildTestPhone,
  fcm,
  fcmData,
  message,
  sealFor,
} from './test-phone.ts';

let field: PhoneField;
let chat: ChatStandIn;

beforeAll(async () => {
  field = await startPhoneField();
  chat = field.chat;
});
afterEach(() => field.clear());
afterAll(() => field.close());

test.each(['iphone', 'android'])(
  '%s, locked: the placeholder, and nothing else changes; unlocked: the same push is new [R-STO-02]',
  async (kind) => {
    const { phone, state, ready } = await field.launchReady(kind);
    const withoutCenter = async () => ({ ...JSON.parse(await readFile(state, 'utf8')), center: [] });
    const before = await withoutCenter();
    await command(phone, 'lock');
    const calls = chat.calls.length;
    const envelope = await chat.notify(message('later'), {}, { collapse: 'a' });
    expect(await phone.waitFor(isEvent('placeholder'), WAIT_MS)).toMatchObject({ diagnostic: 'locked' });
    expect(await withoutCenter()).toEqual(before);
    for (const op of ['restart_app', 'rotate_key', 'sync', 'sign_out']) {
      expect(await command(phone, op)).toEqual({ event: 'failed', op, code: 'locked' });
    }
    expect(chat.calls).toHaveLength(calls);
    const from = phone.lines.length;
    await command(phone, 'unlock');
    expect(await phone.waitFor(isEvent('ready'), WAIT_MS, from)).toEqual(ready);
    await chat.pushAgain(envelope, { collapse: 'a' });
    expect(await phone.waitFor(isEvent('shown'), WAIT_MS)).toMatchObject({ body: 'later', sound: true });
  },
);

test.each([
  ['a background push', apnsBackground(new Uint8Array(600))],
  ['a challenge in the background', apns({ aps: { 'content-available': 1 }, c: 'AAAA' }, 'background', null)],
  ['a challenge for Android', fcm({ c: 'AAAA' })],
  ['a template for Android', fcm({ t: 'new_message', b: '1' })],
])('%s shows nothing while the phone is locked', async (_name, push) => {
  const phone = await buildTestPhone();
  await receiveWhileLocked(phone.context, push);
  expect(phone.events).toEqual([{ event: 'ignored', reason: 'locked' }]);
  expect(phone.confirmations).toEqual([]);
});

test.each([
  [
    'a challenge as an alert',
    apns({ aps: { alert: { 'loc-key': 'SP' }, 'mutable-content': 1 }, c: 'AAAA' }, 'alert', null),
  ],
  ['an alert', apnsAlert(new Uint8Array(600))],
  ['an envelope for Android', fcmData(new Uint8Array(600))],
])('%s shows the placeholder, silently, while the phone is locked', async (_name, push) => {
  const phone = await buildTestPhone();
  await receiveWhileLocked(phone.context, push);
  expect(phone.events).toMatchObject([{ event: 'placeholder', text: 'New notification' }]);
  expect(phone.context.file.state.center).toMatchObject([{ placeholder: true, sound: false }]);
});

test('what is sealed is not opened while the phone is locked, though its keys lie in memory', async () => {
  const phone = await buildTestPhone();
  await receiveWhileLocked(phone.context, apnsAlert(sealFor(phone, message('secret'))));
  expect(JSON.stringify(phone.events)).not.toContain('secret');
  expect(phone.context.file.state.registrations).toEqual([phone.registration]);
});
