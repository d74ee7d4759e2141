// The whole of push-token.json, both suites.
import { SUITE_X25519_BASE, SUITE_XWING_BASE } from '../../../../protocol/wire/suites.ts';
import type { PushTokenCase, PushTokenFile } from '../../shape/push-token.ts';
import { countResults, flagsOf } from '../told.ts';
import { closedTokenCases } from './binding.ts';
import { badTokenCbor } from './cbor.ts';
import { badTokenCases } from './content.ts';
import { APNS, APNS_TOKEN, FCM, FCM_TOKEN, type Field, makeField, valid } from './field.ts';

const BIG = Number.MAX_SAFE_INTEGER;

export function pushTokenVectors(): PushTokenFile {
  const fields = [makeField(SUITE_X25519_BASE, 't11'), makeField(SUITE_XWING_BASE, 't12')];
  const cases = fields.flatMap((field) => [
    ...openCases(field),
    ...closedTokenCases(field),
    ...badTokenCases(field),
    ...badTokenCbor(field),
  ]);
  return {
    protocol: 'sealed-push/1',
    kind: 'push-token',
    note: 'Push tokens sealed to the bouncer, suites 0x11 (t11-…) and 0x12 (t12-…). Bytes are in hexadecimal.',
    flags: flagsOf(cases),
    counts: countResults(cases),
    cases,
  };
}

function openCases(field: Field): PushTokenCase[] {
  const other = makeField(field.suite, field.prefix, 'other bouncer');
  const label = 'a'.repeat(63);
  const longest = {
    origin: `https://${label}.${label}.${label}.${'b'.repeat(49)}:65535`,
    app_id: 'A'.repeat(255),
  };
  return [
    valid(field, ['apns', 'a token of APNs, production', 'token', 'Kind'], APNS, APNS_TOKEN),
    valid(
      field,
      ['apns-sandbox', 'a token of APNs, sandbox', 'token', 'Kind'],
      { ...APNS, environment: 'sandbox' },
      APNS_TOKEN,
    ),
    valid(
      field,
      ['fcm', 'a token of FCM: text, and an environment of no bytes', 'token', 'Kind'],
      FCM,
      FCM_TOKEN,
    ),
    valid(field, ['apns-1', 'a token of one byte', 'token', 'Limit'], APNS, { ...APNS_TOKEN, token: '00' }),
    valid(field, ['apns-300', 'a token of 300 bytes', 'token', 'Limit'], APNS, {
      ...APNS_TOKEN,
      token: 'ab'.repeat(300),
    }),
    valid(field, ['fcm-1', 'a token of one letter', 'token', 'Limit'], FCM, { ...FCM_TOKEN, token: 'f' }),
    valid(field, ['fcm-300', 'a token of 300 letters', 'token', 'Limit'], FCM, {
      ...FCM_TOKEN,
      token: 'f'.repeat(300),
    }),
    valid(field, ['fcm-utf8', 'a token of 100 letters and 300 bytes', 'token', 'Limit', 'Text'], FCM, {
      ...FCM_TOKEN,
      token: '€'.repeat(100),
    }),
    valid(field, ['issued-at-0', 'issued_at 0', 'token', 'Limit'], APNS, { ...APNS_TOKEN, issued_at: 0 }),
    valid(
      field,
      ['issued-at-max', 'issued_at 2^53 − 1: too late for the bouncer, and well-formed', 'token', 'Limit'],
      APNS,
      { ...APNS_TOKEN, issued_at: BIG },
    ),
    valid(
      field,
      ['info-longest', 'origin and app id of 255 bytes each', 'token', 'Limit', 'Binding'],
      { ...APNS, ...longest },
      APNS_TOKEN,
    ),
    valid(
      field,
      ['keys-two', 'the bouncer has two keys: bkid names the second', 'token', 'Binding'],
      APNS,
      APNS_TOKEN,
      [other],
    ),
  ];
}
