// Every reason that the simulated APNs gives, and the order in which it looks.
import type { ClientHttp2Session, OutgoingHttpHeaders } from 'node:http2';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { alertBody, backgroundBody, connectTo, sendPush } from './apns-client.ts';
import {
  type ApnsKey,
  appId,
  type Field,
  otherAppId,
  startField,
  type TestKeys,
  type TokenChanges,
} from './field.ts';

let field: Field;
const sessions: ClientHttp2Session[] = [];
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.close());
afterEach(() => {
  for (const session of sessions.splice(0)) session.destroy();
});

function open(environment: 'apns' | 'apns_sandbox' = 'apns'): ClientHttp2Session {
  const session = connectTo(field.addresses[environment], field.ca);
  sessions.push(session);
  return session;
}

interface Case {
  name: string;
  reason: string;
  status: number;
  token?: string;
  headers?: OutgoingHttpHeaders;
  body?: string;
}

const padded = (bytes: number, aps: object = { alert: 'x' }): string => {
  const empty = JSON.stringify({ aps, e: '' });
  return JSON.stringify({ aps, e: 'a'.repeat(bytes - empty.length) });
};
const mebibyte = padded(1024 * 1024);
const unknownToken = 'ab'.repeat(32);

const cases: Case[] = [
  { name: 'another method', reason: 'MethodNotAllowed', status: 405, headers: { ':method': 'PUT' } },
  { name: 'another path', reason: 'BadPath', status: 404, headers: { ':path': '/4/device/00' } },
  { name: 'a longer path', reason: 'BadPath', status: 404, headers: { ':path': '/3/device/00/11' } },
  { name: 'no device token', reason: 'MissingDeviceToken', status: 400, token: '' },
  { name: 'a token that is not hex', reason: 'BadDeviceToken', status: 400, token: 'zz'.repeat(32) },
  { name: 'a token of half a byte', reason: 'BadDeviceToken', status: 400, token: 'a'.repeat(63) },
  { name: 'a token far too long', reason: 'BadDeviceToken', status: 400, token: 'ab'.repeat(101) },
  { name: 'a token that nobody has', reason: 'BadDeviceToken', status: 400, token: unknownToken },
  { name: 'an id in capitals', reason: 'BadMessageId', status: 400, headers: { 'apns-id': 'A'.repeat(36) } },
  { name: 'an id that is no UUID', reason: 'BadMessageId', status: 400, headers: { 'apns-id': '12' } },
  {
    name: 'a header sent twice',
    reason: 'DuplicateHeaders',
    status: 400,
    headers: { 'apns-topic': [appId, appId] },
  },
  { name: 'no topic', reason: 'MissingTopic', status: 400, headers: { 'apns-topic': undefined } },
  { name: 'an impossible topic', reason: 'BadTopic', status: 400, headers: { 'apns-topic': 'chat example' } },
  {
    name: "another team's topic",
    reason: 'TopicDisallowed',
    status: 400,
    headers: { 'apns-topic': otherAppId },
  },
  {
    name: 'an unknown push type',
    reason: 'InvalidPushType',
    status: 400,
    headers: { 'apns-push-type': 'loud' },
  },
  { name: 'an alert that shows nothing', reason: 'InvalidPushType', status: 400, body: backgroundBody },
  {
    name: 'a background push with an alert',
    reason: 'InvalidPushType',
    status: 400,
    headers: { 'apns-push-type': 'background', 'apns-priority': '5' },
  },
  {
    name: 'a background push without content-available',
    reason: 'InvalidPushType',
    status: 400,
    headers: { 'apns-push-type': 'background', 'apns-priority': '5' },
    body: '{"aps":{}}',
  },
  {
    name: 'a VoIP push to the plain topic',
    reason: 'InvalidPushType',
    status: 400,
    headers: { 'apns-push-type': 'voip' },
  },
  {
    name: 'a VoIP push to a token that is none of PushKit',
    reason: 'DeviceTokenNotForTopic',
    status: 400,
    headers: { 'apns-push-type': 'voip', 'apns-topic': `${appId}.voip` },
  },
  { name: 'a priority of 7', reason: 'BadPriority', status: 400, headers: { 'apns-priority': '7' } },
  {
    name: 'a background push at priority 10',
    reason: 'BadPriority',
    status: 400,
    headers: { 'apns-push-type': 'background', 'apns-priority': '10' },
    body: backgroundBody,
  },
  {
    name: 'a collapse id of 65 bytes',
    reason: 'BadCollapseId',
    status: 400,
    headers: { 'apns-collapse-id': 'c'.repeat(65) },
  },
  { name: 'an empty collapse id', reason: 'BadCollapseId', status: 400, headers: { 'apns-collapse-id': '' } },
  {
    name: 'an expiration in words',
    reason: 'BadExpirationDate',
    status: 400,
    headers: { 'apns-expiration': 'soon' },
  },
  {
    name: 'a negative expiration',
    reason: 'BadExpirationDate',
    status: 400,
    headers: { 'apns-expiration': '-1' },
  },
  { name: '4097 bytes', reason: 'PayloadTooLarge', status: 413, body: padded(4097) },
  { name: 'a mebibyte', reason: 'PayloadTooLarge', status: 413, body: mebibyte },
  { name: 'no body', reason: 'PayloadEmpty', status: 400, body: '' },
  { name: 'a body that is no JSON', reason: 'PayloadEmpty', status: 400, body: '{"aps":' },
  { name: 'a body that is no object', reason: 'PayloadEmpty', status: 400, body: '[]' },
];

