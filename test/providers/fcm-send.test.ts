// messages:send: every refusal in Google's shape, over HTTP/1.1 and h2.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectTo, sendRequest } from './apns-client.ts';
import { type Field, otherAppId, startField } from './field.ts';

let field: Field;
let access: string;
let token: string;
beforeAll(async () => {
  field = await startField();
  access = await field.accessToken(field.keys.project);
  token = (await field.install('fcm')).token;
});
afterAll(() => field.close());

interface Case {
  name: string;
  message: () => unknown;
  field?: string;
}

const bytes = (count: number) => ({ e: 'a'.repeat(count - 1) });
const to = (rest: object) => () => ({ message: { token, data: { e: 'x' }, ...rest } });

const violations: Case[] = [
  { name: 'broken JSON', message: () => '{"message":' },
  { name: 'no message', message: () => ({}), field: 'message' },
  { name: 'no recipient', message: () => ({ message: { data: { e: 'x' } } }), field: 'message' },
  { name: 'an unknown name', message: to({ colour: 'red' }), field: 'message' },
  {
    name: 'an unknown name for Android',
    message: to({ android: { colour: 'red' } }),
    field: 'message.android',
  },
  { name: 'a number in data', message: to({ data: { e: 7 } }), field: 'message.data.e' },
  { name: 'an object in data', message: to({ data: { e: {} } }), field: 'message.data.e' },
  { name: 'the key from', message: to({ data: { from: 'x' } }), field: 'message.data' },
  { name: 'the key gcm', message: to({ data: { gcm: 'x' } }), field: 'message.data' },
  {
    name: 'a key that starts with google',
    message: to({ data: { 'google.x': 'x' } }),
    field: 'message.data',
  },
  { name: '4097 bytes of data', message: to({ data: bytes(4097) }), field: 'message.data' },
  { name: 'a ttl without unit', message: to({ android: { ttl: '3600' } }), field: 'message.android.ttl' },
  { name: 'a ttl in minutes', message: to({ android: { ttl: '60m' } }), field: 'message.android.ttl' },
  { name: 'a ttl as a number', message: to({ android: { ttl: 60 } }), field: 'message.android.ttl' },
  { name: 'a negative ttl', message: to({ android: { ttl: '-1s' } }), field: 'message.android.ttl' },
  {
    name: 'a ttl above four weeks',
    message: to({ android: { ttl: '2419201s' } }),
    field: 'message.android.ttl',
  },
  {
    name: 'an unknown priority',
    message: to({ android: { priority: 'LOUD' } }),
    field: 'message.android.priority',
  },
];

test.each(violations)('$name: a field violation', async ({ message, field: name }) => {
  const before = (await field.record()).length;
  const { status, body } = await field.send(access, message());
  expect(status).toBe(400);
  expect(body).toMatchObject({
    error: {
      code: 400,
      status: 'INVALID_ARGUMENT',
      details: [
        {
          '@type': 'type.googleapis.com/google.rpc.BadRequest',
          fieldViolations: [
            { description: expect.any(String), ...(name === undefined ? {} : { field: name }) },
          ],
        },
      ],
    },
  });
  expect((await field.record())[before]).toMatchObject({
    provider: 'fcm',
    status: 400,
    reason: 'INVALID_ARGUMENT',
    outcome: 'refused',
  });
});

const fcmError = (code: number, status: string, errorCode: string) => ({
  status: code,
  body: {
    error: {
      code,
      status,
      details: [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }],
    },
  },
});
const plainError = (code: number, status: string) => ({ status: code, body: { error: { code, status } } });

