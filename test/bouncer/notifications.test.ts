// POST /v1/notifications: batches, results per item, the frozen payloads, and what a provider's answer becomes.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Credential } from './call.ts';
import { type Device, envelope, Field, randomBytes16 } from './field.ts';

let field: Field;
let chat: Credential;
let other: Credential;
let iphone: Device;
let android: Device;
let iphoneHandle: string;
let androidHandle: string;

beforeAll(async () => {
  field = await Field.prepare();
  [chat, other] = await Promise.all([
    field.enrol('https://chat.example'),
    field.enrol('https://other.example'),
  ]);
  await field.start();
  iphone = await field.install('apns');
  android = await field.install('fcm');
  iphoneHandle = (await field.register(chat, iphone)).handle;
  androidHandle = (await field.register(chat, android)).handle;
});
afterAll(() => field.close());
afterEach(async () => {
  await field.control('DELETE', '/control/faults');
});

const lastPushTo = async (device: Device) => (await field.pushesTo(device)).at(-1);
const fault = async (body: Record<string, unknown>) => await field.control('POST', '/control/faults', body);

test('an alert and a background push to APNs are as the protocol freezes them [R-PRV-01]', async () => {
  const alert = field.item(iphoneHandle, { envelope: envelope(2944) });
  expect(await field.notify(chat, [alert])).toEqual([{ status: 'accepted' }]);
  const pushed = await lastPushTo(iphone);
  expect(pushed?.body).toBe(
    `{"aps":{"alert":{"loc-key":"SP"},"sound":"default","mutable-content":1},"e":"${alert['envelope']}"}`,
  );
  expect(Buffer.byteLength(pushed?.body ?? '')).toBe(4_078);
  expect(pushed?.headers).toMatchObject({
    'apns-topic': 'chat.example.app',
    'apns-push-type': 'alert',
    'apns-priority': '10',
    'apns-expiration': String(alert['expires_at']),
    'apns-collapse-id': alert['collapse'],
  });
  const background = field.item(iphoneHandle, { urgency: 'background' });
  await field.notify(chat, [background]);
  const second = await lastPushTo(iphone);
  expect(second?.body).toBe(`{"aps":{"content-available":1},"e":"${background['envelope']}"}`);
  expect(second?.headers).toMatchObject({ 'apns-push-type': 'background', 'apns-priority': '5' });
});

test('a push to FCM is one data field, with a priority, a ttl and no collapse key [R-PRV-02] [R-NOT-13] [R-NOT-15]', async () => {
  const alert = field.item(androidHandle, { envelope: envelope(2944) });
  const before = field.nowSeconds;
  await field.notify(chat, [alert]);
  const { message } = JSON.parse((await lastPushTo(android))?.body ?? '');
  expect(message).toEqual({
    token: Buffer.from(android.token).toString(),
    data: { e: alert['envelope'] },
    android: { priority: 'HIGH', ttl: expect.stringMatching(/^[0-9]+s$/) },
  });
  const ttl = Number.parseInt(message.android.ttl, 10);
  expect(ttl).toBeLessThanOrEqual(Number(alert['expires_at']) - before);
  expect(ttl).toBeGreaterThan(Number(alert['expires_at']) - before - 5);
  await field.notify(chat, [field.item(androidHandle, { urgency: 'background' })]);
  expect(JSON.parse((await lastPushTo(android))?.body ?? '').message.android.priority).toBe('NORMAL');
});

test('the expiry is computed at the moment of sending [R-NOT-13]', async () => {
  await field.notify(chat, [field.item(androidHandle, { expires_at: field.expiresAt + 28 * 86_400 })]);
  const { message } = JSON.parse((await lastPushTo(android))?.body ?? '');
  expect(Number.parseInt(message.android.ttl, 10)).toBeLessThanOrEqual(2_419_200);
});

