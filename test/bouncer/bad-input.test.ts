// Whatever comes in: one documented code, no stack trace, nothing of the input in the answer, and the bouncer lives on.
import { connect as connectTls } from 'node:tls';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { hashApiKey } from '../../bouncer/store/servers.ts';
import { buildProblem, type ProblemCode } from '../../protocol/wire/problem.ts';
import type { Answer, Credential } from './call.ts';
import { Field } from './field.ts';

const MARKER = 'vnqzkwmarker';
let field: Field;
let chat: Credential;

beforeAll(async () => {
  field = await Field.prepare();
  chat = await field.enrol('https://chat.example');
  await field.start();
});
afterAll(() => field.close());

const expectProblem = (answer: Answer, code: ProblemCode, name: string): void => {
  expect(answer.body, name).toEqual({ ...buildProblem(code) });
  expect(answer.status, name).toBe(buildProblem(code).status);
  expect(answer.headers['content-type'], name).toMatch(/^application\/problem\+json/);
  expect(answer.text, name).not.toContain(MARKER);
};

test('what is no request of a documented shape [R-HTT-03] [R-ERR-03] [R-ERR-04] [R-RED-08]', async () => {
  const json = { 'content-type': 'application/json' };
  const cases: [string, string, string, Parameters<Field['call']>[2], ProblemCode][] = [
    ['no JSON', 'POST', '/v1/handles', { as: chat, raw: `{"${MARKER}":` }, 'malformed_json'],
    ['an empty body', 'POST', '/v1/handles', { as: chat, headers: json }, 'malformed_json'],
    ['two documents', 'POST', '/v1/notifications', { as: chat, raw: '{}{}' }, 'malformed_json'],
    [
      'a prototype',
      'POST',
      '/v1/notifications',
      { as: chat, raw: '{"__proto__":{"notifications":[]}}' },
      'malformed_json',
    ],
    ['an array', 'POST', '/v1/notifications', { as: chat, raw: '[]' }, 'malformed_request'],
    ['null', 'POST', '/v1/notifications', { as: chat, raw: 'null' }, 'malformed_request'],
    ['a text', 'POST', '/v1/handles', { as: chat, raw: `"${MARKER}"` }, 'malformed_request'],
    [
      'an unknown field',
      'POST',
      '/v1/notifications',
      { as: chat, body: { notifications: [1], [MARKER]: 1 } },
      'malformed_request',
    ],
    ['no body and no type', 'POST', '/v1/handles', { as: chat }, 'malformed_request'],
    ['deep nesting', 'POST', '/v1/handles', { as: chat, raw: '['.repeat(30_000) }, 'malformed_json'],
    [
      'another type',
      'POST',
      '/v1/handles',
      { as: chat, raw: MARKER, headers: { 'content-type': 'text/plain' } },
      'unsupported_media_type',
    ],
    [
      'a form',
      'POST',
      '/v1/handles',
      { as: chat, raw: `a=${MARKER}`, headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      'unsupported_media_type',
    ],
    [
      'a type that is none',
      'POST',
      '/v1/handles',
      { as: chat, raw: '{}', headers: { 'content-type': MARKER } },
      'unsupported_media_type',
    ],
    [
      'too large a body',
      'POST',
      '/v1/handles',
      { as: chat, raw: `"${'x'.repeat(70_000)}"` },
      'body_too_large',
    ],
    [
      'too large a batch',
      'POST',
      '/v1/notifications',
      { as: chat, raw: `"${'x'.repeat(5_300_000)}"` },
      'body_too_large',
    ],
    ['an unknown path', 'GET', `/${MARKER}`, {}, 'not_found'],
    ['a path with a slash more', 'GET', '/v1/', {}, 'not_found'],
    ['a broken escape', 'GET', `/%zz${MARKER}`, {}, 'malformed_request'],
    ['another method', 'GET', '/v1/notifications', { as: chat }, 'method_not_allowed'],
    ['another method', 'POST', '/v1/bouncer-keys', { raw: '{}' }, 'method_not_allowed'],
    ['a method that no path has', 'DELETE', '/v1/handles', { as: chat }, 'method_not_allowed'],
    [
      'cleartext',
      'POST',
      '/v1/cleartext-notifications',
      { as: chat, body: { text: MARKER } },
      'cleartext_disabled',
    ],
    [
      'a revocation of no shape',
      'POST',
      '/v1/revocations',
      { body: { origin: `http://${MARKER}` } },
      'malformed_request',
    ],
  ];
  for (const [name, method, path, options, code] of cases) {
    expectProblem(await field.call(method, path, options), code, `${name}: ${method} ${path}`);
  }
  expect((await field.call('GET', '/v1/notifications', { as: chat })).headers['allow']).toBe('POST');
  expect((await field.call('GET', '/livez')).status).toBe(200);
});

test('who calls: an unknown server and a wrong key are answered alike [R-HTT-04] [R-ENR-02]', async () => {
  const wrongKey = { ...chat, api_key: 'A'.repeat(43) };
  const unknown = { ...wrongKey, server_id: 'A'.repeat(22) };
  const authorizations: [string, string | undefined][] = [
    ['nothing', undefined],
    ['another scheme', 'Bearer abc'],
    ['no base64', 'Basic !!!'],
    ['no colon', `Basic ${Buffer.from('abc').toString('base64')}`],
    ['too many colons', `Basic ${Buffer.from(`${chat.server_id}:${chat.api_key}:x`).toString('base64')}`],
    ['an empty key', `Basic ${Buffer.from(`${chat.server_id}:`).toString('base64')}`],
    ['something long', `Basic ${'A'.repeat(8_000)}`],
  ];
  for (const [name, authorization] of authorizations) {
    const headers = authorization === undefined ? {} : { authorization };
    expectProblem(await field.call('POST', '/v1/handles', { headers, body: {} }), 'not_authenticated', name);
  }
  const paths = [
    '/v1/handles',
    '/v1/handles/confirmation',
    '/v1/handles/removal',
    '/v1/bare-handles',
    '/v1/notifications',
    '/v1/legacy-notifications',
    '/v1/cleartext-notifications',
  ];
  for (const path of paths) {
    const [first, second] = await Promise.all(
      [wrongKey, unknown].map(
        async (as) => await field.call('POST', path, { as, raw: `not json ${MARKER}` }),
      ),
    );
    expectProblem(first as Answer, 'not_authenticated', path);
    expect(second?.text).toBe(first?.text);
    expect(first?.headers['www-authenticate']).toMatch(/^Basic /);
  }
});

test('during a rotation both keys of a server are good', async () => {
  const second = { ...chat, api_key: Buffer.alloc(32, 9).toString('base64url') };
  const removal = async (as: Credential) =>
    (await field.call('POST', '/v1/handles/removal', { as, body: { handles: ['A'.repeat(43)] } })).status;
  expect(await removal(second)).toBe(401);
  const database = new Database(String(field.environment['BOUNCER_DATABASE_FILE']));
  database
    .prepare('insert into api_keys (server_id, slot, key_hash, created_at) values (?, 1, ?, 0)')
    .run(chat.server_id, hashApiKey(second.api_key));
  expect([await removal(chat), await removal(second)]).toEqual([204, 204]);
  database.prepare('delete from api_keys where slot = 0').run();
  expect([await removal(chat), await removal(second)]).toEqual([401, 204]);
  database.prepare('update api_keys set key_hash = ?, slot = 0').run(hashApiKey(chat.api_key));
  database.close();
  expect([await removal(chat), await removal(second)]).toEqual([204, 401]);
});

/** Sends bytes as they are, and gives all that comes back. */
const exchange = (bytes: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { port } = new URL(field.address);
    const socket = connectTls({ host: '127.0.0.1', port: Number(port), ca: field.ca });
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => {
      text += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
    socket.write(bytes);
  });

test('what is no HTTP, and headers without end', async () => {
  const broken = await exchange(`HELLO ${MARKER}\r\n\r\n`);
  expect(broken).toMatch(/^HTTP\/1\.1 400 /);
  expect(broken).toContain('"code":"malformed_request"');
  expect(broken).not.toContain(MARKER);
  const large = await exchange(`GET /livez HTTP/1.1\r\nhost: x\r\nx-long: ${'y'.repeat(20_000)}\r\n\r\n`);
  expect(large).toMatch(/^HTTP\/1\.1 431 /);
  expect(large).toContain('"code":"headers_too_large"');
  const twoLengths =
    'POST /v1/revocations HTTP/1.1\r\nhost: x\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n';
  expect(await exchange(twoLengths)).toContain('"code":"malformed_request"');
});

test('nothing of all that was logged as our fault, and nothing that came in was logged at all', () => {
  expect(field.events.filter(({ event }) => event === 'internal_error')).toEqual([]);
  expect(JSON.stringify(field.events)).not.toContain(MARKER);
});

test('what anybody may ask [R-VER-01]', async () => {
  expect((await field.call('GET', '/v1')).body).toEqual({
    versions: [{ version: 1, end_of_life: null }],
    bouncer_time: expect.closeTo(field.nowSeconds, -1),
  });
  expect(Object.keys((await field.call('GET', '/v1/bouncer-keys')).body)).toEqual([
    'root',
    'signature',
    'bytes',
  ]);
  expect((await field.call('GET', '/readyz')).body).toEqual({ status: 'ok' });
});
