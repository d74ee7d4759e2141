// Bad input, each with its documented code; no answer holds anything of the server's inside or of what was sent.
import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { problemSchema } from '../../protocol/wire/problem.ts';
import { ADMIN_KEY, type CallOptions, Field } from './field.ts';
import { Phone } from './phone.ts';

let field: Field;
let alice: string;

beforeAll(async () => {
  field = await Field.lay();
  await field.start();
  alice = await field.addUser('alice', 'Alice');
});
afterAll(async () => {
  await field.clear();
});

type Case = [string, string, string, () => CallOptions, number, string];
const MESSAGES = '/v1/chat/messages';
const REGISTRATIONS = '/v1/push/registrations';
const asAlice = (body: unknown) => () => ({ token: alice, body });
const message = (changes: object) => asAlice({ conversation: { direct: ['alice'] }, text: 'x', ...changes });
const registration = (change: (request: Record<string, unknown>) => object) => () => {
  const { request } = new Phone(field, alice);
  return { token: alice, body: change(request as unknown as Record<string, unknown>) };
};

test.each<Case>([
  ['no JSON', 'POST', MESSAGES, () => ({ token: alice, raw: '{"text":' }), 400, 'malformed_json'],
  ['an empty body', 'POST', MESSAGES, () => ({ token: alice, raw: '' }), 400, 'malformed_json'],
  ['no body', 'POST', MESSAGES, () => ({ token: alice }), 400, 'malformed_request'],
  [
    'invalid UTF-8',
    'POST',
    MESSAGES,
    () => ({ token: alice, raw: Uint8Array.of(0x22, 0xff, 0x22) }),
    400,
    'malformed_json',
  ],
  [
    'a poisoned prototype',
    'POST',
    MESSAGES,
    () => ({ token: alice, raw: '{"__proto__":{"text":"x"}}' }),
    400,
    'malformed_json',
  ],
  [
    'text as body',
    'POST',
    MESSAGES,
    () => ({ token: alice, raw: 'x', headers: { 'content-type': 'text/plain' } }),
    415,
    'unsupported_media_type',
  ],
  [
    'a body of 1 MB',
    'POST',
    MESSAGES,
    () => ({ token: alice, raw: JSON.stringify('x'.repeat(1e6)) }),
    413,
    'body_too_large',
  ],
  [
    'a registration of 100 kB [R-HTT-03]',
    'POST',
    REGISTRATIONS,
    () => ({ token: alice, raw: JSON.stringify('x'.repeat(1e5)) }),
    413,
    'body_too_large',
  ],
  ['an array', 'POST', MESSAGES, asAlice([]), 400, 'malformed_request'],
  ['an unknown field', 'POST', MESSAGES, message({ colour: 'red' }), 400, 'malformed_request'],
  [
    'a text of 20,001 characters',
    'POST',
    MESSAGES,
    message({ text: 'x'.repeat(20_001) }),
    400,
    'malformed_request',
  ],
  ['half a surrogate pair', 'POST', MESSAGES, message({ text: '\ud83d' }), 400, 'malformed_request'],
  ['a number as text', 'POST', MESSAGES, message({ text: 1 }), 400, 'malformed_request'],
  [
    'nobody to write to',
    'POST',
    MESSAGES,
    message({ conversation: { direct: [] } }),
    400,
    'malformed_request',
  ],
  [
    'a user with a capital',
    'POST',
    MESSAGES,
    message({ conversation: { direct: ['Bob'] } }),
    400,
    'malformed_request',
  ],
  [
    'both kinds of conversation',
    'POST',
    MESSAGES,
    message({ conversation: { direct: ['alice'], channel: 'x', topic: '' } }),
    400,
    'malformed_request',
  ],
  [
    'a long client_message_id',
    'POST',
    MESSAGES,
    message({ client_message_id: 'x'.repeat(65) }),
    400,
    'malformed_request',
  ],
  [
    '1,001 read marks',
    'POST',
    '/v1/chat/read',
    asAlice({ message_ids: Array(1001).fill(1) }),
    400,
    'malformed_request',
  ],
  ['a page of -1', 'GET', `${MESSAGES}?limit=-1`, asAlice(undefined), 400, 'malformed_request'],
  ['a page after 1e99', 'GET', `${MESSAGES}?after=1e99`, asAlice(undefined), 400, 'malformed_request'],
  ['an unknown parameter', 'GET', `${MESSAGES}?before=1`, asAlice(undefined), 400, 'malformed_request'],
  [
    'a level that is none',
    'PUT',
    '/v1/chat/channels/x/notifications',
    asAlice({ level: 'loud' }),
    400,
    'malformed_request',
  ],
  ['an unknown path', 'GET', '/v1/nothing', asAlice(undefined), 404, 'not_found'],
  ['the root', 'GET', '/', asAlice(undefined), 404, 'not_found'],
  ['a broken escape', 'GET', '/v1/push/%zz', asAlice(undefined), 400, 'malformed_request'],
  ['a wrong method', 'DELETE', MESSAGES, asAlice(undefined), 405, 'method_not_allowed'],
  [
    'a wrong method below a parameter',
    'PATCH',
    `${REGISTRATIONS}/AAAAAAAAAAAAAAAAAAAAAA`,
    asAlice(undefined),
    405,
    'method_not_allowed',
  ],
  ['no credential', 'POST', MESSAGES, () => ({ body: {} }), 401, 'not_authenticated'],
  [
    'a wrong credential',
    'POST',
    MESSAGES,
    () => ({ token: 'x'.repeat(66), body: {} }),
    401,
    'not_authenticated',
  ],
  [
    'a session with another secret',
    'GET',
    '/v1/chat/unread',
    () => ({ token: `${alice.slice(0, -1)}${alice.endsWith('A') ? 'E' : 'A'}` }),
    401,
    'not_authenticated',
  ],
  [
    'Basic instead of Bearer',
    'GET',
    '/v1/chat/unread',
    () => ({ headers: { authorization: 'Basic YTpi' } }),
    401,
    'not_authenticated',
  ],
  [
    'a session for an admin route',
    'POST',
    '/v1/chat/users',
    asAlice({ user: 'x', name: 'x' }),
    401,
    'not_authenticated',
  ],
  [
    'a wrong admin key',
    'POST',
    '/v1/chat/users',
    () => ({ token: `${ADMIN_KEY}x`, body: {} }),
    401,
    'not_authenticated',
  ],
  [
    'a name of 10,001 characters',
    'POST',
    '/v1/chat/users',
    () => ({ token: ADMIN_KEY, body: { user: 'x', name: 'x'.repeat(10_001) } }),
    400,
    'malformed_request',
  ],
  [
    'another host [R-ORI-04]',
    'GET',
    '/v1/push',
    () => ({ headers: { host: 'evil.example' } }),
    421,
    'wrong_origin',
  ],
  [
    'the host with another port [R-ORI-04]',
    'GET',
    '/v1/push',
    () => ({ headers: { host: 'chat.example:8443' } }),
    421,
    'wrong_origin',
  ],
  [
    'a registration without token',
    'POST',
    REGISTRATIONS,
    registration(({ token: _, ...rest }) => rest),
    400,
    'malformed_request',
  ],
  [
    'a padded registration_id [R-ENC-01]',
    'POST',
    REGISTRATIONS,
    registration((r) => ({ ...r, registration_id: `${r['registration_id']}==` })),
    400,
    'malformed_request',
  ],
  [
    'a registration_id of 15 bytes',
    'POST',
    REGISTRATIONS,
    registration((r) => ({ ...r, registration_id: 'A'.repeat(20) })),
    400,
    'malformed_request',
  ],
  [
    'spare bits in a registration_id [R-ENC-01]',
    'POST',
    REGISTRATIONS,
    registration((r) => ({ ...r, registration_id: `${'A'.repeat(21)}B` })),
    400,
    'malformed_request',
  ],
  [
    'a short sealed token',
    'POST',
    REGISTRATIONS,
    registration((r) => ({ ...r, token: { attempt: 'A'.repeat(22), sealed_token: 'AAAA' } })),
    400,
    'malformed_request',
  ],
  [
    'a registration with a text field [R-HTT-01]',
    'POST',
    REGISTRATIONS,
    registration((r) => ({ ...r, name: 'secret' })),
    400,
    'malformed_request',
  ],
  ['a status of a malformed id', 'GET', `${REGISTRATIONS}/x`, asAlice(undefined), 400, 'malformed_request'],
  [
    'a status of an id too long',
    'GET',
    `${REGISTRATIONS}/${'x'.repeat(100)}`,
    asAlice(undefined),
    400,
    'malformed_request',
  ],
  [
    'a status of an unknown id',
    'GET',
    `${REGISTRATIONS}/AAAAAAAAAAAAAAAAAAAAAA`,
    asAlice(undefined),
    404,
    'unknown_registration',
  ],
])('%s', async (_case, method, path, options, status, code) => {
  const answer = await field.call(method, path, options());
  expect([answer.status, answer.json?.code]).toEqual([status, code]);
  expect(answer.headers['content-type']).toBe('application/problem+json');
  expect(problemSchema.parse(answer.json).status).toBe(status);
  expect(answer.text).not.toMatch(/at .*\.ts|node_modules|zod|SQLITE|secret/i);
});

test('a wrong method names the right ones', async () => {
  expect((await field.call('DELETE', MESSAGES, { token: alice })).headers['allow']).toBe('GET, POST');
});

test.each([
  ['no HTTP at all', 'hello\r\n\r\n', 400, 'malformed_request'],
  [
    'headers of 10 kB',
    `GET / HTTP/1.1\r\nhost: chat.example\r\nx: ${'x'.repeat(10_000)}\r\n\r\n`,
    431,
    'headers_too_large',
  ],
])('%s', async (_case, bytes, status, code) => {
  const { port } = new URL(field.address);
  const answer = await new Promise<string>((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(bytes));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString();
    });
    socket.on('close', () => resolve(text));
    socket.on('error', reject);
  });
  expect(answer).toContain(`HTTP/1.1 ${status} `);
  expect(JSON.parse(answer.split('\r\n\r\n')[1] as string).code).toBe(code);
});

test('none of it was logged with content, and the server still works', async () => {
  const id = await field.send(alice, { direct: ['alice'] }, 'a note to myself');
  expect(id).toBeGreaterThan(0);
  const log = field.log.join('\n');
  for (const secret of ['a note to myself', 'secret', alice, ADMIN_KEY, 'evil.example'])
    expect(log).not.toContain(secret);
});
