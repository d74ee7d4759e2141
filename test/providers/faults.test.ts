// Faults to order: each does what a provider's bad day does, and for as many requests as ordered.
import type { ClientHttp2Session } from 'node:http2';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { connectTo, type Outcome, sendPush, sendRequest } from './apns-client.ts';
import { type Field, type InstalledDevice, startField } from './field.ts';

let field: Field;
let session: ClientHttp2Session;
let device: InstalledDevice;
let jwt: string;
beforeAll(async () => {
  field = await startField();
  jwt = await field.providerToken(field.keys.main);
});
afterAll(() => field.close());
beforeEach(async () => {
  device = await field.install('apns');
  session = connectTo(field.addresses.apns, field.ca);
  expect(await push()).toMatchObject({ status: 200 });
});
afterEach(async () => {
  session.destroy();
  expect((await field.call('DELETE', '/control/faults')).status).toBe(204);
});

const push = () => sendPush(session, { token: device.token, jwt });
const burst = () => Promise.all(Array.from({ length: 100 }, push));
const count = (outcomes: Outcome[], wanted: Partial<Outcome>) =>
  outcomes.filter((outcome) =>
    Object.entries(wanted).every(([key, value]) => outcome[key as keyof Outcome] === value),
  ).length;

async function order(fault: object): Promise<void> {
  const answer = await field.call('POST', '/control/faults', { provider: 'apns', ...fault });
  expect(answer.status).toBe(201);
}

test('a status with reason and Retry-After, so many times', async () => {
  await order({ status: 503, reason: 'ServiceUnavailable', retry_after: 7, times: 2 });
  for (let i = 0; i < 2; i += 1) {
    const answer = await push();
    expect(answer).toMatchObject({ status: 503, body: { reason: 'ServiceUnavailable' } });
    expect(answer.headers['retry-after']).toBe('7');
  }
  expect(await push()).toMatchObject({ status: 200 });
  expect(await field.outcomesOf(device.device_id)).toHaveLength(2);
});

test('a 410 to order carries a time', async () => {
  await order({ status: 410, reason: 'ExpiredToken' });
  expect(await push()).toMatchObject({
    status: 410,
    body: { reason: 'ExpiredToken', timestamp: field.nowMs },
  });
});

test('a status without reason has no body', async () => {
  await order({ status: 421 });
  expect(await push()).toMatchObject({ status: 421, body: null });
});

test('GOAWAY in the middle of a burst: 20 served, 80 never processed', async () => {
  const goaway = new Promise((resolve) =>
    session.once('goaway', (code: number, lastStreamId: number, data?: Uint8Array) =>
      resolve({ code, lastStreamId, reason: JSON.parse(Buffer.from(data ?? []).toString()) }),
    ),
  );
  await order({ goaway: true, reason: 'Shutdown', after_requests: 19 });
  const outcomes = await burst();
  expect(count(outcomes, { status: 200 })).toBe(20);
  expect(count(outcomes, { status: null })).toBe(80);
  expect(await goaway).toEqual({ code: 0, lastStreamId: 41, reason: { reason: 'Shutdown' } });
  expect(await field.outcomesOf(device.device_id)).toHaveLength(21);
});

test('GOAWAY with a status answers the last request so', async () => {
  await order({ goaway: true, status: 503, reason: 'Shutdown' });
  expect(await push()).toMatchObject({ status: 503, body: { reason: 'Shutdown' } });
});

test('a reset leaves every open stream without an answer', async () => {
  await order({ reset: true, after_requests: 10 });
  const outcomes = await burst();
  const answered = count(outcomes, { status: 200 });
  expect(answered).toBeLessThanOrEqual(10);
  expect(count(outcomes, { status: null })).toBe(100 - answered);
  expect((await field.record()).at(-1)).toMatchObject({ provider: 'apns', status: null, reason: 'reset' });
});

test('GOAWAY, then a dead socket: what was not answered stays so', async () => {
  let goodbyes = 0;
  session.once('goaway', () => {
    goodbyes += 1;
  });
  await order({ goaway: true, reset: true, after_requests: 19 });
  const outcomes = await burst();
  expect(goodbyes).toBe(1);
  expect(count(outcomes, { status: 200 })).toBeLessThanOrEqual(19);
  expect(count(outcomes, { status: 200 }) + count(outcomes, { status: null })).toBe(100);
});

test('a stall answers nothing, and others are served meanwhile', async () => {
  await order({ stall: true });
  let stalledAnswered = false;
  void push().then(({ status }) => {
    stalledAnswered = status !== null;
  });
  expect(await push()).toMatchObject({ status: 200 });
  expect(stalledAnswered).toBe(false);
  expect((await field.record()).some(({ reason, status }) => reason === 'stall' && status === null)).toBe(
    true,
  );
});

test('latency delays the normal answer of a push that was taken at once', async () => {
  await order({ latency_ms: 200 });
  const start = performance.now();
  const answer = push();
  await expect.poll(() => field.outcomesOf(device.device_id)).toHaveLength(2);
  expect(await answer).toMatchObject({ status: 200 });
  expect(performance.now() - start).toBeGreaterThanOrEqual(195);
});

