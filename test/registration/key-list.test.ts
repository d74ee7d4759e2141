// The list of bouncer keys (SPEC.md section 6): verified first, then decoded, never rolled back; the app picks.
import { expect, test } from 'vitest';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import {
  type BouncerKey,
  decodeKeyList,
  encodeKeyList,
  type KeyList,
} from '../../protocol/registration/key-list.ts';
import { signKeyList } from '../../protocol/registration/open/sign-key-list.ts';
import { rootId } from '../../protocol/registration/root-key.ts';
import {
  type KeyListTrust,
  selectBouncerKey,
  verifyKeyList,
} from '../../protocol/registration/seal/verify-key-list.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { type SignedKeyList, signedKeyListSchema } from '../../protocol/wire/bouncer-api.ts';
import { concat, hex, utf8 } from '../../protocol/wire/bytes.ts';
import { type CborValue, encodeCbor } from '../../protocol/wire/cbor.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { bouncerKey, keyList, NOW } from './push-bouncer.ts';

const DAY = 86_400;
const refused = new ProtocolError('key_list_refused');
const SEED = new Uint8Array(32).fill(1);
const OFFLINE_SEED = new Uint8Array(32).fill(2);
const FOREIGN_SEED = new Uint8Array(32).fill(3);
const publicOf = (seed: Uint8Array) => nativeBackend.ed25519PublicKey(seed);

const trust: KeyListTrust = {
  roots: [publicOf(SEED), publicOf(OFFLINE_SEED)],
  buildTime: NOW - 100 * DAY,
  lowestVersion: 3,
  seen: null,
};
const sign = (list: KeyList = keyList, seed = SEED) => signKeyList(nativeBackend, seed, list);
const verify = (signed: SignedKeyList, change: Partial<KeyListTrust> = {}, now = NOW) =>
  verifyKeyList(nativeBackend, { ...trust, ...change }, 'https://push.example.org', signed, now);

/** Any bytes, signed by the root as if they were a list. */
function signBytes(bytes: Uint8Array, seed = SEED): SignedKeyList {
  const message = concat(utf8('sealed-push/1 bouncer keys'), bytes);
  return {
    root: encodeBase64url(rootId(nativeBackend, publicOf(seed))),
    signature: encodeBase64url(nativeBackend.ed25519Sign(seed, message)),
    bytes: encodeBase64url(bytes),
  };
}

test('the list, byte for byte', () => {
  const list: KeyList = {
    version: 1,
    issuedAt: 2,
    validUntil: 3,
    bouncerOrigin: 'https://a',
    keys: [
      { bkid: Uint8Array.of(1, 2, 3, 4), suite: 0x11, key: new Uint8Array(32), notBefore: 4, notAfter: 5 },
    ],
  };
  const expected = `a5010102020303046968747470733a2f2f610581854401020304115820${'00'.repeat(32)}0405`;
  expect(hex(encodeKeyList(list))).toBe(expected);
  expect(decodeKeyList(encodeKeyList(list))).toEqual(list);
});

test('a signed list is accepted, with what to keep of it', () => {
  const signed = sign();
  expect(signedKeyListSchema.parse(signed)).toEqual(signed);
  const { list, seen } = verify(signed);
  expect(list).toEqual(keyList);
  expect(seen).toEqual({
    version: 7,
    issuedAt: keyList.issuedAt,
    digest: nativeBackend.sha256(encodeKeyList(keyList)),
  });
  expect(signed).toEqual(signBytes(encodeKeyList(keyList)));
});

test('either root may sign, and the same list is accepted again', () => {
  const { seen } = verify(sign(keyList, OFFLINE_SEED));
  expect(verify(sign(), { seen }).seen).toEqual(seen);
});

test('an empty list is a list: it revokes every key', () => {
  expect(verify(sign({ ...keyList, keys: [] })).list.keys).toEqual([]);
});

