// The scenarios through the simulated phone's own code for keys, receipts and app starts, so that the device of the
// vectors (device/phone.ts) and the one of the demo cannot drift apart.
import { expect, test } from 'vitest';
import { fileMessage } from '../../../client-sim/phone/inbox.ts';
import { addKey, buildOpeningKey, findKey, moveKey, retireKeys } from '../../../client-sim/phone/keyring.ts';
import type { Opening } from '../../../client-sim/phone/opening.ts';
import { receiveOpening } from '../../../client-sim/phone/receipt.ts';
import { judgeStatus } from '../../../client-sim/phone/reconcile.ts';
import {
  EMPTY_STATE,
  type HeldKey,
  type PhoneState,
  type Registration,
  updateRegistration,
} from '../../../client-sim/phone/state.ts';
import { wordPayload } from '../../../client-sim/phone/wording.ts';
import { advanceKey, openEnvelope } from '../../../protocol/content/open/open.ts';
import { EMPTY_WINDOW } from '../../../protocol/content/open/replay-window.ts';
import { nativeBackend as backend } from '../../../protocol/crypto/backend-native.ts';
import { encodeBase64url } from '../../../protocol/wire/base64url.ts';
import { hex } from '../../../protocol/wire/bytes.ts';
import { ProtocolError } from '../../../protocol/wire/errors.ts';
import { EPOCHS_AHEAD_MAX, REPLAY_HASH_BYTES } from '../../../protocol/wire/limits.ts';
import type { RegistrationStatus } from '../../../protocol/wire/push-api.ts';
import { knownFormsOf, pairFormOf, verdictFormOf } from '../device/replay.ts';
import { unhex } from '../device/unhex.ts';
import type { DeviceKeyForm } from '../shape/notification.ts';
import {
  type DeviceStateForm,
  type RegisterInput,
  type ScenarioStep,
  type StatusForm,
  scenarioFile,
} from '../shape/scenario.ts';
import { readVectors } from './read.ts';

const MADE_AT = 1_795_262_400;
const PRESENT = { token: 'a token', suiteId: 0x01, appBuild: 1, now: MADE_AT };

function begin({ registration_id, origin, app_id }: RegisterInput): PhoneState {
  const registration: Registration = {
    registrationId: unhex(registration_id),
    origin,
    appId: app_id,
    platform: 'apns',
    environment: 'production',
    e2ee: true,
    accepted: true,
    attempts: [],
    keys: [],
    tombstones: new Map(),
    unread: 0,
    sentAt: 0,
    sessionAskedAt: 0,
    syncedTo: 0,
  };
  return { ...EMPTY_STATE, registrations: [registration] };
}

function only(state: PhoneState): Registration {
  const [registration] = state.registrations;
  if (registration === undefined) throw new RangeError('a scenario begins with register');
  return registration;
}

function heldKey(form: DeviceKeyForm): HeldKey {
  return {
    kid: unhex(form.kid),
    suiteId: form.suite,
    privateKey: unhex(form.private_key),
    publicKey: new Uint8Array(0),
    epoch: form.oldest_epoch,
    chain: unhex(form.oldest_chain),
    keepDays: form.keep_days,
    madeAt: MADE_AT,
    appBuild: 1,
    registered: true,
    counter: 0,
    sentAt: 0,
    missing: 0,
    window: EMPTY_WINDOW,
  };
}

/** What the phone does before it takes its lock. */
function open(state: PhoneState, envelope: Uint8Array, nowMs: number): Opening {
  try {
    const opened = openEnvelope(backend, envelope, (kid) => {
      const found = findKey(state, kid);
      return found === null ? null : buildOpeningKey(found.registration, found.key);
    });
    if (opened === null) return { opened: false, step: 'registration' };
    const hash = backend.sha256(envelope).slice(0, REPLAY_HASH_BYTES);
    return { opened: true, envelope: opened, hash, identifier: '', nowMs };
  } catch (error) {
    if (error instanceof ProtocolError && error.step !== undefined)
      return { opened: false, step: error.step };
    throw error;
  }
}