test.each(cases)('$name: $reason', async ({ reason, status, token, headers = {}, body }) => {
  const device = await field.install('apns');
  const jwt = await field.providerToken(field.keys.main);
  const before = (await field.record()).length;
  const answer = await sendPush(open(), {
    token: token ?? device.token,
    jwt,
    headers,
    ...(body === undefined ? {} : { body }),
  });
  expect(answer).toMatchObject({ status, body: { reason } });
  const entry = (await field.record())[before];
  expect(entry).toMatchObject({ provider: 'apns', status, reason, outcome: 'refused' });
});

interface TokenCase {
  name: string;
  reason: string;
  status: number;
  environment?: 'apns' | 'apns_sandbox';
  key?: keyof TestKeys & ('main' | 'sandboxOnly' | 'otherTeam' | 'second');
  changes?: (now: number, keys: TestKeys) => TokenChanges;
  authorization?: string;
}

const tokenCases: TokenCase[] = [
  { name: 'no provider token', reason: 'MissingProviderToken', status: 403, authorization: '' },
  { name: 'another scheme', reason: 'MissingProviderToken', status: 403, authorization: 'Basic eDp5' },
  { name: 'no JWT', reason: 'InvalidProviderToken', status: 403, authorization: 'bearer abc' },
  {
    name: 'the key of another team',
    reason: 'InvalidProviderToken',
    status: 403,
    changes: (_, keys) => ({ privateKey: keys.otherTeam.privateKey }),
  },
  {
    name: 'the other key of the team',
    reason: 'InvalidProviderToken',
    status: 403,
    changes: (_, keys) => ({ privateKey: keys.second.privateKey }),
  },
  {
    name: 'team and key id swapped',
    reason: 'InvalidProviderToken',
    status: 403,
    changes: (_, { main }) => ({ iss: main.keyId, kid: main.teamId }),
  },
  {
    name: 'an unknown key id',
    reason: 'InvalidProviderToken',
    status: 403,
    changes: () => ({ kid: 'KEYUNKNOWN' }),
  },
  {
    name: 'a token of the future',
    reason: 'InvalidProviderToken',
    status: 403,
    changes: (now) => ({ iat: now + 600 }),
  },
  {
    name: 'a token of 61 minutes',
    reason: 'ExpiredProviderToken',
    status: 403,
    changes: (now) => ({ iat: now - 3660 }),
  },
  {
    name: 'a sandbox key in production',
    reason: 'BadEnvironmentKeyIdInToken',
    status: 403,
    key: 'sandboxOnly',
  },
];

test.each(tokenCases)('$name: $reason', async ({ reason, status, key = 'main', changes, authorization }) => {
  const device = await field.install('apns');
  const jwt = await field.providerToken(field.keys[key], changes?.(field.nowSeconds, field.keys));
  const answer = await sendPush(open(), {
    token: device.token,
    jwt: null,
    headers: { authorization: authorization ?? `bearer ${jwt}` },
  });
  expect(answer).toMatchObject({ status, body: { reason } });
});

