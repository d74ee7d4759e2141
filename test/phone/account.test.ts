// The account of a phone against a strict chat server and the real providers stand-ins (SPEC.md sections 4 to 6).
import { readFile, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Registration } from '../../client-sim/phone/state.ts';
import { readStateFile } from '../../client-sim/phone/state-file.ts';
import type { Line } from '../../client-sim/stack/child.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { hex } from '../../protocol/wire/bytes.ts';
import { sendPush } from '../providers/apns-client.ts';
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

test('keys, attempts and revocations are in the file before anything of them is sent [R-KEY-04] [R-TOK-02] [R-LIF-02]', async () => {
  const file = `${field.folder}/watched.json`;
  const seen: Record<string, Registration | undefined> = {};
  chat.watch = async (call) => {
    const { state } = readStateFile(file);
    seen[call.replace(/registrations\/[^/]+/, 'registrations/ID')] ??= state.registrations[0];
  };
  const { phone } = await field.launchReady('iphone', { PHONE_STATE_FILE: file });
  await command(phone, 'rotate_key');
  for (const attempt of chat.only.attempts.values()) attempt.state = 'gone';
  await command(phone, 'restart_app');
  const registration = seen['POST /v1/push/registrations'];
  expect(registration).toMatchObject({ accepted: false, keys: [{ registered: false }] });
  expect(registration?.attempts).toMatchObject([{ state: 'pending' }]);
  expect(seen['POST /v1/push/registrations/ID/keys']?.keys).toHaveLength(2);
  expect(seen['POST /v1/push/registrations/ID/tokens']?.attempts).toHaveLength(2);
  await command(phone, 'sign_out');
  expect(Object.keys(seen)).toContain('POST /v1/revocations');
  expect(seen['POST /v1/revocations']).toBe(undefined);
});

test('a lost answer is asked for again with the same bytes', async () => {
  chat.faults.push({ path: /^POST \/v1\/push\/registrations$/, code: 'internal' });
  chat.faults.push({ path: /confirmations$/, code: 'bouncer_unavailable' });
  const { ready } = await field.launchReady('android');
  expect(ready['kid']).toBe(chat.only.key.kid);
  expect(chat.only.attempts.size).toBe(1);
});

test('a registration that the server lost is made anew, under its id, with a new key [R-STA-02]', async () => {
  const { phone, ready } = await field.launchReady('android');
  chat.rows.clear();
  const from = phone.lines.length;
  expect(await command(phone, 'restart_app')).toMatchObject({ event: 'done' });
  const anew = await phone.waitFor(isEvent('ready'), WAIT_MS, from);
  expect(anew['registration_id']).toBe(ready['registration_id']);
  expect(anew['kid']).not.toBe(ready['kid']);
});

test('a key that lost its replay window is dead, and the same registration gets a new one [R-STO-04]', async () => {
  const first = await field.launchReady('iphone');
  await first.phone.kill();
  const json = JSON.parse(await readFile(first.state, 'utf8'));
  delete json.registrations[0].keys[0].window;
  await writeFile(first.state, JSON.stringify(json));
  const again = await field.launchReady('iphone', { PHONE_STATE_FILE: first.state });
  expect(again.ready['registration_id']).toBe(first.ready['registration_id']);
  expect(again.ready['kid']).not.toBe(first.ready['kid']);
  expect(chat.only.key.kid).toBe(again.ready['kid']);
});

test('a server that was restored gets a new key [R-STA-01] [R-STA-06]', async () => {
  const { phone, ready } = await field.launchReady('android');
  await chat.notify(message('x'));
  await phone.waitFor(isEvent('shown'), WAIT_MS);
  chat.only.counter = 0;
  await command(phone, 'restart_app');
  expect(chat.only.key.kid).not.toBe(ready['kid']);
});

test('a server that has sealed more is a reason to synchronise, not to register [R-STA-08]', async () => {
  const { phone, ready } = await field.launchReady('android');
  chat.only.counter = 3;
  const from = phone.lines.length;
  await command(phone, 'restart_app');
  expect(await phone.waitFor(isEvent('sync_hint'), WAIT_MS, from)).toMatchObject({ skipped: 3 });
  expect(chat.only.key.kid).toBe(ready['kid']);
});

test('a handle that is gone heals at the next start, naming no attempt of another token', async () => {
  const { phone } = await field.launchReady('android');
  const before = chat.only.attempt;
  for (const attempt of chat.only.attempts.values()) attempt.state = 'gone';
  const from = phone.lines.length;
  await command(phone, 'restart_app');
  await phone.waitFor(isEvent('ready'), WAIT_MS, from);
  expect(chat.only.attempts.get(chat.only.attempt)).toMatchObject({ state: 'active', replaces: before });
});

