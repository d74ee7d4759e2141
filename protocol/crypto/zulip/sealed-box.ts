// libsodium's sealed box (crypto_box_seal): ephemeral X25519, XSalsa20-Poly1305, anonymous. Anyone can make one.
//
//   epk(32) ‖ box(plaintext, nonce = BLAKE2b-192(epk ‖ public key), X25519(ephemeral, public key))
import sodium from 'libsodium-wrappers';
import { concat } from '../../wire/bytes.ts';
import type { CryptoBackend } from '../backend.ts';

export const SEALED_BOX_KEY_BYTES = 32;
const NONCE_BYTES = 24;

await sodium.ready;

/**
 * 48 bytes more than the plaintext, or null if the public key has not 32 bytes or makes the secret all zero. Built from
 * libsodium's parts, because crypto_box_seal draws the ephemeral key itself.
 */
export function sealBox(
  backend: CryptoBackend,
  publicKey: Uint8Array,
  plaintext: Uint8Array,
): Uint8Array | null {
  const ephemeral = backend.randomBytes(SEALED_BOX_KEY_BYTES);
  const epk = sodium.crypto_scalarmult_base(ephemeral);
  const nonce = sodium.crypto_generichash(NONCE_BYTES, concat(epk, publicKey), null);
  try {
    return concat(epk, sodium.crypto_box_easy(plaintext, nonce, publicKey, ephemeral));
  } catch {
    // libsodium's only way to say so.
    return null;
  } finally {
    ephemeral.fill(0);
  }
}

/** The plaintext, or null if it was not sealed to this key pair, 32 bytes each. */
export function openBox(
  publicKey: Uint8Array,
  privateKey: Uint8Array,
  sealed: Uint8Array,
): Uint8Array | null {
  try {
    return sodium.crypto_box_seal_open(sealed, publicKey, privateKey);
  } catch {
    // Too short, or a wrong tag.
    return null;
  }
}