test('a token with a changed signature is refused, also after the good one was accepted', async () => {
  const { token } = await field.install('apns');
  const jwt = await field.providerToken(field.keys.main);
  const session = open();
  expect(await sendPush(session, { token, jwt })).toMatchObject({ status: 200 });
  const flipped = jwt.slice(0, -10) + (jwt.at(-10) === 'A' ? 'B' : 'A') + jwt.slice(-9);
  expect(await sendPush(session, { token, jwt: flipped })).toMatchObject({
    body: { reason: 'InvalidProviderToken' },
  });
});

test('a token signed with another algorithm is refused', async () => {
  const { token } = await field.install('apns');
  const none = `${Buffer.from(JSON.stringify({ alg: 'none', kid: field.keys.main.keyId })).toString('base64url')}.${Buffer.from(
    JSON.stringify({ iss: field.keys.main.teamId, iat: field.nowSeconds }),
  ).toString('base64url')}.`;
  expect(await sendPush(open(), { token, jwt: none })).toMatchObject({
    body: { reason: 'InvalidProviderToken' },
  });
});

test('a token that was good ages out on the open connection', async () => {
  const ageing = await startField();
  const session = connectTo(ageing.addresses.apns, ageing.ca);
  const { token } = await ageing.install('apns');
  const jwt = await ageing.providerToken(ageing.keys.main);
  expect(await sendPush(session, { token, jwt })).toMatchObject({ status: 200 });
  ageing.advance(3_599_000);
  expect(await sendPush(session, { token, jwt })).toMatchObject({ status: 200 });
  ageing.advance(2_000);
  expect(await sendPush(session, { token, jwt })).toMatchObject({ body: { reason: 'ExpiredProviderToken' } });
  session.destroy();
  await ageing.close();
});

test('signing anew within 20 minutes is refused, the same time signed twice is not', async () => {
  const signing = await startField();
  const session = connectTo(signing.addresses.apns, signing.ca);
  const { token } = await signing.install('apns');
  const iat = signing.nowSeconds;
  const push = async (at: number) =>
    sendPush(session, { token, jwt: await signing.providerToken(signing.keys.main, { iat: at }) });
  signing.advance(1_300_000);
  expect(await push(iat)).toMatchObject({ status: 200 });
  expect(await push(iat)).toMatchObject({ status: 200 });
  expect(await push(iat + 1199)).toMatchObject({
    status: 429,
    body: { reason: 'TooManyProviderTokenUpdates' },
  });
  expect(await push(iat)).toMatchObject({ status: 200 });
  expect(await push(iat + 1200)).toMatchObject({ status: 200 });
  // A machine that still holds the token before is served.
  expect(await push(iat)).toMatchObject({ status: 200 });
  session.destroy();
  await signing.close();
});

test('a connection is bound to the team and key of its first good token', async () => {
  const { token } = await field.install('apns');
  const session = open();
  const push = async (key: ApnsKey) => sendPush(session, { token, jwt: await field.providerToken(key) });
  expect(await push(field.keys.main)).toMatchObject({ status: 200 });
  expect(await push(field.keys.second)).toMatchObject({
    status: 403,
    body: { reason: 'UnrelatedKeyIdInToken' },
  });
  expect(await push(field.keys.otherTeam)).toMatchObject({
    status: 403,
    body: { reason: 'InvalidProviderToken' },
  });
  expect(await push(field.keys.main)).toMatchObject({ status: 200 });
});

test('a token of one environment means nothing in the other', async () => {
  const production = await field.install('apns', 'production');
  const sandbox = await field.install('apns', 'sandbox');
  const jwt = await field.providerToken(field.keys.main);
  const bad = { status: 400, body: { reason: 'BadDeviceToken' } };
  expect(await sendPush(open('apns_sandbox'), { token: production.token, jwt })).toMatchObject(bad);
  expect(await sendPush(open('apns'), { token: sandbox.token, jwt })).toMatchObject(bad);
  expect(await sendPush(open('apns_sandbox'), { token: sandbox.token, jwt })).toMatchObject({ status: 200 });
});

test('a token of one app is none of another', async () => {
  const { token } = await field.install('apns', 'production', otherAppId);
  const jwt = await field.providerToken(field.keys.second);
  const answer = await sendPush(open(), { token, jwt });
  expect(answer).toMatchObject({ status: 400, body: { reason: 'DeviceTokenNotForTopic' } });
});

