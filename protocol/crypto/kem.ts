// The two KEMs of the suites (SPEC.md section 12), by IANA's id. A public key is made ready once and sealed to often.
import type { CryptoBackend } from './backend.ts';
import { decapsulateX25519, KEM_X25519, prepareX25519 } from './kem-x25519.ts';
import { decapsulateXWing, KEM_XWING, prepareXWing, xWingPublicKey } from './kem-xwing.ts';

/** A shared secret, 32 bytes, and the encapsulated key that lets the receiver find it. */
export interface Encapsulation {
  readonly sharedSecret: Uint8Array;
  readonly enc: Uint8Array;
}

/** A public key made ready to be sealed to. */
export interface KemRecipient {
  /** A fresh encapsulation, or null if the key yields an all-zero Diffie-Hellman result. */
  encapsulate(): Encapsulation | null;
}

/** Null if the bytes, of the KEM's size, are no public key. */
export function prepareRecipient(
  backend: CryptoBackend,
  kemId: number,
  publicKey: Uint8Array,
): KemRecipient | null {
  if (kemId === KEM_X25519) return prepareX25519(backend, publicKey);
  if (kemId === KEM_XWING) return prepareXWing(backend, publicKey);
  throw noSuchKem();
}

/** Null if the encapsulated key yields an all-zero Diffie-Hellman result. */
export function decapsulate(
  backend: CryptoBackend,
  kemId: number,
  privateKey: Uint8Array,
  enc: Uint8Array,
): Uint8Array | null {
  if (kemId === KEM_X25519) return decapsulateX25519(backend, privateKey, enc);
  if (kemId === KEM_XWING) return decapsulateXWing(backend, privateKey, enc);
  throw noSuchKem();
}

/** The public key of a private key. */
export function publicKeyOf(backend: CryptoBackend, kemId: number, privateKey: Uint8Array): Uint8Array {
  if (kemId === KEM_X25519) return backend.x25519PublicKey(privateKey);
  if (kemId === KEM_XWING) return xWingPublicKey(backend, privateKey);
  throw noSuchKem();
}

function noSuchKem(): RangeError {
  return new RangeError('no such KEM');
}
