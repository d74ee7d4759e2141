import { concat, hex, u8 } from '../../../../protocol/wire/bytes.ts';
import type { ZulipCase, ZulipFile } from '../../shape/zulip-secretbox.ts';
import { draw } from '../draw.ts';
import type { Flag } from '../flags.ts';
import { flip } from '../notification/field.ts';
import { countResults, flagsOf, headOf, type Told } from '../told.ts';
import {
  base64,
  box,
  DIRECT,
  json,
  MESSAGE,
  opens,
  PUSH_KEY,
  PUSH_KEY_ID,
  REMOVE,
  received,
  stops,
  strange,
  TEST,
} from './field.ts';
import { zulipRegistrationCases } from './registration.ts';
import { badZulipContent } from './schema.ts';

export function zulipVectors(): ZulipFile {
  const cases = [...keyCases(), ...notificationCases(), ...badZulipContent(), ...zulipRegistrationCases()];
  return {
    protocol: 'sealed-push/1',
    kind: 'zulip-secretbox',
    note: "Suite 0x31 in Zulip's own form: an opt-in, never a fallback. Texts are as on the wire, other bytes in hexadecimal.",
    flags: flagsOf(cases),
    counts: countResults(cases),
    cases,
  };
}

function keyCases(): ZulipCase[] {
  const key = draw('zulip push key', 32);
  const head = (told: Told, text: string, suitesUsed: readonly number[]) => ({
    ...headOf('push-key', told),
    of: 'push_key' as const,
    text,
    suites_used: suitesUsed,
  });
  const yes = (id: string, comment: string, suitesUsed: readonly number[]): ZulipCase => ({
    ...head([id, comment, 'zulipKey', 'Kind'], PUSH_KEY, suitesUsed),
    result: 'valid',
    key: hex(key),
  });
  const no = (
    id: string,
    comment: string,
    text: string,
    suitesUsed: readonly number[] = [],
    flag: Flag = 'Base64url',
  ): ZulipCase => ({
    ...head([id, comment, 'zulipKey', flag], text, suitesUsed),
    result: 'refused',
  });
  return [
    yes('first', 'a device that never registered a key', []),
    yes('again', 'a device that had a key of 0x31 before', [0x31]),
    no('after-0x01', 'a device that ever had a key of 0x01', PUSH_KEY, [0x01], 'Suite'),
    no('after-0x02', 'a device that had keys of 0x31 and of 0x02', PUSH_KEY, [0x31, 0x02], 'Suite'),
    no('tag-0x01', 'the tag 0x01', base64(concat(u8(0x01), key)), [], 'Suite'),
    no('tag-0x32', 'the tag 0x32', base64(concat(u8(0x32), key)), [], 'Suite'),
    no('no-tag', '32 bytes without a tag', base64(key), [], 'Length'),
    no('34-bytes', '34 bytes', base64(concat(u8(0x31), key, u8(0))), [], 'Length'),
    no('empty', 'nothing', '', [], 'Length'),
    no(
      'url-alphabet',
      'the alphabet of base64url',
      base64(concat(u8(0x31), new Uint8Array(32).fill(0xff))).replaceAll('/', '_'),
    ),
    no('space', 'a space within', `${PUSH_KEY.slice(0, 8)} ${PUSH_KEY.slice(8)}`),
    no('newline', 'a newline behind it', `${PUSH_KEY}\n`),
    no('padded', 'padding where none is due', `${PUSH_KEY}=`),
  ];
}

function notificationCases(): ZulipCase[] {
  const told = (id: string, comment: string, ...flags: Flag[]): Told => [id, comment, 'zulipOpen', ...flags];
  const good = box('good', json(MESSAGE));
  const text = base64(good);
  const tagFront = concat(good.slice(0, 24), good.slice(40), good.slice(24, 40));
  return [
    opens(told('message', 'a message in a channel', 'Kind'), MESSAGE),
    opens(told('direct', 'a message to three, with an empty text', 'Kind'), DIRECT),
    opens(told('group', 'a message that mentions a group', 'Kind'), {
      ...MESSAGE,
      mentioned_user_group_id: 5,
      mentioned_user_group_name: 'cooks',
    }),
    opens(told('remove', 'a removal', 'Kind'), REMOVE),
    opens(told('remove-200', 'a removal of 200', 'Limit'), {
      ...REMOVE,
      message_ids: Array.from({ length: 200 }, (_, index) => index),
    }),
    opens(told('test', 'a test', 'Kind'), TEST),
    opens(told('fcm-id', 'the id as decimal text, as FCM has it', 'Kind'), TEST, TEST, `${PUSH_KEY_ID}`),
    opens(told('unknown-field', 'a field that this version does not know', 'UnknownField'), TEST, {
      ...TEST,
      later: true,
    }),
    strange(told('id-other', 'the id of another key', 'Header'), received(good, 7)),
    ...[-1, 4_294_967_296, 1.5, '', '-1', '+7', '07', '4294967296', ' 7', null].map((id, index) =>
      stops(told(`id-${index + 1}`, `the id ${JSON.stringify(id)}`, 'Header'), 'id', received(good, id)),
    ),
    stops(told('id-missing', 'no id', 'Header'), 'id', { encrypted_data: text }),
    stops(told('data-missing', 'no encrypted_data', 'Header'), 'id', { push_key_id: PUSH_KEY_ID }),
    stops(told('length-0', 'an empty encrypted_data', 'Length', 'Limit'), 'length', received('')),
    stops(
      told('length-39', '39 bytes: less than nonce and tag', 'Length', 'Limit'),
      'length',
      received(good.slice(0, 39)),
    ),
    stops(
      told('base64-unpadded', 'without padding', 'Base64url'),
      'length',
      received(base64(good.slice(0, 40)).replaceAll('=', '')),
    ),
    stops(
      told('base64-space', 'a space within', 'Base64url'),
      'length',
      received(`${text.slice(0, 4)} ${text.slice(4)}`),
    ),
    stops(told('base64-newline', 'a newline behind it', 'Base64url'), 'length', received(`${text}\n`)),
    stops(
      told('base64-url', 'the alphabet of base64url', 'Base64url'),
      'length',
      received(base64(concat(good, new Uint8Array(3).fill(0xff))).replaceAll('/', '_')),
    ),
    stops(
      told('nonce-first', 'the first byte of the nonce was changed', 'Tampered'),
      'aead',
      received(flip(good, 0)),
    ),
    stops(
      told('tag-first', 'the first byte of the tag was changed', 'Tampered'),
      'aead',
      received(flip(good, 24)),
    ),
    stops(
      told('ciphertext-first', 'the first byte of the ciphertext was changed', 'Tampered'),
      'aead',
      received(flip(good, 40)),
    ),
    stops(
      told('ciphertext-last', 'the last byte of the ciphertext was changed', 'Tampered'),
      'aead',
      received(flip(good, -1)),
    ),
    stops(told('truncated', 'the last byte is missing', 'Length'), 'aead', received(good.slice(0, -1))),
    stops(
      told('tag-behind', 'the tag stands behind the ciphertext', 'WrongConstruction'),
      'aead',
      received(tagFront),
    ),
    stops(
      told('other-key', 'sealed under another key', 'WrongKey'),
      'aead',
      received(box('other-key', json(MESSAGE), draw('zulip other key', 32))),
    ),
  ];
}
