// How sealing keys come and go (SPEC.md section 6): made for each suite, revoked, kept to open with, forgotten.
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { generateKeyPair } from '../../protocol/crypto/key-pair.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { BKID_BYTES, CLOCK_TOLERANCE_SECONDS } from '../../protocol/wire/limits.ts';
import { SUITE_X25519_BASE, SUITE_XWING_BASE } from '../../protocol/wire/suites.ts';
import { isOpening, type SealingKeyEntry, type SealingKeysFile } from '../sealing-keys.ts';

/** Apps take the first where they can; some can only take the second. */
const SUITES = [SUITE_XWING_BASE, SUITE_X25519_BASE];
/** How long apps seal to a key; it opens for 90 days more. */
const SEALING_KEY_LIFE_SECONDS = 365 * 86_400;

/** One of each suite. Their bkids were never those of others. */
export function makeSealingKeys(
  backend: CryptoBackend,
  file: SealingKeysFile,
  now: number,
): readonly SealingKeyEntry[] {
  const taken = new Set([...file.keys.map(({ bkid }) => bkid), ...(file.retired ?? [])]);
  return SUITES.map((suite) => {
    let bkid: string;
    do bkid = encodeBase64url(backend.randomBytes(BKID_BYTES));
    while (taken.has(bkid));
    taken.add(bkid);
    const pair = generateKeyPair(backend, suite);
    return {
      bkid,
      suite: suite.id,
      private_key: encodeBase64url(pair.privateKey),
      public_key: encodeBase64url(pair.publicKey),
      not_before: now - CLOCK_TOLERANCE_SECONDS,
      not_after: now + SEALING_KEY_LIFE_SECONDS,
    };
  });
}

/** A revoked key opens for 90 days from now; of keys that open no more only the bkid is kept. */
export function retireKeys(file: SealingKeysFile, revoked: string | undefined, now: number): SealingKeysFile {
  const keys = file.keys.map((key) =>
    key.bkid === revoked ? { ...key, not_after: Math.min(key.not_after, now) } : key,
  );
  const retired = keys.filter((key) => !isOpening(key.not_after, now)).map(({ bkid }) => bkid);
  return {
    keys: keys.filter((key) => isOpening(key.not_after, now)),
    retired: [...(file.retired ?? []), ...retired],
  };
}
