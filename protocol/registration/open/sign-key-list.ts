// Signing the list of bouncer keys (SPEC.md section 6). The bouncer's operator does this, with a root key.
import type { CryptoBackend } from '../../crypto/backend.ts';
import { encodeBase64url } from '../../wire/base64url.ts';
import type { SignedKeyList } from '../../wire/bouncer-api.ts';
import { concat } from '../../wire/bytes.ts';
import { ProtocolError } from '../../wire/errors.ts';
import { BOUNCER_KEY_LIST_BYTES_MAX } from '../../wire/limits.ts';
import { decodeKeyList, encodeKeyList, KEY_LIST_LABEL, type KeyList } from '../key-list.ts';
import { rootId } from '../root-key.ts';

/**
 * The list in its wire form.
 * @param seed the root's Ed25519 seed, 32 bytes
 * @throws ProtocolError `key_list_refused` if no app would accept the list
 */
export function signKeyList(backend: CryptoBackend, seed: Uint8Array, list: KeyList): SignedKeyList {
  const bytes = encodeKeyList(list);
  if (bytes.length > BOUNCER_KEY_LIST_BYTES_MAX) throw new ProtocolError('key_list_refused');
  decodeKeyList(bytes);
  return {
    root: encodeBase64url(rootId(backend, backend.ed25519PublicKey(seed))),
    signature: encodeBase64url(backend.ed25519Sign(seed, concat(KEY_LIST_LABEL, bytes))),
    bytes: encodeBase64url(bytes),
  };
}
