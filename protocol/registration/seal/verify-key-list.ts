// Trust in bouncer keys (SPEC.md section 6): the app verifies first, decodes then, never goes back to a lower version,
// and picks the key itself. The chat server only relays.
import type { CryptoBackend } from '../../crypto/backend.ts';
import { base64urlLength, decodeBase64url } from '../../wire/base64url.ts';
import type { SignedKeyList } from '../../wire/bouncer-api.ts';
import { concat, equalConstantTime, hex } from '../../wire/bytes.ts';
import { ProtocolError } from '../../wire/errors.ts';
import { BOUNCER_KEY_LIST_BYTES_MAX } from '../../wire/limits.ts';
import { type BouncerKey, decodeKeyList, KEY_LIST_LABEL, type KeyList } from '../key-list.ts';
import { rootId } from '../root-key.ts';

/** What the app is built with, and what it has seen since. Times in unix seconds. */
export interface KeyListTrust {
  /** Ed25519 public keys, 32 bytes each. */
  readonly roots: readonly Uint8Array[];
  readonly buildTime: number;
  readonly lowestVersion: number;
  readonly seen: SeenKeyList | null;
}

/** The highest version seen: what the app keeps. */
export interface SeenKeyList {
  readonly version: number;
  /** The newest issued_at of any list seen, which need not be this version's. */
  readonly issuedAt: number;
  /** SHA-256 of the bytes. */
  readonly digest: Uint8Array;
}

/** A list that is trusted. */
export interface VerifiedKeyList {
  readonly list: KeyList;
  /** What to keep of it. */
  readonly seen: SeenKeyList;
  /** When to choose a key for, unix seconds: the latest of build time, newest issued_at seen and device clock. */
  readonly now: number;
}

/**
 * The list, and what to keep of it. `now` is the device's own clock, which no server corrects.
 * @throws ProtocolError `key_list_refused` for what does not decode, an unknown root, a bad signature, a lower version,
 * other bytes of the same version, another bouncer or an expired list; `clock_wrong` if only the device's clock makes it
 * expired
 */
export function verifyKeyList(
  backend: CryptoBackend,
  trust: KeyListTrust,
  bouncerOrigin: string,
  signed: SignedKeyList,
  now: number,
): VerifiedKeyList {
  if (signed.bytes.length > base64urlLength(BOUNCER_KEY_LIST_BYTES_MAX)) throw refused();
  const bytes = decodeOrRefuse(() => decodeBase64url(signed.bytes));
  if (!decodeOrRefuse(() => isSigned(backend, trust, signed, bytes))) throw refused();
  const list = decodeOrRefuse(() => decodeKeyList(bytes));
  const digest = backend.sha256(bytes);
  if (list.bouncerOrigin !== bouncerOrigin || isRollback(trust, list, digest)) throw refused();
  const known = Math.max(trust.buildTime, trust.seen?.issuedAt ?? 0);
  if (known >= list.validUntil) throw refused();
  if (now >= list.validUntil) throw new ProtocolError('clock_wrong');
  const issuedAt = Math.max(list.issuedAt, trust.seen?.issuedAt ?? 0);
  return {
    list,
    seen: { version: list.version, issuedAt, digest },
    now: Math.max(trust.buildTime, issuedAt, now),
  };
}

/**
 * The key of a suite to seal to: valid at the `now` of a verified list, the largest not_before, then the smallest bkid.
 * @throws ProtocolError `no_bouncer_key`
 */
export function selectBouncerKey(list: KeyList, suite: number, now: number): BouncerKey {
  const valid = list.keys.filter((key) => key.suite === suite && key.notBefore <= now && now < key.notAfter);
  const [best] = valid.sort((a, b) => b.notBefore - a.notBefore || (hex(a.bkid) < hex(b.bkid) ? -1 : 1));
  if (best === undefined) throw new ProtocolError('no_bouncer_key');
  return best;
}

function isSigned(
  backend: CryptoBackend,
  trust: KeyListTrust,
  signed: SignedKeyList,
  bytes: Uint8Array,
): boolean {
  const named = decodeBase64url(signed.root);
  const root = trust.roots.find((publicKey) => equalConstantTime(rootId(backend, publicKey), named));
  if (root === undefined) return false;
  return backend.ed25519Verify(root, concat(KEY_LIST_LABEL, bytes), decodeBase64url(signed.signature));
}

function isRollback(trust: KeyListTrust, list: KeyList, digest: Uint8Array): boolean {
  if (list.version < trust.lowestVersion) return true;
  if (trust.seen === null) return false;
  if (list.version < trust.seen.version) return true;
  return list.version === trust.seen.version && !equalConstantTime(digest, trust.seen.digest);
}

/** What does not decode has one code, as everything that is refused. */
function decodeOrRefuse<Value>(decode: () => Value): Value {
  try {
    return decode();
  } catch (error) {
    if (error instanceof ProtocolError) throw refused();
    throw error;
  }
}

function refused(): ProtocolError {
  return new ProtocolError('key_list_refused');
}