test('a rotated key: both open what was sealed to them', async () => {
  const { phone, ready } = await field.launchReady('iphone');
  const old = await chat.notify(message('first', { reference: 1 }), {}, { collapse: 'a' });
  await command(phone, 'rotate_key');
  expect(chat.only.key.kid).not.toBe(ready['kid']);
  await chat.notify(message('second', { reference: 2 }), {}, { collapse: 'b' });
  await phone.waitFor((line) => line['body'] === 'second', WAIT_MS);
  await chat.pushAgain(old, { collapse: 'a' });
  const replay = (line: Line) => line['event'] === 'shown' && line['sound'] === false;
  expect(await phone.waitFor(replay, WAIT_MS)).toMatchObject({ body: 'first' });
});

test('a server that does not take a new key never costs the phone its old one', async () => {
  const { phone } = await field.launchReady('iphone');
  for (let tries = 0; tries < 5; tries += 1) {
    chat.faults.push({ path: /keys$/, code: 'internal' });
    expect(await command(phone, 'rotate_key')).toMatchObject({ event: 'failed', code: 'internal' });
  }
  await chat.notify(message('still here'));
  expect(await phone.waitFor(isEvent('shown'), WAIT_MS)).toMatchObject({ body: 'still here' });
});

test('a sign-out ends a start that still waits for the server', async () => {
  for (let times = 0; times < 20; times += 1) {
    chat.faults.push({ path: /^POST .*registrations$/, code: 'internal' });
  }
  const { phone } = await field.launch('android');
  await expect
    .poll(() => chat.calls.some((call) => call.startsWith('POST')), { timeout: WAIT_MS })
    .toBe(true);
  await command(phone, 'sign_out');
  chat.faults.length = 0;
  chat.calls.length = 0;
  expect(await command(phone, 'sync')).toMatchObject({ code: 'unknown_registration' });
  await new Promise((resolve) => setTimeout(resolve, 1200));
  expect(chat.calls).toEqual([]);
});

test('a new installation has a new token, which is sealed anew; the app revokes the old one itself [R-REV-03]', async () => {
  const { phone, state, ready } = await field.launchReady('iphone');
  const before = chat.only.attempt;
  const { device } = readStateFile(state).state;
  const from = phone.lines.length;
  await field.field.call('DELETE', `/devices/${device?.deviceId}`);
  expect(await phone.waitFor(isEvent('ready'), WAIT_MS, from)).toEqual(ready);
  expect(chat.only.attempts.get(chat.only.attempt)).toMatchObject({ state: 'active', replaces: undefined });
  await command(phone, 'restart_app');
  expect(chat.revoked).toEqual([before]);
});

test('a hint that the session ended: the app asks, and signs out only if that is so [R-PAY-14]', async () => {
  const { phone } = await field.launchReady('iphone');
  const { attempt } = chat.only;
  chat.faults.push({ path: /^GET \/v1\/push\/registrations/, code: 'not_authenticated' });
  await chat.notify({ kind: 'session' }, {}, { background: true });
  await expect.poll(() => chat.revoked, { timeout: WAIT_MS }).toEqual([attempt]);
  expect(await command(phone, 'state', { keys: true })).toMatchObject({ keys: [] });
});

test('offline, the provider keeps what is pushed; online again, it is shown', async () => {
  const { phone } = await field.launchReady('android');
  await command(phone, 'offline');
  const { body } = await field.field.call('GET', '/control/record');
  const device = (body as { entries: { device_id: string }[] }).entries.at(-1)?.device_id ?? '';
  await chat.notify(message('kept'));
  await expect.poll(async () => (await field.field.outcomesOf(device)).at(-1)).toBe('stored');
  await command(phone, 'online');
  expect(await phone.waitFor(isEvent('shown'), WAIT_MS)).toMatchObject({ body: 'kept' });
});

test('a sign-out that the bouncer does not hear is queued, and sent at the next start [R-LIF-01] [R-LIF-02] [R-REV-03]', async () => {
  const { phone, state } = await field.launchReady('iphone');
  const { attempt } = chat.only;
  const row = [...chat.rows][0] as [string, (typeof chat)['only']];
  chat.faults.push({ path: /revocations$/, code: 'hang_up' });
  expect(await command(phone, 'sign_out')).toEqual({ event: 'failed', op: 'sign_out', code: 'unreachable' });
  expect(await command(phone, 'state', { keys: true })).toMatchObject({
    keys: [],
    inbox: [],
    counts: { queued_revocations: 1 },
  });
  expect(chat.calls).toContain(`DELETE /v1/push/registrations/${row[0]}`);
  expect(chat.calls).toContain('DELETE /v1/chat/session');
  await phone.kill();
  chat.rows.set(...row);
  await field.launchReady('iphone', { PHONE_STATE_FILE: state });
  expect(chat.revoked).toEqual([attempt]);
});