test('a token that is none: INVALID_ARGUMENT with FcmError', async () => {
  for (const bad of ['', 'abc', 'ab'.repeat(32)]) {
    expect(await field.send(access, { message: { token: bad, data: { e: 'x' } } })).toMatchObject(
      fcmError(400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'),
    );
  }
});

test('a token that nobody has, or that died: UNREGISTERED', async () => {
  const gone = await field.install('fcm');
  const rotated = await field.install('fcm');
  await field.call('DELETE', `/devices/${gone.device_id}`);
  const { body } = await field.call('POST', `/devices/${rotated.device_id}/token`);
  const unknown = `${token.slice(0, -4)}AAAA`;
  for (const dead of [unknown, gone.token, rotated.token]) {
    expect(await field.send(access, { message: { token: dead, data: { e: 'x' } } })).toMatchObject(
      fcmError(404, 'NOT_FOUND', 'UNREGISTERED'),
    );
  }
  const fresh = (body as { token: string }).token;
  expect((await field.send(access, { message: { token: fresh, data: { e: 'x' } } })).status).toBe(200);
});

test("a token of another project's app: SENDER_ID_MISMATCH", async () => {
  const other = await field.install('fcm', '', otherAppId);
  expect(await field.send(access, { message: { token: other.token, data: { e: 'x' } } })).toMatchObject(
    fcmError(403, 'PERMISSION_DENIED', 'SENDER_ID_MISMATCH'),
  );
});

test('without a good access token: 401, and no FcmError', async () => {
  for (const bad of [null, 'ya29.c.made-up']) {
    const answer = await field.send(bad, to({})());
    expect(answer).toMatchObject(plainError(401, 'UNAUTHENTICATED'));
    expect((answer.body as { error: object }).error).not.toHaveProperty('details');
  }
});

test("another's project is 403, one that is not is 404, both without FcmError", async () => {
  const foreign = await field.send(access, to({})(), 'project-two');
  expect(foreign).toMatchObject(plainError(403, 'PERMISSION_DENIED'));
  const missing = await field.send(access, to({})(), 'project-three');
  expect(missing).toMatchObject(plainError(404, 'NOT_FOUND'));
  for (const { body } of [foreign, missing])
    expect((body as { error: object }).error).not.toHaveProperty('details');
});

test('another address or method is a page of HTML', async () => {
  const session = connectTo(field.addresses.fcm, field.ca);
  const authorization = `Bearer ${access}`;
  const ask = (method: string, path: string) =>
    sendRequest(session, { ':method': method, ':path': path, authorization }, '');
  const answers = [
    await ask('POST', '/v1/projects/project-one/message:send'),
    await ask('PUT', '/v1/projects/project-one/messages:send'),
    await ask('PUT', '/token'),
  ];
  expect(answers.map(({ status }) => status)).toEqual([404, 405, 405]);
  for (const { headers } of answers) expect(headers['content-type']).toMatch(/^text\/html/);
  session.destroy();
});

test('a body above 16 KiB is not taken', async () => {
  expect((await field.send(access, 'x'.repeat(17_000))).status).toBe(413);
});

test('good messages are answered with their name', async () => {
  const good = [
    to({}),
    to({ data: bytes(4096) }),
    to({ android: { priority: 'high', ttl: '3600s', collapse_key: 'k' } }),
    to({ android: { priority: 'NORMAL', ttl: '1.5s', collapseKey: 'k' } }),
    to({ android: { ttl: '2419200s' } }),
  ];
  for (const message of good) {
    const { status, body } = await field.send(access, message());
    expect(status).toBe(200);
    expect(body).toEqual({
      name: expect.stringMatching(/^projects\/project-one\/messages\/0:\d+%[0-9a-f]{16}$/),
    });
  }
});

test('validate_only looks, and delivers nothing', async () => {
  const device = await field.install('fcm');
  const message = { validate_only: true, message: { token: device.token, data: { e: 'x' } } };
  expect((await field.send(access, message)).status).toBe(200);
  expect(await field.outcomesOf(device.device_id)).toEqual(['answered']);
  expect((await field.send(access, { ...message, message: { token: 'abc' } })).status).toBe(400);
});

test('h2 works as well, with 100 streams', async () => {
  const session = connectTo(field.addresses.fcm, field.ca);
  const headers = {
    ':method': 'POST',
    ':path': '/v1/projects/project-one/messages:send',
    authorization: `Bearer ${access}`,
    'content-type': 'application/json',
  };
  const send = () => sendRequest(session, headers, JSON.stringify(to({})()));
  expect(await send()).toMatchObject({ status: 200 });
  expect(session.remoteSettings.maxConcurrentStreams).toBe(100);
  const outcomes = await Promise.all(Array.from({ length: 100 }, send));
  expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(100);
  session.destroy();
});
