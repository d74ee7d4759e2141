// What the bouncer refuses to start with, each in one line; and the three ways in which it listens.
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { request as requestHttp } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ConfigurationError, parseConfig } from '../../bouncer/config.ts';
import { startService } from '../../bouncer/service.ts';
import { Field } from './field.ts';
import { runCli } from './operator-cli.ts';
import { apply, refuseStart, type Settings, startBouncer } from './process.ts';

let field: Field;
let plain: Settings;

beforeAll(async () => {
  field = await Field.prepare();
  plain = { BOUNCER_TLS_CERT_FILE: undefined, BOUNCER_TLS_KEY_FILE: undefined };
});
afterAll(() => field.close());

const messageOf = (changes: Settings): string => {
  try {
    parseConfig(apply(field.environment, changes));
    return 'accepted';
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.message;
  }
};

test('settings that are refused, and why [R-HTT-05]', () => {
  const cases: [string, Settings, RegExp][] = [
    ['plain HTTP and no proxy', plain, /^plain HTTP is refused: set BOUNCER_TLS_CERT_FILE/],
    [
      'plain HTTP to the world',
      { ...plain, BOUNCER_PROXY: 'nginx', BOUNCER_HOST: '0.0.0.0' },
      /loopback address/,
    ],
    [
      'plain HTTP on every IPv6 address',
      { ...plain, BOUNCER_PROXY: 'nginx', BOUNCER_HOST: '::' },
      /loopback address/,
    ],
    [
      'plain HTTP on a public address',
      { ...plain, BOUNCER_PROXY: 'nginx', BOUNCER_HOST: '192.0.2.1' },
      /loopback address/,
    ],
    [
      'plain HTTP on a name',
      { ...plain, BOUNCER_PROXY: 'nginx', BOUNCER_HOST: 'localhost' },
      /loopback address/,
    ],
    ['a socket and no proxy', { ...plain, BOUNCER_SOCKET_FILE: '/tmp/x' }, /^plain HTTP is refused/],
    [
      'a socket and a port',
      { ...plain, BOUNCER_PROXY: 'nginx', BOUNCER_SOCKET_FILE: '/tmp/x' },
      /instead of BOUNCER_HOST/,
    ],
    ['half of TLS', { BOUNCER_TLS_KEY_FILE: undefined }, /belong together/],
    ['TLS and a proxy', { BOUNCER_PROXY: 'nginx' }, /for plain HTTP/],
    ['TLS and a socket', { BOUNCER_SOCKET_FILE: '/tmp/x' }, /for plain HTTP/],
    ['an unknown setting', { BOUNCER_TSL_CERT_FILE: 'x' }, /^BOUNCER_TSL_CERT_FILE is not a setting/],
    ['no origin', { BOUNCER_ORIGIN: undefined }, /^BOUNCER_ORIGIN is not set/],
    ['an origin in http', { BOUNCER_ORIGIN: 'http://bouncer.example' }, /^BOUNCER_ORIGIN must be https/],
    [
      'an origin with a slash',
      { BOUNCER_ORIGIN: 'https://bouncer.example/' },
      /^BOUNCER_ORIGIN must be https/,
    ],
    ['a port that is none', { BOUNCER_PORT: '70000' }, /^BOUNCER_PORT must be a number/],
    ['a port in words', { BOUNCER_PORT: 'https' }, /^BOUNCER_PORT must be a number/],
    ['no port', { BOUNCER_PORT: undefined }, /^BOUNCER_PORT is not set/],
    ['no store', { BOUNCER_DATABASE_FILE: undefined }, /^BOUNCER_DATABASE_FILE is not set/],
    ['no apps', { BOUNCER_APPS_FILE: '' }, /^BOUNCER_APPS_FILE /],
    ['a level that is none', { BOUNCER_LOG_LEVEL: 'loud' }, /^BOUNCER_LOG_LEVEL must be one of/],
  ];
  for (const [name, changes, message] of cases) expect(messageOf(changes), name).toMatch(message);
  for (const host of ['127.0.0.1', '127.8.9.10', '::1']) {
    expect(messageOf({ ...plain, BOUNCER_PROXY: 'nginx', BOUNCER_HOST: host }), host).toBe('accepted');
  }
});

const startInProcess = async (changes: Settings): Promise<string> => {
  try {
    const config = parseConfig(apply(field.environment, changes));
    await startService(config, () => undefined, Date.now);
    return 'started';
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.message;
  }
};

