// What the app does at its start with what the server says: every row of the table in SPEC.md section 4.4, against a
// strict chat server. `reconcile.test.ts` has the borders of each.
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

/** What a start asks of the server after `change`, beside the two questions of every start. */
async function startAfter(change: () => void): Promise<readonly string[]> {
  const { phone } = await field.launchReady('android');
  await chat.notify(message('x'));
  await phone.waitFor(isEvent('shown'), WAIT_MS);
  change();
  const from = chat.calls.length;
  expect(await command(phone, 'restart_app')).toEqual({ event: 'done', op: 'restart_app' });
  const calls = chat.calls
    .slice(from)
    .map((call) => call.replace(/registrations\/[^/]+/, 'registrations/ID'));
  expect(calls.slice(0, 2)).toEqual(['GET /v1/push', 'GET /v1/push/registrations/ID']);
  return calls.slice(2).filter((call) => !call.endsWith('confirmations'));
}

const KEY = 'POST /v1/push/registrations/ID/keys';
const TOKEN = 'POST /v1/push/registrations/ID/tokens';
const SYNC = 'GET /v1/chat/messages?after=0&limit=50';

test.each<readonly [string, () => void, readonly string[]]>([
  ['the two agree', () => undefined, []],
  ['unknown_registration [R-STA-02]', () => chat.rows.clear(), ['POST /v1/push/registrations']],
  ['another kid [R-STA-03]', () => (chat.only.key = { ...chat.only.key, kid: 'AAAAAA' }), [KEY]],
  ['another suite', () => (chat.only.key = { ...chat.only.key, suite: 1 }), [KEY]],
  ['key_state replace [R-STA-04]', () => (chat.keyState = 'replace'), [KEY]],
  ['key_state lost [R-STA-04]', () => (chat.keyState = 'lost'), [KEY]],
  ['an epoch beyond O + 1023 [R-STA-05]', () => (chat.only.epoch = 1024), [KEY]],
  ['a counter below [R-STA-06]', () => (chat.only.counter = 0), [KEY]],
  ['a sent_at below [R-STA-06]', () => (chat.only.sentAt -= 1), [KEY]],
  ['an epoch above', () => (chat.only.epoch = 20), []],
  ['a counter above [R-STA-08] [R-REC-16]', () => (chat.only.counter = 9), [SYNC]],
  ['another attempt', () => (chat.only.attempt = 'AAAAAAAAAAAAAAAAAAAAAA'), [TOKEN]],
  ['a handle that is gone [R-STA-09]', () => setAttempts('gone'), [TOKEN]],
])('%s', async (_name, change, expected) => {
  expect(await startAfter(change)).toEqual(expected);
});

test('an epoch below O: a new key [R-STA-05]', async () => {
  const { phone, ready } = await field.launchReady('android');
  chat.only.epoch = 20;
  await command(phone, 'restart_app');
  chat.only.epoch = 15;
  await command(phone, 'restart_app');
  expect(chat.only.key.kid).not.toBe(ready['kid']);
});

test('the epoch that the server tells moves the chain, keep_days and one behind, and never back [R-STA-07]', async () => {
  const { phone, state } = await field.launchReady('android');
  const key = () => readStateFile(state).state.registrations[0]?.keys[0];
  const first = key()?.chain;
  chat.only.epoch = 20;
  await command(phone, 'restart_app');
  expect(key()).toMatchObject({ epoch: 20 - 3 - 1 });
  expect(key()?.chain).not.toEqual(first);
  chat.only.epoch = 17;
  await command(phone, 'restart_app');
  expect(key()).toMatchObject({ epoch: 16 });
});

test('an epoch that is out of reach moves nothing: what is on its way to the old key still opens', async () => {
  const { phone, state, ready } = await field.launchReady('android');
  const late = await chat.notify(message('on its way'));
  await phone.waitFor(isEvent('shown'), WAIT_MS);
  chat.only.epoch = 1024;
  await command(phone, 'restart_app');
  expect(chat.only.key.kid).not.toBe(ready['kid']);
  const [old] = readStateFile(state).state.registrations[0]?.keys ?? [];
  expect(old).toMatchObject({ epoch: 0 });
  const from = phone.lines.length;
  await chat.pushAgain(late);
  expect(await phone.waitFor(isEvent('ignored'), WAIT_MS, from)).toMatchObject({ reason: 'replayed' });
});

test('an old key goes once the server tells of the new one keep_days + 2 days, without any push [R-ROT-03]', async () => {
  const { phone, ready } = await field.launchReady('android');
  const kids = async () =>
    ((await command(phone, 'state', { keys: true }))['keys'] as { kid: string }[]).map(({ kid }) => kid);
  await command(phone, 'rotate_key');
  const fresh = chat.only.key.kid;
  chat.only.epoch = 4;
  await command(phone, 'restart_app');
  expect(await kids()).toEqual([ready['kid'], fresh]);
  chat.only.epoch = 5;
  await command(phone, 'restart_app');
  expect(await kids()).toEqual([fresh]);
});

