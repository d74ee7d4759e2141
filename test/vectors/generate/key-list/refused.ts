// Lists that the app refuses: not signed by a root, gone back, expired, or of another form.
import { portableBackend as backend } from '../../../../protocol/crypto/backend-portable.ts';
import { concat, hex, u8, utf8 } from '../../../../protocol/wire/bytes.ts';
import { type CborMap, type CborValue, encodeCbor } from '../../../../protocol/wire/cbor.ts';
import { unhex } from '../../device/unhex.ts';
import type { BouncerKeyEntry, KeyListCase, SignedForm, TrustForm } from '../../shape/key-list.ts';
import { BAD_ITEMS } from '../bad-cbor.ts';
import { draw } from '../draw.ts';
import type { Flag } from '../flags.ts';
import { flip } from '../notification/field.ts';
import type { Told } from '../told.ts';
import {
  base64url,
  DAY_SECONDS,
  entry,
  entryItems,
  KEY_11,
  LIST,
  listMap,
  NOON,
  ROOT_SEED,
  refused,
  rootId,
  STRANGE_SEED,
  seenOf,
  sign,
  signedList,
  TRUST,
} from './field.ts';

const DAY = DAY_SECONDS;
const GOOD = encodeCbor(listMap(LIST));
const CBOR_NAMES = [
  'integer-long-1',
  'integer-2-53',
  'map-duplicate',
  'array-indefinite',
  'nan',
  'undefined',
  'tag-24',
  'text-overlong',
  'bytes-2-36',
];

const told = (id: string, comment: string, ...flags: Flag[]): Told => [id, comment, 'keyList', ...flags];

export function refusedLists(): KeyListCase[] {
  return [
    ...signatureCases(),
    ...wireCases(),
    ...versionCases(),
    ...clockCases(),
    ...formCases(),
    ...keyCases(),
  ];
}

function signatureCases(): KeyListCase[] {
  const good = sign(GOOD);
  const signature = Buffer.from(good.signature, 'base64url');
  const no = (id: string, comment: string, signed: SignedForm): KeyListCase =>
    refused(told(id, comment, 'Trust'), signed);
  const withSignature = (value: Uint8Array): SignedForm => ({ ...good, signature: base64url(value) });
  const hashed = backend.ed25519Sign(ROOT_SEED, backend.sha256(utf8('sealed-push/1 bouncer keys'), GOOD));
  return [
    no('signature-first', 'the first byte of the signature was changed', withSignature(flip(signature, 0))),
    no(
      'signature-last',
      'a byte near the end of the signature was changed',
      withSignature(flip(signature, 62)),
    ),
    no('signature-zero', 'a signature of zeros', withSignature(new Uint8Array(64))),
    no('signature-63', 'a signature of 63 bytes', withSignature(signature.subarray(0, 63))),
    no('signature-65', 'a signature of 65 bytes', withSignature(concat(signature, u8(0)))),
    no('signature-empty', 'no signature', withSignature(new Uint8Array(0))),
    no('signature-no-label', 'signed without the label', sign(GOOD, ROOT_SEED, new Uint8Array(0))),
    no(
      'signature-other-label',
      'signed with the label of another thing',
      sign(GOOD, ROOT_SEED, utf8('sealed-push/1 token')),
    ),
    no(
      'signature-label-behind',
      'signed with the label behind the bytes',
      withSignature(backend.ed25519Sign(ROOT_SEED, concat(GOOD, utf8('sealed-push/1 bouncer keys')))),
    ),
    no('signature-of-hash', 'signed over the SHA-256 of label and bytes', withSignature(hashed)),
    no(
      'signature-of-text',
      'signed over the base64url of the bytes',
      withSignature(
        backend.ed25519Sign(ROOT_SEED, concat(utf8('sealed-push/1 bouncer keys'), utf8(good.bytes))),
      ),
    ),
    no('bytes-changed', 'a byte of the list was changed after signing', {
      ...good,
      bytes: base64url(flip(GOOD, 2)),
    }),
    no('bytes-longer', 'a byte behind the list after signing', {
      ...good,
      bytes: base64url(concat(GOOD, u8(0))),
    }),
    no('root-strange', 'signed by a root that the app does not know', sign(GOOD, STRANGE_SEED)),
    no('root-named-wrong', 'signed by a strange root in the name of a known one', {
      ...sign(GOOD, STRANGE_SEED),
      root: base64url(rootId(ROOT_SEED)),
    }),
    no('root-other-named', 'signed by one root in the name of the other', {
      ...good,
      root: base64url(rootId(draw('offline root seed', 32))),
    }),
    no('root-3', 'a root id of 3 bytes', { ...good, root: base64url(rootId(ROOT_SEED).slice(0, 3)) }),
    no('root-empty', 'no root id', { ...good, root: '' }),
    no('root-key-itself', 'the public key in the place of its id', {
      ...good,
      root: base64url(backend.ed25519PublicKey(ROOT_SEED)),
    }),
  ];
}

