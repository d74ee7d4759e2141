// The key of suite 0x31 (SPEC.md section 12 and appendix C): one symmetric key, which app and server both hold.
//
//   push_key = base64(0x31 ‖ key(32))
//
// What this suite does not give, and 0x01 and 0x02 do: secrecy if the one key leaks, secrecy from whoever seizes the
// device or the server's database later, protection from replays and from late delivery, lengths that say nothing,
// binding to an app and a registration. A server uses it because a device has nothing else, never instead of a sealed key.
import type { CryptoBackend } from '../../crypto/backend.ts';
import { SECRETBOX_KEY_BYTES } from '../../crypto/zulip/secretbox.ts';
import { concat, u8 } from '../../wire/bytes.ts';
import { ProtocolError } from '../../wire/errors.ts';
import { decodeBase64, encodeBase64 } from '../../wire/zulip/base64.ts';
import { PUSH_KEY_BYTES } from '../../wire/zulip/limits.ts';

/** The tag of a push key, and the id of the suite. Not an envelope's suite byte: `findSuite` does not know it. */
export const SECRETBOX_TAG = 0x31;

/**
 * Why 0x31 may be used with a device: the ids of the suites of every key that the device ever registered at this
 * origin, ended ones included. Whoever cannot tell must not opt in.
 */
export interface DeviceHistory {
  readonly suitesUsed: readonly number[];
}

/** A checked key. It shows itself in no log, JSON or inspection. */
class PushKey {
  readonly #key: Uint8Array;

  constructor(key: Uint8Array) {
    this.#key = key;
  }

  /** The 32 bytes, a copy. */
  reveal(): Uint8Array {
    return this.#key.slice();
  }
}

export type { PushKey };

/**
 * The opt-in: the only way to a key of suite 0x31, on either side, whenever it is taken from where it is kept.
 * @param text padded base64 of 33 bytes, 44 characters
 * @throws ProtocolError `suite_unknown` if the device ever had a key of another suite, or for another tag than 0x31;
 * `key_malformed` for everything else that is no push key
 */
export function parsePushKey(text: string, history: DeviceHistory): PushKey {
  if (history.suitesUsed.some((id) => id !== SECRETBOX_TAG)) throw new ProtocolError('suite_unknown');
  const bytes = text.length === PUSH_KEY_CHARACTERS ? decodeBase64(text) : null;
  if (bytes?.length !== PUSH_KEY_BYTES) throw new ProtocolError('key_malformed');
  if (bytes[0] !== SECRETBOX_TAG) throw new ProtocolError('suite_unknown');
  return new PushKey(bytes.subarray(1));
}

/** A fresh push key as text; the app makes it. */
export function generatePushKey(backend: CryptoBackend): string {
  return encodeBase64(concat(u8(SECRETBOX_TAG), backend.randomBytes(SECRETBOX_KEY_BYTES)));
}

/** A fresh name for a push key, 0 … 4294967295; the app makes it and draws again while it has another of that name. */
export function generatePushKeyId(backend: CryptoBackend): number {
  const bytes = backend.randomBytes(4);
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0);
}

const PUSH_KEY_CHARACTERS = (PUSH_KEY_BYTES / 3) * 4;
