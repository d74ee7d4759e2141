// Padding (SPEC.md section 8): length(2) ‖ CBOR ‖ zeros, to the size of a bucket.
import { u16 } from './bytes.ts';
import { ProtocolError } from './errors.ts';
import type { Bucket } from './limits.ts';

const LENGTH_BYTES = 2;

/** Bytes of CBOR that fit a bucket. */
export function contentBytesMax(bucket: Bucket): number {
  return bucket - LENGTH_BYTES;
}

/** `bucket` bytes. @throws ProtocolError `payload_too_large` unless 1 ≤ cbor.length ≤ bucket − 2. */
export function pad(cbor: Uint8Array, bucket: Bucket): Uint8Array {
  if (cbor.length < 1 || cbor.length > contentBytesMax(bucket)) throw new ProtocolError('payload_too_large');
  const padded = new Uint8Array(bucket);
  padded.set(u16(cbor.length));
  padded.set(cbor, LENGTH_BYTES);
  return padded;
}

/** The CBOR in a padded plaintext, or null if the length or the padding is wrong. */
export function unpad(padded: Uint8Array): Uint8Array | null {
  if (padded.length < LENGTH_BYTES) return null;
  const length = ((padded[0] as number) << 8) | (padded[1] as number);
  const end = LENGTH_BYTES + length;
  if (length < 1 || end > padded.length) return null;
  let rest = 0;
  for (let i = end; i < padded.length; i += 1) rest |= padded[i] as number;
  return rest === 0 ? padded.subarray(LENGTH_BYTES, end) : null;
}