function wireCases(): KeyListCase[] {
  const good = sign(GOOD);
  const no = (id: string, comment: string, signed: SignedForm, ...flags: Flag[]): KeyListCase =>
    refused(told(`wire-${id}`, comment, ...flags), signed);
  // The first list whose signature has both characters in which base64url differs from base64.
  const versions = Array.from({ length: 99 }, (_, index) => signedList({ version: 7 + index }));
  const foreign = versions.find(({ signature }) => /-/.test(signature) && /_/.test(signature)) ?? good;
  const standard = (text: string): string => text.replaceAll('-', '+').replaceAll('_', '/');
  const padded = (text: string): string => text.padEnd(Math.ceil(text.length / 4) * 4, '=');
  const key = (index: number): BouncerKeyEntry =>
    entry(0x12, `large ${index}`, { key: hex(draw(`large ${index}`, 1216)) });
  const huge = encodeCbor(
    listMap({ ...LIST, keys: Array.from({ length: 16 }, (_, index) => key(index)) }).set(
      6,
      new Uint8Array(6_000),
    ),
  );
  return [
    no(
      'signature-padded',
      'the signature with padding',
      { ...good, signature: padded(good.signature) },
      'Base64url',
    ),
    no(
      'signature-standard',
      'the signature in base64',
      { ...foreign, signature: standard(foreign.signature) },
      'Base64url',
    ),
    no(
      'signature-hex',
      'the signature in hexadecimal',
      { ...good, signature: Buffer.from(good.signature, 'base64url').toString('hex') },
      'Base64url',
    ),
    no('root-padded', 'the root id with padding', { ...good, root: padded(good.root) }, 'Base64url'),
    no(
      'bytes-space',
      'a space in bytes',
      { ...good, bytes: `${good.bytes.slice(0, 8)} ${good.bytes.slice(8)}` },
      'Base64url',
    ),
    no('bytes-newline', 'a newline behind bytes', { ...good, bytes: `${good.bytes}\n` }, 'Base64url'),
    no('bytes-empty', 'no bytes, signed', sign(new Uint8Array(0)), 'Limit'),
    no(
      'bytes-24-kib',
      'more than 24 KiB, signed: no list of the right form is that long',
      sign(huge),
      'Limit',
    ),
  ];
}

function versionCases(): KeyListCase[] {
  const seen: TrustForm = { ...TRUST, seen: seenOf(LIST) };
  const no = (id: string, comment: string, signed: SignedForm, trust = seen): KeyListCase =>
    refused(told(`version-${id}`, comment, 'Trust'), signed, { trust });
  return [
    no('lower', 'a lower version than the one seen: a revoked key would return', signedList({ version: 6 })),
    no('same-other', 'other bytes of the version seen', signedList({ keys: [] })),
    no(
      'below-lowest',
      'a version below the lowest that the app was built with',
      signedList({ version: 4 }),
      TRUST,
    ),
    no('zero', 'version 0', signedList({ version: 0 }), TRUST),
    refused(
      told('bouncer-other', 'the list of another bouncer', 'Trust'),
      signedList({ bouncer_origin: 'https://other.example.net' }),
    ),
    refused(
      told('bouncer-port', 'the list of another port', 'Trust'),
      signedList({ bouncer_origin: 'https://bouncer.example.net:8443' }),
    ),
  ];
}

