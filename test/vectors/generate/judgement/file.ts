// The whole of judgement.json.
import type { JudgementCase, JudgementFile } from '../../shape/judgement.ts';
import { message, payload, SENT_AT } from '../payload-cbor.ts';
import { countResults, flagsOf } from '../told.ts';
import {
  DAY_MS,
  HASH,
  hashOf,
  judged,
  pairsBefore,
  type Said,
  SECOND_MS,
  says,
  TOLERANCE_MS,
} from './field.ts';
import { removalCases } from './removal.ts';

const QUIET: Said = { result: 'quiet' };
const UNCHANGED: Said = { result: 'quiet', changes_state: false };
const EXPIRED: Said = { result: 'quiet', expired: true };
const FUTURE: Said = { result: 'quiet', changes_state: false, from_future: true };
const LOW_HASH = '00'.repeat(16);
const HIGH_HASH = 'ff'.repeat(16);

export function judgementVectors(): JudgementFile {
  const cases = [
    ...replayCases(),
    ...windowCases(),
    ...expiryCases(),
    ...futureCases(),
    ...kindCases(),
    ...removalCases(),
  ];
  return {
    protocol: 'sealed-push/1',
    kind: 'judgement',
    note: 'What an authentic payload may do: whether it sounds, and what the device keeps. Times in unix ms.',
    flags: flagsOf(cases),
    counts: countResults(cases),
    cases,
  };
}

function replayCases(): JudgementCase[] {
  const told = says('window', 'Replay');
  const own = { sent_at: SENT_AT, hash: HASH };
  const floor = { sent_at: SENT_AT, hash: hashOf('floor') };
  return [
    judged(told('first', 'a message on a device that knows nothing'), {}),
    judged(
      told('seen', 'the same envelope again'),
      { state: { pairs: [own] } },
      { ...UNCHANGED, replay: 'seen' },
    ),
    judged(
      told('seen-among', 'the same envelope again, among others'),
      { state: { pairs: [...pairsBefore(3), own] } },
      { ...UNCHANGED, replay: 'seen' },
    ),
    judged(told('same-time', 'another envelope of the same sent_at'), {
      state: { pairs: [{ ...own, hash: hashOf('twin') }] },
    }),
    judged(told('same-hash', 'the same hash with another sent_at'), {
      state: { pairs: [{ ...own, sent_at: SENT_AT - 1 }] },
    }),
    judged(told('out-of-order', 'older than what is in the window, and new'), {
      state: { pairs: [{ sent_at: SENT_AT + 1, hash: hashOf('later') }] },
    }),
    judged(
      told('floor-above', 'the floor is a millisecond newer'),
      { state: { floor: { sent_at: SENT_AT + 1, hash: LOW_HASH } } },
      { ...UNCHANGED, replay: 'below' },
    ),
    judged(
      told('floor-equal', 'the floor is this very pair'),
      { state: { floor: own } },
      { ...UNCHANGED, replay: 'below' },
    ),
    judged(
      told('floor-same-time-below', 'the floor has the same sent_at and a larger hash'),
      { hash: LOW_HASH, state: { floor } },
      { ...UNCHANGED, replay: 'below' },
    ),
    judged(told('floor-same-time-above', 'the floor has the same sent_at and a smaller hash'), {
      hash: HIGH_HASH,
      state: { floor },
    }),
    judged(told('floor-unsigned', 'hashes are compared as unsigned bytes: 80 is above 7f'), {
      hash: `80${'00'.repeat(15)}`,
      state: { floor: { sent_at: SENT_AT, hash: `7f${'ff'.repeat(15)}` } },
    }),
    judged(told('floor-last-byte', 'hashes differ in their last byte only'), {
      hash: `${'00'.repeat(15)}01`,
      state: { floor: { sent_at: SENT_AT, hash: LOW_HASH } },
    }),
    judged(told('floor-below', 'the floor is a millisecond older'), {
      state: { floor: { sent_at: SENT_AT - 1, hash: HIGH_HASH } },
    }),
    judged(
      told('seen-and-expired', 'the same envelope again, after its time'),
      { state: { pairs: [own] }, now: SENT_AT + 9 * DAY_MS },
      { ...UNCHANGED, replay: 'seen', expired: true },
    ),
  ];
}

