// The simulated providers as a process of their own: configuration, the line when ready, the listener for phones
// and control, a clean end.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createAuthority, issueCertificate } from '../../client-sim/certificates.ts';
import type { RunningProviders } from '../../client-sim/providers/providers.ts';
import { connectTo, sendPush } from './apns-client.ts';
import { accountsOf, Field, generateKeys, type TestKeys } from './field.ts';
import { goOnline } from './phone.ts';

const main = join(import.meta.dirname, '../../client-sim/providers/main.ts');
let folder: string;
let ca: string;
let keys: TestKeys;
let environment: Record<string, string>;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'providers-'));
  const authority = await createAuthority();
  const tls = await issueCertificate(authority, { hosts: ['127.0.0.1'] });
  const generated = generateKeys();
  ca = authority.certPem;
  keys = generated.keys;
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
    return join(folder, name);
  };
  environment = {
    PATH: process.env['PATH'] ?? '',
    PROVIDERS_TLS_CERT_FILE: file('tls.crt', tls.certPem),
    PROVIDERS_TLS_KEY_FILE: file('tls.key', tls.keyPem),
    PROVIDERS_ACCOUNTS_FILE: file('accounts.json', JSON.stringify(accountsOf(keys, generated.publicPems))),
  };
});
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});

function start(changes: Record<string, string> = {}): ChildProcess {
  const child = spawn(process.execPath, [main], { env: { ...environment, ...changes }, stdio: 'pipe' });
  children.push(child);
  return child;
}

async function startReady(): Promise<{ child: ChildProcess; field: Field; lines: string[] }> {
  const child = start();
  const lines: string[] = [];
  if (child.stdout === null) throw new Error('no stdout');
  const reader = createInterface(child.stdout).on('line', (line) => lines.push(line));
  await once(reader, 'line');
  const { ready, ...addresses } = JSON.parse(lines[0] ?? '') as {
    ready: true;
  } & RunningProviders['addresses'];
  expect(ready).toBe(true);
  const field = new Field({ addresses, close: async () => {} }, ca, keys, { ms: Date.now() });
  return { child, field, lines };
}

async function failure(changes: Record<string, string>): Promise<string> {
  const child = start(changes);
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const [code] = (await once(child, 'close')) as [number];
  expect(code).toBe(1);
  return text;
}

test('it serves pushes and phones, records them, and ends on SIGTERM', async () => {
  const { child, field, lines } = await startReady();
  expect(Object.keys(field.addresses).sort()).toEqual([
    'apns',
    'apns_sandbox',
    'devices',
    'fcm',
    'oauth_token_uri',
  ]);
  const iphone = await field.install('apns', 'sandbox');
  const android = await field.install('fcm');
  const [onIphone, onAndroid] = [
    await goOnline(field, iphone.device_id),
    await goOnline(field, android.device_id),
  ];

  const session = connectTo(field.addresses.apns_sandbox, ca);
  const jwt = await field.providerToken(keys.sandboxOnly);
  expect(await sendPush(session, { token: iphone.token, jwt })).toMatchObject({ status: 200 });
  const access = await field.accessToken(keys.project);
  expect((await field.send(access, { message: { token: android.token, data: { e: 'x' } } })).status).toBe(
    200,
  );
  expect(await onIphone.received(1)).toMatchObject([{ platform: 'apns', payload: { e: 'AQIDBA' } }]);
  expect(await onAndroid.received(1)).toMatchObject([
    { platform: 'fcm', priority: 'NORMAL', data: { e: 'x' } },
  ]);

  const entries = await field.record();
  expect(entries.map(({ n, provider, outcome }) => [n, provider, outcome])).toEqual([
    [1, 'apns', 'delivered'],
    [2, 'oauth', 'answered'],
    [3, 'fcm', 'delivered'],
  ]);
  expect(entries[0]).toMatchObject({
    method: 'POST',
    path: `/3/device/${iphone.token}`,
    headers: { authorization: `bearer ${jwt}`, 'apns-push-type': 'alert' },
    device_id: iphone.device_id,
    status: 200,
    reason: null,
  });
  expect(JSON.parse(entries[2]?.body ?? '')).toEqual({ message: { token: android.token, data: { e: 'x' } } });
  expect(await field.record(2)).toHaveLength(1);
  expect((await field.call('GET', '/control/outcomes')).body).toEqual({
    accepted: 2,
    delivered: 2,
    stored: 0,
    superseded: 0,
    expired: 0,
    dropped: 0,
  });

  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
  expect(lines).toHaveLength(1);
  session.destroy();
  await field.close();
});

