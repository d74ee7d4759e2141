// Push keys and their opt-in (SPEC.md section 12): what is one, what is none, and which device may have one.
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import {
  generatePushKey,
  generatePushKeyId,
  parsePushKey,
  SECRETBOX_TAG,
} from '../../protocol/content/zulip/push-key.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { hex } from '../../protocol/wire/bytes.ts';
import { encodeBase64 } from '../../protocol/wire/zulip/base64.ts';
import { fixedBackend } from '../crypto/fixed-backend.ts';
import { NO_HISTORY, pushKey } from './alice-phone.ts';
import { KEY, OTHER_KEY, OTHER_PUSH_KEY, PUSH_KEY } from './known-answers.ts';
import { refusal } from './refusal.ts';

test.each([
  [PUSH_KEY, KEY],
  [OTHER_PUSH_KEY, OTHER_KEY],
])('the known push key %s', (text, key) => {
  expect(hex(parsePushKey(text, NO_HISTORY).reveal())).toBe(hex(key));
});

test.each([
  ['tag 0x32', 'MjaUDJDMWypQ1WufZ1NRTHSSvgYtXh1qVNSjN3aBiEFt', 'suite_unknown'],
  ['no tag', 'NpQMkMxbKlDVa59nU1FMdJK+Bi1eHWpU1KM3doGIQW0=', 'key_malformed'],
  ['no base64', '@abcdefg', 'key_malformed'],
  ['3 bytes', 'abcd', 'key_malformed'],
  ['nothing', '', 'key_malformed'],
  ['44 characters, not of base64', `${PUSH_KEY.slice(0, -1)}@`, 'key_malformed'],
  ['base64url', OTHER_PUSH_KEY.replace('+', '-'), 'key_malformed'],
  ['a line feed', `${PUSH_KEY}\n`, 'key_malformed'],
  ['a space within', `${PUSH_KEY.slice(0, 20)} ${PUSH_KEY.slice(21)}`, 'key_malformed'],
  ['32 bytes with the tag', encodeBase64(Uint8Array.of(0x31, ...KEY.slice(1))), 'key_malformed'],
  ['34 bytes', encodeBase64(Uint8Array.of(0x31, ...KEY, 0)), 'key_malformed'],
  ['tag 0x01', encodeBase64(Uint8Array.of(0x01, ...KEY)), 'suite_unknown'],
  ['tag 0x02', encodeBase64(Uint8Array.of(0x02, ...KEY)), 'suite_unknown'],
  ['a greased tag', encodeBase64(Uint8Array.of(0xc5, ...KEY)), 'suite_unknown'],
])('no push key: %s [R-ZUL-03]', (_name, text, code) => {
  expect(refusal(() => parsePushKey(text, NO_HISTORY))).toBe(code);
});

test.each([[[0x01]], [[0x02]], [[0x31, 0x01]], [[0x31, 0x02, 0x31]], [[0x12]], [[0x7f]]])(
  'a device that had keys of %j gets none [R-ZUL-01]',
  (suitesUsed) => {
    expect(refusal(() => parsePushKey(PUSH_KEY, { suitesUsed }))).toBe('suite_unknown');
  },
);

test('a device that had push keys only gets another', () => {
  expect(parsePushKey(OTHER_PUSH_KEY, { suitesUsed: [SECRETBOX_TAG] }).reveal()).toEqual(OTHER_KEY);
});

test('a fresh push key is tag ‖ 32 random bytes, and its id 4 more, big-endian', () => {
  expect(generatePushKey(fixedBackend(KEY))).toBe(PUSH_KEY);
  expect(generatePushKeyId(fixedBackend(Uint8Array.of(0xff, 0xff, 0xff, 0xfe)))).toBe(4_294_967_294);
  expect(generatePushKeyId(fixedBackend(Uint8Array.of(0, 0, 1, 2)))).toBe(0x0102);
  expect(generatePushKey(nativeBackend)).not.toBe(generatePushKey(nativeBackend));
});

test('a push key does not show itself, and gives its bytes as a copy', () => {
  expect(JSON.stringify(pushKey)).toBe('{}');
  expect(inspect(pushKey, { depth: 9, showHidden: true })).toBe('PushKey {}');
  expect(`${pushKey}`).toBe('[object Object]');
  pushKey.reveal().fill(0);
  expect(pushKey.reveal()).toEqual(KEY);
});
