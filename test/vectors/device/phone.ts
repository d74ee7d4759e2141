// A device with one registration, for the scenarios: the library's parts put together as SPEC.md sections 4 and 10 have
// it, with nothing of a platform. Each step takes a state and gives another.

import type { Verdict } from '../../../protocol/content/open/judge.ts';
import {
  advanceKey,
  type Opened,
  type OpeningKey,
  openEnvelope,
} from '../../../protocol/content/open/open.ts';
import type { Payload } from '../../../protocol/content/payload.ts';
import type { CryptoBackend } from '../../../protocol/crypto/backend.ts';
import { equalConstantTime, hex } from '../../../protocol/wire/bytes.ts';
import { type OpenStep, ProtocolError } from '../../../protocol/wire/errors.ts';
import { EPOCHS_AHEAD_MAX, LIVE_KIDS_MAX, REPLAY_HASH_BYTES } from '../../../protocol/wire/limits.ts';
import type {
  Decided,
  DeviceStateForm,
  Display,
  Received,
  RegisterInput,
  StatusForm,
} from '../shape/scenario.ts';
import { payloadFormOf } from './payload-form.ts';
import {
  EMPTY_STATE,
  knownFormsOf,
  pairFormOf,
  type ReplayState,
  takePayload,
  verdictFormOf,
} from './replay.ts';

/** A key, its window and the highest that it has seen. */
interface HeldKey {
  readonly opening: OpeningKey;
  readonly window: ReplayState['window'];
  readonly counter: number;
  readonly sentAt: number;
}

export interface Phone {
  readonly registrationId: string;
  readonly sentAt: number;
  readonly unread: number;
  readonly tombstones: ReplayState['tombstones'];
  readonly newest: ReplayState['newest'];
  /** Oldest first. */
  readonly keys: readonly HeldKey[];
}

/** A new registration; nothing of the one before is kept. */
export function register({ registration_id }: RegisterInput): Phone {
  const { tombstones, newest } = EMPTY_STATE;
  return { registrationId: registration_id, sentAt: 0, unread: 0, tombstones, newest, keys: [] };
}

/** One more key; a fifth erases the oldest. */
export function addKey(phone: Phone, opening: OpeningKey): Phone {
  const key = { opening, window: EMPTY_STATE.window, counter: 0, sentAt: 0 };
  return { ...phone, keys: [...phone.keys, key].slice(-LIVE_KIDS_MAX) };
}

/** The kids that one state has and the next has not. */
export function erasedBetween(before: Phone, after: Phone): string[] {
  const left = after.keys.map(kidOf);
  return before.keys.map(kidOf).filter((kid) => !left.includes(kid));
}

/** An envelope arrives. */
export function receive(
  backend: CryptoBackend,
  phone: Phone,
  envelope: Uint8Array,
  nowMs: number,
): { readonly phone: Phone; readonly received: Received } {
  const opened = open(backend, phone, envelope);
  const nothing = { erased: [], ios: 'placeholder', android: 'placeholder' } as const;
  if (opened === null) return { phone, received: { ...nothing, result: 'not_ours' } };
  if ('step' in opened) return { phone, received: { ...nothing, result: 'refused', step: opened.step } };
  const { payload } = opened;
  if (payload === null) {
    const moved = retire(moveChain(phone, opened.advanced), opened);
    const step = opened.failure ?? 'schema';
    return {
      phone: moved,
      received: { ...nothing, erased: erasedBetween(phone, moved), result: 'refused', step },
    };
  }
  const hash = backend.sha256(envelope).slice(0, REPLAY_HASH_BYTES);
  const left = retire(phone, opened);
  const { verdict, phone: taken } = take(left, opened.key, payload, hash, nowMs);
  const moved = moveChain(taken, opened.advanced);
  const { result, ...said } = verdictFormOf(verdict);
  return {
    phone: moved,
    received: {
      result: 'valid',
      payload: payloadFormOf(payload),
      loud: result === 'loud',
      verdict: said,
      erased: erasedBetween(phone, moved),
      ios: onIos(payload, verdict),
      android: onAndroid(phone, payload, verdict),
    },
  };
}

/** The server's answer at an app start, or null if it knows nothing of the registration. */
export function judgeStatus(
  backend: CryptoBackend,
  phone: Phone,
  status: StatusForm | null,
): { readonly phone: Phone; readonly decided: Decided } {
  const newest = phone.keys.at(-1);
  if (status === null) return { phone, decided: { key: 'register', synchronise: false, erased: [] } };
  if (newest === undefined || !names(newest, status)) {
    return { phone, decided: { key: 'replace', synchronise: false, erased: [] } };
  }
  const { opening, counter, sentAt } = newest;
  const isInReach = status.epoch >= opening.epoch && status.epoch <= opening.epoch + EPOCHS_AHEAD_MAX;
  const isBehind = status.counter < counter || status.sent_at < sentAt;
  const advanced = advanceKey(backend, opening, status.epoch - opening.keepDays - 1);
  const moved = isInReach ? retire(moveChain(phone, advanced), { key: opening, epoch: status.epoch }) : phone;
  return {
    phone: moved,
    decided: {
      key: isInReach && !isBehind && status.key_state === 'live' ? 'keep' : 'replace',
      synchronise: status.counter > counter,
      erased: erasedBetween(phone, moved),
    },
  };
}