test('one bad item never fails the others, and results keep the order [R-NOT-01] [R-NOT-03] [R-NOT-04] [R-HND-08]', async () => {
  const foreign = (await field.register(other, await field.install('fcm'))).handle;
  const good = field.item(androidHandle);
  const withEnvelope = (bytes: Buffer) =>
    field.item(androidHandle, { envelope: bytes.toString('base64url') });
  const bytes = Buffer.from(envelope(), 'base64url');
  bytes[1] = 0xc5;
  const greased = Buffer.from(bytes);
  greased[0] = 0xc5;
  const sealedTokenSuite = Buffer.from(bytes);
  sealedTokenSuite[0] = 0x11;
  const cases: [string, unknown, string][] = [
    ['no object', 'hello', 'malformed_item'],
    ['null', null, 'malformed_item'],
    ['no handle', { ...good, handle: undefined }, 'malformed_item'],
    ['a field too many', { ...good, text: 'hello' }, 'malformed_item'],
    ['an urgency that is none', { ...good, urgency: 'loud' }, 'malformed_item'],
    ['a collapse of 15 bytes', { ...good, collapse: 'A'.repeat(20) }, 'malformed_item'],
    ['an expiry that is no full hour', { ...good, expires_at: field.expiresAt + 1 }, 'malformed_item'],
    ['an expiry beyond every ttl', { ...good, expires_at: field.expiresAt + 40 * 86_400 }, 'malformed_item'],
    ['padding in base64url', { ...good, envelope: `${envelope()}=` }, 'malformed_envelope'],
    [
      'an envelope of another alphabet',
      { ...good, envelope: `+/${envelope().slice(2)}` },
      'malformed_envelope',
    ],
    ['an envelope without a byte', withEnvelope(bytes.subarray(1)), 'unknown_suite'],
    ['a truncated envelope', withEnvelope(bytes.subarray(0, -1)), 'malformed_envelope'],
    [
      'an envelope with a byte too many',
      withEnvelope(Buffer.concat([bytes, Buffer.from([0])])),
      'malformed_envelope',
    ],
    ['an oversized envelope', { ...good, envelope: 'A'.repeat(5_000) }, 'malformed_envelope'],
    ['a greased suite', withEnvelope(greased), 'unknown_suite'],
    ['a suite for push tokens', withEnvelope(sealedTokenSuite), 'unknown_suite'],
    ['an expiry in the past', { ...good, expires_at: field.expiresAt - 4 * 3_600 }, 'expired'],
    ['an unknown handle', field.item('A'.repeat(43)), 'unknown_handle'],
    ['somebody else’s handle', field.item(foreign), 'unknown_handle'],
  ];
  const items = cases.flatMap(([, item]) => [item, good]);
  const results = await field.notify(chat, items);
  for (const [i, [name, , code]] of cases.entries()) {
    expect(results[2 * i], name).toEqual({ status: 'refused', code });
    expect(results[2 * i + 1], `after: ${name}`).toEqual({ status: 'accepted' });
  }
});

test('a dead token is gone: told to the day, remembered, and the provider is not asked again', async () => {
  for (const platform of ['apns', 'fcm'] as const) {
    const device = await field.install(platform);
    const { handle } = await field.register(chat, device);
    field.advance(2);
    await field.control('DELETE', `/devices/${device.deviceId}`);
    const gone = { status: 'gone', since: Math.floor(field.nowSeconds / 86_400) * 86_400 };
    expect(await field.notify(chat, [field.item(handle)]), platform).toEqual([gone]);
    const asked = (await field.record()).length;
    expect(await field.notify(chat, [field.item(handle)]), platform).toEqual([gone]);
    expect((await field.record()).length).toBe(asked);
    expect(await field.notify(other, [field.item(handle)])).toEqual([
      { status: 'refused', code: 'unknown_handle' },
    ]);
  }
});

