// HKDF-SHA256 (RFC 5869) with HPKE's labels (RFC 9180 section 4).
import { concat, u8, u16, utf8 } from '../wire/bytes.ts';
import type { CryptoBackend } from './backend.ts';

const HASH_BYTES = 32;
const OUTPUT_BYTES_MAX = 255 * HASH_BYTES;
const VERSION = utf8('HPKE-v1');
const EMPTY = new Uint8Array(0);

/** RFC 5869 section 2.2: 32 bytes; the parts of `ikm` are taken as if joined. */
export function extract(backend: CryptoBackend, salt: Uint8Array, ...ikm: readonly Uint8Array[]): Uint8Array {
  return backend.hmacSha256(salt, ...ikm);
}

/** RFC 5869 section 2.3: `length` bytes, at most 8,160. */
export function expand(
  backend: CryptoBackend,
  prk: Uint8Array,
  info: Uint8Array,
  length: number,
): Uint8Array {
  // The counter is one byte: beyond it the output would repeat itself.
  if (length > OUTPUT_BYTES_MAX) throw new RangeError('more than 8,160 bytes');
  // One block is what is asked for by far the most.
  if (length === HASH_BYTES) return backend.hmacSha256(prk, info, u8(1));
  let block: Uint8Array = EMPTY;
  let output: Uint8Array = EMPTY;
  for (let counter = 1; output.length < length; counter += 1) {
    block = backend.hmacSha256(prk, block, info, u8(counter));
    output = concat(output, block);
  }
  return output.subarray(0, length);
}

/** RFC 9180 section 4: extract over "HPKE-v1" ‖ suite_id ‖ label ‖ ikm. */
export function labeledExtract(
  backend: CryptoBackend,
  suiteId: Uint8Array,
  salt: Uint8Array,
  label: string,
  ikm: Uint8Array,
): Uint8Array {
  return extract(backend, salt, VERSION, suiteId, utf8(label), ikm);
}

/** RFC 9180 section 4: expand over length(2) ‖ "HPKE-v1" ‖ suite_id ‖ label ‖ info. */
export function labeledExpand(
  backend: CryptoBackend,
  suiteId: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Uint8Array {
  return expand(backend, prk, concat(u16(length), VERSION, suiteId, utf8(label), info), length);
}
