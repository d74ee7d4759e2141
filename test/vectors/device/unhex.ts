// Bytes from hexadecimal, the form of bytes in the vectors.

export function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}
