// What an opened envelope does to the phone's state before anything is shown (SPEC.md section 10): judge, then the
// replay window, the counters, the tombstones and the unread count, and the key's chain last. It derives nothing, and may
// be done again from a state that the other process wrote meanwhile.
import { type Arrival, judge, type Verdict } from '../../protocol/content/open/judge.ts';
import { identifierOf, movePair, recordPair } from '../../protocol/content/open/replay-window.ts';
import { buryRemoved, removedBy } from '../../protocol/content/open/tombstones.ts';
import type { Payload } from '../../protocol/content/payload.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { findEntry } from './inbox.ts';
import { findKey, longestKeepDays, moveKey, retireKeys, updateKey } from './keyring.ts';
import { removeIdentifier, removeReferences } from './notification-center.ts';
import type { OpenedDelivery, Opening, Unopened } from './opening.ts';
import { encodeReference, type ReferenceText } from './reference.ts';
import {
  type CenterEntry,
  type HeldKey,
  type PhoneState,
  type Registration,
  updateRegistration,
} from './state.ts';

export interface Receipt {
  readonly opened: true;
  /** base64url. */
  readonly registrationId: string;
  readonly payload: Payload;
  readonly verdict: Verdict;
  /** Whether its sent_at is above all that the registration had seen. */
  readonly newest: boolean;
  /** The payload's references to take away, and the notifications that went with them. */
  readonly removedReferences: readonly ReferenceText[];
  readonly removedEntries: readonly CenterEntry[];
  /** The notification that a replay under another identifier takes the place of. */
  readonly replacedIdentifier: string | null;
  /** Counters that this one skipped. */
  readonly skipped: number;
}

/** The state after an envelope, and what it was. Nothing is shown yet. */
export function receiveOpening(
  state: PhoneState,
  opening: Opening,
): { readonly state: PhoneState; readonly receipt: Receipt | Unopened } {
  if (!opening.opened) return { state, receipt: opening };
  const found = findKey(state, opening.envelope.key.kid);
  if (found === null) return { state, receipt: { opened: false, step: 'registration' } };
  const { registration, key } = found;
  const { payload, failure } = opening.envelope;
  if (payload === null) {
    const moved = moveChain(state, registration, opening);
    return { state: moved, receipt: { opened: false, step: failure ?? 'schema' } };
  }
  const verdict = judge(buildArrival(state, registration, key, payload, opening));
  const after = verdict.changesState
    ? accept(state, registration, key, payload, opening)
    : repeat(state, registration, key, payload, opening, verdict.superseded);
  return {
    state: moveChain(after.state, registration, opening),
    receipt: {
      opened: true,
      registrationId: encodeBase64url(registration.registrationId),
      payload,
      verdict,
      newest: payload.sentAt > registration.sentAt,
      ...after.effects,
    },
  };
}

type Effects = Pick<Receipt, 'removedReferences' | 'removedEntries' | 'replacedIdentifier' | 'skipped'>;
const NO_EFFECTS: Effects = {
  removedReferences: [],
  removedEntries: [],
  replacedIdentifier: null,
  skipped: 0,
};

function buildArrival(
  state: PhoneState,
  registration: Registration,
  key: HeldKey,
  payload: Payload,
  { hash, nowMs }: OpenedDelivery,
): Arrival {
  return {
    payload,
    hash,
    window: key.window,
    tombstones: registration.tombstones,
    knownAt: findKnownAt(state, registration, payload),
    keepDays: key.keepDays,
    nowMs,
  };
}

/** The sent_at of what the inbox has of a message; the newest stays there, whatever the order of arrival. */
function findKnownAt(state: PhoneState, { registrationId }: Registration, payload: Payload): number | null {
  if (payload.kind !== 'message') return null;
  const reference = encodeReference(payload.message.reference);
  return (
    findEntry(state.inbox, { registrationId: encodeBase64url(registrationId), reference })?.sentAt ?? null
  );
}

/** A pair that is new: everything it says is taken over. */
function accept(
  state: PhoneState,
  registration: Registration,
  key: HeldKey,
  payload: Payload,
  delivered: OpenedDelivery,
): { state: PhoneState; effects: Effects } {
  const { sentAt } = payload;
  const skipped = Math.max(0, payload.counter - key.counter - 1);
  const references = removedBy(payload);
  const { center, removed } = removeReferences(
    state.center,
    encodeBase64url(registration.registrationId),
    references.map(encodeReference),
  );
  // Keys that go with this push remember nothing any more.
  const keepDaysMax = longestKeepDays(retireKeys(registration, key.kid, delivered.envelope.epoch));
  const changed = updateRegistration({ ...state, center }, registration.registrationId, (current) => ({
    ...updateKey(current, key.kid, (held) => ({
      ...held,
      registered: true,
      window: recordPair(held.window, { sentAt, hash: delivered.hash, identifier: delivered.identifier }),
      counter: Math.max(held.counter, payload.counter),
      sentAt: Math.max(held.sentAt, sentAt),
      missing: Math.max(0, held.missing + skipped - (payload.counter < held.counter ? 1 : 0)),
    })),
    tombstones: buryRemoved(current.tombstones, payload, keepDaysMax, delivered.nowMs),
    sentAt: Math.max(current.sentAt, sentAt),
    unread: sentAt > current.sentAt ? (payload.unread ?? current.unread) : current.unread,
  }));
  const effects = {
    ...NO_EFFECTS,
    removedReferences: references.map(encodeReference),
    removedEntries: removed,
    skipped,
  };
  return { state: changed, effects };
}

/**
 * A pair that was accepted before: the notification under its earlier identifier goes, if that differs. Nothing goes for
 * a push that is shown under no identifier, nor for a superseded message, whose place another has taken.
 */
function repeat(
  state: PhoneState,
  registration: Registration,
  key: HeldKey,
  payload: Payload,
  delivered: OpenedDelivery,
  superseded: boolean,
): { state: PhoneState; effects: Effects } {
  const pair = { sentAt: payload.sentAt, hash: delivered.hash, identifier: delivered.identifier };
  const earlier = identifierOf(key.window, pair);
  const stays = earlier === null || earlier === delivered.identifier || delivered.identifier === '';
  if (stays || superseded) return { state, effects: NO_EFFECTS };
  const moved = updateRegistration(state, registration.registrationId, (current) =>
    updateKey(current, key.kid, (held) => ({ ...held, window: movePair(held.window, pair) })),
  );
  const { center, removed } = removeIdentifier(moved.center, earlier);
  return {
    state: { ...moved, center },
    effects: { ...NO_EFFECTS, replacedIdentifier: removed?.identifier ?? null },
  };
}

/** O = max(O, epoch − keep_days − 1), and the keys that the newest has outlived go. */
function moveChain(
  state: PhoneState,
  { registrationId }: Registration,
  { envelope }: OpenedDelivery,
): PhoneState {
  return updateRegistration(state, registrationId, (current) =>
    retireKeys(moveKey(current, envelope.advanced), envelope.key.kid, envelope.epoch),
  );
}
