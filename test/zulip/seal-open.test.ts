// Sealing and opening in suite 0x31: every known answer, and everything that must not open.
import { expect, test } from 'vitest';
import { openZulipNotification } from '../../protocol/content/open/zulip/open.ts';
import { sealZulipNotification } from '../../protocol/content/seal/zulip/seal.ts';
import { decodeZulipPayload, type ZulipPayload } from '../../protocol/content/zulip/payload.ts';
import { parsePushKey } from '../../protocol/content/zulip/push-key.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { utf8 } from '../../protocol/wire/bytes.ts';
import { encodeBase64 } from '../../protocol/wire/zulip/base64.ts';
import { parseZulipNotification } from '../../protocol/wire/zulip/notification.ts';
import { fixedBackend } from '../crypto/fixed-backend.ts';
import {
  boxAround,
  devKey,
  message,
  NO_HISTORY,
  open,
  openingKey,
  PUSH_KEY_ID,
  sealingKey,
} from './alice-phone.ts';
import {
  BENT_MESSAGE,
  bytesOf,
  EMPTY,
  KEY,
  MESSAGE,
  NONCE,
  OTHER_PUSH_KEY,
  REMOVE,
  TEST,
} from './known-answers.ts';
import { refusal } from './refusal.ts';

test.each([
  { ...REMOVE, key: devKey },
  { ...TEST, key: devKey },
  { ...MESSAGE, key: openingKey },
])('$name: the payload seals to it and comes out of it', ({ key, ...known }) => {
  const opened = open(known.encryptedData, key);
  expect(opened).toEqual({ outcome: 'opened', key, payload: JSON.parse(known.plaintext) });
  const payload = decodeZulipPayload(utf8(known.plaintext)) as ZulipPayload;
  expect(sealZulipNotification(fixedBackend(NONCE), sealingKey, payload)).toEqual({
    pushKeyId: PUSH_KEY_ID,
    encryptedData: known.encryptedData,
  });
});

test('V4, an empty object, is authentic and no payload; V5 is not authentic', () => {
  expect(refusal(() => open(EMPTY.encryptedData))).toBe('open_failed schema');
  expect(refusal(() => open(BENT_MESSAGE))).toBe('open_failed aead');
});

test('every notification has a nonce of its own [R-ZUL-04]', () => {
  const nonces = Array.from({ length: 200 }, () =>
    sealZulipNotification(nativeBackend, sealingKey, message).encryptedData.slice(0, 32),
  );
  expect(new Set(nonces).size).toBe(200);
});

test('an id that is not ours is no error', () => {
  expect(openZulipNotification({ pushKeyId: 1, encryptedData: BENT_MESSAGE }, () => null)).toBe(null);
});

test('another key does not open it', () => {
  const other = { ...openingKey, pushKey: parsePushKey(OTHER_PUSH_KEY, NO_HISTORY) };
  expect(refusal(() => open(MESSAGE.encryptedData, other))).toBe('open_failed aead');
});

test('any flipped bit and any truncation is refused, always as the same error', () => {
  const box = bytesOf(MESSAGE.encryptedData);
  for (let bit = 0; bit < box.length * 8; bit += 1) {
    const bent = box.slice();
    bent[bit >> 3] = (bent[bit >> 3] as number) ^ (1 << (bit & 7));
    expect(
      refusal(() => open(encodeBase64(bent))),
      `bit ${bit}`,
    ).toBe('open_failed aead');
  }
  for (let length = 0; length < box.length; length += 1) {
    const step = length < 40 ? 'length' : 'aead';
    expect(
      refusal(() => open(encodeBase64(box.subarray(0, length)))),
      `${length} bytes`,
    ).toBe(`open_failed ${step}`);
  }
  expect(refusal(() => open(encodeBase64(Uint8Array.of(...box, 0))))).toBe('open_failed aead');
});

test.each([
  ['base64url', MESSAGE.encryptedData.replaceAll('+', '-').replaceAll('/', '_')],
  ['without its padding', REMOVE.encryptedData.slice(0, -1)],
  ['a line feed', `${MESSAGE.encryptedData}\n`],
  ['spare bits that are not zero', `${boxAround('{"a":1}x').slice(0, -2)}x=`],
  ['longer than anything that a provider carries', boxAround(' '.repeat(3000))],
])('what is not base64 of this form: %s [R-ZUL-07]', (_name, text) => {
  expect(refusal(() => open(text))).toBe('open_failed length');
});

