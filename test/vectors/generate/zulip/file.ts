// The whole of zulip-secretbox.json.

import { portableBackend as backend } from '../../../../protocol/crypto/backend-portable.ts';
import { concat, hex, u8, utf8 } from '../../../../protocol/wire/bytes.ts';
import type { JsonObject, ZulipCase, ZulipFile } from '../../shape/zulip-secretbox.ts';
import { draw } from '../draw.ts';
import type { Flag } from '../flags.ts';
import { flip } from '../notification/field.ts';
import { countResults, flagsOf, headOf, type Told } from '../told.ts';
import {
  BOUNCER_PRIVATE_KEY,
  BOUNCER_PUBLIC_KEY,
  base64,
  box,
  json,
  MESSAGE,
  opens,
  PUSH_KEY,
  PUSH_KEY_ID,
  REMOVE,
  received,
  sealedBox,
  stops,
  strange,
  TEST,
} from './field.ts';

const DIRECT: JsonObject = {
  realm_url: MESSAGE['realm_url'],
  realm_name: MESSAGE['realm_name'],
  user_id: MESSAGE['user_id'],
  sender_id: 3,
  recipient_type: 'direct',
  recipient_user_ids: [3, 7, 9],
  type: 'message',
  message_id: 1002,
  time: 1_795_262_400,
  content: '',
  sender_full_name: 'bob',
  sender_avatar_url: 'https://chat.example.org/avatar/3',
};