test('that the server has moved is shown and not followed [R-ORI-05]', async () => {
  chat.movedTo = 'https://chat.example.com';
  const { phone, ready } = await field.launchReady('android');
  chat.movedTo = null;
  expect(await phone.waitFor(isEvent('moved'), WAIT_MS)).toMatchObject({
    origin: 'https://chat.example.com',
  });
  expect(ready['registration_id']).toBe(chat.only.request.registration_id);
});

test('another origin in the discovery document is shown and not followed [R-ORI-03]', async () => {
  chat.discoveryOrigin = 'https://chat.example.com';
  const { phone } = await field.launch('android');
  const failed = await phone.waitFor(isEvent('failed'), WAIT_MS);
  chat.discoveryOrigin = chat.origin;
  expect(failed).toMatchObject({ op: 'start', code: 'wrong_origin' });
  expect(chat.calls).toEqual(['GET /v1/push']);
});

test('a key list of a root that the app was not built with is refused [R-LST-02]', async () => {
  const { phone } = await field.launch('android', {
    PHONE_ROOTS: encodeBase64url(new Uint8Array(32).fill(1)),
  });
  expect(await phone.waitFor(isEvent('failed'), WAIT_MS)).toMatchObject({ code: 'key_list_refused' });
  expect(chat.calls).toEqual(['GET /v1/push']);
});

test('synchronisation files what is missing and takes away what was read', async () => {
  const { phone } = await field.launchReady('android');
  await chat.notify(message('pushed', { reference: 1 }));
  await phone.waitFor(isEvent('shown'), WAIT_MS);
  chat.messages.push({ message_id: 1, text: 'pushed', read: true });
  for (let id = 2; id <= 120; id += 1) chat.messages.push({ message_id: id, text: `m${id}`, read: false });
  const from = phone.lines.length;
  await command(phone, 'sync');
  expect(await phone.waitFor(isEvent('removed'), WAIT_MS, from)).toMatchObject({ references: [1] });
  const { inbox, counts } = await command(phone, 'state');
  expect(counts).toMatchObject({ inbox: 120, center: 0 });
  expect((inbox as Line[])[0]).toMatchObject({ reference: 1, alerted: 1 });
});

test.each(['legacy-iphone', 'legacy-android'])('%s: shows the words it is handed', async (kind) => {
  const { phone, ready } = await field.launchReady(kind);
  expect(ready).not.toHaveProperty('kid');
  const token = Buffer.from(chat.legacy.get(ready['registration_id'] as string) ?? '', 'base64url');
  if (kind === 'legacy-iphone') {
    const sent = await sendPush(field.apns, {
      token: hex(token),
      jwt: await field.field.providerToken(field.field.keys.main),
      body: JSON.stringify({
        aps: { alert: { body: 'New message' }, badge: 2, sound: 'default' },
        t: 'new_message',
      }),
    });
    expect(sent.status).toBe(200);
  } else {
    const access = await field.field.accessToken(field.field.keys.project);
    const data = { t: 'new_message', b: '2' };
    await field.field.send(access, {
      message: { token: token.toString(), data, android: { priority: 'HIGH' } },
    });
  }
  expect(await phone.waitFor(isEvent('shown'), WAIT_MS)).toMatchObject({ body: 'New message', badge: 2 });
  expect(await command(phone, 'state', { keys: true })).toMatchObject({ keys: [], counts: { unread: 2 } });
});

test.each([
  ['iphone', 'the extension [R-PAY-13]', false],
  ['iphone', 'the app in the background [R-PAY-12]', true],
  ['android', 'the app [R-PAY-12]', false],
])(
  '%s: a test that its user did not start is shown, and %s answers nobody',
  async (kind, _who, background) => {
    const { phone } = await field.launchReady(kind);
    const from = chat.calls.length;
    const nonce = new Uint8Array(16).fill(7);
    await chat.notify({ kind: 'test', nonce }, {}, { background, collapse: 'a' });
    expect(await phone.waitFor(isEvent('shown'), WAIT_MS)).toMatchObject({ title: 'Test notification' });
    expect(chat.calls.slice(from)).toEqual([]);
    // Nor do the next starts tell of it; what the app would ask by itself comes between the two.
    for (let start = 0; start < 2; start += 1) await command(phone, 'restart_app');
    expect(chat.calls.slice(from)).toHaveLength(4);
  },
);