function clockCases(): KeyListCase[] {
  const { valid_until, issued_at } = LIST;
  const no = (
    id: string,
    comment: string,
    setting: Parameters<typeof refused>[2],
    code: 'key_list_refused' | 'clock_wrong',
  ): KeyListCase => refused(told(`clock-${id}`, comment, 'Clock', 'Limit'), signedList(), setting, code);
  const seen = (issuedAt: number) => ({
    ...TRUST,
    seen: { ...seenOf(LIST), version: 6, digest: '00'.repeat(32), issued_at: issuedAt },
  });
  const life = (id: string, comment: string, validUntil: number): KeyListCase =>
    refused(told(`life-${id}`, comment, 'Clock', 'Limit'), signedList({ valid_until: validUntil }), {
      now: issued_at - DAY,
    });
  return [
    no(
      'wrong',
      "only the device's clock says that the list is over: valid_until is now",
      { now: valid_until },
      'clock_wrong',
    ),
    no(
      'wrong-far',
      "the device's clock runs ten years ahead",
      { now: valid_until + 3650 * DAY },
      'clock_wrong',
    ),
    no(
      'built-later',
      'the app was built when the list was over',
      { trust: { ...TRUST, build_time: valid_until } },
      'key_list_refused',
    ),
    no(
      'seen-later',
      'a list issued when this one was over was seen',
      { trust: seen(valid_until) },
      'key_list_refused',
    ),
    no(
      'both',
      "over by the device's clock as well: the build's decides, and it is not clock_wrong",
      { trust: { ...TRUST, build_time: valid_until }, now: valid_until },
      'key_list_refused',
    ),
    life('30-days-1', 'valid for 30 days and a second', issued_at + 30 * DAY + 1),
    life('0', 'valid_until is issued_at', issued_at),
    life('negative', 'valid_until lies before issued_at', issued_at - 1),
  ];
}

