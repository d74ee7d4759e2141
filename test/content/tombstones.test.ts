// Tombstones (SPEC.md section 10): what was removed does not come back by a late or repeated push.
import { expect, test } from 'vitest';
import { buryRemoved, isRemoved, referenceKey, removedBy } from '../../protocol/content/open/tombstones.ts';
import { messageOf, payloadOf, SENT_AT } from './alice-phone.ts';

const DAY = 86_400_000;
const TOLERANCE = 600_000;
const NONE: ReadonlyMap<string, number> = new Map();
const removeAt = (sentAt: number) => payloadOf({ kind: 'remove', references: [1] }, { sentAt });

test('numbers and bytes never share a key', () => {
  const references = [
    0,
    1,
    10,
    49,
    Uint8Array.of(0),
    Uint8Array.of(1),
    Uint8Array.of(0, 1),
    Uint8Array.of(49),
  ];
  expect(new Set(references.map(referenceKey)).size).toBe(references.length);
});

test('a remove takes its references away, and every payload those that ride along', () => {
  const references = [1, Uint8Array.of(2)];
  expect(removedBy(payloadOf({ kind: 'remove', references }, { removed: [3] }))).toEqual([...references, 3]);
  expect(removedBy(messageOf({}, { removed: [3] }))).toEqual([3]);
  expect(removedBy(messageOf())).toEqual([]);
});

test('a message never buries itself', () => {
  const payload = messageOf({ reference: 7 }, { removed: [3, 7, Uint8Array.of(7)] });
  expect(removedBy(payload)).toEqual([3, Uint8Array.of(7)]);
  expect([...buryRemoved(NONE, payload, 3, SENT_AT).keys()]).toEqual(['n3', 'b07']);
});

test('only a later message passes', () => {
  const tombstones = buryRemoved(NONE, removeAt(SENT_AT), 3, SENT_AT);
  expect(isRemoved(tombstones, 1, SENT_AT - 1)).toBe(true);
  expect(isRemoved(tombstones, 1, SENT_AT)).toBe(true);
  expect(isRemoved(tombstones, 1, SENT_AT + 1)).toBe(false);
  expect(isRemoved(tombstones, 2, SENT_AT)).toBe(false);
  expect(isRemoved(tombstones, Uint8Array.of(1), SENT_AT)).toBe(false);
});

test('an earlier remove that arrives later takes nothing back', () => {
  const tombstones = buryRemoved(
    buryRemoved(NONE, removeAt(SENT_AT), 3, SENT_AT),
    removeAt(SENT_AT - 5),
    3,
    SENT_AT,
  );
  expect(tombstones).toEqual(new Map([['n1', SENT_AT]]));
});

test('a later remove moves the tombstone', () => {
  const tombstones = buryRemoved(
    buryRemoved(NONE, removeAt(SENT_AT), 3, SENT_AT),
    removeAt(SENT_AT + 5),
    3,
    SENT_AT,
  );
  expect(tombstones).toEqual(new Map([['n1', SENT_AT + 5]]));
});

test('a tombstone is kept until the last moment at which what it covers could sound', () => {
  const tombstones = buryRemoved(NONE, removeAt(SENT_AT), 3, SENT_AT);
  const later = (nowMs: number) => buryRemoved(tombstones, messageOf(), 3, nowMs).size;
  expect(later(SENT_AT + 3 * DAY + TOLERANCE - 1)).toBe(1);
  expect(later(SENT_AT + 3 * DAY + TOLERANCE)).toBe(0);
});

test('the earlier map is left as it was', () => {
  const before = new Map([['n9', SENT_AT]]);
  buryRemoved(before, removeAt(SENT_AT), 3, SENT_AT);
  expect(before).toEqual(new Map([['n9', SENT_AT]]));
});
