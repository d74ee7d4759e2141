// Two accounts on one phone (SPEC.md sections 4.6 and 10.4): everything is local to the registration that opened the
// envelope, and what ends one leaves the other.
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { AccountState } from '../../client-sim/phone/account-state.ts';
import { receiveOnAndroid } from '../../client-sim/phone/android.ts';
import { type PhoneConfig, parseConfig } from '../../client-sim/phone/config.ts';
import { runExtension } from '../../client-sim/phone/ios-extension.ts';
import { makeAttempt } from '../../client-sim/phone/registration.ts';
import type { Registration } from '../../client-sim/phone/state.ts';
import { readStateFile } from '../../client-sim/phone/state-file.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { BouncerKeys } from './bouncer-keys.ts';
import type { ChatStandIn } from './chat-stand-in.ts';
import { command, isEvent, type PhoneField, startPhoneField, WAIT_MS } from './phone-field.ts';
import {
  apnsAlert,
  buildTestPhone,
  fcm,
  fcmData,
  makeTestKey,
  message,
  sealFor,
  type TestPhone,
} from './test-phone.ts';

const OTHER_ORIGIN = 'https://chat.example.com';
const BOUNCER = 'https://push.example.net';

let field: PhoneField;
let chat: ChatStandIn;

beforeAll(async () => {
  field = await startPhoneField();
  chat = field.chat;
});
afterEach(() => field.clear());
afterAll(() => field.close());

/** The phone, and the same phone as its other account has it. */
async function buildTwo(): Promise<readonly [TestPhone, TestPhone]> {
  const phone = await buildTestPhone();
  const key = { ...makeTestKey(), registered: true };
  const registration: Registration = {
    ...phone.registration,
    registrationId: nativeBackend.randomBytes(16),
    origin: OTHER_ORIGIN,
    keys: [key],
  };
  phone.context.file.update((state) => ({ ...state, registrations: [...state.registrations, registration] }));
  return [phone, { ...phone, registration, key }];
}

function configOf({ registration }: TestPhone): PhoneConfig {
  return parseConfig({
    PHONE_NAME: 'alice-phone',
    PHONE_KIND: 'iphone',
    PHONE_APP_ID: registration.appId,
    PHONE_SERVER_ORIGIN: registration.origin,
    PHONE_SESSION_FILE: 's',
    PHONE_CA_FILE: 'c',
    PHONE_DEVICES_URL: BOUNCER,
    PHONE_STATE_FILE: 'f',
    PHONE_ROOTS: encodeBase64url(new Uint8Array(32)),
  });
}

test('the same reference in both accounts is two messages; a removal in one leaves the other [R-PAY-09]', async () => {
  const [first, second] = await buildTwo();
  await runExtension(first.context, apnsAlert(sealFor(first, message('one'), { unread: 2 }), 'a'));
  await runExtension(first.context, apnsAlert(sealFor(second, message('two'), { unread: 3 }), 'b'));
  const sentAt = first.clock.nowMs() + 1;
  const remove = sealFor(second, { kind: 'remove', references: [7] }, { counter: 2, sentAt, unread: 0 });
  await runExtension(first.context, apnsAlert(remove, 'c'));
  expect(first.events).toMatchObject([
    { event: 'shown', body: 'one', badge: 2 },
    { event: 'shown', body: 'two', badge: 5, replaced: null },
    { event: 'removed', identifiers: ['b'], references: [7] },
    { event: 'placeholder' },
  ]);
  const { registrations, inbox } = first.context.file.state;
  expect(registrations.map(({ tombstones, unread }) => [tombstones.size, unread])).toEqual([
    [0, 2],
    [1, 0],
  ]);
  expect(inbox.map(({ text }) => text)).toEqual(['one', 'two']);
});

test('an envelope under the kid of one account and the binding of the other opens in neither [R-KEY-02]', async () => {
  const [first, second] = await buildTwo();
  await runExtension(first.context, apnsAlert(sealFor({ ...second, key: first.key }, message('x'))));
  expect(first.events).toMatchObject([{ event: 'placeholder', diagnostic: 'aead' }]);
});

test('signing out of one erases what is its own and revokes its attempts alone', async () => {
  const [first, second] = await buildTwo();
  const keys = new BouncerKeys().list(BOUNCER);
  const found = { bouncerOrigin: BOUNCER, keys, keysNow: keys.issuedAt };
  const attempts = [first, second].map(({ registration }) =>
    makeAttempt(nativeBackend, registration, found, 'c0ffee', keys.issuedAt),
  );
  first.context.file.update((state) => ({
    ...state,
    registrations: state.registrations.map((registration, index) => ({
      ...registration,
      attempts: attempts.slice(index, index + 1),
    })),
  }));
  await runExtension(first.context, apnsAlert(sealFor(first, message('one')), 'a'));
  await runExtension(first.context, apnsAlert(sealFor(second, message('two')), 'b'));
  new AccountState(first.context, configOf(first)).forget();
  const { registrations, inbox, center, revocations } = first.context.file.state;
  expect(registrations.map(({ origin }) => origin)).toEqual([OTHER_ORIGIN]);
  expect(inbox.map(({ text }) => text)).toEqual(['two']);
  expect(center.map(({ identifier }) => identifier)).toEqual(['b']);
  expect(revocations.map(({ attempt }) => attempt)).toEqual([attempts[0]?.attempt]);
});

