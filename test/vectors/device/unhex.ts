// Bytes from hexadecimal, the form of bytes in the vectors; also in a browser.

export function unhex(text: string): Uint8Array {
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
