// How the server starts, or refuses to: configuration, TLS, plain text behind a proxy only, versions of the store.

import { randomBytes } from 'node:crypto';
import { statSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { connect } from 'node:tls';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { issueCertificate } from '../../client-sim/certificates.ts';
import { ConfigError, parseConfig } from '../../server/config.ts';
import { readSecrets } from '../../server/secret-files.ts';
import { type Ended, runScript } from '../support/run-script.ts';
import { Field, until } from './field.ts';
import { Phone } from './phone.ts';

let field: Field;

beforeAll(async () => {
  field = await Field.lay();
});
afterAll(async () => {
  await field.clear();
});

/** One refused start of the real process: its exit code and what it said. */
async function refused(overrides: Record<string, string>): Promise<Ended> {
  const env = { ...field.environment, ...overrides };
  Object.assign(process.env, env);
  try {
    return await runScript('server/main.ts', [], 15_000);
  } finally {
    for (const name of Object.keys(env)) delete process.env[name];
  }
}

test.each<[string, Record<string, string | undefined>, string]>([
  ['an unknown variable', { SERVER_COLOUR: 'red' }, 'SERVER_COLOUR is not a known variable'],
  ['no origin', { SERVER_ORIGIN: undefined }, 'SERVER_ORIGIN'],
  ['an origin with a path', { SERVER_ORIGIN: 'https://chat.example/' }, 'SERVER_ORIGIN'],
  ['an origin in plain text', { SERVER_ORIGIN: 'http://chat.example' }, 'SERVER_ORIGIN'],
  ['a policy that is not implemented', { SERVER_POLICY: 'full' }, 'SERVER_POLICY'],
  ['plain text without a proxy [R-HTT-05]', { SERVER_PROXY: undefined }, 'SERVER_PROXY'],
  ['plain text on every address [R-HTT-05]', { SERVER_HOST: '0.0.0.0' }, 'loopback'],
  ['plain text on a name', { SERVER_HOST: 'localhost' }, 'loopback'],
  ['TLS and a proxy', { SERVER_TLS_CERT_FILE: 'x', SERVER_TLS_KEY_FILE: 'x' }, 'either'],
  [
    'a certificate without key',
    { SERVER_PROXY: undefined, SERVER_TLS_CERT_FILE: 'x' },
    'SERVER_TLS_KEY_FILE',
  ],
  ['a port of 70000', { SERVER_PORT: '70000' }, 'SERVER_PORT'],
  ['40 keep days', { SERVER_KEEP_DAYS_MAX: '40' }, 'SERVER_KEEP_DAYS_MAX'],
  ['an app id with a space', { SERVER_APP_IDS: 'a b' }, 'SERVER_APP_IDS'],
  ['a storage key that is not there', { SERVER_STORAGE_KEY_FILE: '/nowhere' }, 'SERVER_STORAGE_KEY_FILE'],
])('%s is refused by name', (_case, overrides, named) => {
  const read = () => readSecrets(parseConfig({ ...field.environment, ...overrides }));
  expect(read).toThrow(ConfigError);
  expect(read).toThrow(named);
});

test('what cannot be used is one line and exit code 2', async () => {
  const { code, stderr, stdout } = await refused({ SERVER_COLOUR: 'red' });
  expect([code, stderr, stdout]).toEqual([2, 'SERVER_COLOUR is not a known variable\n', '']);
});

test('a store of a later version is not touched', async () => {
  const file = join(field.folder, 'later.sqlite');
  const sqlite = new BetterSqlite(file);
  sqlite.exec('create table kysely_migration (name text primary key, timestamp text not null)');
  sqlite.exec("insert into kysely_migration values ('9999-later', '')");
  sqlite.close();
  const { code, stderr } = await refused({ SERVER_DATABASE_FILE: file });
  expect([code, stderr]).toEqual([2, 'the database was written by a later version of the server\n']);
});

test('a wrong storage key file is refused and costs nothing, unless the operator gives the keys up', async () => {
  const file = join(field.folder, 'keys.sqlite');
  const wrong = {
    SERVER_DATABASE_FILE: file,
    SERVER_STORAGE_KEY_FILE: field.write('wrong-key', randomBytes(32).toString('base64url')),
  };
  await field.start({ SERVER_DATABASE_FILE: file });
  await until(async () => (await field.call('GET', '/v1/push')).status === 200, 'the list');
  const phone = await Phone.active(field, await field.addUser('alice'));
  await field.stop();
  const { code, stderr, stdout } = await refused(wrong);
  expect([code, stdout]).toEqual([2, '']);
  expect(stderr).toMatch(/^SERVER_STORAGE_KEY_FILE [^\n]+ SERVER_ACCEPT_LOST_KEYS=1 [^\n]+\n$/);
  await field.start({ SERVER_DATABASE_FILE: file });
  expect((await phone.status()).json.key_state).toBe('live');
  await field.stop();
  await field.start({ ...wrong, SERVER_ACCEPT_LOST_KEYS: '1' });
  expect((await phone.status()).json.key_state).toBe('lost');
  expect(await field.stop()).toBe(0);
});

test('it starts in about a second, and its store is private to it', async () => {
  const began = Date.now();
  await field.start();
  expect(Date.now() - began).toBeLessThan(5000);
  expect(statSync(field.environment['SERVER_DATABASE_FILE'] as string).mode & 0o077).toBe(0);
  expect(await field.stop()).toBe(0);
});

test('it speaks TLS 1.3, and takes a new certificate while it runs [R-KEY-01]', async () => {
  const certFile = field.write('cert.pem', field.certificate.certPem);
  const keyFile = field.write('key.pem', field.certificate.keyPem);
  const tls = { SERVER_PROXY: undefined, SERVER_TLS_CERT_FILE: certFile, SERVER_TLS_KEY_FILE: keyFile };
  await field.start(tls);
  const { hostname, port } = new URL(field.address);
  expect(field.address.startsWith('https://')).toBe(true);
  const peer = (maxVersion: 'TLSv1.2' | 'TLSv1.3' = 'TLSv1.3') =>
    new Promise<string>((resolve, reject) => {
      const options = { host: hostname, port: Number(port), ca: field.authority.certPem, maxVersion };
      const socket = connect(options, () => {
        resolve(socket.getPeerCertificate().serialNumber);
        socket.destroy();
      });
      socket.on('error', reject);
    });
  const first = await peer();
  await expect(peer('TLSv1.2')).rejects.toThrow();
  const next = await issueCertificate(field.authority, { hosts: ['127.0.0.1'] });
  writeFileSync(keyFile, next.keyPem);
  writeFileSync(certFile, next.certPem);
  await until(async () => (await peer()) !== first, 'the new certificate');
  expect(await field.stop()).toBe(0);
});

test('behind a proxy it listens on a socket file, also after it was killed', async () => {
  const file = join(field.folder, 'server.sock');
  const socket = { SERVER_HOST: undefined, SERVER_PORT: undefined, SERVER_SOCKET_FILE: file };
  await field.start(socket);
  await field.kill();
  await field.start(socket);
  expect(field.address).toBe(file);
  const status = await new Promise((resolve, reject) => {
    const asked = httpRequest(
      { socketPath: file, path: '/v1/push', headers: { host: 'chat.example' } },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    );
    asked.on('error', reject).end();
  });
  expect([200, 503]).toContain(status);
  expect(await field.stop()).toBe(0);
});
