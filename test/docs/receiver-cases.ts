// What a receiver must refuse, and what it must say of a row of arrivals: the tables of SPEC.md's appendix B.
import { judge, type Verdict } from '../../protocol/content/open/judge.ts';
import { EMPTY_WINDOW, recordPair } from '../../protocol/content/open/replay-window.ts';
import { buryRemoved, referenceKey, type Tombstones } from '../../protocol/content/open/tombstones.ts';
import { decodePayload, type Payload, type PayloadBody } from '../../protocol/content/payload.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { hex } from '../../protocol/wire/bytes.ts';
import { type CborMap, type CborValue, encodeCbor } from '../../protocol/wire/cbor.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { REPLAY_HASH_BYTES } from '../../protocol/wire/limits.ts';
import { KEEP_DAYS, NOON_SECONDS } from './worked-example.ts';

const MESSAGE: readonly (readonly [number, CborValue])[] = [
  [1, 1],
  [2, mapOf([1, 1], [2, 1])],
  [3, mapOf([1, ''])],
  [4, ''],
];

/** CBOR that is no payload, in hex, and why. */
export const REFUSED: readonly (readonly [string, string])[] = [
  ['1800', 'a longer form'],
  ['1b0020000000000000', '2^53'],
  ['3b001fffffffffffff', '−2^53'],
  ['0000', 'a trailing byte'],
  ['5f4100ff', 'an indefinite length'],
  ['61ff', 'no UTF-8'],
  ['63eda080', 'a surrogate'],
  ['c000', 'a tag'],
  ['f7', 'undefined'],
  ['f93c00', 'a float'],
  ['1c', 'a reserved head'],
  ['8181818180', 'depth 5'],
  ['9affffffff', 'a length that is not there'],
  ['a202000100', 'unsorted keys'],
  ['a201000100', 'a key twice'],
  ['a16000', 'a key as text'],
  ['80', 'no map'],
  [payload(3, [], [4, '3']), 'the kind as text'],
  [payload(3, [], [3, 0]), 'ttl 0'],
  [payload(3, [], [3, 2_419_201]), 'ttl above 28 days'],
  [payload(3, [], [2, 0]), 'counter 0'],
  [payload(3, [], [6, null]), 'null for an absent field'],
  [payload(3, [], [7, []]), 'an empty `removed`'],
  [payload(1, [...MESSAGE, [7, true]]), 'true as a mention'],
  [payload(1, [...MESSAGE, [6, false]]), 'false as a flag'],
  [payload(1, [...MESSAGE, [1, new Uint8Array(0)]]), 'a reference of 0 bytes'],
  [payload(1, [...MESSAGE, [3, mapOf([1, ''], [2, '//x'])]]), 'an avatar on another host'],
  [payload(1, [...MESSAGE, [3, mapOf([1, ''], [2, '/x\n'])]]), 'an avatar with a newline at its end'],
  [payload(4, [[1, new Uint8Array(15)]]), 'a nonce of 15 bytes'],
];

/** Lines of the refused CBOR, under the step at which each stops. */
export function refusedText(): string {
  const steps = ['cbor', 'schema'].map((step) => {
    const rows = REFUSED.filter(([bytes]) => refusedAt(Buffer.from(bytes, 'hex')) === step);
    return [`step ${step}`, ...rows.map(([bytes, why]) => `  ${bytes.padEnd(62)}# ${why}`)].join('\n');
  });
  return steps.join('\n');
}

export function refusedAt(bytes: Uint8Array): string {
  try {
    decodePayload(bytes);
    return 'opened';
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return error.code === 'payload_malformed' ? 'schema' : 'cbor';
  }
}

/** One arrival: the bytes that stand for its envelope, and the payload in it. Times in ms after {@link START_MS}. */
export interface ArrivalCase {
  readonly envelope: number;
  readonly sentAt: number;
  readonly now: number;
  readonly body: PayloadBody;
  readonly removed?: readonly number[];
  readonly what: string;
}

export const START_MS: number = NOON_SECONDS * 1000;
const LIFE_MS: number = KEEP_DAYS * 86_400_000 + 600_000;
const TEST: PayloadBody = { kind: 'test', nonce: new Uint8Array(16) };