test('a hint is of the account that opened it', async () => {
  const [first, second] = await buildTwo();
  await receiveOnAndroid(first.context, fcmData(sealFor(second, { kind: 'session' })));
  expect(first.sessionChecks).toEqual([encodeBase64url(second.registration.registrationId)]);
});

test('synchronising, reading and signing out are of the account that does it, whichever stands first', async () => {
  const launched = await field.launchReady('android');
  await launched.phone.kill();
  const json = JSON.parse(await readFile(launched.state, 'utf8'));
  const foreign = { ...json.registrations[0], origin: OTHER_ORIGIN, registration_id: undefined };
  foreign.registrationId = encodeBase64url(nativeBackend.randomBytes(16));
  foreign.keys = [];
  foreign.attempts = [];
  json.registrations.unshift(foreign);
  await writeFile(launched.state, JSON.stringify(json));
  const { phone, ready } = await field.launchReady('android', { PHONE_STATE_FILE: launched.state });
  expect(ready).toEqual(launched.ready);
  chat.messages.push({ message_id: 1, text: 'fetched', read: false });
  await command(phone, 'sync');
  const { state } = readStateFile(launched.state);
  expect(state.inbox).toMatchObject([{ text: 'fetched', registrationId: ready['registration_id'] }]);
  expect(state.registrations.map(({ syncedTo }) => syncedTo)).toEqual([0, 1]);
  await command(phone, 'sign_out');
  expect(readStateFile(launched.state).state.registrations).toMatchObject([{ origin: OTHER_ORIGIN }]);
});

/** An Android phone whose other account is without a key, or was. */
async function buildWithLegacy(accepted: boolean): Promise<TestPhone> {
  const [phone, second] = await buildTwo();
  phone.context.file.update((state) => ({
    ...state,
    registrations: [phone.registration, { ...second.registration, e2ee: false, accepted, keys: [] }],
  }));
  return phone;
}

test('a template beside a key: fixed words, no sound, no account, nothing behind it [R-REC-17]', async () => {
  const phone = await buildWithLegacy(true);
  const r = encodeBase64url(new Uint8Array(16));
  await receiveOnAndroid(
    phone.context,
    fcm({ t: 'direct_message', b: '2', r, title: 'Bank', body: 'Call us' }),
  );
  expect(phone.events).toMatchObject([
    { event: 'shown', title: '', body: 'New direct message', sound: false, reference: null, sender: '' },
  ]);
  expect(phone.context.file.state.center).toMatchObject([
    { registrationId: null, reference: null, sound: false },
  ]);
  expect(phone.context.file.state.inbox).toEqual([]);
});

test.each<readonly [string, boolean, Record<string, string>]>([
  ['a template, once no account is without a key', false, { t: 'new_message', b: '1' }],
  ['words that are no template', true, { title: 'Bank', body: 'Call us' }],
  ['a template that nobody knows', true, { t: 'siren', b: '1' }],
])('%s: ignored [R-REC-17]', async (_name, accepted, data) => {
  const phone = await buildWithLegacy(accepted);
  await receiveOnAndroid(phone.context, fcm(data));
  expect(phone.events).toMatchObject([{ event: 'ignored' }]);
  expect(phone.context.file.state.center).toEqual([]);
});

test('a challenge whose attempt is pending is answered beside a legacy account; another is not', async () => {
  const phone = await buildWithLegacy(true);
  await receiveOnAndroid(
    phone.context,
    fcm({ c: encodeBase64url(new Uint8Array(48)), t: 'new_message', b: '1' }),
  );
  expect(phone.events).toEqual([{ event: 'ignored', reason: 'challenge_refused' }]);
});

const HOUR_MS = 3_600_000;

test('a hint makes an account ask once an hour, by a clock that may also have been set back [R-PAY-15]', async () => {
  const [first, second] = await buildTwo();
  const account = new AccountState(first.context, configOf(first));
  const other = new AccountState(first.context, configOf(second));
  const asks = [account.mayAskSession(HOUR_MS), account.mayAskSession(HOUR_MS), other.mayAskSession(HOUR_MS)];
  first.clock.advance(HOUR_MS - 1);
  asks.push(account.mayAskSession(HOUR_MS));
  first.clock.advance(1);
  asks.push(account.mayAskSession(HOUR_MS));
  first.clock.advance(-2 * HOUR_MS);
  asks.push(account.mayAskSession(HOUR_MS));
  expect(asks).toEqual([true, false, true, false, true, true]);
});

test('two hints within an hour: the server is asked once, also by an app that was started anew in between', async () => {
  const { phone, state } = await field.launchReady('android');
  const count = () => chat.calls.filter((call) => call === 'GET /v1/push').length;
  await chat.notify({ kind: 'session' }, {}, { background: true });
  await expect.poll(count, { timeout: WAIT_MS }).toBe(2);
  await chat.notify({ kind: 'session' }, {}, { background: true });
  await chat.notify(message('after', { reference: 1 }));
  await phone.waitFor(isEvent('shown'), WAIT_MS);
  await command(phone, 'read', { references: [1] });
  expect(count()).toBe(2);
  await phone.kill();
  const again = await field.launchReady('android', { PHONE_STATE_FILE: state });
  expect(count()).toBe(3);
  await chat.notify({ kind: 'session' }, {}, { background: true });
  await chat.notify(message('later', { reference: 2 }));
  await again.phone.waitFor(isEvent('shown'), WAIT_MS);
  await command(again.phone, 'read', { references: [2] });
  expect(count()).toBe(3);
});
