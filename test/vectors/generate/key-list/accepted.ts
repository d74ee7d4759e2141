// Lists that the app trusts, and the key that it chooses.
import { hex } from '../../../../protocol/wire/bytes.ts';
import type { BouncerKeyEntry, KeyListCase, ListForm } from '../../shape/key-list.ts';
import { draw } from '../draw.ts';
import type { Flag } from '../flags.ts';
import {
  DAY_SECONDS,
  entry,
  KEY_11,
  KEY_12,
  NOON,
  OFFLINE_SEED,
  LIST as ONE_KEY,
  type Setting,
  seenOf,
  TRUST,
  valid,
} from './field.ts';

const DAY = DAY_SECONDS;
const LIST: ListForm = { ...ONE_KEY, keys: [KEY_11, KEY_12] };
const GREASED = [0xc0, 0xda, 0xff, 0x80, 0x01, 0x31, 0xffff];

export function acceptedLists(): KeyListCase[] {
  return [...trustCases(), ...clockCases(), ...selectionCases()];
}

function trustCases(): KeyListCase[] {
  const both = [NOON, KEY_11.bkid, KEY_12.bkid] as const;
  const list = (change: Partial<ListForm>): ListForm => ({ ...LIST, ...change });
  const told = (id: string, comment: string, ...flags: Flag[]) => [id, comment, 'keyList', ...flags] as const;
  const many = Array.from({ length: 16 }, (_, index) =>
    entry(0x11, `key ${index}`, { not_before: NOON - index }),
  );
  const [newest] = many as [BouncerKeyEntry, ...BouncerKeyEntry[]];
  const largest = Array.from({ length: 16 }, (_, index) =>
    entry(0x12, `large key ${index}`, {
      key: hex(draw(`large key ${index}`, 1216)),
      not_before: NOON - index,
    }),
  );
  const [newestLarge] = largest as [BouncerKeyEntry, ...BouncerKeyEntry[]];
  return [
    valid(told('first', 'the first list that an app sees', 'Trust'), LIST, both),
    valid(told('offline-root', 'signed by the second root', 'Trust'), LIST, both, { seed: OFFLINE_SEED }),
    valid(told('again', 'the same list again', 'Trust'), LIST, both, {
      trust: { ...TRUST, seen: seenOf(LIST) },
    }),
    valid(told('higher', 'a higher version than the one seen', 'Trust'), list({ version: 8 }), both, {
      trust: { ...TRUST, seen: seenOf(LIST) },
    }),
    valid(
      told('skipped', 'a version far above the one seen', 'Trust', 'Limit'),
      list({ version: Number.MAX_SAFE_INTEGER }),
      both,
      {
        trust: { ...TRUST, seen: seenOf(LIST) },
      },
    ),
    valid(
      told('lowest', 'the lowest version that the app was built with', 'Trust', 'Limit'),
      list({ version: 5 }),
      both,
    ),
    valid(
      told(
        'older-issue',
        'a higher version that was issued before the one seen: the newest issued_at stays',
        'Trust',
        'Clock',
      ),
      list({ version: 8, issued_at: NOON - 3 * DAY }),
      both,
      { trust: { ...TRUST, seen: seenOf(LIST) } },
    ),
    valid(
      told('no-keys', 'a list without keys: every key was revoked', 'Selection', 'Limit'),
      list({ keys: [] }),
      [NOON, null, null],
    ),
    valid(told('16-keys', '16 keys', 'Limit'), list({ keys: many }), [NOON, newest.bkid, null]),
    valid(told('16-largest-keys', '16 keys of 1,216 bytes', 'Limit'), list({ keys: largest }), [
      NOON,
      null,
      newestLarge.bkid,
    ]),
    valid(
      told(
        'strange-suites',
        'keys of greased, private and unknown suites, and of suites for other uses: never chosen',
        'Suite',
        'Grease',
      ),
      list({ keys: [...GREASED.map((suite) => entry(suite, `strange ${suite}`)), KEY_11] }),
      [NOON, KEY_11.bkid, null],
    ),
  ];
}

