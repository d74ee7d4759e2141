// Sealing a token to the bouncer in Zulip's form (SPEC.md appendix C). A Zulip app does this. Anyone can
// seal, and nothing binds the blob to an origin or an attempt: sealPushToken has all of that.
import type { CryptoBackend } from '../../../crypto/backend.ts';
import { sealBox } from '../../../crypto/zulip/sealed-box.ts';
import { ProtocolError } from '../../../wire/errors.ts';
import { encodeBase64 } from '../../../wire/zulip/base64.ts';
import {
  decodeZulipRegistration,
  encodeZulipRegistration,
  type ZulipRegistration,
} from '../../zulip/registration.ts';

/**
 * encrypted_push_registration: base64 of 48 bytes more than the JSON.
 * @param publicKey the bouncer's, 32 bytes
 * @throws ProtocolError `key_malformed`, `payload_malformed` for a registration that no bouncer takes
 */
export function sealZulipRegistration(
  backend: CryptoBackend,
  publicKey: Uint8Array,
  registration: ZulipRegistration,
): string {
  const plaintext = encodeZulipRegistration(registration);
  if (decodeZulipRegistration(plaintext) === null) throw new ProtocolError('payload_malformed');
  const sealed = sealBox(backend, publicKey, plaintext);
  if (sealed === null) throw new ProtocolError('key_malformed');
  return encodeBase64(sealed);
}
