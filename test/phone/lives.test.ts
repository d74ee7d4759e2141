// The table of lives (SPEC.md section 4.6), on the device's side: what the app does when an account, a session, an
// installation or a phone ends.
import { copyFile, rm } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { readStateFile } from '../../client-sim/phone/state-file.ts';
import type { ChatStandIn } from './chat-stand-in.ts';
import { command, isEvent, type PhoneField, startPhoneField, WAIT_MS } from './phone-field.ts';
import { message } from './test-phone.ts';

let field: PhoneField;
let chat: ChatStandIn;

beforeAll(async () => {
  field = await startPhoneField();
  chat = field.chat;
});
afterEach(() => field.clear());
afterAll(() => field.close());

const isKidless = (path: string): boolean => readStateFile(path).state.registrations.length === 0;

test('sign-out: keys, messages and notifications are erased, the attempt revoked, the server asked to forget', async () => {
  const { phone, state, ready } = await field.launchReady('iphone');
  const { attempt } = chat.only;
  await chat.notify(message('x'), {}, { collapse: 'a' });
  await phone.waitFor(isEvent('shown'), WAIT_MS);
  expect(await command(phone, 'sign_out')).toEqual({ event: 'done', op: 'sign_out' });
  expect(chat.revoked).toEqual([attempt]);
  expect(chat.calls).toContain(`DELETE /v1/push/registrations/${ready['registration_id']}`);
  expect(await command(phone, 'state')).toMatchObject({
    inbox: [],
    center: [],
    counts: { queued_revocations: 0 },
  });
  expect(readStateFile(state).state.registrations).toEqual([]);
});

test('sign-out without any network: the keys go at once, and the revocation is sent at a later start', async () => {
  const { phone, state } = await field.launchReady('iphone');
  const { attempt } = chat.only;
  for (const path of [/revocations$/, /^DELETE \/v1\/push/]) chat.faults.push({ path, code: 'hang_up' });
  expect(await command(phone, 'sign_out')).toMatchObject({ code: 'unreachable' });
  expect(isKidless(state)).toBe(true);
  await phone.kill();
  chat.faults.push({ path: /revocations$/, code: 'hang_up' });
  const second = await field.launch('iphone', { PHONE_STATE_FILE: state });
  await second.phone.waitFor(isEvent('ready'), WAIT_MS);
  expect(chat.revoked).toEqual([]);
  await command(second.phone, 'restart_app');
  expect(chat.revoked).toEqual([attempt]);
});

test.each(['account removed', 'session ended by the user elsewhere'])(
  '%s: the server says so at the next start, and the app erases and revokes',
  async () => {
    const { phone, state } = await field.launchReady('iphone');
    const { attempt } = chat.only;
    chat.faults.push({ path: /^GET \/v1\/push\/registrations/, code: 'not_authenticated' });
    expect(await command(phone, 'restart_app')).toMatchObject({ code: 'not_authenticated' });
    await phone.waitFor(isEvent('signed_out'), WAIT_MS);
    expect(isKidless(state)).toBe(true);
    expect(chat.revoked).toEqual([attempt]);
  },
);

test('an answer that is no answer signs nobody out [R-PAY-14]', async () => {
  const { phone, state } = await field.launchReady('iphone');
  for (const code of ['hang_up', 'internal', 'not_permitted', 'not_found'] as const) {
    chat.faults.push({ path: /^GET \/v1\/push\/registrations/, code });
    expect(await command(phone, 'restart_app')).toMatchObject({ event: 'failed' });
  }
  expect(isKidless(state)).toBe(false);
  expect(chat.revoked).toEqual([]);
});

test('a device that its user revoked, with its session left: it registers anew, and nothing old is used again', async () => {
  const { phone, ready } = await field.launchReady('iphone');
  const { attempt } = chat.only;
  chat.rows.clear();
  const from = phone.lines.length;
  await command(phone, 'restart_app');
  const anew = await phone.waitFor(isEvent('ready'), WAIT_MS, from);
  expect(anew['kid']).not.toBe(ready['kid']);
  expect(chat.only.attempt).not.toBe(attempt);
});

