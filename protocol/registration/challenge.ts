// The MACs under an attempt's confirm_key (SPEC.md section 6): challenge, confirmation, revocation. Both sides compute
// them, over raw bytes, and compare in constant time.
import type { CryptoBackend } from '../crypto/backend.ts';
import { concat, utf8 } from '../wire/bytes.ts';
import { ATTEMPT_BYTES, CHALLENGE_BYTES, CHALLENGE_MAC_BYTES } from '../wire/limits.ts';

const CHALLENGE_LABEL = utf8('sealed-push/1 challenge');
const CONFIRM_LABEL = utf8('sealed-push/1 confirm');
const REVOKE_LABEL = utf8('sealed-push/1 revoke');

/** `c`, as it is pushed: attempt(16) ‖ challenge(16) ‖ mac(16). */
export interface Challenge {
  readonly attempt: Uint8Array;
  readonly challenge: Uint8Array;
  readonly mac: Uint8Array;
}

/** 16 bytes; `infoHash` is SHA-256 of the sealed token's `info`. */
export function challengeMac(
  backend: CryptoBackend,
  confirmKey: Uint8Array,
  attempt: Uint8Array,
  challenge: Uint8Array,
  infoHash: Uint8Array,
): Uint8Array {
  const mac = backend.hmacSha256(confirmKey, CHALLENGE_LABEL, attempt, challenge, infoHash);
  return mac.slice(0, CHALLENGE_MAC_BYTES);
}

/** 32 bytes: what the app answers. */
export function confirmationMac(
  backend: CryptoBackend,
  confirmKey: Uint8Array,
  attempt: Uint8Array,
  challenge: Uint8Array,
  infoHash: Uint8Array,
): Uint8Array {
  return backend.hmacSha256(confirmKey, CONFIRM_LABEL, attempt, challenge, infoHash);
}

/** 32 bytes: with it the app ends what its attempt made. */
export function revocationMac(
  backend: CryptoBackend,
  confirmKey: Uint8Array,
  attempt: Uint8Array,
  infoHash: Uint8Array,
): Uint8Array {
  return backend.hmacSha256(confirmKey, REVOKE_LABEL, attempt, infoHash);
}

/** 48 bytes. */
export function encodeChallenge(challenge: Challenge): Uint8Array {
  return concat(challenge.attempt, challenge.challenge, challenge.mac);
}

/** Null unless there are exactly 48 bytes. */
export function decodeChallenge(bytes: Uint8Array): Challenge | null {
  if (bytes.length !== ATTEMPT_BYTES + CHALLENGE_BYTES + CHALLENGE_MAC_BYTES) return null;
  const macStart = ATTEMPT_BYTES + CHALLENGE_BYTES;
  return {
    attempt: bytes.slice(0, ATTEMPT_BYTES),
    challenge: bytes.slice(ATTEMPT_BYTES, macStart),
    mac: bytes.slice(macStart),
  };
}
