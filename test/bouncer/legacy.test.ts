// Devices without E2EE: bare handles where the operator allows them, templates with fixed words, and no way for text.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WORDS } from '../../bouncer/legacy/words.ts';
import { TEMPLATES } from '../../protocol/wire/bouncer-api.ts';
import { LEGACY_NOTIFICATIONS_PER_HOUR_MAX } from '../../protocol/wire/limits.ts';
import type { Credential } from './call.ts';
import { APP_ID, type Device, Field } from './field.ts';
import { ROOT } from './operator-cli.ts';

const PATH = '/v1/legacy-notifications';
const REFERENCE = Buffer.alloc(16, 7).toString('base64url');
let field: Field;
let chat: Credential;

beforeAll(async () => {
  field = await Field.prepare();
  chat = await field.enrol('https://chat.example');
  await field.start();
});
afterAll(() => field.close());

const requestBare = async (device: Device, changes: object = {}) => {
  const token = Buffer.from(device.token).toString('base64url');
  const { platform, environment } = device;
  const body = { platform, environment, app_id: APP_ID, token, ...changes };
  return await field.call('POST', '/v1/bare-handles', { as: chat, body });
};
const notice = (handle: string, changes: object = {}) => ({
  handle,
  template: 'new_message',
  badge: 3,
  expires_at: field.expiresAt,
  collapse: REFERENCE,
  ...changes,
});

test('every template in words that are fixed, on both platforms', async () => {
  const iphone = await field.install('apns');
  const android = await field.install('fcm');
  const handles = [(await requestBare(iphone)).body.handle, (await requestBare(android)).body.handle];
  for (const template of TEMPLATES) {
    const items = handles.map((handle) => notice(handle, { template, reference: REFERENCE }));
    expect(await field.notify(chat, items, PATH)).toEqual([{ status: 'accepted' }, { status: 'accepted' }]);
    const apns = (await field.pushesTo(iphone)).at(-1);
    const words = WORDS[template];
    expect(JSON.parse(apns?.body ?? '')).toEqual({
      aps:
        words === null ? { 'content-available': 1 } : { alert: { body: words }, badge: 3, sound: 'default' },
      t: template,
      b: 3,
      r: REFERENCE,
    });
    const fcm = (await field.pushesTo(android)).at(-1);
    expect(JSON.parse(fcm?.body ?? '').message.data).toEqual({ t: template, b: '3', r: REFERENCE });
  }
});

test('no text of a request can reach a template [R-RED-01]', async () => {
  const { handle } = (await requestBare(await field.install('apns'))).body;
  const text = 'lunch at noon';
  const items = [
    notice(handle, { text }),
    notice(handle, { template: text }),
    notice(handle, { badge: text }),
    notice(handle, { badge: 100_000 }),
    notice(handle, { reference: Buffer.from(text).toString('base64url') }),
    notice(handle, { reference: Buffer.alloc(17).toString('base64url') }),
    notice(handle, { alert: { body: text } }),
    { ...notice(handle), expires_at: text },
  ];
  const malformed = { status: 'refused', code: 'malformed_item' };
  expect(await field.notify(chat, items, PATH)).toEqual(items.map(() => malformed));
  expect(JSON.stringify(await field.record())).not.toContain(text);
  // What the legacy modules can see of a request: a template of a closed list, a number, 16 bytes.
  for (const file of await readdir(join(ROOT, 'bouncer/legacy'))) {
    const source = await readFile(join(ROOT, 'bouncer/legacy', file), 'utf8');
    const imports = [...source.matchAll(/from '([^']+)'/g)].map(([, path]) => path);
    const allowed = ['../../protocol/wire/bouncer-api.ts', '../providers/provider.ts', './words.ts'];
    expect(
      imports.filter((path) => !allowed.includes(path ?? '')),
      file,
    ).toEqual([]);
  }
});

test('a handle is sealed or bare for life [R-RED-02]', async () => {
  const bare = (await requestBare(await field.install('fcm'))).body.handle;
  const sealed = (await field.register(chat, await field.install('fcm'))).handle;
  const wrong = [{ status: 'refused', code: 'wrong_route' }];
  expect(await field.notify(chat, [field.item(bare)])).toEqual(wrong);
  expect(await field.notify(chat, [notice(sealed)], PATH)).toEqual(wrong);
});

test('the same token again gets the same handle', async () => {
  const device = await field.install('fcm');
  const first = await requestBare(device);
  expect((await requestBare(device)).body).toEqual(first.body);
});

test('a device that can decrypt is never sent templates again [R-RED-04]', async () => {
  const device = await field.install('fcm');
  const bare = (await requestBare(device)).body.handle;
  const { handle } = await field.register(chat, device);
  expect(await field.notify(chat, [notice(bare)], PATH)).toEqual([
    { status: 'refused', code: 'unknown_handle' },
  ]);
  expect(await requestBare(device)).toMatchObject({ status: 422, body: { code: 'bare_tokens_refused' } });
  await field.call('POST', '/v1/handles/removal', { as: chat, body: { handles: [handle] } });
  expect((await requestBare(device)).status).toBe(200);
});

test('what is refused: each with its own code', async () => {
  const device = await field.install('apns');
  const cases: [object, number, string][] = [
    [{ app_id: 'unknown.example.app' }, 422, 'unknown_app'],
    [{ environment: '' }, 422, 'wrong_environment'],
    [{ token: '' }, 400, 'malformed_request'],
    [{ token: Buffer.alloc(301).toString('base64url') }, 400, 'malformed_request'],
    [
      { platform: 'fcm', environment: '', token: Buffer.from('two words').toString('base64url') },
      422,
      'push_token_refused',
    ],
  ];
  for (const [changes, status, code] of cases) {
    expect(await requestBare(device, changes), code).toMatchObject({ status, body: { code } });
  }
});

test('thirty an hour, then later: a stolen token is worth little [R-RED-05]', async () => {
  const device = await field.install('fcm');
  const { handle } = (await requestBare(device)).body;
  const items = Array.from({ length: LEGACY_NOTIFICATIONS_PER_HOUR_MAX + 2 }, () =>
    notice(handle, { template: 'test' }),
  );
  const results = (await field.notify(chat, items, PATH)) as { status: string; after_seconds?: number }[];
  expect(results.filter(({ status }) => status === 'accepted')).toHaveLength(
    LEGACY_NOTIFICATIONS_PER_HOUR_MAX,
  );
  const late = results.filter(({ status }) => status === 'retry');
  expect(late).toHaveLength(2);
  expect(late[0]?.after_seconds).toBeGreaterThan(3_500);

  // Another handle of the same token does not begin anew.
  await field.call('POST', '/v1/handles/removal', { as: chat, body: { handles: [handle] } });
  const next = (await requestBare(device)).body.handle;
  expect(next).not.toBe(handle);
  expect(await field.notify(chat, [notice(next)], PATH)).toMatchObject([{ status: 'retry' }]);
});

test('an app that takes sealed tokens only takes no bare one [R-RED-03]', async () => {
  const strict = await Field.prepare('refused');
  try {
    const server = await strict.enrol('https://chat.example');
    await strict.start();
    const device = await strict.install('fcm');
    const token = Buffer.from(device.token).toString('base64url');
    const body = { platform: 'fcm', environment: '', app_id: APP_ID, token };
    const answer = await strict.call('POST', '/v1/bare-handles', { as: server, body });
    expect(answer).toMatchObject({ status: 422, body: { code: 'bare_tokens_refused' } });
  } finally {
    await strict.close();
  }
});