test('reinstall: without the install marker everything is wiped, and the app registers anew [R-STO-01]', async () => {
  const first = await field.launchReady('iphone');
  const old = readStateFile(first.state).state;
  await first.phone.kill();
  await rm(`${first.state}.installed`);
  chat.rows.clear();
  const { phone } = field.spawn('iphone', { PHONE_STATE_FILE: first.state });
  await phone.waitFor(isEvent('wiped'), WAIT_MS);
  const again = await phone.waitFor(isEvent('ready'), WAIT_MS);
  expect(again['registration_id']).not.toBe(first.ready['registration_id']);
  const { state } = readStateFile(first.state);
  expect(state.registrations).toHaveLength(1);
  expect(state.device?.token).not.toBe(old.device?.token);
  expect(state.registrations[0]?.keys.map(({ chain }) => chain)).not.toContainEqual(
    old.registrations[0]?.keys[0]?.chain,
  );
});

test('reinstall after an offline sign-out: the revocation is still sent', async () => {
  const first = await field.launchReady('iphone');
  const { attempt } = chat.only;
  const row = [...chat.rows][0] as [string, (typeof chat)['only']];
  chat.faults.push({ path: /revocations$/, code: 'hang_up' });
  await command(first.phone, 'sign_out');
  await first.phone.kill();
  await rm(`${first.state}.installed`);
  chat.rows.set(...row);
  await field.launchReady('iphone', { PHONE_STATE_FILE: first.state });
  expect(chat.revoked).toEqual([attempt]);
});

test('reinstall: the suite is no lower than before, and no list of bouncer keys older', async () => {
  chat.bouncerKeys.version = 2;
  const first = await field.launchReady('android');
  await first.phone.kill();
  await rm(`${first.state}.installed`);
  const changes = { PHONE_STATE_FILE: first.state, PHONE_SUITE: '1' };
  const again = await field.launchReady('android', changes);
  expect(chat.rows.get(again.ready['registration_id'] as string)?.key).toMatchObject({ suite: 0x02 });
  await again.phone.kill();
  await rm(`${first.state}.installed`);
  chat.bouncerKeys.version = 1;
  const refused = await field.launch('android', changes);
  expect(await refused.phone.waitFor(isEvent('failed'), WAIT_MS)).toMatchObject({ code: 'key_list_refused' });
});

test('a copy of the state on a new phone, as a backup would make it: none of its keys is used', async () => {
  const first = await field.launchReady('iphone');
  await first.phone.kill();
  const copy = `${field.folder}/restored.json`;
  await copyFile(first.state, copy);
  const restored = await field.launchReady('iphone', { PHONE_STATE_FILE: copy });
  expect(restored.ready['registration_id']).not.toBe(first.ready['registration_id']);
  expect(chat.rows.size).toBe(2);
  // The first phone is not touched: what is its own stays active.
  expect(chat.revoked).toEqual([]);
});

test('a new phone makes a new registration; nothing of one device serves another [R-KEY-02]', async () => {
  const first = await field.launchReady('iphone');
  const second = await field.launchReady('iphone');
  const [a, b] = [first, second].map(({ state }) => readStateFile(state).state.registrations[0]);
  expect(a?.registrationId).not.toEqual(b?.registrationId);
  expect(a?.keys[0]?.kid).not.toEqual(b?.keys[0]?.kid);
  expect(a?.keys[0]?.chain).not.toEqual(b?.keys[0]?.chain);
  expect(a?.keys[0]?.publicKey).not.toEqual(b?.keys[0]?.publicKey);
});

test('uninstalled while it was off: the token is dead, and the next installation seals its new one', async () => {
  const first = await field.launchReady('android');
  await first.phone.kill();
  const { device } = readStateFile(first.state).state;
  await field.field.call('DELETE', `/devices/${device?.deviceId}`);
  await rm(`${first.state}.installed`);
  const again = await field.launchReady('android', { PHONE_STATE_FILE: first.state });
  expect(readStateFile(first.state).state.device?.token).not.toBe(device?.token);
  expect(again.ready['registration_id']).not.toBe(first.ready['registration_id']);
});

test('a phone that has a key is never registered without one [R-RED-07]', async () => {
  const first = await field.launchReady('android');
  await first.phone.kill();
  const { phone } = await field.launch('legacy-android', { PHONE_STATE_FILE: first.state });
  expect(await phone.waitFor(isEvent('failed'), WAIT_MS)).toMatchObject({
    op: 'start',
    code: 'e2ee_required',
  });
  expect(chat.calls).not.toContain('POST /v1/push/legacy-registrations');
  expect(chat.legacy.size).toBe(0);
  // And goes on to open what is sealed to it.
  await chat.notify(message('still sealed'));
  expect(await phone.waitFor(isEvent('shown'), WAIT_MS)).toMatchObject({ body: 'still sealed' });
});