test('a refused start ends with 2, one line, and nothing of a file', async () => {
  const other = join(field.folder, 'other');
  await mkdir(other);
  await runCli(field.environment, ['keys', 'init', '--dir', other, '--origin', 'https://elsewhere.example']);
  const inOther = async (name: string, text: string): Promise<string> => {
    await writeFile(join(other, name), text);
    return join(other, name);
  };
  const apps = JSON.parse(await readFile(String(field.environment['BOUNCER_APPS_FILE']), 'utf8'));
  const secret = 'c2VjcmV0c2VjcmV0';
  const cases: [string, Settings, RegExp][] = [
    ['plain HTTP', plain, /plain HTTP is refused/],
    [
      'a certificate that is none',
      { BOUNCER_TLS_CERT_FILE: await inOther('cert.pem', secret) },
      /no certificate and its key/,
    ],
    [
      'a short storage key',
      { BOUNCER_STORAGE_KEY_FILE: await inOther('short', secret) },
      /must hold 32 bytes/,
    ],
    [
      'keys of another origin',
      { BOUNCER_KEY_LIST_FILE: join(other, 'key-list.json') },
      /another BOUNCER_ORIGIN/,
    ],
    [
      'a list that names a key that is not there',
      { BOUNCER_SEALING_KEYS_FILE: join(other, 'sealing-keys.json') },
      /names a key/,
    ],
    [
      'apps that are no JSON',
      { BOUNCER_APPS_FILE: await inOther('no.json', secret) },
      /BOUNCER_APPS_FILE is not JSON/,
    ],
    [
      'a field too many',
      { BOUNCER_APPS_FILE: await inOther('apps1.json', JSON.stringify({ ...apps, more: secret })) },
      /\(more\)/,
    ],
    [
      'an APNs key that is none',
      { BOUNCER_APPS_FILE: await inOther('apps2.json', JSON.stringify(apps).replace('apns.p8', 'short')) },
      /apns\.key_file holds no private key/,
    ],
    ['a folder for a store', { BOUNCER_DATABASE_FILE: other }, /BOUNCER_DATABASE_FILE cannot be opened/],
    [
      'a missing file',
      { BOUNCER_APPS_FILE: join(other, 'missing') },
      /BOUNCER_APPS_FILE cannot be read \(ENOENT\)/,
    ],
  ];
  const faults: string[] = [];
  for (const [name, changes, message] of cases) {
    const refusal = await startInProcess(changes);
    expect(refusal, name).toMatch(message);
    expect(refusal, name).not.toContain(secret);
    faults.push(refusal);
  }
  // The process says the same, as one line and nothing else.
  for (const i of [0, cases.length - 1]) {
    const refusal = await refuseStart(field, (cases[i] as (typeof cases)[number])[1]);
    expect(refusal).toEqual({ code: 2, stdout: '', stderr: `bouncer: ${faults[i]}\n` });
  }
});

test('behind a proxy it listens in plain HTTP on loopback, or on a Unix socket', async () => {
  const loopback = await startBouncer(field, { ...plain, BOUNCER_PROXY: 'nginx' });
  expect(loopback.address).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  field.address = loopback.address;
  expect((await field.call('GET', '/livez')).status).toBe(200);
  expect(await loopback.child.stop()).toBe(0);

  const socketFile = join(field.folder, 'bouncer.sock');
  const nowhere = { ...plain, BOUNCER_HOST: undefined, BOUNCER_PORT: undefined };
  const socket = { ...nowhere, BOUNCER_PROXY: 'nginx', BOUNCER_SOCKET_FILE: socketFile };
  const first = await startBouncer(field, socket);
  expect(first.address).toBe(`unix:${socketFile}`);
  expect((await stat(socketFile)).mode & 0o007).toBe(0);
  await first.child.kill();
  // The killed process left the name of its socket behind.
  const second = await startBouncer(field, socket);
  const status = await new Promise<number | undefined>((resolve, reject) => {
    requestHttp({ socketPath: socketFile, path: '/livez' }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(status).toBe(200);
  expect(await second.child.stop()).toBe(0);
});

test('keys init writes files for the owner alone, and never over others', async () => {
  for (const name of ['root-1.json', 'root-2.json', 'sealing-keys.json', 'storage-key', 'key-list.json']) {
    expect((await stat(join(field.folder, 'keys', name))).mode & 0o077, name).toBe(0);
  }
  const again = runCli(field.environment, [
    'keys',
    'init',
    '--dir',
    join(field.folder, 'keys'),
    '--origin',
    'https://a.example',
  ]);
  await expect(again).rejects.toMatchObject({ code: 2, stderr: expect.stringContaining('exists already') });
});

test('processes that start at once on a fresh store do not trip over one another', async () => {
  const environment = apply(field.environment, { BOUNCER_DATABASE_FILE: join(field.folder, 'fresh.sqlite') });
  const enrol = (i: number) =>
    runCli(environment, [
      'servers',
      'enrol',
      '--origin',
      `https://chat-${i}.example`,
      '--contact',
      'a@chat.example',
    ]);
  await Promise.all([1, 2, 3, 4].map(enrol));
  const { servers } = (await runCli(environment, ['servers', 'list'])) as { servers: unknown[] };
  expect(servers).toHaveLength(4);
});

test('an origin is enrolled once, and the list shows no key', async () => {
  const { server_id, api_key } = await field.enrol('https://chat.example');
  await expect(field.enrol('https://chat.example')).rejects.toMatchObject({ code: 2 });
  const list = JSON.stringify(await runCli(field.environment, ['servers', 'list']));
  expect(list).toContain(server_id);
  expect(list).not.toContain(api_key);
});
