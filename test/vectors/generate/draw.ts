// The generator's randomness: every random value of the vectors is SHAKE256 of its own name, so that a run writes the
// same bytes again and nobody has to believe that a value was chosen honestly.
import { portableBackend } from '../../../protocol/crypto/backend-portable.ts';
import { utf8 } from '../../../protocol/wire/bytes.ts';

/** `length` bytes that only this name gives. */
export function draw(name: string, length: number): Uint8Array {
  return portableBackend.shake256(utf8(`sealed-push/1 vectors: ${name}`), length);
}
