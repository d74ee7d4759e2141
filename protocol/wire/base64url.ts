// Unpadded canonical base64url (RFC 4648 section 5; SPEC.md section 3): the one form of bytes in JSON.
import { ProtocolError } from './errors.ts';

const ALPHABET = /^[A-Za-z0-9_-]*$/;

/** The base64url text of bytes, without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url');
}

/**
 * The bytes of a base64url text.
 * @throws ProtocolError `base64url_malformed` for padding, a foreign character, a length of 1 modulo 4,
 * or spare bits that are not zero.
 */
export function decodeBase64url(text: string): Uint8Array {
  if (!isBase64url(text)) throw new ProtocolError('base64url_malformed');
  const decoded = Buffer.from(text, 'base64url');
  return new Uint8Array(decoded.buffer, decoded.byteOffset, decoded.byteLength).slice();
}

/** Whether a text is canonical unpadded base64url. */
export function isBase64url(text: string): boolean {
  if (text.length % 4 === 1 || !ALPHABET.test(text)) return false;
  const spare = SPARE_BITS[text.length % 4] as number;
  if (spare === 0) return true;
  const last = Buffer.from(`AAA${text.at(-1)}`, 'base64url')[2] as number;
  return (last & ((1 << spare) - 1)) === 0;
}

/** Bits of the last character that carry nothing, by length modulo 4. */
const SPARE_BITS = [0, 0, 4, 2] as const;

/** How many characters a byte string of this length has. */
export function base64urlLength(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}
