// How a judgement's case is made: the author says the verdict, and the state afterwards follows from the rules of
// SPEC.md, written out here once more so that the library is not asked about itself.
import { hex } from '../../../../protocol/wire/bytes.ts';
import type {
  JudgementCase,
  KnownForm,
  PairForm,
  ReplayStateForm,
  VerdictForm,
} from '../../shape/judgement.ts';
import type { PayloadForm, ReferenceForm } from '../../shape/payload.ts';
import { draw } from '../draw.ts';
import type { Flag } from '../flags.ts';
import { message, SENT_AT } from '../payload-cbor.ts';
import type { Section } from '../sections.ts';
import { headOf, type Told } from '../told.ts';

export const SECOND_MS = 1000;
export const TOLERANCE_MS = 600_000;
export const DAY_MS = 86_400_000;
const PAIRS_MAX = 256;
const EMPTY: ReplayStateForm = { pairs: [], floor: null, tombstones: [], newest: [] };

/** A hash that stands for an envelope of this name. */
export function hashOf(name: string): string {
  return hex(draw(`envelope ${name}`, 16));
}

/** The hash of the envelope of every case that names no other. */
export const HASH: string = hashOf('judged');

/** What arrives, and what is known; what is left out is a message just sent to a device that knows nothing. */
export interface Arrival {
  readonly payload?: PayloadForm;
  readonly hash?: string;
  readonly keepDays?: number;
  readonly now?: number;
  readonly state?: Partial<ReplayStateForm>;
}

/** What the author says of it; what is left out is a message that may sound. */
export interface Said extends Partial<VerdictForm> {
  readonly result?: 'loud' | 'quiet';
}

export function judged(told: Told, arrival: Arrival, said: Said = {}): JudgementCase {
  const { payload = message(), hash = HASH, keepDays = 3, now = SENT_AT + SECOND_MS } = arrival;
  const state = { ...EMPTY, ...arrival.state };
  const { result = 'loud', ...rest } = said;
  const verdict: VerdictForm = {
    replay: 'new',
    changes_state: true,
    expired: false,
    from_future: false,
    removed: false,
    superseded: false,
    ...rest,
  };
  return {
    ...headOf('judge', told),
    result,
    ...verdict,
    payload,
    replay_hash: hash,
    keep_days: keepDays,
    now,
    state,
    after: verdict.changes_state ? after(state, payload, hash, keepDays, now) : state,
  };
}

/** The state after a payload that changes it: recorded, then buried. */
function after(
  state: ReplayStateForm,
  payload: PayloadForm,
  hash: string,
  keepDays: number,
  now: number,
): ReplayStateForm {
  const pairs = [...state.pairs, { sent_at: payload.sent_at, hash }].sort(comparePairs);
  const [smallest, ...kept] = pairs as [PairForm, ...PairForm[]];
  const full = pairs.length > PAIRS_MAX;
  const young = (known: KnownForm): boolean => now < known.sent_at + keepDays * DAY_MS + TOLERANCE_MS;
  const { body, removed = [] } = payload;
  const own = 'reference' in body ? [body.reference] : [];
  const buried = [...('references' in body ? body.references : []), ...removed].filter(
    (reference) => !own.includes(reference),
  );
  return {
    pairs: full ? kept : pairs,
    floor: full ? smallest : state.floor,
    tombstones: raise(state.tombstones.filter(young), buried, payload.sent_at),
    newest: raise(state.newest.filter(young), own, payload.sent_at),
  };
}

/** By sent_at, then by the hash; equal lengths of hexadecimal sort as their bytes do. */
function comparePairs(a: PairForm, b: PairForm): number {
  return a.sent_at - b.sent_at || (a.hash < b.hash ? -1 : 1);
}

function raise(
  known: readonly KnownForm[],
  references: readonly ReferenceForm[],
  sentAt: number,
): KnownForm[] {
  const times = new Map(known.map(({ reference, sent_at }) => [reference, sent_at]));
  for (const reference of references) times.set(reference, Math.max(sentAt, times.get(reference) ?? 0));
  return [...times]
    .map(([reference, sent_at]) => ({ reference, sent_at }))
    .sort((a, b) => (textOf(a.reference) < textOf(b.reference) ? -1 : 1));
}

/** A reference as text: the order of the lists. */
function textOf(reference: ReferenceForm): string {
  return typeof reference === 'number' ? `n${reference}` : `b${reference}`;
}

/** `count` pairs, a second apart, the newest a second before SENT_AT. */
export function pairsBefore(count: number): PairForm[] {
  return Array.from({ length: count }, (_, index) => ({
    sent_at: SENT_AT - (count - index) * SECOND_MS,
    hash: hashOf(`before ${index}`),
  }));
}

/** How a group of cases begins what it tells. */
export function says(section: Section, ...flags: Flag[]): (id: string, comment: string) => Told {
  return (id, comment) => [id, comment, section, ...flags];
}
