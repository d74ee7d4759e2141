// What leaves the phone, to whom, and whom it does not speak to (SPEC.md sections 4 to 6).
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { readStateFile } from '../../client-sim/phone/state-file.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { hex } from '../../protocol/wire/bytes.ts';
import { type ChatStandIn, SESSION_TOKEN } from './chat-stand-in.ts';
import { command, isEvent, type PhoneField, startPhoneField, WAIT_MS } from './phone-field.ts';
import { message } from './test-phone.ts';

interface Sent {
  readonly path: string;
  readonly credential: string | undefined;
  readonly body: string;
}

let field: PhoneField;
let chat: ChatStandIn;
const sent: Sent[] = [];

beforeAll(async () => {
  field = await startPhoneField();
  chat = field.chat;
  const answer = chat.answer.bind(chat);
  chat.answer = (method, url, credential, body) => {
    sent.push({ path: `${method} ${url}`, credential, body: JSON.stringify(body) ?? '' });
    return answer(method, url, credential, body);
  };
});
afterEach(async () => {
  sent.length = 0;
  await field.clear();
});
afterAll(() => field.close());

test('no private key leaves the phone, whatever it does [R-KEY-05]', async () => {
  const { phone, state } = await field.launchReady('iphone');
  await chat.notify(message('x'));
  await phone.waitFor(isEvent('shown'), WAIT_MS);
  await command(phone, 'rotate_key');
  const { registrations } = readStateFile(state).state;
  const keys = registrations.flatMap((registration) => registration.keys);
  expect(keys).toHaveLength(2);
  await command(phone, 'restart_app');
  await command(phone, 'sign_out');
  const said = sent.map(({ body }) => body).join('\n');
  for (const { privateKey, publicKey } of keys) {
    expect(said).toContain(encodeBase64url(publicKey));
    expect(said).not.toContain(encodeBase64url(privateKey));
    expect(said).not.toContain(hex(privateKey));
  }
});

test('the confirmation goes to the server under the session that sent the blob, and nowhere else [R-CHA-07]', async () => {
  const { ready } = await field.launchReady('android');
  const confirmations = sent.filter(({ body }) => body.includes('"confirmation"'));
  expect(confirmations.length).toBeGreaterThan(0);
  for (const { path: to, credential } of confirmations) {
    expect(to).toBe(`POST /v1/push/registrations/${ready['registration_id']}/confirmations`);
    expect(credential).toBe(`Bearer ${SESSION_TOKEN}`);
  }
});

test('wrong_origin is shown and not followed [R-ORI-05]', async () => {
  chat.faults.push({ path: /^GET \/v1\/push$/, code: 'wrong_origin' });
  const { phone } = await field.launch('android');
  expect(await phone.waitFor(isEvent('failed'), WAIT_MS)).toMatchObject({
    op: 'start',
    code: 'wrong_origin',
  });
  expect(sent.map(({ path: to, credential }) => [to, credential])).toEqual([['GET /v1/push', undefined]]);
});

test('a server whose certificate is of another authority is not spoken to [R-DIS-03]', async () => {
  const file = path.join(field.folder, 'providers-only.pem');
  await writeFile(file, field.field.ca);
  await field.launch('android', { PHONE_CA_FILE: file });
  // Another phone, which trusts the authority, is through with its start: the first one had its time.
  await field.launchReady('android');
  expect(sent.filter(({ path: to }) => to === 'GET /v1/push')).toHaveLength(1);
});

test('a refused list changes nothing that the app keeps: the right one is believed as before [R-LST-09]', async () => {
  chat.bouncerKeys.version = 2;
  const first = await field.launchReady('android');
  const { trust } = readStateFile(first.state).state;
  expect(trust).toMatchObject([{ version: 2 }]);
  await first.phone.kill();
  chat.bouncerKeys.version = 9;
  const changes = { PHONE_STATE_FILE: first.state };
  const foreign = { ...changes, PHONE_ROOTS: encodeBase64url(new Uint8Array(32).fill(1)) };
  const second = await field.launch('android', foreign);
  expect(await second.phone.waitFor(isEvent('failed'), WAIT_MS)).toMatchObject({ code: 'key_list_refused' });
  await second.phone.kill();
  expect(readStateFile(first.state).state.trust).toEqual(trust);
  chat.bouncerKeys.version = 2;
  await field.launchReady('android', changes);
});
