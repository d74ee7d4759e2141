// The storage key (SPEC.md section 4): what is secret in the store is encrypted under it, and it is in no backup of the
// store. Two keys and a check value are derived from it.
import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { concat, utf8 } from '../../protocol/wire/bytes.ts';

const CIPHER = 'chacha20-poly1305';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Whose chain it is: both in base64url. */
export interface ChainOwner {
  readonly registration_id: string;
  readonly kid: string;
}

/** The store was written under another storage key. */
export class StorageKeyMismatchError extends Error {
  override readonly name = 'StorageKeyMismatchError';

  constructor() {
    super(
      'SERVER_STORAGE_KEY_FILE is not the key that the database was written under; SERVER_ACCEPT_LOST_KEYS=1 gives its keys up',
    );
  }
}

/** Holds the key; shows nothing of it. */
export class StorageKey {
  /** Raw bytes would be imported anew for every chain. */
  readonly #chainKey: KeyObject;
  readonly #collapseKey: Uint8Array;
  /** Tells whether the store was written under the same storage key. */
  readonly check: string;

  constructor(storageKey: Uint8Array) {
    this.#chainKey = createSecretKey(derive(storageKey, 'sealed-push server chains'));
    this.#collapseKey = derive(storageKey, 'sealed-push server collapse');
    this.check = encodeBase64url(derive(storageKey, 'sealed-push server check'));
  }

  /** nonce(12) ‖ ciphertext ‖ tag(16); a chain value is bound to its registration and kid. */
  sealChain(owner: ChainOwner, chain: Uint8Array): Uint8Array {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(CIPHER, this.#chainKey, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(nameOf(owner), { plaintextLength: chain.length });
    return concat(nonce, cipher.update(chain), cipher.final(), cipher.getAuthTag());
  }

  /** The chain value, or null if it was sealed under another storage key or for another key. */
  openChain(owner: ChainOwner, sealed: Uint8Array): Uint8Array | null {
    if (sealed.length <= NONCE_BYTES + TAG_BYTES) return null;
    const ciphertext = sealed.subarray(NONCE_BYTES, -TAG_BYTES);
    const decipher = createDecipheriv(CIPHER, this.#chainKey, sealed.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(nameOf(owner), { plaintextLength: ciphertext.length });
    decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
    try {
      return concat(decipher.update(ciphertext), decipher.final());
    } catch {
      return null;
    }
  }

  /** The key of collapse identifiers (SPEC.md section 13). */
  get collapseKey(): Uint8Array {
    return this.#collapseKey;
  }
}

/** Both have fixed lengths, so joining them is unambiguous. */
function nameOf({ registration_id, kid }: ChainOwner): Uint8Array {
  return utf8(registration_id + kid);
}

function derive(storageKey: Uint8Array, label: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', storageKey, new Uint8Array(), label, KEY_BYTES));
}