function receive(
  before: PhoneState,
  envelope: Uint8Array,
  nowMs: number,
): { state: PhoneState; came: object } {
  const { state, receipt } = receiveOpening(before, open(before, envelope, nowMs));
  if (!receipt.opened) {
    const { step } = receipt;
    return { state, came: step === 'registration' ? { result: 'not_ours' } : { result: 'refused', step } };
  }
  const { result, ...verdict } = verdictFormOf(receipt.verdict);
  const wording = wordPayload(receipt.payload);
  const inbox = wording === null ? state.inbox : fileMessage(state.inbox, receipt, wording, '');
  return { state: { ...state, inbox }, came: { result: 'valid', loud: result === 'loud', verdict } };
}

function askedStatus(state: PhoneState, status: StatusForm): { state: PhoneState; came: object } {
  const registration = only(state);
  const newest = registration.keys.at(-1) as HeldKey;
  const answer: RegistrationStatus = {
    ...status,
    registration_id: encodeBase64url(registration.registrationId),
    attempt: '',
    attempt_state: 'active',
    key_state: status.key_state as RegistrationStatus['key_state'],
    kid: encodeBase64url(unhex(status.kid)),
    server_time: MADE_AT,
  };
  const repair = judgeStatus(registration, answer, { ...PRESENT, suiteId: newest.suiteId });
  const isInReach = status.epoch <= newest.epoch + EPOCHS_AHEAD_MAX;
  const isSameKey = answer.kid === encodeBase64url(newest.kid) && answer.suite === newest.suiteId;
  if (!isSameKey || !isInReach) return { state, came: { key: repair.key } };
  const target = status.epoch - newest.keepDays - 1;
  const advanced = advanceKey(backend, buildOpeningKey(registration, newest), target);
  const moved = updateRegistration(state, registration.registrationId, (current) =>
    retireKeys(moveKey(current, advanced), newest.kid, status.epoch),
  );
  return { state: moved, came: { key: repair.key } };
}

function take(state: PhoneState, step: ScenarioStep): { state: PhoneState; came: object } {
  switch (step.do) {
    case 'register':
      return { state: begin(step), came: {} };
    case 'add_key': {
      const { registrationId } = only(state);
      const key = heldKey(step.key);
      return { state: updateRegistration(state, registrationId, (of) => addKey(of, key)), came: {} };
    }
    case 'receive':
      return receive(state, unhex(step.envelope), step.now);
    case 'status':
      return step.status === null ? { state, came: {} } : askedStatus(state, step.status);
  }
}

/** The phone in the form of the vectors, but for the newest sent_at of each reference, which its inbox knows. */
function formOf(state: PhoneState): Omit<DeviceStateForm, 'newest'> {
  const { registrationId, sentAt, unread, tombstones, keys } = only(state);
  return {
    registration_id: hex(registrationId),
    sent_at: sentAt,
    unread,
    tombstones: knownFormsOf(tombstones),
    keys: keys.map((key) => ({
      kid: hex(key.kid),
      oldest_epoch: key.epoch,
      oldest_chain: hex(key.chain),
      counter: key.counter,
      sent_at: key.sentAt,
      pairs: key.window.pairs.length,
      floor: key.window.floor === null ? null : pairFormOf(key.window.floor),
    })),
  };
}

test.each(['scenario-01.json', 'scenario-02.json'])('the simulated phone goes through %s', (name) => {
  for (const { id, steps } of readVectors(name, scenarioFile).cases) {
    let state = EMPTY_STATE;
    for (const step of steps) {
      const taken = take(state, step);
      state = taken.state;
      const where = `${id}: ${step.comment}`;
      expect(step, where).toMatchObject(taken.came);
      const { newest: _, ...said } = step.state;
      expect(formOf(state), where).toEqual(said);
    }
  }
});
