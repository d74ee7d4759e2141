// Answering the push challenge `c` (SPEC.md section 6): only for an attempt of ours, only if its MAC is right.
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { challengeMac, confirmationMac, decodeChallenge } from '../../protocol/registration/challenge.ts';
import { decodeBase64url, isBase64url } from '../../protocol/wire/base64url.ts';
import { equalConstantTime } from '../../protocol/wire/bytes.ts';
import type { Attempt, PhoneState, Registration } from './state.ts';

/** What the app sends back. */
export interface ChallengeAnswer {
  readonly registrationId: Uint8Array;
  readonly attempt: Uint8Array;
  readonly challenge: Uint8Array;
  /** 32 bytes. */
  readonly confirmation: Uint8Array;
}

export type ChallengeVerdict =
  | { readonly kind: 'answer'; readonly answer: ChallengeAnswer }
  /** Ours, and answered before: the bouncer repeats itself. */
  | { readonly kind: 'answered' }
  | { readonly kind: 'refused' };

const REFUSED: ChallengeVerdict = { kind: 'refused' };

export function judgeChallenge(backend: CryptoBackend, state: PhoneState, value: unknown): ChallengeVerdict {
  if (typeof value !== 'string' || !isBase64url(value)) return REFUSED;
  const challenge = decodeChallenge(decodeBase64url(value));
  const found = challenge === null ? null : findAttempt(state, challenge.attempt);
  if (challenge === null || found === null) return REFUSED;
  const { confirmKey, attempt, infoHash } = found.attempt;
  const mac = challengeMac(backend, confirmKey, attempt, challenge.challenge, infoHash);
  if (!equalConstantTime(mac, challenge.mac)) return REFUSED;
  if (found.attempt.state === 'active') return { kind: 'answered' };
  const confirmation = confirmationMac(backend, confirmKey, attempt, challenge.challenge, infoHash);
  const { registrationId } = found.registration;
  return {
    kind: 'answer',
    answer: { registrationId, attempt, challenge: challenge.challenge, confirmation },
  };
}

/** Whether the app waits for a challenge. */
export function expectsChallenge(state: PhoneState): boolean {
  return state.registrations.some(({ attempts }) => attempts.some((attempt) => attempt.state === 'pending'));
}

function findAttempt(
  state: PhoneState,
  id: Uint8Array,
): { readonly registration: Registration; readonly attempt: Attempt } | null {
  for (const registration of state.registrations) {
    const attempt = registration.attempts.find((known) => equalConstantTime(known.attempt, id));
    if (attempt !== undefined) return { registration, attempt };
  }
  return null;
}