const later = { ...keyList, version: 8 };
const seenLater = verify(sign(later)).seen;
const other = { ...keyList, issuedAt: keyList.issuedAt + 1 };

const flipped = (text: string): string => (text.startsWith('A') ? `B${text.slice(1)}` : `A${text.slice(1)}`);

const REFUSED: readonly (readonly [string, SignedKeyList, Partial<KeyListTrust>])[] = [
  ['an unknown root', sign(keyList, FOREIGN_SEED), {}],
  [
    "an unknown root that takes a known one's name",
    { ...sign(keyList, FOREIGN_SEED), root: sign().root },
    {},
  ],
  ['the other root named', { ...sign(), root: sign(keyList, OFFLINE_SEED).root }, {}],
  ['no roots', sign(), { roots: [] }],
  ['a flipped signature [R-LST-02]', { ...sign(), signature: flipped(sign().signature) }, {}],
  ['a signature of another list', { ...sign(), signature: sign(later).signature }, {}],
  ['a signature that is too short', { ...sign(), signature: sign().signature.slice(0, 80) }, {}],
  ['an empty signature', { ...sign(), signature: '' }, {}],
  ['flipped bytes', { ...sign(), bytes: flipped(sign().bytes) }, {}],
  ['a lower version than was seen [R-LST-05]', sign(), { seen: seenLater }],
  ['a lower version than the app was built with [R-LST-05]', sign(), { lowestVersion: 8 }],
  ['other bytes of the same version [R-LST-06]', sign(other), { seen: verify(sign()).seen }],
  ['another bouncer [R-LST-04]', sign({ ...keyList, bouncerOrigin: 'https://push.example.com' }), {}],
  ['a list that had expired when the app was built [R-LST-07]', sign(), { buildTime: keyList.validUntil }],
  [
    'a list that had expired when another was issued [R-LST-07]',
    sign(later),
    { seen: { version: 7, issuedAt: keyList.validUntil, digest: new Uint8Array(32) } },
  ],
];

test.each(REFUSED)('refuses %s', (_name, signed, change) => {
  expect(() => verify(signed, change)).toThrow(refused);
});

test('a signature made without the label is none', () => {
  const bytes = encodeKeyList(keyList);
  const signature = encodeBase64url(nativeBackend.ed25519Sign(SEED, bytes));
  expect(() => verify({ ...sign(), signature })).toThrow(refused);
});

test.each<readonly [string, SignedKeyList]>([
  ['a root with padding', { ...sign(), root: `${sign().root}==` }],
  ['a signature that is not base64url', { ...sign(), signature: '+'.repeat(86) }],
  ['bytes with a length of 1 modulo 4', { ...sign(), bytes: 'AAAAA' }],
  ['bytes that are no CBOR, signed', signBytes(Uint8Array.of(0xff))],
  ['bytes that are no CBOR, signed by nobody known', signBytes(Uint8Array.of(0xff), FOREIGN_SEED)],
  ['more bytes than a list has', { ...sign(), bytes: 'A'.repeat(32_769) }],
])('%s: the code of every refusal', (_name, signed) => {
  expect(() => verify(signed)).toThrow(refused);
});

test('the length is looked at before anything is decoded', () => {
  const backend = {
    ...nativeBackend,
    sha256: () => {
      throw new Error('looked further');
    },
  };
  const run = (bytes: string) =>
    verifyKeyList(backend, trust, 'https://push.example.org', { ...sign(), bytes }, NOW);
  expect(() => run('A'.repeat(32_770))).toThrow(refused);
  expect(() => run('A'.repeat(32_768))).toThrow('looked further');
});

test('a key is chosen for the latest of build time, issued_at and the clock', () => {
  const at = (now: number, change: Partial<KeyListTrust> = {}) => verify(sign(), change, now).now;
  expect(at(NOW)).toBe(NOW);
  expect(at(0)).toBe(keyList.issuedAt);
  expect(at(0, { buildTime: NOW + 5 })).toBe(NOW + 5);
  expect(at(0, { seen: { version: 6, issuedAt: NOW + 9, digest: new Uint8Array(32) } })).toBe(NOW + 9);
});

