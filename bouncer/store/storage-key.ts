// Encryption at rest (SPEC.md section 5): push tokens and confirm keys under the storage key, bound to their row.
//
//   nonce(12) ‖ ciphertext ‖ tag(16), AES-256-GCM, AAD = column ‖ 0x00 ‖ row
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import { concat, u8len, utf8 } from '../../protocol/wire/bytes.ts';
import type { Platform } from '../../protocol/wire/ids.ts';

export const STORAGE_KEY_BYTES = 32;

/** Which column a value belongs to. */
export type SealedColumn = 'push token' | 'confirm key' | 'storage key check';

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The storage key, of which nothing but its work comes out. */
export class StorageKey {
  readonly #columnKey: Uint8Array;
  readonly #lookupKey: Uint8Array;

  /** @param key 32 bytes */
  constructor(key: Uint8Array) {
    this.#columnKey = derive(key, 'sealed-push bouncer column');
    this.#lookupKey = derive(key, 'sealed-push bouncer token lookup');
  }

  /** base64url text, bound to its column and row. */
  seal(column: SealedColumn, row: string, plaintext: Uint8Array): string {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv(ALGORITHM, this.#columnKey, nonce);
    cipher.setAAD(aad(column, row));
    return encodeBase64url(concat(nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()));
  }

  /** The plaintext, or null if this key did not seal this value for this column and row. */
  open(column: SealedColumn, row: string, sealed: string): Uint8Array | null {
    const bytes = decodeBase64url(sealed);
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return null;
    const tagStart = bytes.length - TAG_BYTES;
    const decipher = createDecipheriv(ALGORITHM, this.#columnKey, bytes.subarray(0, NONCE_BYTES), {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(aad(column, row));
    decipher.setAuthTag(bytes.subarray(tagStart));
    try {
      return concat(decipher.update(bytes.subarray(NONCE_BYTES, tagStart)), decipher.final());
    } catch {
      return null;
    }
  }

  /** Equal for equal tokens of one platform; tells nothing without the storage key. */
  tokenMac(platform: Platform, token: Uint8Array): string {
    return createHmac('sha256', this.#lookupKey)
      .update(u8len(utf8(platform)))
      .update(token)
      .digest('base64url');
  }
}

function derive(key: Uint8Array, label: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), label, 32));
}

function aad(column: SealedColumn, row: string): Uint8Array {
  return concat(utf8(column), Uint8Array.of(0), utf8(row));
}
