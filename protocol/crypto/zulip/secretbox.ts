// XSalsa20-Poly1305 as libsodium's crypto_secretbox_easy has it. libsodium is WebAssembly and runs wherever either backend
// does; node:crypto has no XSalsa20. Randomness is an argument, so this is the same for both backends.
import sodium from 'libsodium-wrappers';
import { concat } from '../../wire/bytes.ts';

export const SECRETBOX_KEY_BYTES = 32;
export const SECRETBOX_NONCE_BYTES = 24;

await sodium.ready;

/** nonce(24) ‖ tag(16) ‖ ciphertext. The nonce has 24 bytes and is never used twice with a key of 32 bytes. */
export function sealSecretbox(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return concat(nonce, sodium.crypto_secretbox_easy(plaintext, nonce, key));
}

/** The plaintext, or null if the box is shorter than 40 bytes or its tag is wrong. The key has 32 bytes. */
export function openSecretbox(key: Uint8Array, box: Uint8Array): Uint8Array | null {
  const nonce = box.subarray(0, SECRETBOX_NONCE_BYTES);
  try {
    return sodium.crypto_secretbox_open_easy(box.subarray(SECRETBOX_NONCE_BYTES), nonce, key);
  } catch {
    // libsodium's only way to say that the box is too short or its tag wrong.
    return null;
  }
}