test('the longest that is looked at has 4048 characters [R-ZUL-07]', () => {
  expect(boxAround(' '.repeat(2996)).length).toBe(4048);
  expect(refusal(() => open(boxAround(' '.repeat(2996))))).toBe('open_failed schema');
  expect(refusal(() => open(boxAround(' '.repeat(2997))))).toBe('open_failed length');
});

test.each([
  ['another user', { ...openingKey, userId: 8 }],
  ['another realm', { ...openingKey, realmOrigin: 'https://chat.example.com' }],
  ['another port', { ...openingKey, realmOrigin: 'https://chat.example.org:8443' }],
  ['another scheme', { ...openingKey, realmOrigin: 'http://chat.example.org' }],
])('a key of %s: its own outcome, without the payload [R-ZUL-09]', (_name, key) => {
  expect(open(MESSAGE.encryptedData, key)).toEqual({ outcome: 'wrong_account', key });
});

test('the realm is compared by its origin, as the URL standard writes it', () => {
  const payload = { ...message, realm_url: 'HTTPS://Chat.example.org:443/path' };
  const { encryptedData } = sealZulipNotification(nativeBackend, sealingKey, payload);
  expect(open(encryptedData)).toMatchObject({ outcome: 'opened' });
});

test('a type that is not known has its own outcome', () => {
  expect(open(boxAround('{"type":"call","from":3}'))).toEqual({ outcome: 'unknown_type', key: openingKey });
});

test.each([
  ['not UTF-8', Uint8Array.of(0x22, 0xff, 0x22)],
  ['not JSON', '{"type":"test"'],
  ['a list', '[]'],
  ['null', 'null'],
  ['a type that is a number', '{"type":1}'],
])('authentic, but %s', (_name, plaintext) => {
  expect(refusal(() => open(boxAround(plaintext)))).toBe('open_failed schema');
});

test.each([-1, 4_294_967_296, 0.5, Number.NaN])('%d names no push key', (pushKeyId) => {
  expect(refusal(() => sealZulipNotification(nativeBackend, { ...sealingKey, pushKeyId }, message))).toBe(
    'key_malformed',
  );
});

test('what a provider delivers: a number in an APNs body, a decimal text in FCM data', () => {
  const expected = { pushKeyId: PUSH_KEY_ID, encryptedData: 'AA==' };
  const aps = { 'mutable-content': 1, alert: { title: 'New notification' }, sound: 'default' };
  expect(parseZulipNotification({ aps, push_key_id: PUSH_KEY_ID, encrypted_data: 'AA==' })).toEqual(expected);
  expect(parseZulipNotification({ push_key_id: '4294967295', encrypted_data: 'AA==' })).toEqual(expected);
  expect(parseZulipNotification({ push_key_id: '0', encrypted_data: '' })?.pushKeyId).toBe(0);
});

test.each([
  -1,
  4_294_967_296,
  1.5,
  '',
  '-1',
  '4294967296',
  '01',
  '1.0',
  '1e3',
  ' 1',
  '0x10',
  '٣',
  null,
  undefined,
  true,
])('%j is no push_key_id', (push_key_id) => {
  expect(parseZulipNotification({ push_key_id, encrypted_data: 'AA==' })).toBe(null);
});

test('what has no secretbox is none of ours', () => {
  for (const received of [null, undefined, 'text', 7, [], {}, { e: 'AWBhYmMAAzWA' }, { push_key_id: 1 }]) {
    expect(parseZulipNotification(received)).toBe(null);
  }
  expect(parseZulipNotification({ push_key_id: 1, encrypted_data: 'A'.repeat(4049) })).toBe(null);
  expect(parseZulipNotification({ push_key_id: 1, encrypted_data: 'A'.repeat(4048) })).not.toBe(null);
});

test('the key that opens is the one that was given, and not a copy of its secret', () => {
  expect(open(MESSAGE.encryptedData)?.key).toBe(openingKey);
  expect(JSON.stringify(open(MESSAGE.encryptedData))).not.toContain(encodeBase64(KEY));
});
