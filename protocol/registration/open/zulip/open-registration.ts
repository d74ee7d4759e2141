// Opening a token that a Zulip app sealed (SPEC.md appendix C). The bouncer does this, in Zulip's order:
// the key, then the blob and the id of its token. How old it may be is judgeTimestamp's.
import type { CryptoBackend } from '../../../crypto/backend.ts';
import { openBox, SEALED_BOX_KEY_BYTES } from '../../../crypto/zulip/sealed-box.ts';
import { ProtocolError } from '../../../wire/errors.ts';
import { decodeBase64, encodeBase64 } from '../../../wire/zulip/base64.ts';
import { ZULIP_SEALED_REGISTRATION_CHARACTERS_MAX } from '../../../wire/zulip/limits.ts';
import { decodeZulipRegistration, type ZulipRegistration, zulipTokenId } from '../../zulip/registration.ts';

/** A key pair of the bouncer for suite 0x31, X25519, 32 bytes each. Never one of a push-token suite. */
export interface ZulipBouncerKey {
  readonly publicKey: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** What a Zulip server forwards, as the text that it got from the app. */
export interface SealedZulipRegistration {
  readonly bouncerPublicKey: string;
  readonly encryptedPushRegistration: string;
  readonly tokenId: string;
}

/**
 * @returns null if the public key is not ours, compared as text
 * @throws ProtocolError `open_failed` for everything that is not a registration sealed to that key, whose token has that id
 */
export function openZulipRegistration(
  backend: CryptoBackend,
  keys: readonly ZulipBouncerKey[],
  sealed: SealedZulipRegistration,
): ZulipRegistration | null {
  const key = keys.find(({ publicKey }) => encodeBase64(publicKey) === sealed.bouncerPublicKey);
  if (key === undefined) return null;
  const text = sealed.encryptedPushRegistration;
  const blob = text.length <= ZULIP_SEALED_REGISTRATION_CHARACTERS_MAX ? decodeBase64(text) : null;
  const plaintext = blob === null ? null : openBox(key.publicKey, key.privateKey, blob);
  const registration = plaintext === null ? null : decodeZulipRegistration(plaintext);
  if (registration === null) throw new ProtocolError('open_failed');
  if (zulipTokenId(backend, registration.token) !== sealed.tokenId) throw new ProtocolError('open_failed');
  return registration;
}

/** A fresh key pair of the bouncer. */
export function generateZulipBouncerKey(backend: CryptoBackend): ZulipBouncerKey {
  const privateKey = backend.randomBytes(SEALED_BOX_KEY_BYTES);
  return { privateKey, publicKey: backend.x25519PublicKey(privateKey) };
}
