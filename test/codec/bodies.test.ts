// HTTP bodies (SPEC.md section 13): requests refuse what they do not know, answers ignore it.
import { expect, test } from 'vitest';
import type { z } from 'zod';
import {
  bareHandleRequestSchema,
  confirmationRequestSchema,
  handleAnswerSchema,
  handleRequestSchema,
  legacyNotificationItemSchema,
  notificationItemSchema,
  notificationsAnswerSchema,
  notificationsRequestSchema,
  removalRequestSchema,
  revocationRequestSchema,
  signedKeyListSchema,
} from '../../protocol/wire/bouncer-api.ts';
import { isEnvironmentOf } from '../../protocol/wire/ids.ts';
import {
  confirmationBodySchema,
  deviceKeySchema,
  discoverySchema,
  legacyRegistrationRequestSchema,
  registrationRequestSchema,
  registrationStatusSchema,
  tokenAttemptSchema,
} from '../../protocol/wire/push-api.ts';

/** Canonical base64url of this many zero bytes. */
const zeros = (bytes: number): string => Buffer.alloc(bytes).toString('base64url');

const TOKEN = { attempt: zeros(16), sealed_token: zeros(565) };
const KEY = { kid: zeros(4), suite: 1, public_key: zeros(32), chain: zeros(32), keep_days: 3 };
const DEVICE = {
  registration_id: zeros(16),
  app_id: 'org.example.chat',
  platform: 'apns',
  environment: 'production',
};
const APP = { platform: 'fcm', environment: '', app_id: 'org.example.chat' };
const ITEM = { handle: zeros(32), urgency: 'alert', expires_at: 3600, collapse: zeros(16) };
const LEGACY = { handle: zeros(32), template: 'mention', badge: 1, expires_at: 3600, collapse: zeros(16) };

type Row = readonly [name: string, schema: z.ZodType, body: Record<string, unknown>];

const REQUESTS: readonly Row[] = [
  ['a handle request', handleRequestSchema, { ...APP, sealed_token: zeros(565) }],
  [
    'a confirmation',
    confirmationRequestSchema,
    { handle: zeros(32), challenge: zeros(16), confirmation: zeros(32) },
  ],
  ['a removal', removalRequestSchema, { handles: [zeros(32)] }],
  [
    'a revocation',
    revocationRequestSchema,
    { origin: 'https://a.example', attempt: zeros(16), mac: zeros(32) },
  ],
  ['a bare handle request', bareHandleRequestSchema, { ...APP, token: zeros(300) }],
  ['a batch', notificationsRequestSchema, { notifications: [{}] }],
  ['a notification', notificationItemSchema, { ...ITEM, envelope: zeros(2999) }],
  ['a legacy notification', legacyNotificationItemSchema, LEGACY],
  ['a device key', deviceKeySchema, KEY],
  ['a token attempt', tokenAttemptSchema, TOKEN],
  ['a registration', registrationRequestSchema, { ...DEVICE, e2ee_required: true, key: KEY, token: TOKEN }],
  [
    'a confirmation for the server',
    confirmationBodySchema,
    { attempt: zeros(16), challenge: zeros(16), confirmation: zeros(32) },
  ],
  ['a legacy registration', legacyRegistrationRequestSchema, { ...DEVICE, token: zeros(32) }],
];

test.each(REQUESTS)(
  '%s passes as documented, and not with one field more or less [R-HTT-01]',
  (_name, schema, body) => {
    expect(schema.parse(body)).toEqual(body);
    expect(schema.safeParse({ ...body, text: 'hello' }).success).toBe(false);
    for (const field of Object.keys(body).filter((key) => key !== 'e2ee_required')) {
      expect(schema.safeParse({ ...body, [field]: undefined }).success, `without ${field}`).toBe(false);
      expect(schema.safeParse({ ...body, [field]: { a: 1 } }).success, `${field} an object`).toBe(false);
    }
  },
);

