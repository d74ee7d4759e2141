// What the server's answer at app start asks of the device (SPEC.md section 4): register anew where the two disagree,
// move on where the server is ahead.
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { ATTEMPT_PENDING_SECONDS, EPOCHS_AHEAD_MAX } from '../../protocol/wire/limits.ts';
import type { RegistrationStatus } from '../../protocol/wire/push-api.ts';
import { newestKey } from './keyring.ts';
import type { Attempt, HeldKey, Registration } from './state.ts';

const KEY_LIFE_SECONDS: number = 30 * 86_400;

/** What is to be done with the key and with the token. */
export interface Repair {
  readonly key: 'keep' | 'send' | 'replace';
  readonly token: 'keep' | 'send' | 'replace';
  /** The server has sealed more than has arrived, now or when the counters last had a gap. */
  readonly sync: boolean;
}

/** What this device is now. */
export interface Present {
  /** The push token. */
  readonly token: string;
  /** The suite that a new key would have. */
  readonly suiteId: number;
  readonly appBuild: number;
  /** Unix seconds. */
  readonly now: number;
}

/** `registration` is as it was before the server was asked: a push that came since then is not held against it. */
export function judgeStatus(
  registration: Registration,
  status: RegistrationStatus,
  present: Present,
): Repair {
  const key = newestKey(registration);
  const attempt = registration.attempts.at(-1);
  return {
    key: key === null ? 'replace' : judgeKey(key, status, present),
    token: attempt === undefined ? 'replace' : judgeAttempt(attempt, status, present),
    sync: key !== null && isSameKey(key, status) && (status.counter > key.counter || key.missing > 0),
  };
}

function judgeKey(key: HeldKey, status: RegistrationStatus, present: Present): Repair['key'] {
  if (!isSameKey(key, status)) return key.registered ? 'replace' : 'send';
  const restored = status.counter < key.counter || status.sent_at < key.sentAt;
  const outOfReach = status.epoch < key.epoch || status.epoch > key.epoch + EPOCHS_AHEAD_MAX;
  const updated = key.appBuild < present.appBuild || key.suiteId < present.suiteId;
  const old = updated || present.now - key.madeAt >= KEY_LIFE_SECONDS;
  return restored || outOfReach || old || status.key_state !== 'live' ? 'replace' : 'keep';
}

function judgeAttempt(attempt: Attempt, status: RegistrationStatus, present: Present): Repair['token'] {
  const lapsed = attempt.state === 'pending' && present.now - attempt.issuedAt >= ATTEMPT_PENDING_SECONDS;
  if (attempt.token !== present.token) return 'replace';
  if (status.attempt !== encodeBase64url(attempt.attempt)) {
    return attempt.state === 'pending' && !lapsed ? 'send' : 'replace';
  }
  if (status.attempt_state === 'active') return 'keep';
  return status.attempt_state === 'pending' && !lapsed ? 'keep' : 'replace';
}

/** Whether a status speaks of this key. */
export function isSameKey(key: HeldKey, status: RegistrationStatus): boolean {
  return status.kid === encodeBase64url(key.kid) && status.suite === key.suiteId;
}
