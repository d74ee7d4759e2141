// The native backend with randomness that the test chooses: the one function that tests replace.
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';

/** A backend whose `randomBytes` gives these byte strings, one after the other. */
export function fixedBackend(...draws: readonly Uint8Array[]): CryptoBackend {
  const rest = [...draws];
  return {
    ...nativeBackend,
    randomBytes(length) {
      const drawn = rest.shift();
      if (drawn?.length !== length) throw new RangeError('the test gave no bytes of this length');
      return drawn.slice();
    },
  };
}