test('what a provider answers becomes the item’s result [R-NOT-10]', async () => {
  const cases: [string, Record<string, unknown>, string, object][] = [
    [
      'busy',
      { provider: 'apns', status: 503, reason: 'ServiceUnavailable' },
      iphoneHandle,
      { status: 'retry', after_seconds: 900 },
    ],
    [
      'busy, with a time',
      { provider: 'apns', status: 429, reason: 'TooManyRequests', retry_after: 7 },
      iphoneHandle,
      { status: 'retry', after_seconds: 7 },
    ],
    [
      'a token of another environment',
      { provider: 'apns', status: 400, reason: 'BadDeviceToken' },
      iphoneHandle,
      { status: 'refused', code: 'provider_refused' },
    ],
    [
      'our credential',
      { provider: 'apns', status: 403, reason: 'InvalidProviderToken' },
      iphoneHandle,
      { status: 'retry', after_seconds: 600 },
    ],
    [
      'going away, then well',
      { provider: 'apns', status: 503, reason: 'Shutdown' },
      iphoneHandle,
      { status: 'accepted' },
    ],
    ['GOAWAY', { provider: 'apns', goaway: true }, iphoneHandle, { status: 'accepted' }],
    ['a reset', { provider: 'apns', reset: true }, iphoneHandle, { status: 'retry', after_seconds: 5 }],
    [
      'FCM is busy',
      { provider: 'fcm', status: 503, reason: 'UNAVAILABLE', retry_after: 11 },
      androidHandle,
      { status: 'retry', after_seconds: 11 },
    ],
    [
      'FCM quota',
      { provider: 'fcm', status: 429, reason: 'QUOTA_EXCEEDED' },
      androidHandle,
      { status: 'retry', after_seconds: 60 },
    ],
    [
      'another sender',
      { provider: 'fcm', status: 403, reason: 'SENDER_ID_MISMATCH' },
      androidHandle,
      { status: 'refused', code: 'provider_refused' },
    ],
    [
      'a stale access token, then a fresh one',
      { provider: 'fcm', status: 401, reason: 'UNAUTHENTICATED' },
      androidHandle,
      { status: 'accepted' },
    ],
    [
      'no access token helps',
      { provider: 'fcm', status: 401, reason: 'UNAUTHENTICATED', times: 2 },
      androidHandle,
      { status: 'retry', after_seconds: 600 },
    ],
  ];
  for (const [name, order, handle, result] of cases) {
    await fault(order);
    expect(await field.notify(chat, [field.item(handle)]), name).toEqual([result]);
    await field.control('DELETE', '/control/faults');
  }
  // None of it ended a handle.
  const both = [field.item(iphoneHandle), field.item(androidHandle)];
  expect(await field.notify(chat, both)).toEqual([{ status: 'accepted' }, { status: 'accepted' }]);
});

test('Google’s token endpoint out of order is a retry, and refusing the account is held for the operator', async () => {
  await field.control('POST', '/control/oauth', { revoke: true });
  await fault({ provider: 'oauth', status: 503 });
  expect(await field.notify(chat, [field.item(androidHandle)])).toEqual([
    { status: 'retry', after_seconds: 5 },
  ]);
  await fault({ provider: 'oauth', status: 401, reason: 'invalid_client' });
  expect(await field.notify(chat, [field.item(androidHandle)])).toEqual([
    { status: 'retry', after_seconds: 600 },
  ]);
  expect(await field.notify(chat, [field.item(androidHandle)])).toEqual([{ status: 'accepted' }]);
});

test('many at once ask Google for one access token', async () => {
  await field.control('POST', '/control/oauth', { revoke: true });
  const before = (await field.record()).filter((entry) => entry.provider === 'oauth').length;
  await field.notify(
    chat,
    Array.from({ length: 50 }, () => field.item(androidHandle)),
  );
  const after = (await field.record()).filter((entry) => entry.provider === 'oauth').length;
  expect(after - before).toBe(1);
});

test('sandbox and production are apart', async () => {
  const device = await field.install('apns', 'sandbox');
  const { handle } = await field.register(chat, device);
  expect(await field.notify(chat, [field.item(handle)])).toEqual([{ status: 'accepted' }]);
  // A production token that claims to be a sandbox one is never confirmed: its challenge does not arrive.
  const wrong = field.seal({ ...iphone, environment: 'sandbox' }, chat.origin);
  expect((await field.call('POST', '/v1/handles', { as: chat, body: wrong.body })).body.state).toBe(
    'pending',
  );
});

test('the same envelope again goes out again with the same collapse id', async () => {
  const item = field.item(iphoneHandle, { collapse: Buffer.from(randomBytes16()).toString('base64url') });
  await field.notify(chat, [item]);
  await field.notify(chat, [item]);
  const pushes = (await field.pushesTo(iphone)).filter((push) =>
    push.body.includes(String(item['envelope'])),
  );
  expect(pushes.map((push) => (push.headers as Record<string, string>)['apns-collapse-id'])).toEqual([
    item['collapse'],
    item['collapse'],
  ]);
});

test('a thousand items are one batch, a thousand and one are none', async () => {
  const many = Array.from({ length: 1_000 }, (_, i) =>
    field.item(i % 2 === 0 ? iphoneHandle : androidHandle, { envelope: envelope(2944) }),
  );
  const results = await field.notify(chat, many);
  expect(results).toEqual(many.map(() => ({ status: 'accepted' })));
  const tooMany = [...many, field.item(androidHandle)];
  const answer = await field.call('POST', '/v1/notifications', {
    as: chat,
    body: { notifications: tooMany },
  });
  expect(answer).toMatchObject({ status: 400, body: { code: 'malformed_request' } });
  const none = await field.call('POST', '/v1/notifications', { as: chat, body: { notifications: [] } });
  expect(none.body.code).toBe('malformed_request');
});