export const ARRIVALS: readonly ArrivalCase[] = [
  { envelope: 1, sentAt: 0, now: 0, body: message(1), what: 'message 1' },
  { envelope: 1, sentAt: 0, now: 1, body: message(1), what: 'the same' },
  { envelope: 2, sentAt: 2, now: 2, body: message(1), what: 'message 1, edited' },
  { envelope: 3, sentAt: 1, now: 3, body: message(1), what: 'message 1, between' },
  { envelope: 4, sentAt: 3, now: 4, body: { kind: 'remove', references: [1] }, what: 'remove 1' },
  { envelope: 5, sentAt: 3, now: 5, body: message(1), what: 'message 1' },
  { envelope: 6, sentAt: 4, now: 6, body: message(1), what: 'message 1' },
  { envelope: 7, sentAt: 8, now: 8, body: message(2), removed: [2, 3], what: 'message 2, removed 2 and 3' },
  { envelope: 8, sentAt: 7, now: 9, body: message(3), what: 'message 3' },
  { envelope: 7, sentAt: 8, now: 9, body: message(2), removed: [2, 3], what: 'the one before, again' },
  { envelope: 9, sentAt: 600_010, now: 10, body: TEST, what: 'test' },
  { envelope: 10, sentAt: 600_011, now: 10, body: TEST, what: 'test' },
  { envelope: 11, sentAt: 11, now: 10 + LIFE_MS, body: TEST, what: 'test' },
  { envelope: 12, sentAt: 12, now: 12 + LIFE_MS, body: TEST, what: 'test' },
  { envelope: 12, sentAt: 12, now: 12 + LIFE_MS, body: TEST, what: 'the same' },
];

export function payloadOf({ sentAt, body, removed }: ArrivalCase): Payload {
  const head = { sentAt: START_MS + sentAt, counter: 1, ttlSeconds: KEEP_DAYS * 86_400 };
  return { ...head, ...(removed !== undefined && { removed }), ...body };
}

/** What the library says of each, one after the other. */
export function judgeArrivals(): readonly Verdict[] {
  let window = EMPTY_WINDOW;
  let tombstones: Tombstones = new Map();
  const newest = new Map<string, number>();
  return ARRIVALS.map((arrival) => {
    const payload = payloadOf(arrival);
    const hash = nativeBackend.sha256(Uint8Array.of(arrival.envelope)).slice(0, REPLAY_HASH_BYTES);
    const name = payload.kind === 'message' ? referenceKey(payload.message.reference) : '';
    const knownAt = newest.get(name) ?? null;
    const nowMs = START_MS + arrival.now;
    const verdict = judge({ payload, hash, window, tombstones, knownAt, keepDays: KEEP_DAYS, nowMs });
    if (!verdict.changesState) return verdict;
    window = recordPair(window, { sentAt: payload.sentAt, hash, identifier: '' });
    tombstones = buryRemoved(tombstones, payload, KEEP_DAYS, nowMs);
    newest.set(name, Math.max(payload.sentAt, knownAt ?? 0));
    return verdict;
  });
}

/** The arrivals as a table. */
export function arrivalsText(): string {
  const verdicts = judgeArrivals();
  const rows = ARRIVALS.map(({ envelope, sentAt, now, what }, index) => {
    const said = sayVerdict(verdicts[index] as Verdict);
    return `${hex(Uint8Array.of(envelope))}  ${String(sentAt).padStart(7)}  ${String(now).padStart(9)}  ${what.padEnd(27)} ${said}`;
  });
  return ['      sent_at        now  payload                     verdict', ...rows].join('\n');
}

function sayVerdict(verdict: Verdict): string {
  const reasons = [
    ...(verdict.replay === 'new' ? [] : [verdict.replay]),
    ...(verdict.fromFuture ? ['from the future'] : []),
    ...(verdict.expired ? ['expired'] : []),
    ...(verdict.removed ? ['removed'] : []),
    ...(verdict.superseded ? ['superseded'] : []),
  ];
  if (verdict.loud) return 'loud';
  return `quiet${reasons.length > 0 ? `: ${reasons.join(', ')}` : ''}${verdict.changesState ? '' : '; no change'}`;
}

function message(reference: number): PayloadBody {
  const conversation = { kind: 'direct', id: 1 } as const;
  return { kind: 'message', message: { reference, conversation, sender: { name: 'bob' }, text: 'hi' } };
}

function mapOf(...pairs: readonly (readonly [number, CborValue])[]): CborMap {
  return new Map(pairs);
}

/** A payload of a kind with a body and a change, as hex. */
function payload(
  kind: number,
  body: readonly (readonly [number, CborValue])[],
  ...change: readonly (readonly [number, CborValue])[]
): string {
  return hex(encodeCbor(mapOf([1, 1], [2, 1], [3, 1], [4, kind], [5, mapOf(...body)], ...change)));
}
