// The list of bouncer keys (SPEC.md section 6): what is signed, and how it is read once the signature is good.
//
//   {1 version, 2 issued_at, 3 valid_until, 4 bouncer_origin, 5 [[bkid, suite, key, not_before, not_after], …]}
import { hex, utf8 } from '../wire/bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../wire/cbor.ts';
import { ProtocolError } from '../wire/errors.ts';
import {
  BKID_BYTES,
  BOUNCER_KEY_LIST_LIFE_SECONDS_MAX,
  BOUNCER_KEYS_MAX,
  PUBLIC_KEY_BYTES_MAX,
  PUBLIC_KEY_BYTES_MIN,
} from '../wire/limits.ts';
import { isOrigin } from '../wire/origin.ts';

/** What stands before the bytes of the list when they are signed. */
export const KEY_LIST_LABEL: Uint8Array = utf8('sealed-push/1 bouncer keys');

/** A public key that tokens may be sealed to. Times in unix seconds: from `notBefore`, before `notAfter`. */
export interface BouncerKey {
  /** 4 bytes, never used again for another key. */
  readonly bkid: Uint8Array;
  readonly suite: number;
  readonly key: Uint8Array;
  readonly notBefore: number;
  readonly notAfter: number;
}

/** Times in unix seconds; `validUntil` after `issuedAt`, at most by 30 days; 0 to 16 keys, each with a bkid of its own. */
export interface KeyList {
  readonly version: number;
  readonly issuedAt: number;
  readonly validUntil: number;
  readonly bouncerOrigin: string;
  readonly keys: readonly BouncerKey[];
}

/** Deterministic bytes, as they are signed. */
export function encodeKeyList(list: KeyList): Uint8Array {
  const keys = list.keys.map((key): CborValue[] => [
    key.bkid,
    key.suite,
    key.key,
    key.notBefore,
    key.notAfter,
  ]);
  const fields: [number, CborValue][] = [
    [1, list.version],
    [2, list.issuedAt],
    [3, list.validUntil],
    [4, list.bouncerOrigin],
    [5, keys],
  ];
  return encodeCbor(new Map(fields));
}

/** @throws ProtocolError `key_list_refused`, `cbor_malformed`; unknown keys are refused */
export function decodeKeyList(bytes: Uint8Array): KeyList {
  const map = decodeCbor(bytes);
  if (!(map instanceof Map) || map.size !== 5) throw refused();
  const list = {
    version: unsigned(map.get(1)),
    issuedAt: unsigned(map.get(2)),
    validUntil: unsigned(map.get(3)),
    bouncerOrigin: origin(map.get(4)),
    keys: array(map.get(5), BOUNCER_KEYS_MAX).map(decodeKey),
  };
  const lifeSeconds = list.validUntil - list.issuedAt;
  if (lifeSeconds <= 0 || lifeSeconds > BOUNCER_KEY_LIST_LIFE_SECONDS_MAX) throw refused();
  if (new Set(list.keys.map(({ bkid }) => hex(bkid))).size !== list.keys.length) throw refused();
  return list;
}

function decodeKey(value: CborValue): BouncerKey {
  const [bkid, suite, key, notBefore, notAfter] = array(value, 5);
  return {
    bkid: byteString(bkid, BKID_BYTES, BKID_BYTES),
    suite: unsigned(suite),
    key: byteString(key, PUBLIC_KEY_BYTES_MIN, PUBLIC_KEY_BYTES_MAX),
    notBefore: unsigned(notBefore),
    notAfter: unsigned(notAfter),
  };
}

function unsigned(value: CborValue | undefined): number {
  if (typeof value !== 'number' || value < 0) throw refused();
  return value;
}

function origin(value: CborValue | undefined): string {
  if (typeof value !== 'string' || !isOrigin(value)) throw refused();
  return value;
}

function array(value: CborValue | undefined, max: number): CborValue[] {
  if (!Array.isArray(value) || value.length > max) throw refused();
  return value;
}

function byteString(value: CborValue | undefined, min: number, max: number): Uint8Array {
  if (!(value instanceof Uint8Array) || value.length < min || value.length > max) throw refused();
  return value;
}

function refused(): ProtocolError {
  return new ProtocolError('key_list_refused');
}