test('expired by the clock of the device alone: the clock is named [R-LST-08]', () => {
  const wrong = new ProtocolError('clock_wrong');
  expect(() => verify(sign(), {}, keyList.validUntil - 1)).not.toThrow();
  expect(() => verify(sign(), {}, keyList.validUntil)).toThrow(wrong);
  expect(() => verify(sign(), {}, Number.MAX_SAFE_INTEGER)).toThrow(wrong);
  expect(() => verify(sign(), { buildTime: keyList.validUntil }, NOW)).toThrow(refused);
  expect(() => verify(sign(), { buildTime: keyList.validUntil - 1 }, NOW)).not.toThrow();
});

test('a clock that is behind makes no list wrong', () => {
  expect(verify(sign(), {}, 0).list.version).toBe(7);
});

test('the highest version moves on, and the newest issued_at seen is never forgotten', () => {
  const first = verify(sign()).seen;
  const second = verify(sign({ ...later, issuedAt: NOW }), { seen: first }).seen;
  expect(second).toMatchObject({ version: 8, issuedAt: NOW });
  const third = verify(sign({ ...keyList, version: 9 }), { seen: second }).seen;
  expect(third).toMatchObject({ version: 9, issuedAt: NOW });
});

const keys = (count: number): BouncerKey[] =>
  Array.from({ length: count }, (_, i) => ({ ...bouncerKey, bkid: Uint8Array.of(0, 0, 0, i) }));

test('16 keys of the largest suite fit', () => {
  const list = {
    ...keyList,
    keys: keys(16).map((key) => ({ ...key, suite: 0x12, key: new Uint8Array(1216) })),
  };
  expect(verify(sign(list)).list.keys.length).toBe(16);
});

test.each<readonly [string, Partial<KeyList>]>([
  ['17 keys', { keys: keys(17) }],
  ['a life of 30 days and a second', { validUntil: keyList.issuedAt + 30 * DAY + 1 }],
  ['an end that is its beginning', { validUntil: keyList.issuedAt }],
  ['two keys of one bkid', { keys: [bouncerKey, { ...bouncerKey, notBefore: 0 }] }],
  ['an origin in another form', { bouncerOrigin: 'https://push.example.org/' }],
  ['a negative version', { version: -1 }],
  ['a bkid of 3 bytes', { keys: [{ ...bouncerKey, bkid: new Uint8Array(3) }] }],
  ['a key of 31 bytes', { keys: [{ ...bouncerKey, key: new Uint8Array(31) }] }],
  ['a key of 1217 bytes', { keys: [{ ...bouncerKey, key: new Uint8Array(1217) }] }],
  ['a negative time', { keys: [{ ...bouncerKey, notBefore: -1 }] }],
])('a list with %s is not signed, and refused if it were [R-LST-01] [R-LST-03]', (_name, change) => {
  const list = { ...keyList, ...change };
  expect(() => sign(list)).toThrow(refused);
  expect(() => verify(signBytes(encodeKeyList(list)))).toThrow(refused);
});

test('a life of exactly 30 days is allowed', () => {
  const list = { ...keyList, validUntil: keyList.issuedAt + 30 * DAY };
  expect(verify(sign(list)).list).toEqual(list);
});

const FIELDS: readonly (readonly [number, CborValue])[] = [
  [1, 7],
  [2, keyList.issuedAt],
  [3, keyList.validUntil],
  [4, 'https://push.example.org'],
  [5, []],
];
const listOf = (...change: readonly (readonly [number, CborValue])[]): Uint8Array =>
  encodeCbor(new Map([...FIELDS, ...change]));
const ENTRY: readonly CborValue[] = [bouncerKey.bkid, 0x11, bouncerKey.key, 0, 1];

