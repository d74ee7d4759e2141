// The bouncer's sealing keys and the signed list of their public halves (SPEC.md section 6): files that the operator's
// commands write and the running bouncer reads again when they change.
import { z } from 'zod';
import { decodeKeyList } from '../protocol/registration/key-list.ts';
import type { BouncerPrivateKey } from '../protocol/registration/open/open-push-token.ts';
import { decodeBase64url, encodeBase64url } from '../protocol/wire/base64url.ts';
import { type SignedKeyList, signedKeyListSchema } from '../protocol/wire/bouncer-api.ts';
import { ProtocolError } from '../protocol/wire/errors.ts';
import { base64urlSchema, secondsSchema } from '../protocol/wire/ids.ts';
import { BKID_BYTES, BOUNCER_KEY_OPEN_SECONDS, BOUNCER_KEYS_MAX } from '../protocol/wire/limits.ts';
import { findSuite } from '../protocol/wire/suites.ts';
import { ConfigurationError } from './config.ts';
import { readConfiguredJson } from './configured-file.ts';

const PRIVATE_KEY_BYTES = 32;
const RETIRED_MAX = 10_000;

/** One key of the file. Times in unix seconds; apps seal to it from `not_before`, before `not_after`. */
export interface SealingKeyEntry {
  readonly bkid: string;
  readonly suite: number;
  readonly private_key: string;
  readonly public_key: string;
  readonly not_before: number;
  readonly not_after: number;
}
export interface SealingKeysFile {
  readonly keys: readonly SealingKeyEntry[];
  /** The bkids of keys that are no more: none of them is used again. */
  readonly retired?: readonly string[] | undefined;
}
export const sealingKeysFileSchema: z.ZodType<SealingKeysFile> = z.strictObject({
  keys: z
    .array(
      z.strictObject({
        bkid: base64urlSchema(BKID_BYTES),
        suite: z.int().min(0).max(255),
        private_key: base64urlSchema(PRIVATE_KEY_BYTES),
        public_key: base64urlSchema(1, 2_048),
        not_before: secondsSchema,
        not_after: secondsSchema,
      }),
    )
    .max(BOUNCER_KEYS_MAX * 4),
  retired: z.array(base64urlSchema(BKID_BYTES)).max(RETIRED_MAX).optional(),
});

/** Where the two files are. */
export interface KeyFiles {
  readonly origin: string;
  readonly sealingKeysFile: string;
  readonly keyListFile: string;
}

/** What is read of the two files. */
export interface BouncerKeys {
  readonly signedList: SignedKeyList;
  /** Unix seconds. */
  readonly listValidUntil: number;
  readonly sealingKeys: readonly SealingKey[];
}
export interface SealingKey extends BouncerPrivateKey {
  readonly notAfter: number;
}

/** @throws ConfigurationError, also for a list of another bouncer or one that names a key that is not here */
export function readBouncerKeys(files: KeyFiles): BouncerKeys {
  const { keys } = readConfiguredJson(
    'BOUNCER_SEALING_KEYS_FILE',
    files.sealingKeysFile,
    sealingKeysFileSchema,
  );
  const signedList = readConfiguredJson('BOUNCER_KEY_LIST_FILE', files.keyListFile, signedKeyListSchema);
  try {
    const list = decodeKeyList(decodeBase64url(signedList.bytes));
    if (list.bouncerOrigin !== files.origin) {
      throw new ConfigurationError('BOUNCER_KEY_LIST_FILE is signed for another BOUNCER_ORIGIN');
    }
    const known = new Set(keys.map((key) => `${key.bkid} ${key.public_key}`));
    for (const { bkid, key } of list.keys) {
      if (!known.has(`${encodeBase64url(bkid)} ${encodeBase64url(key)}`)) {
        throw new ConfigurationError(
          'BOUNCER_KEY_LIST_FILE names a key that BOUNCER_SEALING_KEYS_FILE does not hold',
        );
      }
    }
    const sealingKeys = keys.map((key) => ({
      bkid: decodeBase64url(key.bkid),
      suite: findSuite(key.suite, 'push-token'),
      privateKey: decodeBase64url(key.private_key),
      notAfter: key.not_after,
    }));
    return { signedList, listValidUntil: list.validUntil, sealingKeys };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    throw new ConfigurationError(
      'BOUNCER_KEY_LIST_FILE or BOUNCER_SEALING_KEYS_FILE holds something unknown',
    );
  }
}

/** Keys that tokens may still be opened with: for 90 days after apps seal to them no more. */
export function openingKeys(keys: readonly SealingKey[], nowSeconds: number): readonly SealingKey[] {
  return keys.filter((key) => isOpening(key.notAfter, nowSeconds));
}

/** Whether a key may still be used that apps seal to before `notAfter` (unix seconds). */
export function isOpening(notAfter: number, nowSeconds: number): boolean {
  return nowSeconds < notAfter + BOUNCER_KEY_OPEN_SECONDS;
}