test('what is held is taken late, and not at all if the sender has gone by then', async () => {
  await order({ hold_ms: 200, times: 2 });
  const held = push();
  expect(await field.outcomesOf(device.device_id)).toHaveLength(1);
  expect(await held).toMatchObject({ status: 200 });
  expect(await field.outcomesOf(device.device_id)).toHaveLength(2);
  const given = push();
  await new Promise((resolve) => setTimeout(resolve, 50));
  session.destroy();
  await given;
  session = connectTo(field.addresses.apns, field.ca);
  await new Promise((resolve) => setTimeout(resolve, 250));
  expect(await field.outcomesOf(device.device_id)).toHaveLength(2);
});

test('faults of one provider do not meet the other', async () => {
  await order({ status: 500, reason: 'InternalServerError' });
  const phone = await field.install('fcm');
  const access = await field.accessToken(field.keys.project);
  const message = { message: { token: phone.token, data: { e: 'x' } } };
  expect((await field.send(access, message)).status).toBe(200);
  expect(await push()).toMatchObject({ status: 500 });
});

const fcmFaults: [number, string, string][] = [
  [400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT'],
  [401, 'UNAUTHENTICATED', 'THIRD_PARTY_AUTH_ERROR'],
  [403, 'PERMISSION_DENIED', 'SENDER_ID_MISMATCH'],
  [404, 'NOT_FOUND', 'UNREGISTERED'],
  [429, 'RESOURCE_EXHAUSTED', 'QUOTA_EXCEEDED'],
  [500, 'INTERNAL', 'INTERNAL'],
  [503, 'UNAVAILABLE', 'UNAVAILABLE'],
];

test.each(fcmFaults)('FCM %i %s, with and without FcmError', async (status, name, errorCode) => {
  const phone = await field.install('fcm');
  const access = await field.accessToken(field.keys.project);
  const message = { message: { token: phone.token, data: { e: 'x' } } };
  await order({ provider: 'fcm', status, reason: errorCode });
  await order({ provider: 'fcm', status });
  const details = [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }];
  expect(await field.send(access, message)).toMatchObject({
    status,
    body: { error: { code: status, status: name, details } },
  });
  const bare = await field.send(access, message);
  expect(bare).toMatchObject({ status, body: { error: { code: status, status: name } } });
  expect((bare.body as { error: object }).error).not.toHaveProperty('details');
});

test('FCM Retry-After as seconds and as a date', async () => {
  const date = 'Wed, 21 Oct 2026 07:28:00 GMT';
  await order({ provider: 'fcm', status: 503, reason: 'UNAVAILABLE', retry_after: 30 });
  await order({ provider: 'fcm', status: 503, reason: 'UNAVAILABLE', retry_after: date });
  expect((await field.send('x', {})).headers['retry-after']).toBe('30');
  expect((await field.send('x', {})).headers['retry-after']).toBe(date);
});

test('OAuth: an error to order', async () => {
  await order({ provider: 'oauth', status: 503, reason: 'temporarily_unavailable', retry_after: 3 });
  const answer = await field.postForm({});
  expect(answer).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
  expect(answer.headers['retry-after']).toBe('3');
});

test('FCM over h2: GOAWAY, reset and stall', async () => {
  const phone = await field.install('fcm');
  const access = await field.accessToken(field.keys.project);
  const headers = {
    ':method': 'POST',
    ':path': '/v1/projects/project-one/messages:send',
    authorization: `Bearer ${access}`,
  };
  const body = JSON.stringify({ message: { token: phone.token, data: { e: 'x' } } });
  const warm = async () => {
    const connection = connectTo(field.addresses.fcm, field.ca);
    await sendRequest(connection, headers, body);
    return connection;
  };
  const leaving = await warm();
  await order({ provider: 'fcm', goaway: true, after_requests: 4 });
  const outcomes = await Promise.all(Array.from({ length: 50 }, () => sendRequest(leaving, headers, body)));
  expect(count(outcomes, { status: 200 })).toBe(5);
  expect(count(outcomes, { status: null })).toBe(45);

  const cut = await warm();
  await order({ provider: 'fcm', reset: true });
  expect(await sendRequest(cut, headers, body)).toMatchObject({ status: null });

  const stalled = await warm();
  await order({ provider: 'fcm', stall: true });
  const never = sendRequest(stalled, headers, body);
  expect(await sendRequest(stalled, headers, body)).toMatchObject({ status: 200 });
  stalled.destroy();
  expect(await never).toMatchObject({ status: null });
});

test('FCM over HTTP/1.1: a reset hangs up, GOAWAY is connection: close', async () => {
  await order({ provider: 'fcm', reset: true });
  await expect(field.send('x', {})).rejects.toThrow();
  await order({ provider: 'fcm', goaway: true });
  const answer = await field.send('x', {});
  expect(answer).toMatchObject({ status: 401, headers: { connection: 'close' } });
});