/** The phone in the form of the vectors. */
export function phoneFormOf(phone: Phone): DeviceStateForm {
  return {
    registration_id: phone.registrationId,
    sent_at: phone.sentAt,
    unread: phone.unread,
    tombstones: knownFormsOf(phone.tombstones),
    newest: knownFormsOf(phone.newest),
    keys: phone.keys.map((key) => ({
      kid: kidOf(key),
      oldest_epoch: key.opening.epoch,
      oldest_chain: hex(key.opening.chain),
      counter: key.counter,
      sent_at: key.sentAt,
      pairs: key.window.pairs.length,
      floor: key.window.floor === null ? null : pairFormOf(key.window.floor),
    })),
  };
}

function kidOf({ opening }: HeldKey): string {
  return hex(opening.kid);
}

function open(
  backend: CryptoBackend,
  { keys }: Phone,
  envelope: Uint8Array,
): Opened | { readonly step: OpenStep } | null {
  try {
    return openEnvelope(backend, envelope, (kid) => {
      return keys.find(({ opening }) => equalConstantTime(opening.kid, kid))?.opening ?? null;
    });
  } catch (error) {
    if (error instanceof ProtocolError && error.step !== undefined) return { step: error.step };
    throw error;
  }
}

function take(
  phone: Phone,
  key: OpeningKey,
  payload: Payload,
  hash: Uint8Array,
  nowMs: number,
): { readonly verdict: Verdict; readonly phone: Phone } {
  const held = phone.keys.find(({ opening }) => opening === key);
  if (held === undefined) throw new RangeError('opened with a key that the phone has not');
  const state = { window: held.window, tombstones: phone.tombstones, newest: phone.newest };
  const keepDaysMax = Math.max(...phone.keys.map(({ opening }) => opening.keepDays));
  const taken = takePayload(state, { payload, hash, keepDays: key.keepDays, nowMs }, keepDaysMax);
  const { verdict } = taken;
  if (!verdict.changesState) return { verdict, phone };
  const { window, tombstones, newest } = taken.state;
  const changed = {
    ...held,
    window,
    counter: Math.max(held.counter, payload.counter),
    sentAt: Math.max(held.sentAt, payload.sentAt),
  };
  const isNewest = payload.sentAt > phone.sentAt;
  return {
    verdict,
    phone: {
      ...phone,
      tombstones,
      newest,
      sentAt: Math.max(phone.sentAt, payload.sentAt),
      unread: isNewest ? (payload.unread ?? phone.unread) : phone.unread,
      keys: phone.keys.map((one) => (one === held ? changed : one)),
    },
  };
}

function moveChain(phone: Phone, advanced: OpeningKey): Phone {
  const keys = phone.keys.map((key) =>
    hex(key.opening.kid) === hex(advanced.kid) ? { ...key, opening: advanced } : key,
  );
  return { ...phone, keys };
}

/** Old keys go once the newest has authenticated an epoch of at least their own keep_days + 2. */
function retire(phone: Phone, { key, epoch }: Pick<Opened, 'key' | 'epoch'>): Phone {
  const newest = phone.keys.at(-1);
  if (newest === undefined || kidOf(newest) !== hex(key.kid)) return phone;
  const keys = phone.keys.filter((held) => held === newest || epoch < held.opening.keepDays + 2);
  return { ...phone, keys };
}

/** Whether an answer is about this key. */
function names({ opening }: HeldKey, status: StatusForm): boolean {
  return status.kid === hex(opening.kid) && status.suite === opening.suite.id;
}

function onIos({ kind }: Payload, verdict: Verdict): Display {
  if (verdict.loud) return 'loud';
  if (verdict.superseded) return 'newer';
  if (verdict.removed) return 'placeholder';
  return kind === 'message' || kind === 'test' ? 'quiet' : 'placeholder';
}

function onAndroid(phone: Phone, { kind, sentAt }: Payload, verdict: Verdict): Display {
  if (verdict.loud) return 'loud';
  const alerts = kind === 'message' || kind === 'test';
  const onlyExpired = alerts && verdict.changesState && !verdict.removed && !verdict.superseded;
  return onlyExpired && sentAt > phone.sentAt ? 'quiet' : 'nothing';
}
