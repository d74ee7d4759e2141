// What an app keeps of one registration, and what the library makes of an envelope or a payload that arrives: the parts
// of SPEC.md sections "Opening, replay and staleness" and "Replacement" put together, with nothing of a platform.
import type { Reference } from '../../../protocol/content/field.ts';
import { type Arrival, judge, type Verdict } from '../../../protocol/content/open/judge.ts';
import { EMPTY_WINDOW, type ReplayWindow, recordPair } from '../../../protocol/content/open/replay-window.ts';
import { buryRemoved, referenceKey, type Tombstones } from '../../../protocol/content/open/tombstones.ts';
import { hex } from '../../../protocol/wire/bytes.ts';
import { CLOCK_TOLERANCE_SECONDS } from '../../../protocol/wire/limits.ts';
import type { KnownForm, PairForm, ReplayStateForm, VerdictForm } from '../shape/judgement.ts';
import { unhex } from './unhex.ts';

const DAY_MS = 86_400_000;
const TOLERANCE_MS: number = CLOCK_TOLERANCE_SECONDS * 1000;

/** What is kept of a kid (window) and of a registration (the rest). */
export interface ReplayState {
  readonly window: ReplayWindow;
  readonly tombstones: Tombstones;
  /** The newest sent_at of each reference. */
  readonly newest: Tombstones;
}

export const EMPTY_STATE: ReplayState = {
  window: EMPTY_WINDOW,
  tombstones: new Map(),
  newest: new Map(),
};

/**
 * The verdict, and the state that it leaves.
 * @param keepDaysMax the largest of the keys that the registration holds: so long a removed message may still come
 */
export function takePayload(
  state: ReplayState,
  arrived: Pick<Arrival, 'payload' | 'hash' | 'keepDays' | 'nowMs'>,
  keepDaysMax: number,
): { readonly verdict: Verdict; readonly state: ReplayState } {
  const { payload, hash, nowMs } = arrived;
  const own = payload.kind === 'message' ? payload.message.reference : null;
  const knownAt = own === null ? null : (state.newest.get(referenceKey(own)) ?? null);
  const verdict = judge({ ...arrived, window: state.window, tombstones: state.tombstones, knownAt });
  if (!verdict.changesState) return { verdict, state };
  return {
    verdict,
    state: {
      window: recordPair(state.window, { sentAt: payload.sentAt, hash, identifier: '' }),
      tombstones: buryRemoved(state.tombstones, payload, keepDaysMax, nowMs),
      newest: raiseNewest(state.newest, own, payload.sentAt, nowMs - keepDaysMax * DAY_MS - TOLERANCE_MS),
    },
  };
}

function raiseNewest(newest: Tombstones, own: Reference | null, sentAt: number, goneAt: number): Tombstones {
  const kept = new Map([...newest].filter(([, known]) => known > goneAt));
  if (own !== null) kept.set(referenceKey(own), Math.max(sentAt, kept.get(referenceKey(own)) ?? 0));
  return kept;
}

export function verdictFormOf(verdict: Verdict): VerdictForm & { readonly result: 'loud' | 'quiet' } {
  return {
    result: verdict.loud ? 'loud' : 'quiet',
    replay: verdict.replay,
    changes_state: verdict.changesState,
    expired: verdict.expired,
    from_future: verdict.fromFuture,
    removed: verdict.removed,
    superseded: verdict.superseded,
  };
}

export function stateOf(form: ReplayStateForm): ReplayState {
  const pairOf = ({ sent_at, hash }: PairForm) => ({ sentAt: sent_at, hash: unhex(hash) });
  const times = (known: readonly KnownForm[]): Tombstones =>
    new Map(known.map(({ reference, sent_at }) => [keyOf(reference), sent_at]));
  return {
    window: {
      pairs: form.pairs.map((pair) => ({ ...pairOf(pair), identifier: '' })),
      floor: form.floor === null ? null : pairOf(form.floor),
    },
    tombstones: times(form.tombstones),
    newest: times(form.newest),
  };
}

export function stateFormOf({ window, tombstones, newest }: ReplayState): ReplayStateForm {
  return {
    pairs: window.pairs.map(pairFormOf),
    floor: window.floor === null ? null : pairFormOf(window.floor),
    tombstones: knownFormsOf(tombstones),
    newest: knownFormsOf(newest),
  };
}

export function pairFormOf({ sentAt, hash }: { sentAt: number; hash: Uint8Array }): PairForm {
  return { sent_at: sentAt, hash: hex(hash) };
}

/** Ascending by the text of the reference. */
export function knownFormsOf(times: Tombstones): KnownForm[] {
  return [...times]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, sent_at]) => ({
      reference: key.startsWith('n') ? Number(key.slice(1)) : key.slice(1),
      sent_at,
    }));
}

function keyOf(reference: KnownForm['reference']): string {
  return referenceKey(typeof reference === 'number' ? reference : unhex(reference));
}