test.each<readonly [string, Uint8Array]>([
  ['a map key that is not known', listOf([6, 0])],
  ['a field less', encodeCbor(new Map(FIELDS.slice(0, 4)))],
  ['an array instead of a map', encodeCbor([])],
  ['a version as text', listOf([1, '7'])],
  ['an origin as bytes', listOf([4, utf8('https://push.example.org')])],
  ['keys as a map', listOf([5, new Map()])],
  ['a key of four fields', listOf([5, [ENTRY.slice(0, 4)]])],
  ['a key of six fields', listOf([5, [[...ENTRY, 0]]])],
  ['a suite as text', listOf([5, [ENTRY.with(1, '17')]])],
  ['a key as text', listOf([5, [ENTRY.with(2, 'a'.repeat(32))]])],
  ['a time null', listOf([5, [ENTRY.with(4, null)]])],
])('a list with %s is refused [R-LST-03]', (_name, bytes) => {
  expect(() => decodeKeyList(bytes)).toThrow(refused);
});

test('the rows above differ from this, which passes', () => {
  expect(decodeKeyList(listOf([5, [[...ENTRY]]])).keys.length).toBe(1);
});

const early = { ...bouncerKey, bkid: Uint8Array.of(1, 0, 0, 0), notBefore: NOW - 2 * DAY };
const late = { ...bouncerKey, bkid: Uint8Array.of(9, 0, 0, 0), notBefore: NOW - DAY };
const lateToo = { ...late, bkid: Uint8Array.of(8, 0, 0, 1) };
const ended = { ...bouncerKey, bkid: Uint8Array.of(2, 0, 0, 0), notBefore: NOW - 1, notAfter: NOW };
const coming = { ...bouncerKey, bkid: Uint8Array.of(3, 0, 0, 0), notBefore: NOW + 1 };
const foreign = { ...late, bkid: Uint8Array.of(4, 0, 0, 0), suite: 0x12, notBefore: NOW };

test.each<readonly [string, readonly BouncerKey[], BouncerKey]>([
  ['the only one', [late], late],
  ['the largest not_before', [early, late], late],
  ['the largest not_before, in any order', [late, early], late],
  ['then the smallest bkid', [late, lateToo], lateToo],
  ['then the smallest bkid, in any order', [lateToo, late], lateToo],
  ['none that has ended', [ended, early], early],
  ['none that is still to come', [coming, early], early],
  ['none of another suite', [foreign, early], early],
  ['one whose time begins now', [early, { ...late, notBefore: NOW }], { ...late, notBefore: NOW }],
  ['one that ends in a second', [{ ...late, notAfter: NOW + 1 }], { ...late, notAfter: NOW + 1 }],
])('selects %s [R-LST-10]', (_name, candidates, expected) => {
  expect(selectBouncerKey({ ...keyList, keys: candidates }, 0x11, NOW)).toEqual(expected);
});

test.each<readonly [string, readonly BouncerKey[]]>([
  ['an empty list', []],
  ['a list of keys that have ended', [ended]],
  ['a list of keys to come', [coming]],
  ['a list of keys of another suite', [foreign]],
])('%s has no key [R-LST-11]', (_name, candidates) => {
  const run = () => selectBouncerKey({ ...keyList, keys: candidates }, 0x11, NOW);
  expect(run).toThrow(new ProtocolError('no_bouncer_key'));
});

test('selecting leaves the list in its order', () => {
  const list = { ...keyList, keys: [early, late] };
  selectBouncerKey(list, 0x11, NOW);
  expect(list.keys).toEqual([early, late]);
});

test("a root's name is the first 4 bytes of SHA-256 of its public key", () => {
  const root = publicOf(SEED);
  expect(rootId(nativeBackend, root)).toEqual(nativeBackend.sha256(root).slice(0, 4));
});

test('the version that the app was built with is not too low', () => {
  expect(verify(sign(), { lowestVersion: keyList.version }).list.version).toBe(keyList.version);
});
