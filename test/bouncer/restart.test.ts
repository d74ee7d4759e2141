// The process and what outlives it: kill -9, the store at rest, versions of the schema, files that change under it.
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { createAuthority, issueCertificate } from '../../client-sim/certificates.ts';
import { decodeKeyList } from '../../protocol/registration/key-list.ts';
import { decodeBase64url } from '../../protocol/wire/base64url.ts';
import type { Credential } from './call.ts';
import { Field, until } from './field.ts';
import { runCli } from './operator-cli.ts';
import { type RunningBouncer, refuseStart, type Settings, startBouncer } from './process.ts';

let field: Field;
let chat: Credential;
let bouncer: RunningBouncer | undefined;

beforeAll(async () => {
  field = await Field.prepare();
  chat = await field.enrol('https://chat.example');
});
afterAll(() => field.close());
afterEach(async () => {
  if (bouncer?.child.running) await bouncer.child.stop();
});

const start = async (changes: Settings = {}): Promise<void> => {
  bouncer = await startBouncer(field, changes);
  field.address = bouncer.address;
};
const kill = async (): Promise<void> => await bouncer?.child.kill();

test('after kill -9 active handles work, a pending one can be confirmed, and an ended one stays ended', async () => {
  await start();
  const active = await field.register(chat, await field.install('apns'));
  const ended = await field.register(chat, await field.install('fcm'));
  await field.call('POST', '/v1/handles/removal', { as: chat, body: { handles: [ended.handle] } });
  const pending = field.seal(await field.install('fcm'), chat.origin);
  const { handle } = (await field.call('POST', '/v1/handles', { as: chat, body: pending.body })).body;
  const challenge = await field.challengeOf(pending);
  await kill();
  await start();
  expect(await field.notify(chat, [field.item(active.handle), field.item(ended.handle)])).toEqual([
    { status: 'accepted' },
    { status: 'refused', code: 'unknown_handle' },
  ]);
  const body = field.confirmation(handle, pending, challenge);
  expect((await field.call('POST', '/v1/handles/confirmation', { as: chat, body })).body.state).toBe(
    'active',
  );
  // A repeated request after the kill gets its first answer.
  expect((await field.call('POST', '/v1/handles', { as: chat, body: pending.body })).body.handle).toBe(
    handle,
  );
});

test('an app that is missing from the configuration has its notifications held, until it is there again', async () => {
  await start();
  const { handle } = await field.register(chat, await field.install('fcm'));
  await kill();
  const file = String(field.environment['BOUNCER_APPS_FILE']);
  const whole = await readFile(file, 'utf8');
  const { apps } = JSON.parse(whole) as { apps: Record<string, unknown>[] };
  await writeFile(file, JSON.stringify({ apps: apps.map(({ fcm: _, ...app }) => app) }));
  await start();
  expect(await field.notify(chat, [field.item(handle)])).toEqual([{ status: 'retry', after_seconds: 600 }]);
  await kill();
  await writeFile(file, whole);
  await start();
  expect(await field.notify(chat, [field.item(handle)])).toEqual([{ status: 'accepted' }]);
});

test('kill -9 with a batch in flight: the store stands, and the batch sent again is taken', async () => {
  await start();
  const { handle } = await field.register(chat, await field.install('fcm'));
  await field.control('POST', '/control/faults', { provider: 'fcm', latency_ms: 400, times: 60 });
  const items = Array.from({ length: 60 }, () => field.item(handle));
  const inFlight = field.notify(chat, items).catch(() => 'no answer');
  await until(
    async () =>
      (await field.record()).some((entry) => entry.provider === 'fcm' && entry.body.includes('"e"')),
    'a push',
  );
  await kill();
  expect(await inFlight).toBe('no answer');
  await field.control('DELETE', '/control/faults');
  await start();
  expect(await field.notify(chat, items)).toEqual(items.map(() => ({ status: 'accepted' })));
});

test('SIGTERM: what is in flight is answered, and the process ends with 0', async () => {
  await start();
  const { handle } = await field.register(chat, await field.install('fcm'));
  await field.control('POST', '/control/faults', { provider: 'fcm', latency_ms: 500, times: 1 });
  const inFlight = field.notify(chat, [field.item(handle)]);
  await new Promise((wake) => setTimeout(wake, 200));
  const asked = performance.now();
  const stopped = bouncer?.child.stop();
  expect(await inFlight).toEqual([{ status: 'accepted' }]);
  expect(await stopped).toBe(0);
  // The connection of the test is kept alive; it must not hold up the stop.
  expect(performance.now() - asked).toBeLessThan(6_000);
});

