// The envelope (SPEC.md section 7): fixed layout, nothing is parsed before it is authenticated.
//
//   suite(1) ‖ kid(4) ‖ epoch(2) ‖ enc(Nenc) ‖ ciphertext(bucket + 16)
import { concat, u8, u16 } from './bytes.ts';
import { ProtocolError } from './errors.ts';
import { type Bucket, EPOCH_MAX, KID_BYTES } from './limits.ts';
import { findSuite, type Suite } from './suites.ts';

/** suite ‖ kid ‖ epoch, in bytes. */
export const HEADER_BYTES: number = 1 + KID_BYTES + 2;

/** An envelope taken apart; the byte strings are views of it. */
export interface Envelope {
  readonly suite: Suite;
  /** 4 bytes. */
  readonly kid: Uint8Array;
  /** Days since the server accepted the key, 0 … 65535. */
  readonly epoch: number;
  /** The encapsulated key: `suite.encBytes` bytes. */
  readonly enc: Uint8Array;
  /** bucket + `suite.tagBytes` bytes. */
  readonly ciphertext: Uint8Array;
  readonly bucket: Bucket;
}

/** Bytes that an envelope has beside its bucket: 55 in suite 0x01, 1,143 in 0x02. */
export function envelopeOverhead(suite: Suite): number {
  return HEADER_BYTES + suite.encBytes + suite.tagBytes;
}

/** Joins the parts. @throws ProtocolError `epoch_out_of_range`, `envelope_malformed` */
export function encodeEnvelope(
  suite: Suite,
  kid: Uint8Array,
  epoch: number,
  enc: Uint8Array,
  ciphertext: Uint8Array,
): Uint8Array {
  if (!Number.isInteger(epoch) || epoch < 0 || epoch > EPOCH_MAX) {
    throw new ProtocolError('epoch_out_of_range');
  }
  if (kid.length !== KID_BYTES || enc.length !== suite.encBytes)
    throw new ProtocolError('envelope_malformed');
  return concat(u8(suite.id), kid, u16(epoch), enc, ciphertext);
}

/**
 * Takes an envelope apart without a key: the suite must be one for notifications, and the length must be its
 * overhead plus one of its buckets.
 * @throws ProtocolError `suite_unknown`, `envelope_malformed`
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope {
  if (bytes.length < HEADER_BYTES) throw new ProtocolError('envelope_malformed');
  const suite = findSuite(bytes[0] as number, 'notification');
  const padded = bytes.length - envelopeOverhead(suite);
  const bucket = suite.buckets.find((size) => size === padded);
  if (bucket === undefined) throw new ProtocolError('envelope_malformed');
  const encEnd = HEADER_BYTES + suite.encBytes;
  return {
    suite,
    kid: bytes.subarray(1, 1 + KID_BYTES),
    epoch: ((bytes[1 + KID_BYTES] as number) << 8) | (bytes[2 + KID_BYTES] as number),
    enc: bytes.subarray(HEADER_BYTES, encEnd),
    ciphertext: bytes.subarray(encEnd),
    bucket,
  };
}
