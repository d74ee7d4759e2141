// A valid input with one bit flipped, or cut short: none of them may be taken.

/** Whether the input was taken; a refusal is false, by value or by ProtocolError. */
export type Take = (bytes: Uint8Array) => boolean;

/**
 * The flips and truncations that are taken all the same, by name.
 * @param sample looks at every bit and every length if 1, else at every `sample`-th of both
 */
export function takenDamaged(valid: Uint8Array, take: Take, sample = 1): string[] {
  const taken: string[] = [];
  const bytes = valid.slice();
  for (let bit = 0; bit < 8 * bytes.length; bit += sample) {
    const at = bit >>> 3;
    const kept = bytes[at] as number;
    bytes[at] = kept ^ (1 << (bit & 7));
    if (take(bytes)) taken.push(`bit ${bit & 7} of byte ${at}`);
    bytes[at] = kept;
  }
  for (let length = 0; length < bytes.length; length += sample) {
    if (take(bytes.subarray(0, length))) taken.push(`the first ${length} bytes`);
  }
  return taken;
}