test('what the server says of an older key, or of another suite, moves nothing', async () => {
  const { phone, state } = await field.launchReady('android');
  const held = () => readStateFile(state).state.registrations[0]?.keys ?? [];
  const old = chat.only.key;
  await command(phone, 'rotate_key');
  for (const said of [old, { ...chat.only.key, suite: 1 }]) {
    const chains = held().map(({ chain }) => chain);
    Object.assign(chat.only, { key: said, epoch: 30 });
    await command(phone, 'restart_app');
    expect(held().map(({ chain }) => chain)).toEqual(expect.arrayContaining(chains));
  }
});

test('an update of the app makes a new key, once', async () => {
  const first = await field.launchReady('android');
  await first.phone.kill();
  const changes = { PHONE_STATE_FILE: first.state, PHONE_APP_BUILD: '2' };
  const updated = await field.launchReady('android', changes);
  expect(updated.ready['registration_id']).toBe(first.ready['registration_id']);
  expect(updated.ready['kid']).not.toBe(first.ready['kid']);
  await updated.phone.kill();
  expect((await field.launchReady('android', changes)).ready).toEqual(updated.ready);
});

test('what was lost is fetched once: the next start does not fetch again', async () => {
  const { phone } = await field.launchReady('android');
  chat.messages.push({ message_id: 1, text: 'lost', read: false });
  await chat.notify(message('third', { reference: 3 }), { counter: 3 });
  await phone.waitFor(isEvent('shown'), WAIT_MS);
  chat.only.counter = 3;
  for (let start = 0; start < 3; start += 1) await command(phone, 'restart_app');
  expect(chat.calls.filter((call) => call.startsWith('GET /v1/chat/messages'))).toHaveLength(1);
  const { inbox, counts } = await command(phone, 'state');
  expect(inbox).toMatchObject([
    { reference: 3, alerted: 1 },
    { reference: 1, text: 'lost', alerted: 0 },
  ]);
  expect(counts).toMatchObject({ missing: 0 });
});

test('a push that is late after it was fetched still sounds, once', async () => {
  const { phone } = await field.launchReady('android');
  chat.messages.push({ message_id: 1, text: 'late', read: false });
  chat.only.counter = 1;
  await command(phone, 'restart_app');
  await chat.notify(message('late', { reference: 1 }), { counter: 1 });
  expect(await phone.waitFor(isEvent('shown'), WAIT_MS)).toMatchObject({ body: 'late', sound: true });
  expect((await command(phone, 'state'))['inbox']).toMatchObject([{ reference: 1, alerted: 1 }]);
});

test('a synchronisation that fails is tried again at the next start', async () => {
  const { phone } = await field.launchReady('android');
  await chat.notify(message('third'), { counter: 3 });
  await phone.waitFor(isEvent('shown'), WAIT_MS);
  chat.only.counter = 3;
  chat.faults.push({ path: /messages/, code: 'internal' });
  const from = phone.lines.length;
  for (let start = 0; start < 2; start += 1) await command(phone, 'restart_app');
  expect(await phone.waitFor(isEvent('failed'), WAIT_MS, from)).toMatchObject({
    op: 'sync',
    code: 'internal',
  });
  expect(chat.calls.filter((call) => call.startsWith('GET /v1/chat/messages'))).toHaveLength(2);
});

test('stale_request: the clock is corrected by the time it carries, and a new attempt is sent [R-REC-06]', async () => {
  const bouncer_time = Math.floor(Date.now() / 1000) + 90_000;
  chat.faults.push({ path: /^POST .*registrations$/, code: 'stale_request', extras: { bouncer_time } });
  const attempts: unknown[] = [];
  const file = `${field.folder}/stale.json`;
  chat.watch = async (call) => {
    if (!call.startsWith('POST /v1/push/registrations')) return;
    attempts.push(readStateFile(file).state.registrations[0]?.attempts.at(-1));
  };
  await field.launchReady('android', { PHONE_STATE_FILE: file });
  const [first, second] = attempts as { issuedAt: number; attempt: Uint8Array }[];
  expect((second?.issuedAt ?? 0) - (first?.issuedAt ?? 0)).toBeGreaterThan(80_000);
  expect(second?.attempt).not.toEqual(first?.attempt);
});

test('a list of bouncer keys of a lower version is refused, also after a restart [R-LST-05]', async () => {
  chat.bouncerKeys.version = 2;
  const first = await field.launchReady('android');
  await first.phone.kill();
  chat.bouncerKeys.version = 1;
  const again = await field.launch('android', { PHONE_STATE_FILE: first.state });
  expect(await again.phone.waitFor(isEvent('failed'), WAIT_MS)).toMatchObject({ code: 'key_list_refused' });
});

function setAttempts(state: 'gone'): void {
  for (const attempt of chat.only.attempts.values()) attempt.state = state;
}

test('keep_days is what the app is set to, at most what the server allows, also in the next key', async () => {
  const { phone } = await field.launchReady('android', { PHONE_KEEP_DAYS: '28' });
  expect(chat.only.key).toMatchObject({ keep_days: 3 });
  await command(phone, 'rotate_key');
  expect(chat.only.key).toMatchObject({ keep_days: 3 });
  await field.clear();
  await field.launchReady('android', { PHONE_KEEP_DAYS: '1' });
  expect(chat.only.key).toMatchObject({ keep_days: 1 });
});
