// Key pairs of a suite's KEM (SPEC.md section 12).
import type { Suite } from '../wire/suites.ts';
import type { CryptoBackend } from './backend.ts';
import { prepareRecipient, publicKeyOf } from './kem.ts';

/** Raw keys of the sizes that the suite names. */
export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** A fresh key pair of the suite's KEM. */
export function generateKeyPair(backend: CryptoBackend, suite: Suite): KeyPair {
  const privateKey = backend.randomBytes(suite.privateKeyBytes);
  return { privateKey, publicKey: publicKeyOf(backend, suite.kemId, privateKey) };
}

/**
 * Whether something can be sealed to these bytes: the right size, a reduced ML-KEM key where there is one, and no key
 * that yields an all-zero secret.
 */
export function isPublicKey(backend: CryptoBackend, suite: Suite, bytes: Uint8Array): boolean {
  if (bytes.length !== suite.publicKeyBytes) return false;
  const recipient = prepareRecipient(backend, suite.kemId, bytes);
  return recipient !== null && recipient.encapsulate() !== null;
}
