// Sealing in suite 0x31 (SPEC.md appendix C): JSON → secretbox → base64. An opt-in: the key comes from
// parsePushKey alone, which refuses every device that ever had a key of another suite.
//
// Who uses this gives up, against sealNotification: secrecy after a leak of the one key (of the app's or the server's
// store, past and future alike), protection from replays and late delivery, hidden lengths, binding to app and device.
import type { CryptoBackend } from '../../../crypto/backend.ts';
import { SECRETBOX_NONCE_BYTES, sealSecretbox } from '../../../crypto/zulip/secretbox.ts';
import { ProtocolError } from '../../../wire/errors.ts';
import { encodeBase64 } from '../../../wire/zulip/base64.ts';
import { ZULIP_PLAINTEXT_BYTES_MAX } from '../../../wire/zulip/limits.ts';
import { isPushKeyId, type ZulipNotification } from '../../../wire/zulip/notification.ts';
import { encodeZulipPayload, type ZulipPayload } from '../../zulip/payload.ts';
import type { PushKey } from '../../zulip/push-key.ts';

/** What the server holds of a device in suite 0x31. */
export interface ZulipSealingKey {
  readonly pushKey: PushKey;
  /** 0 … 4294967295. */
  readonly pushKeyId: number;
}

/**
 * The notification of a payload, with a fresh random nonce of 24 bytes for each: the plaintext's length and 40 bytes,
 * in base64.
 * @throws ProtocolError `payload_too_large` above 2933 bytes of JSON (see fit.ts), `key_malformed` for a push_key_id that
 * is none
 */
export function sealZulipNotification(
  backend: CryptoBackend,
  key: ZulipSealingKey,
  payload: ZulipPayload,
): ZulipNotification {
  if (!isPushKeyId(key.pushKeyId)) throw new ProtocolError('key_malformed');
  const plaintext = encodeZulipPayload(payload);
  if (plaintext.length > ZULIP_PLAINTEXT_BYTES_MAX) throw new ProtocolError('payload_too_large');
  const box = sealSecretbox(key.pushKey.reveal(), backend.randomBytes(SECRETBOX_NONCE_BYTES), plaintext);
  return { pushKeyId: key.pushKeyId, encryptedData: encodeBase64(box) };
}
