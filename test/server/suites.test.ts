// The suites at the server (SPEC.md section 12): the device chooses, the server seals in what it was given, and numbers
// that are greased, private or for something else are refused.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { generateKeyPair } from '../../protocol/crypto/key-pair.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { SUITE_X25519_PSK, SUITE_XWING_PSK, type Suite } from '../../protocol/wire/suites.ts';
import { Field, until } from './field.ts';
import { id, Phone } from './phone.ts';

let field: Field;
let alice: string;
let bob: string;

beforeAll(async () => {
  field = await Field.lay();
  await field.start();
  alice = await field.addUser('alice', 'Alice');
  bob = await field.addUser('bob', 'Bob');
});
afterAll(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

/** The suites of the envelopes that arrived. */
const suitesOf = (phone: Phone) =>
  phone.envelopes.map(({ envelope }) => Buffer.from(envelope, 'base64url')[0]);
const code = async (phone: Phone, key: object) => (await phone.call('POST', '/keys', key)).json.code;

test.each([SUITE_X25519_PSK, SUITE_XWING_PSK])(
  'a key of $name is registered, kept over a restart, and sealed to [R-SUI-01]',
  async (suite) => {
    const phone = new Phone(field, alice);
    phone.request = { ...phone.request, key: phone.makeKey(suite) };
    expect((await phone.register()).json).toMatchObject({ suite: suite.id, key_state: 'live' });
    await phone.confirm();
    await field.stop();
    await field.start();
    await field.send(bob, { direct: ['alice'] }, 'in your suite');
    await until(() => phone.envelopes.length === 1, 'the message');
    expect(suitesOf(phone)).toEqual([suite.id]);
    expect(phone.payloads[0]).toMatchObject({ message: { text: 'in your suite' } });
    expect((await phone.status()).json.suite).toBe(suite.id);
    await phone.call('DELETE', '', undefined);
  },
);

test('a device changes its suite with its key; whether it goes up or down is its own rule', async () => {
  const phone = await Phone.active(field, alice);
  for (const suite of [SUITE_XWING_PSK, SUITE_X25519_PSK]) {
    const key = phone.makeKey(suite);
    expect((await phone.call('POST', '/keys', key)).json).toMatchObject({ kid: key.kid, suite: suite.id });
    const before = phone.envelopes.length;
    await field.send(bob, { direct: ['alice'] }, suite.name);
    await until(() => phone.envelopes.length > before, 'the message');
  }
  expect(suitesOf(phone)).toEqual([0x02, 0x01]);
  expect(phone.payloads).toMatchObject([
    { message: { text: 'XWING-PSK' } },
    { message: { text: 'X25519-PSK' } },
  ]);
  await phone.call('DELETE', '', undefined);
});

test('numbers that are greased, private, or for something else are refused, whatever the key [R-SUI-05] [R-SUI-06]', async () => {
  const phone = await Phone.active(field, alice);
  const before = (await phone.status()).json;
  const greased = Array.from({ length: 0x40 }, (_, i) => 0xc0 + i);
  for (const key of [phone.makeKey(), phone.makeKey(SUITE_XWING_PSK)]) {
    for (const suite of [0x00, 0x03, 0x11, 0x12, 0x31, 0x80, 0xbf, ...greased]) {
      expect(await code(phone, { ...key, suite }), `suite ${suite}`).toBe('suite_refused');
    }
    for (const suite of [-1, 256, 1.5, '1', null]) {
      expect(await code(phone, { ...key, suite }), `suite ${suite}`).toBe('malformed_request');
    }
  }
  expect({ ...(await phone.status()).json, server_time: 0 }).toEqual({ ...before, server_time: 0 });
});

test('public keys that nothing can be sealed to are refused', async () => {
  const phone = await Phone.active(field, alice);
  const make = (suite: Suite) => generateKeyPair(nativeBackend, suite).publicKey;
  const attempt = async (suite: Suite, publicKey: Uint8Array) =>
    await code(phone, { ...phone.makeKey(suite), public_key: encodeBase64url(publicKey) });
  // The size of the other suite, and one byte less and more.
  expect(await attempt(SUITE_X25519_PSK, make(SUITE_XWING_PSK))).toBe('key_refused');
  expect(await attempt(SUITE_XWING_PSK, make(SUITE_X25519_PSK))).toBe('key_refused');
  expect(await attempt(SUITE_XWING_PSK, make(SUITE_XWING_PSK).subarray(0, 1215))).toBe('key_refused');
  expect(await attempt(SUITE_X25519_PSK, new Uint8Array(33))).toBe('key_refused');
  expect(await attempt(SUITE_XWING_PSK, new Uint8Array(1217))).toBe('malformed_request');
  // A coefficient that is not reduced, and an X25519 half of small order.
  const unreduced = make(SUITE_XWING_PSK);
  unreduced.fill(0xff, 0, 3);
  expect(await attempt(SUITE_XWING_PSK, unreduced)).toBe('key_refused');
  const smallOrder = make(SUITE_XWING_PSK);
  smallOrder.fill(0, 1184);
  expect(await attempt(SUITE_XWING_PSK, smallOrder)).toBe('key_refused');
  expect(await attempt(SUITE_XWING_PSK, make(SUITE_XWING_PSK))).toBeUndefined();
});

test('sealed tokens of both suites go on to the bouncer as they are, none that is shorter or longer', async () => {
  const attempt = (bytes: number) => ({ attempt: id(16), sealed_token: id(bytes) });
  for (const bytes of [565, 1653]) {
    const phone = new Phone(field, alice);
    phone.request = { ...phone.request, token: attempt(bytes) };
    expect((await phone.register()).json.attempt_state).toBe('pending');
    expect((await phone.confirm()).json.attempt_state).toBe('active');
  }
  for (const bytes of [564, 1654]) {
    const phone = new Phone(field, alice);
    phone.request = { ...phone.request, token: attempt(bytes) };
    expect((await phone.register()).json.code).toBe('malformed_request');
  }
});