export function zulipVectors(): ZulipFile {
  const cases = [...keyCases(), ...notificationCases(), ...schemaCases(), ...registrationCases()];
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

function schemaCases(): ZulipCase[] {
  const around =
    (step: 'schema' | 'type' | 'account') =>
    (id: string, comment: string, plaintext: Uint8Array, flag: Flag = 'Schema'): ZulipCase =>
      stops([id, comment, 'zulipOpen', flag], step, received(box(id, plaintext)));
  const schema = around('schema');
  const without = (payload: JsonObject, name: string): Uint8Array => {
    const { [name]: _, ...rest } = payload;
    return json(rest);
  };
  const missing = Object.keys(MESSAGE).map((name) =>
    schema(`missing-${name.replaceAll('_', '-')}`, `a message without ${name}`, without(MESSAGE, name)),
  );
  return [
    ...missing,
    schema('missing-message-ids', 'a removal without message_ids', without(REMOVE, 'message_ids')),
    schema(
      'message-ids-201',
      'a removal of 201',
      json({ ...REMOVE, message_ids: Array.from({ length: 201 }, (_, index) => index) }),
      'Limit',
    ),
    schema('message-ids-text', 'message_ids as texts', json({ ...REMOVE, message_ids: ['31'] })),
    schema('user-id-text', 'user_id as text', json({ ...TEST, user_id: '7' })),
    schema('time-fraction', 'time with a fraction', json({ ...TEST, time: 1.5 })),
    schema(
      'realm-url-javascript',
      'a realm_url of another scheme',
      json({ ...TEST, realm_url: 'javascript:alert(1)' }),
    ),
    schema(
      'avatar-data',
      'a sender_avatar_url of another scheme',
      json({ ...MESSAGE, sender_avatar_url: 'data:,x' }),
    ),
    schema('not-json', 'no JSON', utf8('hello')),
    schema('not-utf8', 'no UTF-8', Uint8Array.of(0x22, 0xff, 0x22)),
    schema('array', 'an array', json([MESSAGE])),
    schema('empty-plaintext', 'nothing', new Uint8Array(0), 'Limit'),
    around('type')(
      'type-later',
      'a type of a later version: dropped',
      json({ ...TEST, type: 'call' }),
      'UnknownKind',
    ),
    around('account')('account-user', 'of another user', json({ ...TEST, user_id: 8 }), 'Binding'),
    around('account')(
      'account-realm',
      'of another realm',
      json({ ...TEST, realm_url: 'https://chat.example.net' }),
      'Binding',
    ),
    around('account')(
      'account-port',
      'of another port of the realm',
      json({ ...TEST, realm_url: 'https://chat.example.org:8443' }),
      'Binding',
    ),
    opens(['account-path', 'realm_url with a slash: the same origin', 'zulipOpen', 'Binding'], {
      ...TEST,
      realm_url: 'https://chat.example.org/',
    }),
  ];
}

function registrationCases(): ZulipCase[] {
  const apns = {
    token: 'c0ffee00',
    token_kind: 'apns',
    ios_app_id: 'org.example.chat',
    timestamp: 1_795_262_400,
  };
  const fcm = { token: 'alice-phone:APA91', token_kind: 'fcm', timestamp: 1_795_262_400 };
  const told = (id: string, comment: string, ...flags: Flag[]): Told => [id, comment, 'zulipToken', ...flags];
  const tokenId = (token: string): string => base64(backend.sha256(utf8(token)).slice(0, 8));
  const base = (of: Told, blob: string, id: string, key: string = base64(BOUNCER_PUBLIC_KEY)) => ({
    ...headOf('zulip-registration', of),
    of: 'registration' as const,
    public_key: hex(BOUNCER_PUBLIC_KEY),
    private_key: hex(BOUNCER_PRIVATE_KEY),
    received: { bouncer_public_key: key, encrypted_push_registration: blob, token_id: id },
  });
  const yes = (
    of: Told,
    registration: JsonObject & { token: string },
    written: JsonObject = registration,
  ): ZulipCase => {
    const plaintext = json(written);
    const { blob, ephemeral } = sealedBox(of[0], plaintext);
    const shown = { ephemeral: hex(ephemeral), plaintext: hex(plaintext), registration };
    return { ...base(of, base64(blob), tokenId(registration.token)), result: 'valid', ...shown };
  };
  const no = (of: Told, blob: Uint8Array | string, id: string = tokenId(apns.token)): ZulipCase => ({
    ...base(of, typeof blob === 'string' ? blob : base64(blob), id),
    result: 'refused',
  });
  const sealed = (id: string, value: unknown): Uint8Array => sealedBox(id, json(value)).blob;
  const good = sealed('good', apns);
  return [
    yes(told('apns', 'a token of APNs', 'Kind'), apns),
    yes(told('fcm', 'a token of FCM', 'Kind'), fcm),
    yes(told('fcm-null', 'a token of FCM with null as ios_app_id', 'Kind'), fcm, {
      ...fcm,
      ios_app_id: null,
    }),
    yes(told('unknown-field', 'a field that this version does not know', 'UnknownField'), apns, {
      ...apns,
      later: 1,
    }),
    {
      ...base(
        told('key-other', 'sealed to a key that the bouncer has not', 'WrongKey'),
        base64(good),
        tokenId(apns.token),
        base64(draw('zulip strange key', 32)),
      ),
      result: 'not_ours',
    },
    no(told('token-id-other', 'the token_id of another token', 'Binding'), good, tokenId('c0ffee01')),
    no(told('token-id-case', 'the token_id of the token in capitals', 'Binding'), good, tokenId('C0FFEE00')),
    no(told('epk-first', 'the first byte of the ephemeral key was changed', 'Tampered'), flip(good, 0)),
    no(told('tag-first', 'the first byte of the tag was changed', 'Tampered'), flip(good, 32)),
    no(told('last', 'the last byte was changed', 'Tampered'), flip(good, -1)),
    no(told('truncated', '47 bytes', 'Length'), good.slice(0, 47)),
    no(
      told('unpadded', 'without padding', 'Base64url'),
      base64(concat(good, new Uint8Array(3 - (good.length % 3) + 1))).replace(/=*$/, ''),
    ),
    no(
      told('token-empty', 'an empty token', 'Schema'),
      sealed('token-empty', { ...apns, token: '' }),
      tokenId(''),
    ),
    no(
      told('token-not-hex', 'an apns token that is not hexadecimal', 'Schema'),
      sealed('token-not-hex', { ...apns, token: 'coffee' }),
      tokenId('coffee'),
    ),
    no(
      told('app-id-missing', 'an apns token without app id', 'Schema'),
      sealed('app-id-missing', { ...apns, ios_app_id: undefined }),
    ),
    no(
      told('app-id-underscore', 'an app id with an underscore', 'Schema'),
      sealed('app-id-underscore', { ...apns, ios_app_id: 'org_example' }),
    ),
    no(
      told('kind-other', 'another kind of token', 'Schema'),
      sealed('kind-other', { ...apns, token_kind: 'web' }),
    ),
    no(
      told('timestamp-text', 'the timestamp as text', 'Schema'),
      sealed('timestamp-text', { ...apns, timestamp: '1795262400' }),
    ),
    no(told('not-json', 'no JSON', 'Schema'), sealedBox('not-json', utf8('c0ffee00')).blob),
  ];
}
