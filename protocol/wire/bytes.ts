// Bytes: joining, integers, text and comparison (SPEC.md section 3, notation).

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Up to this length a loop is quicker than `set`; labels and integers are shorter. */
const SHORT_BYTES = 24;

/** Joins byte strings. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    if (part.length > SHORT_BYTES) joined.set(part, offset);
    else for (let i = 0; i < part.length; i += 1) joined[offset + i] = part[i] as number;
    offset += part.length;
  }
  return joined;
}

/** UTF-8 bytes of a well-formed string; a lone surrogate becomes U+FFFD. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** The text of UTF-8 bytes, or null if they are not UTF-8 (overlong forms and surrogates included). */
export function textOf(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** One byte: 0 … 255. */
export function u8(value: number): Uint8Array {
  return Uint8Array.of(value);
}

/** Two bytes, big-endian: 0 … 65535. */
export function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff);
}

/** One length byte, then the bytes; at most 255 of them. */
export function u8len(bytes: Uint8Array): Uint8Array {
  if (bytes.length > 255) throw new RangeError('more than 255 bytes');
  return concat(u8(bytes.length), bytes);
}

/** Whether two byte strings are equal, in a time that depends on their lengths only. */
export function equalConstantTime(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i += 1) difference |= (a[i] as number) ^ (b[i] as number);
  return difference === 0;
}

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}
