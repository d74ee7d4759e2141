// The file of the storage key: 32 bytes as base64url text.
import { decodeBase64url, isBase64url } from '../../protocol/wire/base64url.ts';
import { ConfigurationError } from '../config.ts';
import { readConfiguredFile } from '../configured-file.ts';
import { STORAGE_KEY_BYTES, StorageKey } from './storage-key.ts';

/** @throws ConfigurationError */
export function readStorageKey(path: string): StorageKey {
  const text = readConfiguredFile('BOUNCER_STORAGE_KEY_FILE', path).trim();
  const key = isBase64url(text) ? decodeBase64url(text) : new Uint8Array(0);
  if (key.length !== STORAGE_KEY_BYTES) {
    throw new ConfigurationError('BOUNCER_STORAGE_KEY_FILE must hold 32 bytes as base64url');
  }
  return new StorageKey(key);
}