function formCases(): KeyListCase[] {
  const changed = (
    id: string,
    comment: string,
    key: number,
    value: CborValue | undefined,
    ...flags: Flag[]
  ): KeyListCase => {
    const map: CborMap = listMap(LIST);
    if (value === undefined) map.delete(key);
    else map.set(key, value);
    return refused(told(`form-${id}`, comment, 'Schema', ...flags), sign(encodeCbor(map)));
  };
  const raw = (id: string, comment: string, list: Uint8Array): KeyListCase =>
    refused(told(`cbor-${id}`, comment, 'Cbor'), sign(list));
  // a5 · 01 07 · 02 …
  const [first, rest] = [GOOD.slice(1, 3), GOOD.slice(3)];
  const items = BAD_ITEMS.filter(([name]) => CBOR_NAMES.includes(name)).map(([name, says, item]) =>
    raw(name, `the version is ${says}`, concat(GOOD.slice(0, 2), unhex(item), rest)),
  );
  return [
    changed('version-missing', 'no version', 1, undefined),
    changed('version-text', 'the version as text', 1, '7'),
    changed('version-negative', 'version −1', 1, -1),
    changed('version-true', 'the version true, which some languages take for 1', 1, true),
    changed('issued-at-missing', 'no issued_at', 2, undefined),
    changed('issued-at-null', 'null as issued_at', 2, null),
    changed('issued-at-ms', 'issued_at in milliseconds', 2, LIST.issued_at * 1000, 'SilentFork'),
    changed('valid-until-missing', 'no valid_until', 3, undefined),
    changed('origin-missing', 'no bouncer_origin', 4, undefined),
    changed('origin-bytes', 'bouncer_origin as bytes', 4, utf8(LIST.bouncer_origin)),
    changed('origin-slash', 'bouncer_origin with a slash behind it', 4, `${LIST.bouncer_origin}/`, 'Origin'),
    changed(
      'origin-case',
      'bouncer_origin with a capital letter',
      4,
      'https://Bouncer.example.net',
      'Origin',
    ),
    changed('keys-missing', 'no keys', 5, undefined),
    changed('keys-map', 'keys as a map', 5, new Map([[1, 1]])),
    changed('keys-null', 'null as keys', 5, null),
    changed('unknown-0', 'an unknown key 0', 0, 1, 'UnknownField'),
    changed('unknown-6', 'an unknown key 6', 6, 'a field of a later version', 'UnknownField'),
    refused(
      told('form-array', 'an array in the place of the map', 'Schema'),
      sign(encodeCbor([...listMap(LIST).values()])),
    ),
    ...items,
    raw('trailing', 'a byte behind the map', concat(GOOD, u8(0))),
    raw('truncated', 'the last byte is missing', GOOD.slice(0, -1)),
    raw('unsorted', 'key 1 behind key 5', concat(GOOD.slice(0, 1), rest, first)),
    raw('duplicate', 'key 1 twice', concat(u8(0xa6), first, first, rest)),
    raw('map-long', 'the size of the map in two bytes', concat(unhex('b805'), GOOD.slice(1))),
    raw('version-long', 'the version in two bytes', concat(GOOD.slice(0, 2), unhex('1807'), rest)),
    raw('tagged', 'tag 55799 before the map', concat(unhex('d9d9f7'), GOOD)),
  ];
}

function keyCases(): KeyListCase[] {
  const items = entryItems(KEY_11);
  const withKeys = (id: string, comment: string, keys: CborValue, ...flags: Flag[]): KeyListCase =>
    refused(told(`key-${id}`, comment, 'Schema', ...flags), sign(encodeCbor(listMap(LIST).set(5, keys))));
  const replaced = (index: number, value: CborValue): CborValue => [items.with(index, value)];
  const many = Array.from({ length: 17 }, (_, index) => entryItems(entry(0x11, `key ${index}`)));
  return [
    withKeys('17', '17 keys', many, 'Limit'),
    withKeys('duplicate-bkid', 'two keys with one bkid', [items, entryItems({ ...KEY_11, suite: 0x12 })]),
    withKeys('bkid-3', 'a bkid of 3 bytes', replaced(0, new Uint8Array(3)), 'Limit'),
    withKeys('bkid-5', 'a bkid of 5 bytes', replaced(0, new Uint8Array(5)), 'Limit'),
    withKeys('bkid-integer', 'a bkid as an integer', replaced(0, 7)),
    withKeys('suite-text', 'a suite as text', replaced(1, '17')),
    withKeys('suite-negative', 'suite −1', replaced(1, -1)),
    withKeys('key-31', 'a key of 31 bytes', replaced(2, new Uint8Array(31)), 'Limit'),
    withKeys('key-1217', 'a key of 1,217 bytes', replaced(2, new Uint8Array(1217)), 'Limit'),
    withKeys('key-text', 'a key as text', replaced(2, KEY_11.key)),
    withKeys('not-before-null', 'null as not_before', replaced(3, null)),
    withKeys('not-before-negative', 'not_before −1', replaced(3, -1)),
    withKeys('not-after-text', 'not_after as text', replaced(4, `${NOON}`)),
    withKeys('short', 'a key without not_after', [items.slice(0, 4)]),
    withKeys('long', 'a key with a sixth item', [[...items, 0]], 'UnknownField'),
    withKeys('map', 'a key as a map', [
      new Map<number, CborValue>(items.map((item, index) => [index, item])),
    ]),
    withKeys('integer', 'an integer in the place of a key', [7]),
  ];
}
