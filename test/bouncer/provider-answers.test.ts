// Every status and reason of APNs and FCM, and what becomes of it.
import { expect, test } from 'vitest';
import type { ProviderAnswer } from '../../bouncer/http2-pool/outcome.ts';
import { lastResult, readApnsAnswer } from '../../bouncer/providers/apns/reasons.ts';
import { readFcmAnswer } from '../../bouncer/providers/fcm/errors.ts';
import { type ProviderResult, retryAfter } from '../../bouncer/providers/provider.ts';

const NOW_MS = 1_800_000_000_000;
const REGISTERED_AT = 1_700_000_000;

const answer = (httpStatus: number, body: unknown, retryAfter?: string): ProviderAnswer => ({
  kind: 'answered',
  httpStatus,
  retryAfter,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  retire: () => undefined,
});

const apns = (status: number, reason: string, timestamp?: number) => {
  const verdict = readApnsAnswer(answer(status, { reason, timestamp }), REGISTERED_AT, NOW_MS);
  if (verdict.action !== 'result') return verdict.action;
  return nameOf(verdict.result);
};

const nameOf = (result: ProviderResult): string => {
  if (result.status === 'refused') return result.code;
  if (result.status !== 'retry') return result.status;
  return result.misconfigured ? 'misconfigured' : `retry ${result.afterSeconds}`;
};

const APNS: [number, string, string][] = [
  [200, '', 'accepted'],
  ...[
    'BadCollapseId',
    'BadExpirationDate',
    'BadMessageId',
    'BadPriority',
    'DuplicateHeaders',
    'InvalidPushType',
    'MissingDeviceToken',
    'PayloadEmpty',
    'BadDeviceToken',
    'DeviceTokenNotForTopic',
  ].map((reason): [number, string, string] => [400, reason, 'provider_refused']),
  ...['TopicDisallowed', 'BadTopic', 'MissingTopic'].map((reason): [number, string, string] => [
    400,
    reason,
    'misconfigured',
  ]),

  [400, 'IdleTimeout', 'reconnect'],
  [400, 'SomethingNew', 'provider_refused'],
  ...[
    'BadCertificate',
    'BadCertificateEnvironment',
    'Forbidden',
    'InvalidProviderToken',
    'MissingProviderToken',
    'UnrelatedKeyIdInToken',
    'BadEnvironmentKeyIdInToken',
    'BadEnvironmentKeyInToken',
    'SomethingNew',
  ].map((reason): [number, string, string] => [403, reason, 'misconfigured']),
  [403, 'ExpiredProviderToken', 'renew-token'],
  [404, 'BadPath', 'provider_refused'],
  [405, 'MethodNotAllowed', 'provider_refused'],
  [413, 'PayloadTooLarge', 'provider_refused'],
  [421, '', 'reconnect'],
  [429, 'TooManyProviderTokenUpdates', 'retry 1200'],
  [429, 'TooManyRequests', 'retry 60'],
  [429, 'SomethingNew', 'retry 60'],
  [500, 'InternalServerError', 'retry 900'],
  [502, '', 'retry 900'],
  [503, 'ServiceUnavailable', 'retry 900'],
  [503, 'Shutdown', 'reconnect'],
];

test.each(APNS)('APNs %i %s: %s', (status, reason, result) => {
  expect(apns(status, reason)).toBe(result);
});

test('a 410 with a time that is none ends no handle', () => {
  for (const timestamp of [1e300, -1, 1.5])
    expect(apns(410, 'Unregistered', timestamp), String(timestamp)).toBe('retry 300');
});

test('only a 410 that speaks of a time after the registration ends a handle', () => {
  const at = REGISTERED_AT * 1000;
  for (const reason of ['Unregistered', 'ExpiredToken', 'SomethingNew']) {
    expect(apns(410, reason, at + 1), reason).toBe('gone');
    expect(apns(410, reason, at), `${reason}, equal`).toBe('retry 300');
    expect(apns(410, reason, at - 1), `${reason}, earlier`).toBe('retry 300');
    expect(apns(410, reason), `${reason}, no time`).toBe('retry 300');
  }
  expect(apns(400, 'Unregistered', at + 1)).toBe('provider_refused');
  const verdict = readApnsAnswer(
    answer(410, { reason: 'Unregistered', timestamp: at + 5_000 }),
    REGISTERED_AT,
    NOW_MS,
  );
  expect(verdict).toEqual({ action: 'result', result: { status: 'gone', since: REGISTERED_AT + 5 } });
});