test('the clock moves, and bad requests to phones and control are refused in one word', async () => {
  const { field } = await startReady();
  const { body } = await field.call('POST', '/control/clock', { advance_ms: 3_600_000 });
  expect((body as { now: number }).now).toBeGreaterThan(Date.now() + 3_500_000);

  const refused: ['GET' | 'POST' | 'DELETE', string, unknown, number, string][] = [
    ['GET', '/nothing', undefined, 404, 'not_found'],
    ['POST', '/devices', { platform: 'apns', environment: '', app_id: 'a' }, 400, 'invalid_request'],
    ['POST', '/devices', { platform: 'fcm', environment: 'sandbox', app_id: 'a' }, 400, 'invalid_request'],
    ['POST', '/devices', { platform: 'fcm', environment: '', app_id: '' }, 400, 'invalid_request'],
    ['POST', '/devices', { platform: 'fcm', environment: '', app_id: 'a', more: 1 }, 400, 'invalid_request'],
    ['POST', '/devices', { app_id: 'x'.repeat(70_000) }, 413, 'too_large'],
    ['GET', '/devices/none/deliveries', undefined, 404, 'unknown_device'],
    ['DELETE', '/devices/none', undefined, 404, 'unknown_device'],
    ['POST', '/devices/none/token', undefined, 404, 'unknown_device'],
    ['POST', '/control/devices/none/doze', { dozing: true }, 404, 'unknown_device'],
    ['GET', '/control/record?after=x', undefined, 400, 'invalid_request'],
    ['POST', '/control/faults', { provider: 'apns', times: 1_000_001 }, 400, 'invalid_request'],
    ['POST', '/control/faults', { provider: 'mail' }, 400, 'invalid_request'],
    ['POST', '/control/streams', { after_first: 0 }, 400, 'invalid_request'],
    ['POST', '/control/clock', { advance_ms: -1 }, 400, 'invalid_request'],
    ['POST', '/control/oauth', { expires_in: 0 }, 400, 'invalid_request'],
  ];
  for (const [method, path, requestBody, status, error] of refused) {
    const answer = await field.call(method, path, requestBody);
    expect({ path, ...answer }).toMatchObject({ path, status, body: { error } });
  }
  await field.close();
});

test('the same seed gives the same tokens', async () => {
  const tokens: string[] = [];
  for (let run = 0; run < 2; run += 1) {
    const { child, field } = await startReady();
    tokens.push((await field.install('apns')).token);
    await field.close();
    child.kill('SIGTERM');
    await once(child, 'exit');
  }
  expect(tokens[0]).toBe(tokens[1]);
});

test('a wrong configuration is named and nothing starts', async () => {
  const faults = await Promise.all([
    failure({ PROVIDERS_HOST: '0.0.0.0' }),
    failure({ PROVIDERS_HOST: 'localhost' }),
    failure({ PROVIDERS_COLOUR: 'red' }),
    failure({ PROVIDERS_FCM_PORT: '70000' }),
    failure({ PROVIDERS_ACCOUNTS_FILE: join(folder, 'tls.key') }),
  ]);
  expect(faults[0]).toContain('PROVIDERS_HOST: must be a loopback address');
  expect(faults[1]).toContain('PROVIDERS_HOST');
  expect(faults[2]).toContain('unknown variable PROVIDERS_COLOUR');
  expect(faults[3]).toContain('PROVIDERS_FCM_PORT');
  for (const fault of faults) expect(fault).not.toMatch(/ at .*:\d+:\d+/);
});
