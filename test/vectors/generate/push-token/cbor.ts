// Push tokens whose CBOR the strict profile refuses. Each would be a good token to a decoder that forgives its one fault:
// unknown keys are refused here, so the faults sit in the four fields and in the map around them.
import { hex, utf8 } from '../../../../protocol/wire/bytes.ts';
import { unhex } from '../../device/unhex.ts';
import type { ContextForm, PushTokenCase } from '../../shape/push-token.ts';
import { frame } from '../notification/field.ts';
import { APNS, APNS_TOKEN, FCM, FCM_TOKEN, type Field, honest, refused, seal } from './field.ts';

/** A name, what is wrong, and the bytes that are, in hexadecimal. */
type Fault = readonly [name: string, says: string, bytes: string];

const { token: TOKEN, attempt: ATTEMPT, confirm_key: CONFIRM_KEY } = APNS_TOKEN;
const ISSUED_AT = APNS_TOKEN.issued_at.toString(16).padStart(8, '0');
const TEXT = hex(utf8(FCM_TOKEN.token));
const TEXT_LENGTH = (TEXT.length / 2).toString(16);

/** The four fields of a good token of APNs: the items of keys 1 to 4. */
const ITEMS = [`5820${TOKEN}`, `1a${ISSUED_AT}`, `50${ATTEMPT}`, `5820${CONFIRM_KEY}`];
const PAIRS = ITEMS.map((item, index) => `0${index + 1}${item}`);
const GOOD = `a4${PAIRS.join('')}`;

const ISSUED_AT_FAULTS: readonly Fault[] = [
  ['integer-9', 'issued_at in nine bytes', `1b00000000${ISSUED_AT}`],
  ['integer-2', 'issued_at 1 in two bytes', '1801'],
  ['integer-2-23', 'issued_at 23 in two bytes', '1817'],
  ['integer-3', 'issued_at 255 in three bytes', '1900ff'],
  ['integer-5', 'issued_at 65535 in five bytes', '1a0000ffff'],
  ['integer-2-53', 'issued_at 2^53', '1b0020000000000000'],
  ['integer-max', 'issued_at 2^64 − 1', '1bffffffffffffffff'],
  ['double', 'issued_at as a double float of the same value', `fb${doubleOf(APNS_TOKEN.issued_at)}`],
  ['single', 'issued_at 1610612736 as a single float', 'fa4ec00000'],
  ['half', 'issued_at 1 as a half float', 'f93c00'],
  ['half-zero', 'issued_at 0 as a half float', 'f90000'],
  ['half-minus-zero', 'issued_at 0 as the half float −0', 'f98000'],
  ['bignum', 'issued_at as a bignum', `c244${ISSUED_AT}`],
  ['date', 'issued_at with tag 1, a date', `c11a${ISSUED_AT}`],
  ['issued-at-tagged', 'issued_at with tag 55799', `d9d9f71a${ISSUED_AT}`],
  ['undefined', 'undefined as issued_at', 'f7'],
];

const TOKEN_FAULTS: readonly Fault[] = [
  ['length-3', 'the length of the token in three bytes', `590020${TOKEN}`],
  ['length-5', 'the length of the token in five bytes', `5a00000020${TOKEN}`],
  ['length-9', 'the length of the token in nine bytes', `5b0000000000000020${TOKEN}`],
  ['length-2', 'the length of a token of one byte in two bytes', '5801aa'],
  ['bytes-indefinite', 'the token with an indefinite length', `5f5820${TOKEN}ff`],
  ['bytes-indefinite-2', 'the token in two pieces', `5f50${TOKEN.slice(0, 32)}50${TOKEN.slice(32)}ff`],
  ['typed-array', 'the token with tag 64, a typed array', `d8405820${TOKEN}`],
  ['encoded', 'the token with tag 24, CBOR in a byte string', `d8185820${TOKEN}`],
  ['base16', 'the token with tag 23, to be shown in hexadecimal', `d75820${TOKEN}`],
  ['bytes-2-36', 'the token declares 2^36 bytes', '5b0000001000000000'],
];

const LATER_FAULTS: readonly (readonly [key: 3 | 4, ...Fault])[] = [
  [3, 'attempt-length', 'the length of attempt in two bytes', `5810${ATTEMPT}`],
  [3, 'attempt-indefinite', 'attempt with an indefinite length', `5f50${ATTEMPT}ff`],
  [3, 'attempt-uuid', 'attempt with tag 37, a UUID', `d82550${ATTEMPT}`],
  [4, 'confirm-key-length', 'the length of confirm_key in three bytes', `590020${CONFIRM_KEY}`],
  [4, 'confirm-key-indefinite', 'confirm_key with an indefinite length', `5f5820${CONFIRM_KEY}ff`],
  [4, 'confirm-key-typed', 'confirm_key with tag 64, a typed array', `d8405820${CONFIRM_KEY}`],
  [4, 'confirm-key-cut', 'confirm_key declares a byte more than there is', `5821${CONFIRM_KEY}`],
];

