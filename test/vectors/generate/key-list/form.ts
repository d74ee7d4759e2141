import { concat, u8, utf8 } from '../../../../protocol/wire/bytes.ts';
import { type CborMap, type CborValue, encodeCbor } from '../../../../protocol/wire/cbor.ts';
import { unhex } from '../../device/unhex.ts';
import type { KeyListCase } from '../../shape/key-list.ts';
import { BAD_ITEMS } from '../bad-cbor.ts';
import type { Flag } from '../flags.ts';
import type { Told } from '../told.ts';
import { entry, entryItems, KEY_11, LIST, listMap, NOON, refused, sign, TRUST } from './field.ts';

/** Version 1 is high enough: what a forgiving decoder makes of a version is not refused for being low. */
const FIRST = { trust: { ...TRUST, lowest_version: 1 } };
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

export function malformedLists(): KeyListCase[] {
  return [...formCases(), ...keyCases()];
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
    return refused(told(`form-${id}`, comment, 'Schema', ...flags), sign(encodeCbor(map)), FIRST);
  };
  const raw = (id: string, comment: string, list: Uint8Array): KeyListCase =>
    refused(told(`cbor-${id}`, comment, 'Cbor'), sign(list), FIRST);
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