function windowCases(): JudgementCase[] {
  const told = says('window', 'Replay', 'Limit');
  const full = pairsBefore(256);
  const late = message({}, { sent_at: SENT_AT - 300 * SECOND_MS });
  return [
    judged(told('window-255', 'the 256th pair: nothing is dropped'), { state: { pairs: pairsBefore(255) } }),
    judged(told('window-256', 'the 257th pair: the smallest is dropped and becomes the floor'), {
      state: { pairs: full },
    }),
    judged(
      told(
        'window-256-late',
        'the 257th pair is older than all in the window and above the floor: it is dropped at once',
      ),
      { payload: late, state: { pairs: full, floor: { sent_at: late.sent_at - 1, hash: HASH } } },
    ),
    judged(
      told('window-256-again', 'the same envelope once more: it is the floor now'),
      { payload: late, state: { pairs: full, floor: { sent_at: late.sent_at, hash: HASH } } },
      { ...UNCHANGED, replay: 'below' },
    ),
  ];
}

function expiryCases(): JudgementCase[] {
  const told = says('staleness', 'Expiry', 'Limit');
  const ttl = (seconds: number) => message({}, { ttl: seconds });
  const at = (seconds: number, plus: number): number => SENT_AT + seconds * SECOND_MS + TOLERANCE_MS + plus;
  const day = DAY_MS / SECOND_MS;
  return [
    judged(told('ttl-last-ms', 'the last millisecond of ttl and tolerance'), {
      payload: ttl(3600),
      now: at(3600, -1),
    }),
    judged(told('ttl-over', 'ttl and tolerance are over'), { payload: ttl(3600), now: at(3600, 0) }, EXPIRED),
    judged(told('ttl-1-last-ms', 'a ttl of one second: the last millisecond'), {
      payload: ttl(1),
      now: at(1, -1),
    }),
    judged(told('ttl-1-over', 'a ttl of one second: over'), { payload: ttl(1), now: at(1, 0) }, EXPIRED),
    judged(told('keep-days-last-ms', 'a ttl above keep_days: the last millisecond of keep_days'), {
      payload: ttl(28 * day),
      now: at(3 * day, -1),
    }),
    judged(
      told('keep-days-over', 'a ttl above keep_days: over with keep_days'),
      { payload: ttl(28 * day), now: at(3 * day, 0) },
      EXPIRED,
    ),
    judged(
      told('keep-days-1', 'keep_days is 1: over after a day'),
      { payload: ttl(3 * day), keepDays: 1, now: at(day, 0) },
      EXPIRED,
    ),
    judged(told('keep-days-28', 'keep_days is 28: not over after 27 days'), {
      payload: ttl(28 * day),
      keepDays: 28,
      now: at(28 * day, -1),
    }),
    judged(
      told('expired-buries', 'expired, and it removes another reference all the same'),
      { payload: message({}, { ttl: 1, removed: [1] }), now: at(1, 0) },
      EXPIRED,
    ),
  ];
}

function futureCases(): JudgementCase[] {
  const told = says('staleness', 'Future', 'Limit');
  return [
    judged(told('ahead-10-minutes', 'sent 10 minutes ahead of the clock'), { now: SENT_AT - TOLERANCE_MS }),
    judged(
      told('ahead-more', 'sent 10 minutes and a millisecond ahead: nothing is recorded'),
      { now: SENT_AT - TOLERANCE_MS - 1 },
      FUTURE,
    ),
    judged(told('ahead-a-year', 'the clock is a year behind'), { now: SENT_AT - 365 * DAY_MS }, FUTURE),
    judged(
      told('ahead-buries-nothing', 'from the future, with references to remove: they stay'),
      { payload: message({}, { removed: [1, 2] }), now: SENT_AT - DAY_MS },
      FUTURE,
    ),
    judged(
      told('ahead-and-seen', 'from the future, and in the window'),
      { now: SENT_AT - DAY_MS, state: { pairs: [{ sent_at: SENT_AT, hash: HASH }] } },
      { ...FUTURE, replay: 'seen' },
    ),
  ];
}

function kindCases(): JudgementCase[] {
  const told = says('payload', 'Quiet');
  return [
    judged(['test', 'a test alerts', 'payload', 'Kind'], { payload: payload(4, { nonce: 'a0'.repeat(16) }) }),
    judged(
      told('remove', 'a remove does not alert, and buries its references'),
      { payload: payload(2, { references: [4702, '07'] }) },
      QUIET,
    ),
    judged(told('badge', 'a badge does not alert'), { payload: payload(3, {}, { unread: 5 }) }, QUIET),
    judged(told('session', 'a session does not alert'), { payload: payload(5) }, QUIET),
    judged(
      ['unknown-kind', 'an unknown kind changes state and does not alert', 'payload', 'UnknownKind'],
      { payload: payload(9, {}, { removed: [4702] }) },
      QUIET,
    ),
    judged(
      ['reserved-kind', 'a reserved kind changes state and does not alert', 'payload', 'UnknownKind'],
      { payload: payload(7) },
      QUIET,
    ),
  ];
}
