// The suites at the bouncer (SPEC.md section 12): tokens of both, envelopes of both, and greased numbers refused wherever
// a suite is named.
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { readBouncerKeys, type SealingKeysFile } from '../../bouncer/sealing-keys.ts';
import { SUITE_X25519_BASE, SUITE_XWING_BASE } from '../../protocol/wire/suites.ts';
import type { Credential } from './call.ts';
import { envelope, Field } from './field.ts';

const GREASED = Array.from({ length: 0x40 }, (_, i) => 0xc0 + i);
const NO_TOKEN_SUITES = [0x00, 0x01, 0x02, 0x10, 0x13, 0x31, 0x80, 0xbf, ...GREASED];
let field: Field;
let chat: Credential;

beforeAll(async () => {
  field = await Field.prepare();
  await field.start();
  chat = await field.enrol('https://chat.example');
});
afterAll(async () => await field.close());

test('the first list has a key of each suite, the default first', () => {
  expect(field.sealingKeys.map(({ suite }) => suite)).toEqual([0x12, 0x11]);
});

test.each([
  ['0x11', SUITE_X25519_BASE, 565],
  ['0x12', SUITE_XWING_BASE, 1653],
] as const)(
  'a token sealed in %s becomes a handle that notifications go to [R-SUI-03]',
  async (_name, suite, bytes) => {
    field.sealingKey = field.sealingKeyOf(suite.id);
    const phone = await field.install('apns');
    const { handle, attempt } = await field.register(chat, phone);
    expect(Buffer.from(String(attempt.body['sealed_token']), 'base64url')).toHaveLength(bytes);
    expect(await field.notify(chat, [field.item(handle)])).toEqual([{ status: 'accepted' }]);
  },
);

test('a sealed token of a suite that is greased, private or for notifications is refused', async () => {
  for (const sealed of [field.sealingKeyOf(0x11), field.sealingKeyOf(0x12)]) {
    field.sealingKey = sealed;
    const attempt = field.seal(await field.install('fcm'), chat.origin);
    const blob = Buffer.from(String(attempt.body['sealed_token']), 'base64url');
    for (const suite of NO_TOKEN_SUITES) {
      blob[0] = suite;
      const body = { ...attempt.body, sealed_token: blob.toString('base64url') };
      const answer = await field.call('POST', '/v1/handles', { as: chat, body });
      expect([answer.status, answer.body.code], `suite ${suite}`).toEqual([422, 'push_token_refused']);
    }
  }
});

test('a token sealed in one suite is not opened under the number of the other', async () => {
  field.sealingKey = field.sealingKeyOf(0x11);
  const attempt = field.seal(await field.install('fcm'), chat.origin);
  const blob = Buffer.from(String(attempt.body['sealed_token']), 'base64url');
  blob[0] = 0x12;
  const body = { ...attempt.body, sealed_token: blob.toString('base64url') };
  expect((await field.call('POST', '/v1/handles', { as: chat, body })).body.code).toBe('push_token_refused');
});

test('envelopes of both suites pass in their buckets, greased ones and those for tokens do not [R-SUI-05] [R-SUI-06]', async () => {
  const { handle } = await field.register(chat, await field.install('fcm'));
  const send = async (text: string) =>
    (await field.notify(chat, [field.item(handle, { envelope: text })]))[0];
  for (const bucket of [512, 1024, 1856, 2944])
    expect(await send(envelope(bucket))).toEqual({ status: 'accepted' });
  for (const bucket of [512, 1024, 1856]) {
    expect(await send(envelope(bucket, 0x02))).toEqual({ status: 'accepted' });
  }
  // As long as an envelope may be, but no bucket of this suite.
  const between = Buffer.alloc(2998, 7);
  between[0] = 0x02;
  expect(await send(between.toString('base64url'))).toEqual({
    status: 'refused',
    code: 'malformed_envelope',
  });
  expect(await send(envelope(2944, 0x02))).toEqual({ status: 'refused', code: 'malformed_envelope' });
  const refused = [0x00, 0x11, 0x12, 0x31, 0x80, 0xbf, ...GREASED];
  const results = await field.notify(
    chat,
    refused.map((suite) => field.item(handle, { envelope: envelope(1856, suite) })),
  );
  expect(results).toEqual(refused.map(() => ({ status: 'refused', code: 'unknown_suite' })));
});

test.each([0x01, 0x02, 0x31, 0xc0, 0xff])('a sealing key of suite %i is not started with', async (suite) => {
  const file = String(field.environment['BOUNCER_SEALING_KEYS_FILE']);
  const { keys } = JSON.parse(await readFile(file, 'utf8')) as SealingKeysFile;
  const changed = join(field.folder, 'changed.json');
  await writeFile(changed, JSON.stringify({ keys: keys.map((key) => ({ ...key, suite })) }));
  const files = {
    origin: String(field.environment['BOUNCER_ORIGIN']),
    keyListFile: String(field.environment['BOUNCER_KEY_LIST_FILE']),
  };
  expect(readBouncerKeys({ ...files, sealingKeysFile: file }).sealingKeys).toHaveLength(2);
  expect(() => readBouncerKeys({ ...files, sealingKeysFile: changed })).toThrow('something unknown');
});
