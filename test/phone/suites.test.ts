// Which suites the app registers and seals with (SPEC.md sections 4, 6 and 12).
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { runExtension } from '../../client-sim/phone/ios-extension.ts';
import { EMPTY_STATE } from '../../client-sim/phone/state.ts';
import { readStateFile } from '../../client-sim/phone/state-file.ts';
import { chooseSuite, raiseSuiteFloor } from '../../client-sim/phone/suite-floor.ts';
import { decodeBase64url } from '../../protocol/wire/base64url.ts';
import { SUITE_X25519_BASE, SUITE_XWING_BASE, SUITE_XWING_PSK } from '../../protocol/wire/suites.ts';
import type { ChatStandIn } from './chat-stand-in.ts';
import { command, isEvent, type PhoneField, startPhoneField, WAIT_MS } from './phone-field.ts';
import { apnsAlert, buildTestPhone, message, sealFor } from './test-phone.ts';

const ORIGIN = 'https://chat.example.org';
const ELSEWHERE = 'https://chat.example.com';
const X25519 = { PHONE_SUITE: '1' };

let field: PhoneField;
let chat: ChatStandIn;

beforeAll(async () => {
  field = await startPhoneField();
  chat = field.chat;
});
afterEach(() => field.clear());
afterAll(() => field.close());

function sealedTokenSuite(): number | undefined {
  const blob = chat.only.attempts.get(chat.only.attempt)?.blob ?? '';
  return decodeBase64url(blob)[0];
}

test.each(['iphone', 'android'])(
  '%s: X-Wing is what it registers, opens and seals with [R-SUI-04]',
  async (kind) => {
    const { phone } = await field.launchReady(kind);
    expect(chat.only.key).toMatchObject({ suite: 0x02 });
    expect(decodeBase64url(chat.only.key.public_key)).toHaveLength(1216);
    expect(sealedTokenSuite()).toBe(0x12);
    const envelope = await chat.notify(message('tea is ready'), {}, { collapse: 'a' });
    expect(decodeBase64url(envelope)).toHaveLength(1856 + 1143);
    expect(await phone.waitFor(isEvent('shown'), WAIT_MS)).toMatchObject({
      body: 'tea is ready',
      sound: true,
    });
  },
);

test('X25519 is used where the app is configured so, for keys only', async () => {
  await field.launchReady('android', X25519);
  expect(chat.only.key).toMatchObject({ suite: 0x01 });
  expect(sealedTokenSuite()).toBe(0x12);
});

test('a list that its root signed without an X-Wing key: sealed to X25519; without both: no attempt [R-SUI-04] [R-LST-11]', async () => {
  chat.bouncerKeys.listed = [SUITE_X25519_BASE];
  await field.launchReady('android');
  expect(sealedTokenSuite()).toBe(0x11);
  await field.clear();
  chat.bouncerKeys.listed = [SUITE_XWING_BASE];
  await field.launchReady('android');
  expect(sealedTokenSuite()).toBe(0x12);
  await field.clear();
  chat.bouncerKeys.listed = [];
  const { phone } = await field.launch('android');
  expect(await phone.waitFor(isEvent('failed'), WAIT_MS)).toMatchObject({ code: 'no_bouncer_key' });
  expect(chat.calls).toEqual(['GET /v1/push']);
});

test('never a lower suite than it has used at that origin, not even after a sign-out [R-KEY-10]', async () => {
  const first = await field.launchReady('iphone');
  await command(first.phone, 'sign_out');
  await first.phone.kill();
  const again = await field.launchReady('iphone', { ...X25519, PHONE_STATE_FILE: first.state });
  expect(again.ready['registration_id']).not.toBe(first.ready['registration_id']);
  expect(chat.only.key).toMatchObject({ suite: 0x02 });
  await command(again.phone, 'rotate_key');
  expect(chat.only.key).toMatchObject({ suite: 0x02 });
});

test('a server that refuses the suite brings it no lower [R-KEY-10]', async () => {
  for (let times = 0; times < 2; times += 1) {
    chat.faults.push({ path: /^POST .*registrations$/, code: 'suite_refused' });
  }
  const first = await field.launch('android');
  expect(await first.phone.waitFor(isEvent('failed'), WAIT_MS)).toMatchObject({ code: 'suite_refused' });
  await first.phone.kill();
  const again = await field.launch('android', { ...X25519, PHONE_STATE_FILE: first.state });
  expect(await again.phone.waitFor(isEvent('failed'), WAIT_MS)).toMatchObject({ code: 'suite_refused' });
  expect(readStateFile(first.state).state.registrations[0]?.keys.map(({ suiteId }) => suiteId)).toEqual([2]);
});

test('a key of the lower suite is replaced as soon as the app prefers the higher', async () => {
  const first = await field.launchReady('android', X25519);
  await first.phone.kill();
  const again = await field.launchReady('android', { PHONE_STATE_FILE: first.state });
  expect(chat.only.key).toMatchObject({ suite: 0x02 });
  expect(again.ready).not.toEqual(first.ready);
});

test('a key of the lower suite that no server has answered is not sent any more', async () => {
  chat.faults.push({ path: /^POST .*registrations$/, code: 'suite_refused' });
  const first = await field.launch('android', X25519);
  await first.phone.waitFor(isEvent('failed'), WAIT_MS);
  await first.phone.kill();
  await field.launchReady('android', { PHONE_STATE_FILE: first.state });
  expect(chat.only.kids.size).toBe(1);
  expect(chat.only.key).toMatchObject({ suite: 0x02 });
});

test('the floor is one per origin, and only rises [R-KEY-10]', () => {
  const used = raiseSuiteFloor(EMPTY_STATE, ORIGIN, 2);
  expect([1, 2].map((preferred) => chooseSuite(used, ORIGIN, preferred))).toEqual([2, 2]);
  expect(chooseSuite(used, ELSEWHERE, 1)).toBe(1);
  expect(raiseSuiteFloor(used, ORIGIN, 1)).toEqual(used);
});

test.each([0xc0, 0xc7, 0xff, 0x80, 0x31, 0x12])(
  'an envelope of suite %i shows the placeholder, on a phone with an X-Wing key',
  async (suite) => {
    const phone = await buildTestPhone(SUITE_XWING_PSK);
    const envelope = sealFor(phone, message('x'));
    await runExtension(phone.context, apnsAlert(envelope, 'a'));
    envelope[0] = suite;
    await runExtension(phone.context, apnsAlert(envelope, 'b'));
    expect(phone.events).toMatchObject([{ event: 'shown' }, { event: 'placeholder', diagnostic: 'suite' }]);
  },
);