test('neither token nor API key nor envelope is in the store or the log in the clear [R-NOT-09] [R-TOK-07] [R-ENR-01]', async () => {
  await start({ BOUNCER_LOG_LEVEL: 'trace' });
  const iphone = await field.install('apns');
  const android = await field.install('fcm');
  const { handle, attempt } = await field.register(chat, iphone);
  await field.register(chat, android);
  const item = field.item(handle);
  await field.notify(chat, [item]);
  await bouncer?.child.stop();
  const file = String(field.environment['BOUNCER_DATABASE_FILE']);
  const journal = await readFile(`${file}-wal`).catch(() => Buffer.alloc(0));
  const log = await readFile(join(field.folder, 'bouncer.log'));
  const places = { store: Buffer.concat([await readFile(file), journal]), log };
  const confirmKey = Buffer.from(attempt.confirmKey);
  const apiKey = Buffer.from(chat.api_key, 'base64url');
  for (const [place, bytes] of Object.entries(places)) {
    for (const secret of [Buffer.from(iphone.token), Buffer.from(android.token), confirmKey, apiKey]) {
      for (const encoded of [
        secret,
        secret.toString('hex'),
        secret.toString('base64'),
        secret.toString('base64url'),
      ]) {
        expect(bytes.includes(encoded), place).toBe(false);
      }
    }
    expect(bytes.includes(String(item['envelope']).slice(20, 60)), place).toBe(false);
    expect(bytes.includes(String(item['collapse'])), place).toBe(false);
  }
  // The search finds what is there: the handle, which the store needs.
  expect(places.store.includes(handle)).toBe(true);
  expect(places.log.includes(handle)).toBe(false);
});

test('a store of a newer version, or of another storage key, stops the start', async () => {
  const file = String(field.environment['BOUNCER_DATABASE_FILE']);
  const otherKey = join(field.folder, 'other-storage-key');
  await writeFile(otherKey, Buffer.alloc(32, 1).toString('base64url'));
  const wrongKey = await refuseStart(field, { BOUNCER_STORAGE_KEY_FILE: otherKey });
  expect(wrongKey).toMatchObject({ code: 2, stderr: expect.stringContaining('not the key') });
  const database = new Database(file);
  try {
    database.prepare("insert into kysely_migration values ('9999-later', '2030-01-01')").run();
    const newer = await refuseStart(field, {});
    expect(newer).toMatchObject({ code: 2, stderr: expect.stringContaining('newer version') });
  } finally {
    database.prepare("delete from kysely_migration where name = '9999-later'").run();
    database.close();
  }
});

const serialOf = (): Promise<string> =>
  new Promise((resolve, reject) => {
    const { port } = new URL(field.address);
    const socket = connectTls({ host: '127.0.0.1', port: Number(port), rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate().serialNumber);
      socket.destroy();
    });
    socket.on('error', reject);
  });

test('a changed certificate is taken up without a restart, a broken one is not', async () => {
  await start();
  const before = await serialOf();
  const authority = await createAuthority();
  const leaf = await issueCertificate(authority, { hosts: ['127.0.0.1'] });
  const certFile = String(field.environment['BOUNCER_TLS_CERT_FILE']);
  const keyFile = String(field.environment['BOUNCER_TLS_KEY_FILE']);
  const [oldCert, oldKey] = await Promise.all([readFile(certFile), readFile(keyFile)]);
  const replace = async (path: string, text: string | Buffer): Promise<void> => {
    await writeFile(`${path}.new`, text);
    await rename(`${path}.new`, path);
  };
  await replace(certFile, 'no certificate');
  await bouncer?.child.waitFor((line) => line['event'] === 'certificate_reload_failed', 8_000);
  expect(await serialOf()).toBe(before);
  await replace(certFile, leaf.certPem);
  await replace(keyFile, leaf.keyPem);
  await until(async () => (await serialOf()) !== before, 'the new certificate serves');
  await replace(certFile, oldCert);
  await replace(keyFile, oldKey);
});

test('a new version of the key list is served without a restart, and its new key opens', async () => {
  await start();
  const version = async () =>
    decodeKeyList(decodeBase64url((await field.call('GET', '/v1/bouncer-keys')).body.bytes));
  expect(await version()).toMatchObject({ version: 1, keys: [{ suite: 0x12 }, { suite: 0x11 }] });
  await runCli(field.environment, ['keys', 'publish', '--dir', join(field.folder, 'keys'), '--add-key']);
  const list = await until(async () => {
    const current = await version();
    return current.version === 2 ? current : null;
  }, 'version 2 is served');
  expect(list.keys.map(({ suite }) => suite)).toEqual([0x12, 0x11, 0x12, 0x11]);
  for (const fresh of list.keys.slice(2)) {
    field.sealingKey = fresh;
    await field.register(chat, await field.install('fcm'));
  }
});
