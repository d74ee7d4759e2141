// Base64 as Zulip writes bytes (RFC 4648 section 4): the standard alphabet, padded, canonical.

/** The padded base64 text of bytes. */
export function encodeBase64(bytes: Uint8Array): string {
  let characters = '';
  for (const byte of bytes) characters += String.fromCharCode(byte);
  return btoa(characters);
}

/** The bytes of a text, or null unless it is exactly what {@link encodeBase64} would write. */
export function decodeBase64(text: string): Uint8Array | null {
  try {
    const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
    // atob forgives white space, absent padding and spare bits; the comparison does not.
    return encodeBase64(bytes) === text ? bytes : null;
  } catch {
    return null;
  }
}
