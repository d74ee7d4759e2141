// DHKEM(X25519, HKDF-SHA256), KEM id 0x0020 (RFC 9180 section 4.1).
import { concat, u16, utf8 } from '../wire/bytes.ts';
import type { CryptoBackend } from './backend.ts';
import { labeledExpand, labeledExtract } from './hkdf.ts';
import type { KemRecipient } from './kem.ts';

/** IANA's id of this KEM. */
export const KEM_X25519 = 0x0020;

const SECRET_BYTES = 32;
const SUITE_ID = concat(utf8('KEM'), u16(KEM_X25519));
const EMPTY = new Uint8Array(0);

/** A public key of 32 bytes, made ready to be sealed to; `enc` has 32 bytes. */
export function prepareX25519(backend: CryptoBackend, publicKey: Uint8Array): KemRecipient {
  const peer = backend.x25519Peer(publicKey);
  return {
    encapsulate() {
      const agreed = peer.agree();
      if (agreed === null) return null;
      const enc = agreed.publicKey;
      return { sharedSecret: extractAndExpand(backend, agreed.sharedSecret, concat(enc, publicKey)), enc };
    },
  };
}

/** 32 bytes, or null if the encapsulated key yields an all-zero Diffie-Hellman result. */
export function decapsulateX25519(
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
