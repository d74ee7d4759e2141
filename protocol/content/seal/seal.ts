// Sealing a notification (SPEC.md section 7): payload → padding → HPKE in PSK mode → envelope.
import type { CryptoBackend } from '../../crypto/backend.ts';
import { type HpkeSender, prepareSender, sealHpke } from '../../crypto/hpke.ts';
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
 * A key made ready for one day. It holds the day's PSK, which nobody may store (SPEC.md section 4.2): it lives in memory,
 * as long as the work that it was made for.
 */
export interface PreparedKey {
  readonly kid: Uint8Array;
  readonly epoch: number;
  readonly sender: HpkeSender;
}

/** @throws ProtocolError `suite_unknown`, `key_malformed`, `origin_malformed`, `app_id_malformed` */
export function prepareSealingKey(backend: CryptoBackend, key: SealingKey): PreparedKey {
  const { suite, kid, epoch } = key;
  if (suite.use !== 'notification') throw new ProtocolError('suite_unknown');
  const psk = { psk: derivePsk(backend, key.chain), pskId: encodePskId(kid, epoch) };
  return { kid, epoch, sender: prepareSender(backend, suite, key.publicKey, encodeInfo(key), psk) };
}

/**
 * The envelope of a payload, with a fresh encapsulation: `bucket` + 55 bytes in suite 0x01, + 1,143 in 0x02.
 * @throws ProtocolError `payload_too_large` (see fit.ts), `suite_unknown` for a bucket that the suite has not,
 * `key_malformed` for a public key that yields an all-zero secret, `epoch_out_of_range`, `cbor_unencodable`
 */
export function sealNotification(
  backend: CryptoBackend,
  key: PreparedKey,
  payload: Payload,
  bucket: Bucket = DEFAULT_BUCKET,
): Uint8Array {
  const { suite } = key.sender;
  if (!suite.buckets.includes(bucket)) throw new ProtocolError('suite_unknown');
  const sealed = sealHpke(backend, key.sender, pad(encodePayload(payload), bucket));
  return encodeEnvelope(suite, key.kid, key.epoch, sealed.enc, sealed.ciphertext);
}