const LIST = { root: zeros(4), signature: zeros(64), bytes: zeros(10) };
const STATUS = {
  registration_id: zeros(16),
  attempt: zeros(16),
  attempt_state: 'active',
  key_state: 'live',
  kid: zeros(4),
  suite: 1,
  epoch: 0,
  counter: 0,
  sent_at: 0,
  server_time: 1,
};
const ANSWERS: readonly Row[] = [
  ['a signed key list', signedKeyListSchema, LIST],
  ['a handle', handleAnswerSchema, { handle: zeros(32), state: 'pending', pending_until: 1 }],
  ['results', notificationsAnswerSchema, { results: [{ status: 'accepted' }, { status: 'gone', since: 0 }] }],
  ['a status', registrationStatusSchema, STATUS],
  [
    'discovery',
    discoverySchema,
    {
      origin: 'https://chat.example.org',
      bouncer_origin: 'https://push.example.org',
      bouncer_keys: LIST,
      app_ids: ['org.example.chat'],
      keep_days_max: 28,
      policy: 'redact',
      server_time: 1,
    },
  ],
];

test.each(ANSWERS)(
  '%s passes, and a field that is not known is dropped [R-HTT-02]',
  (_name, schema, body) => {
    expect(schema.parse({ ...body, later_version: 1 })).toEqual(body);
  },
);

test.each([
  ['a handle of 31 bytes', notificationItemSchema, { ...ITEM, envelope: zeros(567), handle: zeros(31) }],
  ['an envelope of 566 bytes', notificationItemSchema, { ...ITEM, envelope: zeros(566) }],
  ['an envelope of 3000 bytes', notificationItemSchema, { ...ITEM, envelope: zeros(3000) }],
  ['an envelope with padding', notificationItemSchema, { ...ITEM, envelope: `${zeros(568)}=` }],
  ['another urgency', notificationItemSchema, { ...ITEM, envelope: zeros(567), urgency: 'high' }],
  ['a time that is a fraction', notificationItemSchema, { ...ITEM, envelope: zeros(567), expires_at: 0.5 }],
  ['a legacy reference of 15 bytes', legacyNotificationItemSchema, { ...LEGACY, reference: zeros(15) }],
  ['another template', legacyNotificationItemSchema, { ...LEGACY, template: 'text' }],
  ['a badge of 100,000', legacyNotificationItemSchema, { ...LEGACY, badge: 100_000 }],
  ['an empty batch', notificationsRequestSchema, { notifications: [] }],
  ['1,001 items', notificationsRequestSchema, { notifications: new Array(1001).fill({}) }],
  ['101 handles to remove', removalRequestSchema, { handles: new Array(101).fill(zeros(32)) }],
  [
    'a revocation with a bad origin',
    revocationRequestSchema,
    { origin: 'http://a', attempt: zeros(16), mac: zeros(32) },
  ],
  ['keep_days 0', deviceKeySchema, { ...KEY, keep_days: 0 }],
  ['keep_days 29', deviceKeySchema, { ...KEY, keep_days: 29 }],
  ['suite 256', deviceKeySchema, { ...KEY, suite: 256 }],
  ['a kid with spare bits', deviceKeySchema, { ...KEY, kid: 'AAAAAB' }],
  ['a sealed token that is too short', tokenAttemptSchema, { ...TOKEN, sealed_token: zeros(564) }],
  ['a sealed token that is too long', tokenAttemptSchema, { ...TOKEN, sealed_token: zeros(1654) }],
])('refuses %s [R-LMT-01]', (_name, schema: z.ZodType, body) => {
  expect(schema.safeParse(body).success).toBe(false);
});

test('e2ee_required is true unless the device says otherwise', () => {
  const parsed = registrationRequestSchema.parse({ ...DEVICE, key: KEY, token: TOKEN });
  expect(parsed.e2ee_required).toBe(true);
});

test('an environment belongs to its platform', () => {
  expect(isEnvironmentOf('apns', 'production')).toBe(true);
  expect(isEnvironmentOf('apns', 'sandbox')).toBe(true);
  expect(isEnvironmentOf('fcm', '')).toBe(true);
  expect(isEnvironmentOf('apns', '')).toBe(false);
  expect(isEnvironmentOf('fcm', 'production')).toBe(false);
});
