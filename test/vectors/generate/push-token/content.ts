// Push tokens that open to something wrong: padding, a field missing, unknown, of another type or length.
import { concat, u8, utf8 } from '../../../../protocol/wire/bytes.ts';
import { type CborMap, type CborValue, encodeCbor } from '../../../../protocol/wire/cbor.ts';
import { unhex } from '../../device/unhex.ts';
import type { ContextForm, PushTokenCase } from '../../shape/push-token.ts';
import type { Flag } from '../flags.ts';
import { frame } from '../notification/field.ts';
import { APNS, APNS_TOKEN, FCM, FCM_TOKEN, type Field, honest, refused, seal, tokenMap } from './field.ts';

type Change = readonly [
  id: string,
  comment: string,
  key: number,
  value: CborValue | undefined,
  ...flags: Flag[],
];

const BIG = Number.MAX_SAFE_INTEGER;

const APNS_FAULTS: readonly Change[] = [
  ['apns-text', 'a token as text for apns: the hexadecimal', 1, APNS_TOKEN.token, 'SilentFork'],
  ['token-missing', 'no token', 1, undefined],
  ['token-empty', 'a token of no bytes', 1, new Uint8Array(0), 'Limit'],
  ['token-301', 'a token of 301 bytes', 1, new Uint8Array(301).fill(1), 'Limit'],
  ['token-null', 'null as token', 1, null],
  ['token-array', 'a token as an array of integers', 1, [1, 2, 3]],
  ['issued-at-missing', 'no issued_at', 2, undefined],
  ['issued-at-negative', 'issued_at −1', 2, -1, 'Limit'],
  ['issued-at-text', 'issued_at as text', 2, '1795262400'],
  ['issued-at-true', 'issued_at true, which some languages take for 1', 2, true, 'SilentFork'],
  ['issued-at-null', 'null as issued_at', 2, null],
  ['attempt-missing', 'no attempt', 3, undefined],
  ['attempt-15', 'an attempt of 15 bytes', 3, unhex(APNS_TOKEN.attempt).slice(1), 'Limit'],
  ['attempt-17', 'an attempt of 17 bytes', 3, concat(unhex(APNS_TOKEN.attempt), u8(0)), 'Limit'],
  ['attempt-text', 'an attempt as text of 16 characters', 3, APNS_TOKEN.attempt.slice(0, 16), 'SilentFork'],
  ['confirm-key-missing', 'no confirm_key', 4, undefined],
  ['confirm-key-31', 'a confirm_key of 31 bytes', 4, unhex(APNS_TOKEN.confirm_key).slice(1), 'Limit'],
  ['confirm-key-33', 'a confirm_key of 33 bytes', 4, concat(unhex(APNS_TOKEN.confirm_key), u8(0)), 'Limit'],
  ['confirm-key-text', 'a confirm_key as text', 4, APNS_TOKEN.confirm_key.slice(0, 32), 'SilentFork'],
  ['unknown-0', 'an unknown key 0', 0, 1, 'UnknownField'],
  ['unknown-5', 'an unknown key 5', 5, 'a field of a later version', 'UnknownField'],
  ['unknown-max', 'the unknown key 2^53 − 1', BIG, 1, 'UnknownField'],
];

const FCM_FAULTS: readonly Change[] = [
  ['fcm-bytes', 'a token as bytes for fcm', 1, utf8(FCM_TOKEN.token), 'SilentFork'],
  ['fcm-empty', 'a token of no text', 1, '', 'Limit'],
  ['fcm-301', 'a token of 301 letters', 1, 'f'.repeat(301), 'Limit'],
  ['fcm-303-utf8', 'a token of 101 letters and 303 bytes', 1, '€'.repeat(101), 'Limit'],
  ['fcm-null', 'null as token', 1, null],
];

export function badTokenCases(field: Field): PushTokenCase[] {
  return [
    ...APNS_FAULTS.map((fault) => changed(field, APNS, fault)),
    ...FCM_FAULTS.map((fault) => changed(field, FCM, fault)),
    ...paddingCases(field),
  ];
}

function changed(field: Field, context: ContextForm, fault: Change): PushTokenCase {
  const [id, comment, key, value, ...flags] = fault;
  const map: CborMap = tokenMap(context, context.platform === 'apns' ? APNS_TOKEN : FCM_TOKEN);
  if (value === undefined) map.delete(key);
  else map.set(key, value);
  const recipe = honest(field, id, context);
  const { blob } = seal({ ...recipe, plaintext: frame(encodeCbor(map), 512) });
  return refused(field, [id, comment, 'token', 'Schema', ...flags], blob, context);
}

function paddingCases(field: Field): PushTokenCase[] {
  const { cbor } = honest(field, 'padding');
  const around = (id: string, comment: string, plaintext: Uint8Array): PushTokenCase => {
    const { blob } = seal({ ...honest(field, id), plaintext });
    return refused(field, [id, comment, 'padding', 'Padding'], blob);
  };
  const marked = (index: number): Uint8Array => {
    const plaintext = frame(cbor, 512);
    plaintext[index] = 1;
    return plaintext;
  };
  return [
    around('padding-first', 'the first byte of the padding is 01', marked(2 + cbor.length)),
    around('padding-last', 'the last byte of the padding is 01', marked(511)),
    around('padding-length-0', 'a length of 0', frame(new Uint8Array(0), 512)),
    around('padding-length-511', 'a length of bucket − 1', frame(cbor, 512, 511)),
    around('padding-length-max', 'a length of 65535', frame(cbor, 512, 0xffff)),
  ];
}
