// Unpadded canonical base64url (RFC 4648 section 5; SPEC.md section 3): the one form of bytes in JSON. Own code, because
// nothing that browsers and Node both have by now writes this form.
import { ProtocolError } from './errors.ts';

const ALPHABET = /^[A-Za-z0-9_-]*$/;
const CHARACTERS: Uint8Array = new TextEncoder().encode(
  'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_',
);
/** What a character of the alphabet stands for, by its code. */
const SEXTETS: Uint8Array = sextets();
/** Both characters of 12 bits, as they stand in memory: two at a time is twice as fast. */
const PAIRS: Uint16Array = pairsOfCharacters();
const ascii = new TextDecoder();

/** The base64url text of bytes, without padding. */
export function encodeBase64url(bytes: Uint8Array): string {
  const groups = Math.ceil(bytes.length / 3);
  const pairs = new Uint16Array(2 * groups);
  const whole = Math.floor(bytes.length / 3);
  for (let group = 0; group < whole; group += 1) {
    const at = 3 * group;
    const three =
      ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    pairs[2 * group] = PAIRS[three >>> 12] as number;
    pairs[2 * group + 1] = PAIRS[three & 0xfff] as number;
  }
  if (groups > whole) {
    // One byte or two, with zeros after them; what is written of the zeros alone is cut off below.
    const three = ((bytes[3 * whole] as number) << 16) | ((bytes[3 * whole + 1] ?? 0) << 8);
    pairs[2 * whole] = PAIRS[three >>> 12] as number;
    pairs[2 * whole + 1] = PAIRS[three & 0xfff] as number;
  }
  return ascii.decode(new Uint8Array(pairs.buffer, 0, base64urlLength(bytes.length)));
}

/**
 * The bytes of a base64url text.
 * @throws ProtocolError `base64url_malformed` for padding, a foreign character, a length of 1 modulo 4,
 * or spare bits that are not zero.
 */
export function decodeBase64url(text: string): Uint8Array {
  if (!isBase64url(text)) throw new ProtocolError('base64url_malformed');
  const groups = Math.ceil(text.length / 4);
  const bytes = new Uint8Array(3 * groups);
  for (let group = 0; group < groups; group += 1) {
    const at = 4 * group;
    const four =
      (sextetAt(text, at) << 18) |
      (sextetAt(text, at + 1) << 12) |
      (sextetAt(text, at + 2) << 6) |
      sextetAt(text, at + 3);
    bytes[3 * group] = four >>> 16;
    bytes[3 * group + 1] = four >>> 8;
    bytes[3 * group + 2] = four;
  }
  // What the characters that are not there would have given is cut off.
  return bytes.slice(0, Math.floor((text.length * 3) / 4));
}

/** Whether a text is canonical unpadded base64url. */
export function isBase64url(text: string): boolean {
  if (text.length % 4 === 1 || !ALPHABET.test(text)) return false;
  const spare = SPARE_BITS[text.length % 4] as number;
  return (sextetAt(text, text.length - 1) & ((1 << spare) - 1)) === 0;
}

/** Bits of the last character that carry nothing, by length modulo 4. */
const SPARE_BITS = [0, 0, 4, 2] as const;

/** How many characters a byte string of this length has. */
export function base64urlLength(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}

/** 0 … 63 for a character of the alphabet; 0 outside the text. */
function sextetAt(text: string, index: number): number {
  return index < text.length ? (SEXTETS[text.charCodeAt(index)] as number) : 0;
}

function sextets(): Uint8Array {
  const values = new Uint8Array(128);
  CHARACTERS.forEach((code, value) => {
    values[code] = value;
  });
  return values;
}

function pairsOfCharacters(): Uint16Array {
  const codes = new Uint8Array(2 * 4096);
  for (let bits = 0; bits < 4096; bits += 1) {
    codes[2 * bits] = CHARACTERS[bits >>> 6] as number;
    codes[2 * bits + 1] = CHARACTERS[bits & 0x3f] as number;
  }
  return new Uint16Array(codes.buffer);
}
