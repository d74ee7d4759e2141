// What the server tells apps, keeps and sends, and what it does not (SPEC.md sections 4 and 5).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findSecret } from '../../client-sim/find-secret.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { derivePsk, stepChain } from '../../protocol/crypto/ratchet.ts';
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import { APP_ID, Field, until } from './field.ts';
import { Phone } from './phone.ts';
import { handleOf } from './strict-bouncer.ts';

let field: Field;
let alice: string;
let bob: string;

beforeAll(async () => {
  field = await Field.lay();
  await field.start();
  alice = await field.addUser('alice', 'Alice');
  bob = await field.addUser('bob', 'Bob');
});
afterAll(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

test('no answer to an app holds a handle [R-REG-03]', async () => {
  const phone = new Phone(field, alice);
  const answers = [await phone.register(), await phone.confirm(), await phone.status()];
  answers.push(await phone.call('POST', '/keys', phone.makeKey()));
  answers.push(await field.call('GET', '/v1/push/registrations', { token: alice }));
  const handle = handleOf(phone.request.token.sealed_token);
  for (const { status, text } of answers) {
    expect(status).toBe(200);
    expect(text).not.toContain(handle);
    expect(text).not.toContain('handle');
  }
});

test('nothing is sent to a handle that is not active yet [R-REG-02]', async () => {
  const session = await field.addUser('carol', 'Carol');
  const phone = new Phone(field, session);
  await phone.register();
  await field.send(bob, { direct: ['carol'] }, 'while it is pending');
  const active = await Phone.active(field, session);
  await field.send(bob, { direct: ['carol'] }, 'for the other one');
  await until(() => active.envelopes.length > 0, 'the message');
  expect(phone.envelopes).toEqual([]);
  await phone.confirm();
  await field.send(bob, { direct: ['carol'] }, 'for both');
  await until(() => phone.envelopes.length === 1, 'the message');
  expect(phone.payloads).toMatchObject([{ message: { text: 'for both' } }]);
});

test('the ttl ends with the keep_days of the key, and so does expires_at [R-KEY-12]', async () => {
  const session = await field.addUser('dora', 'Dora');
  const phone = new Phone(field, session);
  phone.request = { ...phone.request, key: { ...phone.request.key, keep_days: 1 } };
  await phone.register();
  await phone.confirm();
  await field.send(bob, { direct: ['dora'] }, 'for a day');
  await until(() => phone.envelopes.length === 1, 'the message');
  const [payload, item] = [phone.payloads[0], phone.envelopes[0]];
  expect(payload?.ttlSeconds).toBe(86_400);
  const end = (payload?.sentAt ?? 0) / 1000 + 86_400;
  expect(item?.expires_at).toBeGreaterThanOrEqual(end);
  expect(item?.expires_at).toBeLessThan(end + 3600);
});

test('app ids are compared as bytes [R-ORI-02]', async () => {
  for (const app_id of [APP_ID.toUpperCase(), `${APP_ID}.`, APP_ID.slice(0, -1)]) {
    const { request } = new Phone(field, alice);
    const answer = await field.call('POST', '/v1/push/registrations', {
      token: alice,
      body: { ...request, app_id },
    });
    expect(answer.json.code, app_id).toBe('unknown_app');
  }
});

test('neither a PSK nor a chain value is in the store in the clear, after sealing as before [R-RAT-01] [R-RAT-06]', async () => {
  const session = await field.addUser('erin', 'Erin');
  const phone = await Phone.active(field, session);
  await field.send(bob, { direct: ['erin'] }, 'x');
  await until(() => phone.envelopes.length === 1, 'the message');
  const chain = decodeBase64url(phone.request.key.chain);
  const secrets = [chain, derivePsk(nativeBackend, chain), stepChain(nativeBackend, chain, 1)];
  const files = readdirSync(field.folder).filter((name) => name.startsWith('server.sqlite'));
  expect(files.length).toBeGreaterThan(0);
  const stored = Buffer.concat(files.map((name) => readFileSync(join(field.folder, name))));
  expect(findSecret(stored, phone.request.key.kid)).not.toEqual([]);
  for (const secret of secrets) {
    expect(stored.includes(Buffer.from(secret))).toBe(false);
    for (const text of [encodeBase64url(secret), Buffer.from(secret).toString('hex')]) {
      expect(findSecret(stored, text)).toEqual([]);
    }
  }
});
