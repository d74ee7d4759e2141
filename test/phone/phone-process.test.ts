// A simulated phone as a process: environment in, JSON lines out, killed and started again.
import { readFile, stat, writeFile } from 'node:fs/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { APP_ID, type ChatStandIn } from './chat-stand-in.ts';
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

async function startPhone(kind: string, changes: Record<string, string> = {}) {
  const started = field.spawn(kind, changes);
  return { ...started, ready: await started.phone.waitFor(isEvent('ready'), WAIT_MS) };
}

test.each(['iphone', 'android'])(
  '%s: registers, answers the challenge, shows, reads, is quit',
  async (kind) => {
    const { phone, state, ready } = await startPhone(kind);
    expect(ready).toMatchObject({ name: 'alice-phone', kind, kid: chat.only.key.kid });
    await chat.notify(message('tea is ready', { reference: 41 }), { unread: 1 }, { collapse: 'c41' });
    const shown = await phone.waitFor(isEvent('shown'), WAIT_MS);
    expect(shown).toMatchObject({ reference: 41, title: 'Alice', body: 'tea is ready', sound: true });
    expect((await stat(state)).mode & 0o777).toBe(0o600);

    expect(await command(phone, 'read', { references: [41] })).toEqual({ event: 'done', op: 'read' });
    expect(chat.readIds).toContain(41);
    const report = await command(phone, 'state');
    expect(report).toMatchObject({
      center: [],
      inbox: [{ reference: 41, text: 'tea is ready', alerted: 1 }],
    });
    expect(report).not.toHaveProperty('keys');
    const withKeys = await command(phone, 'state', { keys: true });
    expect(withKeys['keys']).toMatchObject([
      { kid: chat.only.key.kid, chain: chat.only.key.chain, origin: chat.origin, app_id: APP_ID },
    ]);
    phone.send({ op: 'quit' });
    await expect.poll(() => phone.running, { timeout: WAIT_MS }).toBe(false);
  },
);

test('killed and started again: the same registration, no second sound', async () => {
  const first = await startPhone('iphone');
  const envelope = await chat.notify(message('once', { reference: 1 }), {}, { collapse: 'a' });
  await first.phone.waitFor(isEvent('shown'), WAIT_MS);
  await first.phone.kill();
  const again = await startPhone('iphone', { PHONE_STATE_FILE: first.state });
  expect(again.ready).toEqual(first.ready);
  expect(chat.calls.filter((call) => call === 'POST /v1/push/registrations')).toHaveLength(1);
  await chat.pushAgain(envelope, { collapse: 'a' });
  expect(await again.phone.waitFor(isEvent('shown'), WAIT_MS)).toMatchObject({ sound: false, replaced: 'a' });
});

test('a state file that is no state: everything is made anew', async () => {
  const first = await startPhone('iphone');
  await first.phone.kill();
  await writeFile(first.state, '{"device":', { mode: 0o600 });
  chat.rows.clear();
  const again = await startPhone('iphone', { PHONE_STATE_FILE: first.state });
  expect(again.phone.lines[0]).toMatchObject({ event: 'failed', code: 'state_corrupt' });
  expect(again.ready['registration_id']).not.toBe(first.ready['registration_id']);
});

test('an unknown variable: exit 2 and one line that names it', async () => {
  const { phone, log } = field.spawn('iphone', { PHONE_COLOUR: 'red' });
  await expect.poll(() => phone.running, { timeout: WAIT_MS }).toBe(false);
  expect(await phone.stop()).toBe(2);
  await expect.poll(() => readFile(log, 'utf8')).toBe('phone: unknown variable PHONE_COLOUR\n');
});

test('a line that is no command is answered, and the phone goes on', async () => {
  const { phone } = await startPhone('android');
  for (const line of [{ op: 'fly' }, { op: 'state', more: 1 }]) phone.send(line);
  await phone.waitFor((line) => line['code'] === 'malformed_command', WAIT_MS);
  expect(await command(phone, 'state')).toMatchObject({ event: 'state' });
});
