// The configuration of a simulated phone: one strict schema, and messages that name variables but no values.
import { expect, test } from 'vitest';
import { parseConfig } from '../../client-sim/phone/config.ts';

const GOOD = {
  PHONE_NAME: 'alice-phone',
  PHONE_KIND: 'iphone',
  PHONE_APP_ID: 'chat.example.app',
  PHONE_SERVER_ORIGIN: 'https://127.0.0.1:4443',
  PHONE_SESSION_FILE: 'session',
  PHONE_CA_FILE: 'ca.pem',
  PHONE_DEVICES_URL: 'https://127.0.0.1:4444',
  PHONE_STATE_FILE: 'state.json',
  PHONE_ROOTS: 'A'.repeat(43),
};

test('defaults: production and three days for an iPhone', () => {
  expect(parseConfig({ ...GOOD, PATH: '/bin' })).toMatchObject({
    platform: 'apns',
    environment: 'production',
    keepDays: 3,
    roots: [new Uint8Array(32)],
  });
});

test('an Android phone has no environment', () => {
  expect(parseConfig({ ...GOOD, PHONE_KIND: 'legacy-android' })).toMatchObject({
    platform: 'fcm',
    environment: '',
  });
});

test.each([
  ['PHONE_KIND', 'fridge'],
  ['PHONE_SERVER_ORIGIN', 'http://127.0.0.1:4443'],
  ['PHONE_DEVICES_URL', 'https://127.0.0.1:4444/'],
  ['PHONE_ROOTS', ''],
  ['PHONE_ROOTS', 'AAAA'],
  ['PHONE_KEEP_DAYS', '29'],
  ['PHONE_KEEP_DAYS', '0'],
  ['PHONE_ENVIRONMENT', 'staging'],
  ['PHONE_NAME', 'Alice!'],
])('%s=%s is refused by its name', (name, value) => {
  expect(() => parseConfig({ ...GOOD, [name]: value })).toThrow(new RegExp(`^${name}: [a-z_]+$`));
});

test('an unknown variable with the prefix is refused', () => {
  expect(() => parseConfig({ ...GOOD, PHONE_COLOUR: 'red' })).toThrow('unknown variable PHONE_COLOUR');
});
