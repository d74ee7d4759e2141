// Sealing a notification (SPEC.md section 7): payload → padding → HPKE in PSK mode → envelope.
import type { CryptoBackend } from '../../crypto/backend.ts';
import { sealHpke } from '../../crypto/hpke.ts';
import { derivePsk } from '../../crypto/ratchet.ts';
import { encodeEnvelope } from '../../wire/envelope.ts';
import { ProtocolError } from '../../wire/errors.ts';
import { type Bucket, DEFAULT_BUCKET } from '../../wire/limits.ts';
import { pad } from '../../wire/padding.ts';
import { encodeInfo, encodePskId, type Recipient } from '../info.ts';
import { encodePayload, type Payload } from '../payload.ts';

/** What the server holds of a device's key on one day. */
export interface SealingKey extends Recipient {
  /** `suite.publicKeyBytes` bytes. */
  readonly publicKey: Uint8Array;
  /** Days since the server accepted the key. */
  readonly epoch: number;
  /** chain[epoch], 32 bytes. */
  readonly chain: Uint8Array;
}

/**
 * The envelope of a payload, with a fresh encapsulation: `bucket` + 55 bytes in suite 0x01.
 * @throws ProtocolError `payload_too_large` (see fit.ts), `suite_unknown` for a bucket that the suite has not,
 * `key_malformed`, `origin_malformed`, `app_id_malformed`, `epoch_out_of_range`, `cbor_unencodable`
 */
export function sealNotification(
  backend: CryptoBackend,
  key: SealingKey,
  payload: Payload,
  bucket: Bucket = DEFAULT_BUCKET,
): Uint8Array {
  if (key.suite.use !== 'notification' || !key.suite.buckets.includes(bucket)) {
    throw new ProtocolError('suite_unknown');
  }
  const plaintext = pad(encodePayload(payload), bucket);
  const psk = { psk: derivePsk(backend, key.chain), pskId: encodePskId(key.kid, key.epoch) };
  const sealed = sealHpke(backend, key.suite, key.publicKey, encodeInfo(key), psk, plaintext);
  return encodeEnvelope(key.suite, key.kid, key.epoch, sealed.enc, sealed.ciphertext);
}
