// DHKEM(X25519, HKDF-SHA256), KEM id 0x0020 (RFC 9180 section 4.1).
import { concat, u16, utf8 } from '../wire/bytes.ts';
import type { CryptoBackend } from './backend.ts';
import { labeledExpand, labeledExtract } from './hkdf.ts';

const SECRET_BYTES = 32;
const PRIVATE_KEY_BYTES = 32;
const SUITE_ID = concat(utf8('KEM'), u16(0x0020));
const EMPTY = new Uint8Array(0);

/** A shared secret, 32 bytes, and the encapsulated key, 32 bytes, that lets the receiver find it. */
export interface Encapsulation {
  readonly sharedSecret: Uint8Array;
  readonly enc: Uint8Array;
}

/** Null if the public key yields an all-zero Diffie-Hellman result. */
export function encapsulate(backend: CryptoBackend, publicKey: Uint8Array): Encapsulation | null {
  const ephemeral = backend.randomBytes(PRIVATE_KEY_BYTES);
  const dh = backend.x25519SharedSecret(ephemeral, publicKey);
  const enc = backend.x25519PublicKey(ephemeral);
  ephemeral.fill(0);
  return dh === null ? null : { sharedSecret: extractAndExpand(backend, dh, concat(enc, publicKey)), enc };
}

/** Null if the encapsulated key yields an all-zero Diffie-Hellman result. */
export function decapsulate(
  backend: CryptoBackend,
  privateKey: Uint8Array,
  enc: Uint8Array,
): Uint8Array | null {
  const dh = backend.x25519SharedSecret(privateKey, enc);
  if (dh === null) return null;
  return extractAndExpand(backend, dh, concat(enc, backend.x25519PublicKey(privateKey)));
}

function extractAndExpand(backend: CryptoBackend, dh: Uint8Array, context: Uint8Array): Uint8Array {
  const eaePrk = labeledExtract(backend, SUITE_ID, EMPTY, 'eae_prk', dh);
  return labeledExpand(backend, SUITE_ID, eaePrk, 'shared_secret', context, SECRET_BYTES);
}
