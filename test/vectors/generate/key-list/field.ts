// The bouncer's list and the app that trusts two roots: what an honest operator signs, and how a case is made.
import { portableBackend as backend } from '../../../../protocol/crypto/backend-portable.ts';
import { concat, hex, utf8 } from '../../../../protocol/wire/bytes.ts';
import { type CborMap, type CborValue, encodeCbor } from '../../../../protocol/wire/cbor.ts';
import { unhex } from '../../device/unhex.ts';
import type {
  BouncerKeyEntry,
  KeyListCase,
  ListForm,
  SeenForm,
  SignedForm,
  TrustForm,
} from '../../shape/key-list.ts';
import { draw } from '../draw.ts';
import { headOf, type Told } from '../told.ts';

export const DAY_SECONDS = 86_400;
/** Noon of 21 November 2026 (UTC), in unix seconds. */
export const NOON = 1_795_262_400;
const BOUNCER_ORIGIN = 'https://bouncer.example.net';
const LABEL = utf8('sealed-push/1 bouncer keys');

export const ROOT_SEED: Uint8Array = draw('root seed', 32);
export const OFFLINE_SEED: Uint8Array = draw('offline root seed', 32);
export const STRANGE_SEED: Uint8Array = draw('a root that no app knows', 32);

export const TRUST: TrustForm = {
  roots: [ROOT_SEED, OFFLINE_SEED].map((seed) => hex(backend.ed25519PublicKey(seed))),
  build_time: NOON - 40 * DAY_SECONDS,
  lowest_version: 5,
  seen: null,
};

/** A key of the list; its bytes are random, because nobody seals to it here. */
export function entry(suite: number, name: string, change: Partial<BouncerKeyEntry> = {}): BouncerKeyEntry {
  return {
    bkid: hex(draw(`${name} bkid`, 4)),
    suite,
    key: hex(draw(`${name} key`, 32)),
    not_before: NOON - DAY_SECONDS,
    not_after: NOON + 60 * DAY_SECONDS,
    ...change,
  };
}

export const KEY_11: BouncerKeyEntry = entry(0x11, 'list key 0x11');
export const KEY_12: BouncerKeyEntry = entry(0x12, 'list key 0x12', {
  key: hex(draw('list key 0x12', 1216)),
});

export const LIST: ListForm = {
  version: 7,
  issued_at: NOON - DAY_SECONDS,
  valid_until: NOON + 20 * DAY_SECONDS,
  bouncer_origin: BOUNCER_ORIGIN,
  keys: [KEY_11],
};

/** The list as a CBOR map, open to change. */
export function listMap(list: ListForm): CborMap {
  return new Map<number, CborValue>([
    [1, list.version],
    [2, list.issued_at],
    [3, list.valid_until],
    [4, list.bouncer_origin],
    [5, list.keys.map(entryItems)],
  ]);
}

/** A key as the array on the wire. */
export function entryItems(key: BouncerKeyEntry): CborValue[] {
  return [unhex(key.bkid), key.suite, unhex(key.key), key.not_before, key.not_after];
}

/** What stands for a root on the wire. */
export function rootId(seed: Uint8Array): Uint8Array {
  return backend.sha256(backend.ed25519PublicKey(seed)).slice(0, 4);
}

/** Any bytes as a signed list. */
export function sign(list: Uint8Array, seed: Uint8Array = ROOT_SEED, label: Uint8Array = LABEL): SignedForm {
  return {
    root: base64url(rootId(seed)),
    signature: base64url(backend.ed25519Sign(seed, concat(label, list))),
    bytes: base64url(list),
  };
}

export function base64url(value: Uint8Array): string {
  return Buffer.from(value).toString('base64url');
}

/** What an app keeps of a list. */
export function seenOf(list: ListForm, issuedAt: number = list.issued_at): SeenForm {
  const digest = hex(backend.sha256(encodeCbor(listMap(list))));
  return { version: list.version, issued_at: issuedAt, digest };
}

/** An app, a list and a clock; what is left out is honest. */
export interface Setting {
  readonly trust?: TrustForm;
  readonly now?: number;
  readonly seed?: Uint8Array;
}

/** A list that is trusted. `select` is what the author says, not what anything computed. */
export function valid(
  told: Told,
  list: ListForm,
  select: readonly [now: number, bkid11: string | null, bkid12: string | null],
  { trust = TRUST, now = NOON, seed = ROOT_SEED }: Setting = {},
): KeyListCase {
  const [chosenFor, bkid11, bkid12] = select;
  return {
    ...headOf('list', told),
    result: 'valid',
    trust,
    bouncer_origin: BOUNCER_ORIGIN,
    signed: sign(encodeCbor(listMap(list)), seed),
    now,
    list,
    seen: seenOf(list, Math.max(list.issued_at, trust.seen?.issued_at ?? 0)),
    select: { now: chosenFor, bkid_11: bkid11, bkid_12: bkid12 },
  };
}

/** A list that is refused. */
export function refused(
  told: Told,
  signed: SignedForm,
  { trust = TRUST, now = NOON }: Setting = {},
  code: 'key_list_refused' | 'clock_wrong' = 'key_list_refused',
): KeyListCase {
  const head = headOf('list', told);
  return { ...head, result: 'refused', code, trust, bouncer_origin: BOUNCER_ORIGIN, signed, now };
}

/** The honest list with some of it changed, signed. */
export function signedList(change: Partial<ListForm> = {}): SignedForm {
  return sign(encodeCbor(listMap({ ...LIST, ...change })));
}
