// The one question after opening (SPEC.md section 10): may this sound? Every reason by itself.
import { expect, test } from 'vitest';
import { type Arrival, judge, type Verdict } from '../../protocol/content/open/judge.ts';
import { EMPTY_WINDOW, recordPair } from '../../protocol/content/open/replay-window.ts';
import { messageOf, payloadOf, SENT_AT } from './alice-phone.ts';

const HASH = new Uint8Array(16).fill(0x42);
const TOLERANCE = 600_000;
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

const arrival: Arrival = {
  payload: messageOf(),
  hash: HASH,
  window: EMPTY_WINDOW,
  tombstones: new Map(),
  knownAt: null,
  keepDays: 3,
  nowMs: SENT_AT,
};
const seen = recordPair(EMPTY_WINDOW, { sentAt: SENT_AT, hash: HASH, identifier: 'n1' });
const LOUD: Verdict = {
  loud: true,
  changesState: true,
  replay: 'new',
  expired: false,
  fromFuture: false,
  removed: false,
  superseded: false,
};

const ROWS: readonly (readonly [string, Partial<Arrival>, Partial<Verdict>])[] = [
  ['a new message', {}, {}],
  ['a test', { payload: payloadOf({ kind: 'test', nonce: new Uint8Array(16) }) }, {}],
  ['a remove', { payload: payloadOf({ kind: 'remove', references: [1] }) }, { loud: false }],
  ['a badge [R-REC-02]', { payload: payloadOf({ kind: 'badge' }) }, { loud: false }],
  ['a session', { payload: payloadOf({ kind: 'session' }) }, { loud: false }],
  ['an unknown kind', { payload: payloadOf({ kind: 'unknown', id: 9 }) }, { loud: false }],
  ['a replay [R-REC-02]', { window: seen }, { loud: false, changesState: false, replay: 'seen' }],
  ['the same sent_at under another hash', { window: seen, hash: new Uint8Array(16) }, {}],
  [
    'what is at the floor [R-REC-04]',
    { window: { pairs: [], floor: { sentAt: SENT_AT, hash: HASH } } },
    { loud: false, changesState: false, replay: 'below' },
  ],
  ['what is above the floor', { window: { pairs: [], floor: { sentAt: SENT_AT - 1, hash: HASH } } }, {}],
  ['the last moment of its life and tolerance', { nowMs: SENT_AT + HOUR + TOLERANCE - 1 }, {}],
  ['one moment later', { nowMs: SENT_AT + HOUR + TOLERANCE }, { loud: false, expired: true }],
  [
    'a ttl beyond keep_days, at the end of keep_days',
    { payload: messageOf({}, { ttlSeconds: 28 * 86_400 }), nowMs: SENT_AT + 3 * DAY + TOLERANCE - 1 },
    {},
  ],
  [
    'a ttl beyond keep_days, after keep_days [R-PAY-06]',
    { payload: messageOf({}, { ttlSeconds: 28 * 86_400 }), nowMs: SENT_AT + 3 * DAY + TOLERANCE },
    { loud: false, expired: true },
  ],
  ['ten minutes from the future', { nowMs: SENT_AT - TOLERANCE }, {}],
  [
    'more than ten minutes from the future [R-REC-05]',
    { nowMs: SENT_AT - TOLERANCE - 1 },
    { loud: false, changesState: false, fromFuture: true },
  ],
  [
    'under a tombstone of its own time [R-REC-07]',
    { tombstones: new Map([['n4711', SENT_AT]]) },
    { loud: false, removed: true },
  ],
  [
    'under a later tombstone [R-REC-07]',
    { tombstones: new Map([['n4711', SENT_AT + 1]]) },
    { loud: false, removed: true },
  ],
  ['after its tombstone', { tombstones: new Map([['n4711', SENT_AT - 1]]) }, {}],
  ['under the tombstone of another reference', { tombstones: new Map([['n4712', SENT_AT]]) }, {}],
  ['with an older state of it known', { knownAt: SENT_AT - 1 }, {}],
  ['with its own state known', { knownAt: SENT_AT }, {}],
  ['with a newer state of it known [R-REC-09]', { knownAt: SENT_AT + 1 }, { loud: false, superseded: true }],
  [
    'a test, whatever is known of a reference',
    { payload: payloadOf({ kind: 'test', nonce: new Uint8Array(16) }), knownAt: SENT_AT + 1 },
    {},
  ],
  [
    'expired and replayed',
    { window: seen, nowMs: SENT_AT + DAY },
    { loud: false, changesState: false, replay: 'seen', expired: true },
  ],
];

test.each(ROWS)('%s', (_name, change, expected) => {
  expect(judge({ ...arrival, ...change })).toEqual({ ...LOUD, ...expected });
});

test('what expired still changes state: it is recorded, so that it cannot come back', () => {
  expect(judge({ ...arrival, nowMs: SENT_AT + DAY }).changesState).toBe(true);
});