const FCM_FAULTS: readonly Fault[] = [
  ['text-length', 'the length of the text in three bytes', `7900${TEXT_LENGTH}${TEXT}`],
  ['text-length-2', 'the length of a text of one byte in two bytes', '780166'],
  ['text-indefinite', 'the text with an indefinite length', `7f78${TEXT_LENGTH}${TEXT}ff`],
  ['text-not-utf8', 'a text with a first byte and no second one', '62c328'],
  ['text-surrogate', 'a text with a lone surrogate', '63eda080'],
  ['text-surrogate-pair', 'a text with a surrogate pair, as CESU-8 writes it', '66eda0bdedb880'],
  ['text-overlong', 'a text with an overlong form', '62c0af'],
  ['text-overlong-zero', 'a text with U+0000 in two bytes', '62c080'],
  ['text-beyond', 'a text with a code point above U+10FFFF', '64f4908080'],
  ['text-cut', 'a text that ends within a character', '61c3'],
  ['text-latin-1', 'a text in Latin-1', '6466fc7221'],
  ['text-tagged', 'the text with tag 0, a date', `c078${TEXT_LENGTH}${TEXT}`],
  ['text-uri', 'the text with tag 32, a URI', `d82078${TEXT_LENGTH}${TEXT}`],
];

const MAP_FAULTS: readonly Fault[] = [
  ['map-indefinite', 'the map with an indefinite length', `bf${PAIRS.join('')}ff`],
  ['map-2', 'the size of the map in two bytes', `b804${PAIRS.join('')}`],
  ['map-3', 'the size of the map in three bytes', `b90004${PAIRS.join('')}`],
  ['tagged', 'tag 55799 before the map', `d9d9f7${GOOD}`],
  ['encoded-map', 'the map in a byte string with tag 24', `d81858${(GOOD.length / 2).toString(16)}${GOOD}`],
  ['trailing', 'a byte behind the map', `${GOOD}00`],
  ['twice', 'the map twice', GOOD + GOOD],
  ['truncated', 'the last byte is missing', GOOD.slice(0, -2)],
  ['break', 'a break behind the map', `${GOOD}ff`],
  ['reversed', 'the keys in descending order', `a4${PAIRS.toReversed().join('')}`],
  ['array', 'the items as an array', `84${ITEMS.join('')}`],
  ['text-keys', 'the keys as texts', `a4${ITEMS.map((item, index) => `613${index + 1}${item}`).join('')}`],
  ['names', 'names for the first key', `a465746f6b656e${ITEMS[0]}${PAIRS.slice(1).join('')}`],
  ...[1, 2, 3, 4].map(
    (key): Fault => [
      `key-${key}-long`,
      `the key ${key} in two bytes`,
      `a4${PAIRS.map((pair, at) => (at === key - 1 ? `18${pair}` : pair)).join('')}`,
    ],
  ),
  ...[1, 2, 3, 4].map(
    (key): Fault => [
      `key-${key}-twice`,
      `the key ${key} twice, with the same value`,
      `a5${PAIRS.map((pair, at) => (at === key - 1 ? pair + pair : pair)).join('')}`,
    ],
  ),
  ...[1, 2, 3].map(
    (key): Fault => [
      `key-${key}-behind`,
      `the key ${key} behind ${key + 1}`,
      `a4${swapped(key - 1).join('')}`,
    ],
  ),
];

export function badTokenCbor(field: Field): PushTokenCase[] {
  const around = (context: ContextForm, [name, says, bytes]: Fault): PushTokenCase => {
    const id = `cbor-${name}`;
    const { blob } = seal({ ...honest(field, id, context), plaintext: frame(unhex(bytes), 512) });
    return refused(field, [id, says, 'cbor', 'Cbor'], blob, context);
  };
  const at = (key: number, [name, says, item]: Fault): Fault => [name, says, replaced(key, item)];
  return [
    ...ISSUED_AT_FAULTS.map((fault) => around(APNS, at(2, fault))),
    ...TOKEN_FAULTS.map((fault) => around(APNS, at(1, fault))),
    ...LATER_FAULTS.map(([key, ...fault]) => around(APNS, at(key, fault))),
    ...FCM_FAULTS.map((fault) => around(FCM, at(1, fault))),
    ...MAP_FAULTS.map((fault) => around(APNS, fault)),
  ];
}

/** A good token with the item of one key replaced. */
function replaced(key: number, item: string): string {
  return `a4${PAIRS.map((pair, at) => (at === key - 1 ? `0${key}${item}` : pair)).join('')}`;
}

function swapped(at: number): string[] {
  const [one, other] = [PAIRS[at] as string, PAIRS[at + 1] as string];
  return PAIRS.with(at, other).with(at + 1, one);
}

function doubleOf(value: number): string {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return hex(bytes);
}
