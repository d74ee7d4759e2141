// The attempts of a registration (SPEC.md section 6): one is current; whatever an older one made is revoked by the app
// itself once the current one is active, unless the bouncer has replaced it already.
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { queueRevocation } from './revocation.ts';
import { type Attempt, type PhoneState, type Registration, updateRegistration } from './state.ts';

export function currentAttempt(registration: Registration): Attempt | null {
  return registration.attempts.at(-1) ?? null;
}

/** The state with a new attempt; pending ones are given up. */
export function addAttempt(
  backend: CryptoBackend,
  state: PhoneState,
  registration: Registration,
  attempt: Attempt,
): PhoneState {
  const isKept = (known: Attempt): boolean => known.state === 'active';
  return replaceAttempts(backend, state, registration, [...registration.attempts.filter(isKept), attempt]);
}

/** The state with the current attempt active; the others are over. */
export function activateAttempt(
  backend: CryptoBackend,
  state: PhoneState,
  registration: Registration,
): PhoneState {
  const current = currentAttempt(registration);
  if (current === null) return state;
  const ended = registration.attempts.filter((known) => isReplacedBy(known, current));
  const rest = { ...registration, attempts: registration.attempts.filter((known) => !ended.includes(known)) };
  return replaceAttempts(backend, state, rest, [{ ...current, state: 'active' }]);
}

/** The state with other attempts; those that are left out get a revocation in the queue. */
function replaceAttempts(
  backend: CryptoBackend,
  state: PhoneState,
  registration: Registration,
  attempts: readonly Attempt[],
): PhoneState {
  const isKept = ({ attempt }: Attempt): boolean =>
    attempts.some((kept) => Buffer.compare(kept.attempt, attempt) === 0);
  const dropped = registration.attempts.filter((known) => !isKept(known));
  const revoked = dropped.reduce(
    (queued, known) => queueRevocation(backend, queued, registration, known),
    state,
  );
  return updateRegistration(revoked, registration.registrationId, (current) => ({ ...current, attempts }));
}

function isReplacedBy(known: Attempt, current: Attempt): boolean {
  return current.replaces !== null && Buffer.compare(known.attempt, current.replaces) === 0;
}
