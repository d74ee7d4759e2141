// Root keys sign the list of bouncer keys (SPEC.md section 6). Two are compiled into the app, one of them kept offline.
import type { CryptoBackend } from '../crypto/backend.ts';
import { ROOT_ID_BYTES } from '../wire/limits.ts';

/** How a signed list names its root: the first 4 bytes of SHA-256 of the public key. */
export function rootId(backend: CryptoBackend, publicKey: Uint8Array): Uint8Array {
  return backend.sha256(publicKey).slice(0, ROOT_ID_BYTES);
}
