// The portable backend with randomness that the test chooses.
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { createPortableBackend } from '../../protocol/crypto/backend-portable.ts';

/** A backend that draws these byte strings, one after the other. */
export function fixedBackend(...draws: readonly Uint8Array[]): CryptoBackend {
  const rest = [...draws];
  return createPortableBackend((length) => {
    const drawn = rest.shift();
    if (drawn?.length !== length) throw new RangeError('the test gave no bytes of this length');
    return drawn.slice();
  });
}