function clockCases(): KeyListCase[] {
  const both = (now: number) => [now, KEY_11.bkid, KEY_12.bkid] as const;
  const told = (id: string, comment: string) => [id, comment, 'keyList', 'Clock', 'Limit'] as const;
  const at = (now: number, setting: Setting = {}): Setting => ({ ...setting, now });
  const { valid_until, issued_at } = LIST;
  return [
    valid(
      told('last-second', 'the last second before valid_until'),
      LIST,
      both(valid_until - 1),
      at(valid_until - 1),
    ),
    valid(
      told('life-30-days', 'valid for 30 days exactly'),
      { ...LIST, valid_until: issued_at + 30 * DAY },
      both(NOON),
    ),
    valid(
      told('life-1-second', 'valid for one second, and the clock stands before it'),
      { ...LIST, valid_until: issued_at + 1 },
      both(issued_at),
      at(issued_at - 5),
    ),
    valid(
      told('clock-behind', "the device's clock is at 0: keys are chosen for issued_at"),
      LIST,
      both(issued_at),
      at(0),
    ),
    valid(
      told(
        'clock-behind-build',
        'the clock is at 0 and the app was built after issued_at: chosen for the build',
      ),
      LIST,
      both(NOON - 5),
      at(0, { trust: { ...TRUST, build_time: NOON - 5 } }),
    ),
    valid(
      told('clock-behind-seen', 'the clock is at 0 and a list issued later was seen: chosen for that'),
      { ...LIST, version: 8 },
      both(NOON),
      at(0, { trust: { ...TRUST, seen: seenOf(LIST, NOON) } }),
    ),
    valid(
      told('built-last-second', 'built in the last second before valid_until'),
      LIST,
      both(valid_until - 1),
      at(NOON, { trust: { ...TRUST, build_time: valid_until - 1 } }),
    ),
  ];
}

function selectionCases(): KeyListCase[] {
  const old = { ...KEY_11, not_before: NOON - 9 * DAY };
  const newer = entry(0x11, 'newer', { not_before: NOON - 100 });
  const future = entry(0x11, 'future', { not_before: NOON + 1 });
  const over = entry(0x11, 'over', { not_before: NOON - 50, not_after: NOON });
  const last = entry(0x11, 'last second', { not_after: NOON + 1 });
  const first = entry(0x11, 'first second', { not_before: NOON });
  const low = entry(0x11, 'low', { bkid: '00ffffff' });
  const high = entry(0x11, 'high', { bkid: '80000000' });
  const chosen = (
    id: string,
    comment: string,
    keys: readonly BouncerKeyEntry[],
    bkid: string | null,
  ): KeyListCase =>
    valid([`select-${id}`, comment, 'keyList', 'Selection'], { ...LIST, keys }, [NOON, bkid, null]);
  return [
    chosen('newest', 'two valid keys: the larger not_before', [old, newer], newer.bkid),
    chosen('newest-first', 'the same in the other order', [newer, old], newer.bkid),
    chosen('tie', 'the same not_before: the smaller bkid, compared as unsigned bytes', [high, low], low.bkid),
    chosen('tie-first', 'the same in the other order', [low, high], low.bkid),
    chosen('future', 'not_before is a second ahead', [future], null),
    chosen('future-and-old', 'one that is not valid yet, and one that is', [future, old], old.bkid),
    chosen('first-second', 'not_before is now', [first], first.bkid),
    chosen('over', 'not_after is now', [over], null),
    chosen('over-and-old', 'one that is over, and one that is not', [over, old], old.bkid),
    chosen('last-second', 'not_after is a second ahead', [last], last.bkid),
    chosen(
      'never',
      'a key whose not_after lies before its not_before',
      [entry(0x11, 'never', { not_before: NOON, not_after: NOON - 1 })],
      null,
    ),
    chosen('other-suite', 'only a key of another suite for the same use', [{ ...KEY_11, suite: 0x13 }], null),
  ];
}
