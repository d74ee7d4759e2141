// The lives of sealing keys (SPEC.md section 6): published, revoked, kept to open with for 90 days, their bkids never used
// again.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { makeSealingKeys, retireKeys } from '../../bouncer/cli/sealing-key-life.ts';
import type { SealingKeysFile } from '../../bouncer/sealing-keys.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { decodeKeyList } from '../../protocol/registration/key-list.ts';
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import type { Credential } from './call.ts';
import { Field, until } from './field.ts';
import { runCli } from './operator-cli.ts';

const DAY_SECONDS = 86_400;
const NOW = 1_800_000_000;
let field: Field;
let chat: Credential;

beforeAll(async () => {
  field = await Field.prepare();
  await field.start();
  chat = await field.enrol('https://chat.example');
});
afterAll(async () => await field.close());

const publish = (...args: string[]) =>
  runCli(field.environment, ['keys', 'publish', '--dir', join(field.folder, 'keys'), ...args]);

test('a revoked key is in no list any more, and opens for 90 days', async () => {
  const revoked = field.sealingKey;
  const bkid = encodeBase64url(revoked.bkid);
  await publish('--add-key', '--revoke', bkid);
  const list = await until(async () => {
    const signed = (await field.call('GET', '/v1/bouncer-keys')).body;
    const current = decodeKeyList(decodeBase64url(signed.bytes));
    return current.version === 2 && current;
  }, 'the new list');
  expect(list.keys).toHaveLength(3);
  expect(list.keys.map((key) => encodeBase64url(key.bkid))).not.toContain(bkid);
  await expect(publish('--revoke', bkid)).rejects.toMatchObject({ code: 2 });

  const phone = await field.install('fcm');
  const request = async () => {
    const { body } = field.seal(phone, chat.origin);
    return (await field.call('POST', '/v1/handles', { as: chat, body })).status;
  };
  field.advance(89 * DAY_SECONDS);
  expect(await request()).toBe(200);
  field.advance(2 * DAY_SECONDS);
  expect(await request()).toBe(422);
  // The ones that were not revoked live on.
  field.sealingKey = field.sealingKeyOf(0x11);
  expect(await request()).toBe(200);
});

test('the second root signs as well as the first', async () => {
  await publish('--root-file', join(field.folder, 'keys', 'root-2.json'));
  const root = async (name: string) =>
    JSON.parse(await readFile(join(field.folder, 'keys', name), 'utf8')).root;
  expect(await root('key-list.json')).toBe(await root('root-2.json'));
});

test('of a key that opens no more only the bkid is kept, and no other key gets it', () => {
  const old = makeSealingKeys(nativeBackend, { keys: [] }, NOW - 456 * DAY_SECONDS);
  const young = makeSealingKeys(nativeBackend, { keys: [] }, NOW - 454 * DAY_SECONDS);
  const file: SealingKeysFile = { keys: [...old, ...young], retired: ['AAAAAA'] };
  const retired = retireKeys(file, undefined, NOW);
  expect(retired.keys).toEqual(young);
  expect(retired.retired).toEqual(['AAAAAA', ...old.map(({ bkid }) => bkid)]);
  expect(JSON.stringify(retired)).not.toContain(String(old[0]?.private_key));

  const taken = [...(retired.retired ?? []), ...young.map(({ bkid }) => bkid)];
  const drawn = [...taken, 'BBBBBA', 'BBBBBA', 'CCCCCA'].map(decodeBase64url);
  const backend = {
    ...nativeBackend,
    randomBytes: (length: number) =>
      length === 4 ? (drawn.shift() as Uint8Array) : nativeBackend.randomBytes(length),
  };
  expect(makeSealingKeys(backend, retired, NOW).map(({ bkid }) => bkid)).toEqual(['BBBBBA', 'CCCCCA']);
});

test('a list that would have more than 16 keys is not published', async () => {
  for (let keys = 5; keys <= 15; keys += 2) await publish('--add-key');
  const before = await readFile(String(field.environment['BOUNCER_SEALING_KEYS_FILE']), 'utf8');
  await expect(publish('--add-key')).rejects.toMatchObject({
    code: 2,
    stderr: expect.stringContaining('16'),
  });
  expect(await readFile(String(field.environment['BOUNCER_SEALING_KEYS_FILE']), 'utf8')).toBe(before);
});