test('a body that is no JSON, or has another shape, is no reason', () => {
  for (const body of ['', '<html>', '[]', '{"reason":7}', 'null']) {
    const verdict = readApnsAnswer(answer(410, body), REGISTERED_AT, NOW_MS);
    expect(verdict).toEqual({ action: 'result', result: { status: 'retry', afterSeconds: 300 } });
    expect(readFcmAnswer(answer(404, body), NOW_MS)).toMatchObject({
      result: { status: 'retry', misconfigured: true },
    });
  }
});

test('what a second try did not help', () => {
  const shutdown = answer(503, { reason: 'Shutdown' });
  expect(lastResult({ action: 'reconnect' }, shutdown, NOW_MS)).toEqual({
    status: 'retry',
    afterSeconds: 900,
  });
  const idle = answer(400, { reason: 'IdleTimeout' });
  expect(lastResult({ action: 'reconnect' }, idle, NOW_MS)).toEqual({ status: 'retry', afterSeconds: 5 });
  const expired = answer(403, { reason: 'ExpiredProviderToken' });
  expect(lastResult({ action: 'renew-token' }, expired, NOW_MS)).toMatchObject({
    status: 'retry',
    misconfigured: true,
  });
});

const fcmError = (status: string, errorCode?: string) => ({
  error: {
    code: 0,
    message: 'text',
    status,
    details:
      errorCode === undefined
        ? []
        : [{ '@type': 'type.googleapis.com/google.firebase.fcm.v1.FcmError', errorCode }],
  },
});

const FCM: [number, string, string | undefined, string][] = [
  [200, '', undefined, 'accepted'],
  [400, 'INVALID_ARGUMENT', 'INVALID_ARGUMENT', 'provider_refused'],
  [400, 'INVALID_ARGUMENT', undefined, 'provider_refused'],
  [401, 'UNAUTHENTICATED', 'THIRD_PARTY_AUTH_ERROR', 'misconfigured'],
  [401, 'UNAUTHENTICATED', undefined, 'renew-token'],
  [401, '', undefined, 'renew-token'],
  [403, 'PERMISSION_DENIED', 'SENDER_ID_MISMATCH', 'provider_refused'],
  [403, 'PERMISSION_DENIED', undefined, 'misconfigured'],
  [404, 'NOT_FOUND', 'UNREGISTERED', 'gone'],
  [404, 'NOT_FOUND', undefined, 'misconfigured'],
  [404, '', undefined, 'misconfigured'],
  [400, 'INVALID_ARGUMENT', 'UNREGISTERED', 'provider_refused'],
  [429, 'RESOURCE_EXHAUSTED', 'QUOTA_EXCEEDED', 'retry 60'],
  [429, '', undefined, 'retry 60'],
  [500, 'INTERNAL', 'INTERNAL', 'retry 30'],
  [503, 'UNAVAILABLE', 'UNAVAILABLE', 'retry 30'],
  [504, '', undefined, 'retry 30'],
];

test.each(FCM)('FCM %i %s %s: %s', (httpStatus, status, errorCode, expected) => {
  const verdict = readFcmAnswer(answer(httpStatus, fcmError(status, errorCode)), NOW_MS);
  if (verdict.action !== 'result') {
    expect(verdict.action).toBe(expected);
    return;
  }
  expect(nameOf(verdict.result)).toBe(expected);
});

test('Retry-After in seconds, as a date, or as nothing that can be used', () => {
  const inSevenSeconds = new Date(NOW_MS + 7_000).toUTCString();
  const cases: [string | undefined, number][] = [
    [undefined, 30],
    ['2', 2],
    ['0', 0],
    [inSevenSeconds, 7],
    [new Date(NOW_MS - 60_000).toUTCString(), 0],
    ['soon', 30],
    ['-5', 30],
    ['99999999', 86_400],
  ];
  for (const [header, afterSeconds] of cases) {
    expect(retryAfter(header, 30, NOW_MS), header).toEqual({ status: 'retry', afterSeconds });
  }
});
