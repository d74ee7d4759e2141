// What an envelope does to the phone's state before anything is shown (SPEC.md section 10): open, judge, then the
// replay window, the counters, the tombstones and the unread count, and the key's chain last.
import { type Arrival, judge, type Verdict } from '../../protocol/content/open/judge.ts';
import { advanceKey, type Opened, openEnvelope } from '../../protocol/content/open/open.ts';
import { identifierOf, movePair, recordPair } from '../../protocol/content/open/replay-window.ts';
import { buryRemoved, removedBy } from '../../protocol/content/open/tombstones.ts';
import type { Payload } from '../../protocol/content/payload.ts';
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { type OpenStep, ProtocolError } from '../../protocol/wire/errors.ts';
import { REPLAY_HASH_BYTES } from '../../protocol/wire/limits.ts';
import { findEntry } from './inbox.ts';
import { buildOpeningKey, findKey, retireKeys, updateKey } from './keyring.ts';
import { removeIdentifier, removeReferences } from './notification-center.ts';
import { encodeReference, type ReferenceText } from './reference.ts';
import {
  type CenterEntry,
  type HeldKey,
  type PhoneState,
  type Registration,
  updateRegistration,
} from './state.ts';

/** An envelope as the operating system handed it over; `identifier` is empty where it names none. */
export interface Delivered {
  readonly envelope: Uint8Array;
  readonly identifier: string;
  /** Unix ms, corrected by the server's TLS answers. */
  readonly nowMs: number;
}

/** The step where opening stopped: a local diagnostic. */
export interface Unopened {
  readonly opened: false;
  readonly step: OpenStep | 'registration';
}

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
export function receiveEnvelope(
  backend: CryptoBackend,
  state: PhoneState,
  delivered: Delivered,
): { readonly state: PhoneState; readonly receipt: Receipt | Unopened } {
  const opened = open(backend, state, delivered.envelope);
  if ('step' in opened) return { state, receipt: { opened: false, step: opened.step } };
  const found = findKey(state, opened.key.kid);
  if (found === null) return { state, receipt: { opened: false, step: 'registration' } };
  if (opened.payload === null) {
    const moved = moveChain(state, found.registration, opened);
    return { state: moved, receipt: { opened: false, step: opened.failure ?? 'schema' } };
  }
  const { payload } = opened;
  const hash = backend.sha256(delivered.envelope).slice(0, REPLAY_HASH_BYTES);
  const arrival: Arrival = {
    payload,
    hash,
    window: found.key.window,
    tombstones: found.registration.tombstones,
    knownAt: findKnownAt(state, found.registration, payload),
    keepDays: found.key.keepDays,
    nowMs: delivered.nowMs,
  };
  const verdict = judge(arrival);
  const after = verdict.changesState
    ? accept(state, found.registration, found.key, payload, { ...delivered, hash })
    : repeat(state, found.registration, found.key, payload, { ...delivered, hash }, verdict.superseded);
  return {
    state: moveChain(after.state, found.registration, opened),
    receipt: {
      opened: true,
      registrationId: encodeBase64url(found.registration.registrationId),
      payload,
      verdict,
      newest: payload.sentAt > found.registration.sentAt,
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

interface Hashed extends Delivered {
  readonly hash: Uint8Array;
}

function open(
  backend: CryptoBackend,
  state: PhoneState,
  envelope: Uint8Array,
): Opened | { readonly step: Unopened['step'] } {
  try {
    const opened = openEnvelope(backend, envelope, (kid) => {
      const found = findKey(state, kid);
      return found === null ? null : buildOpeningKey(found.registration, found.key);
    });
    return opened ?? { step: 'registration' };
  } catch (error) {
    if (error instanceof ProtocolError && error.step !== undefined) return { step: error.step };
    throw error;
  }
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
  delivered: Hashed,
): { state: PhoneState; effects: Effects } {
  const { sentAt } = payload;
  const skipped = Math.max(0, payload.counter - key.counter - 1);
  const references = removedBy(payload);
  const { center, removed } = removeReferences(
    state.center,
    encodeBase64url(registration.registrationId),
    references.map(encodeReference),
  );
  const changed = updateRegistration({ ...state, center }, registration.registrationId, (current) => ({
    ...updateKey(current, key.kid, (held) => ({
      ...held,
      registered: true,
      window: recordPair(held.window, { sentAt, hash: delivered.hash, identifier: delivered.identifier }),
      counter: Math.max(held.counter, payload.counter),
      sentAt: Math.max(held.sentAt, sentAt),
      missing: Math.max(0, held.missing + skipped - (payload.counter < held.counter ? 1 : 0)),
    })),
    tombstones: buryRemoved(current.tombstones, payload, key.keepDays, delivered.nowMs),
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
  delivered: Hashed,
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
function moveChain(state: PhoneState, registration: Registration, opened: Opened): PhoneState {
  const { kid, epoch, chain } = opened.advanced;
  return updateRegistration(state, registration.registrationId, (current) =>
    retireKeys(
      updateKey(current, kid, (held) => (epoch > held.epoch ? { ...held, epoch, chain } : held)),
      kid,
      opened.epoch,
    ),
  );
}

/** The server's word at app start moves the chain in the same way. */
export function moveChainTo(
  backend: CryptoBackend,
  registration: Registration,
  key: HeldKey,
  epoch: number,
): Registration {
  const { epoch: oldest, chain } = advanceKey(
    backend,
    buildOpeningKey(registration, key),
    epoch - key.keepDays - 1,
  );
  return updateKey(registration, key.kid, (held) => ({ ...held, epoch: oldest, chain }));
}