const good: { name: string; headers?: OutgoingHttpHeaders; body?: string; app?: string }[] = [
  { name: 'a plain alert' },
  { name: '4096 bytes', body: padded(4096) },
  {
    name: 'a background push at priority 5',
    headers: { 'apns-push-type': 'background', 'apns-priority': '5' },
    body: backgroundBody,
  },
  { name: 'an alert without push type', headers: { 'apns-push-type': undefined } },
  { name: 'a collapse id of 64 bytes', headers: { 'apns-collapse-id': 'c'.repeat(64) } },
  { name: 'priority 1', headers: { 'apns-priority': '1' } },
  {
    name: '5120 bytes for VoIP',
    headers: { 'apns-push-type': 'voip', 'apns-topic': `${appId}.voip` },
    body: padded(5120),
    app: `${appId}.voip`,
  },
];

test.each(good)('$name is accepted', async ({ headers = {}, body = alertBody, app = appId }) => {
  const { token } = await field.install('apns', 'production', app);
  const jwt = await field.providerToken(field.keys.main);
  expect(await sendPush(open(), { token, jwt, headers, body })).toMatchObject({ status: 200, body: null });
});

test('5121 bytes are too many for VoIP', async () => {
  const { token } = await field.install('apns', 'production', `${appId}.voip`);
  const headers = { 'apns-push-type': 'voip', 'apns-topic': `${appId}.voip` };
  const jwt = await field.providerToken(field.keys.main);
  expect(await sendPush(open(), { token, jwt, headers, body: padded(5121) })).toMatchObject({
    status: 413,
    body: { reason: 'PayloadTooLarge' },
  });
});

test('of several faults the first in order is named', async () => {
  const { token } = await field.install('apns');
  const session = open();
  const jwt = await field.providerToken(field.keys.main);
  const wrong: OutgoingHttpHeaders = {
    'apns-topic': 'wrong.topic',
    'apns-push-type': 'loud',
    'apns-priority': '7',
    authorization: 'bearer abc',
  };
  const push = (device: string) =>
    sendPush(session, { token: device, jwt: null, headers: wrong, body: padded(4097) });
  const reasons: unknown[] = [];
  const note = async (device: string) => reasons.push((await push(device)).body?.['reason']);
  await note('zz');
  await note(token);
  wrong['authorization'] = `bearer ${await field.providerToken(field.keys.sandboxOnly, { iat: 1 })}`;
  await note(token);
  wrong['authorization'] = `bearer ${await field.providerToken(field.keys.main, { iat: 1 })}`;
  await note(token);
  wrong['authorization'] = `bearer ${jwt}`;
  await note(token);
  wrong['apns-topic'] = appId;
  await note(token);
  wrong['apns-push-type'] = 'alert';
  await note(token);
  wrong['apns-priority'] = '10';
  await note(token);
  expect(reasons).toEqual([
    'BadDeviceToken',
    'InvalidProviderToken',
    'BadEnvironmentKeyIdInToken',
    'ExpiredProviderToken',
    'TopicDisallowed',
    'InvalidPushType',
    'BadPriority',
    'PayloadTooLarge',
  ]);
});

test('apns-id is echoed or made, and the sandbox adds a unique id', async () => {
  const production = await field.install('apns', 'production');
  const sandbox = await field.install('apns', 'sandbox');
  const jwt = await field.providerToken(field.keys.main);
  const id = '0f8fad5b-d9cb-469f-a165-70867728950e';
  const echoed = await sendPush(open(), { token: production.token, jwt, headers: { 'apns-id': id } });
  expect(echoed.headers['apns-id']).toBe(id);
  expect(echoed.headers['apns-unique-id']).toBeUndefined();
  const made = await sendPush(open('apns_sandbox'), { token: sandbox.token, jwt });
  expect(made.headers['apns-id']).toMatch(
    /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect(made.headers['apns-unique-id']).toBeDefined();
});

test('a token is read in either case', async () => {
  const { token } = await field.install('apns');
  const jwt = await field.providerToken(field.keys.main);
  expect(await sendPush(open(), { token: token.toUpperCase(), jwt })).toMatchObject({ status: 200 });
});
