// The token that a Zulip app seals to the bouncer, and the name of a token: known answers and every refusal.
import { expect, test } from 'vitest';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { sealBox } from '../../protocol/crypto/zulip/sealed-box.ts';
import {
  generateZulipBouncerKey,
  openZulipRegistration,
  type SealedZulipRegistration,
  type ZulipBouncerKey,
} from '../../protocol/registration/open/zulip/open-registration.ts';
import { sealZulipRegistration } from '../../protocol/registration/seal/zulip/seal-registration.ts';
import {
  encodeZulipRegistration,
  judgeTimestamp,
  type ZulipRegistration,
  zulipTokenId,
} from '../../protocol/registration/zulip/registration.ts';
import { textOf, utf8 } from '../../protocol/wire/bytes.ts';
import { encodeBase64 } from '../../protocol/wire/zulip/base64.ts';
import {
  BARE_TOKEN_ID,
  BOUNCER_PRIVATE_KEY,
  BOUNCER_PUBLIC_KEY,
  bytesOf,
  REGISTRATION,
  SEALED_REGISTRATION,
  TOKEN_IDS,
} from './known-answers.ts';
import { refusal } from './refusal.ts';

const key: ZulipBouncerKey = {
  publicKey: bytesOf(BOUNCER_PUBLIC_KEY),
  privateKey: BOUNCER_PRIVATE_KEY,
};
const known: SealedZulipRegistration = {
  bouncerPublicKey: BOUNCER_PUBLIC_KEY,
  encryptedPushRegistration: SEALED_REGISTRATION,
  tokenId: '+wKIhyAx/Eg=',
};
const apns: ZulipRegistration = {
  token: 'c0ffee',
  token_kind: 'apns',
  ios_app_id: 'example.app',
  timestamp: 1_754_577_820,
};
const fcm: ZulipRegistration = { token: 'android-tokenaz', token_kind: 'fcm', timestamp: 1_754_577_820 };

const open = (change: Partial<SealedZulipRegistration> = {}, keys = [key]) =>
  openZulipRegistration(nativeBackend, keys, { ...known, ...change });

/** Any text sealed to the bouncer, with the id of a token. */
const openText = (text: string | Uint8Array, token = 'c0ffee') => {
  const plaintext = typeof text === 'string' ? utf8(text) : text;
  const sealed = sealBox(nativeBackend, key.publicKey, plaintext) as Uint8Array;
  return open({
    encryptedPushRegistration: encodeBase64(sealed),
    tokenId: zulipTokenId(nativeBackend, token),
  });
};

test.each(TOKEN_IDS)('the id of the token %s is %s', (token, id, signed) => {
  expect(zulipTokenId(nativeBackend, token)).toBe(id);
  if (signed !== null) expect(new DataView(bytesOf(id).buffer).getBigInt64(0)).toBe(signed);
});

test('an id of Zulip’s documentation as a signed number', () => {
  const [id, signed] = BARE_TOKEN_ID;
  expect(new DataView(bytesOf(id).buffer).getBigInt64(0)).toBe(signed);
});

test('the known registration opens', () => {
  expect(open()).toEqual(apns);
  expect(textOf(encodeZulipRegistration(apns))).toBe(REGISTRATION);
});

test.each([apns, fcm])(
  'a sealed registration of $token_kind opens, with any of the live keys',
  (registration) => {
    const keys = [generateZulipBouncerKey(nativeBackend), key, generateZulipBouncerKey(nativeBackend)];
    for (const { publicKey } of keys) {
      const change = {
        bouncerPublicKey: encodeBase64(publicKey),
        encryptedPushRegistration: sealZulipRegistration(nativeBackend, publicKey, registration),
        tokenId: zulipTokenId(nativeBackend, registration.token),
      };
      expect(open(change, keys)).toEqual(registration);
      expect(open(change, [])).toBe(null);
    }
  },
);

test('a public key that is not ours, or ours in other words, is null', () => {
  for (const bouncerPublicKey of ['invalid public key', '', BOUNCER_PUBLIC_KEY.slice(0, -1)]) {
    expect(open({ bouncerPublicKey })).toBe(null);
  }
});

test('the blob of another key, a bent one and a cut one do not open', () => {
  const other = generateZulipBouncerKey(nativeBackend);
  expect(refusal(() => open({ bouncerPublicKey: encodeBase64(other.publicKey) }, [other]))).toBe(
    'open_failed',
  );
  const blob = bytesOf(SEALED_REGISTRATION);
  for (let length = 0; length < blob.length; length += 1) {
    const encryptedPushRegistration = encodeBase64(blob.subarray(0, length));
    expect(
      refusal(() => open({ encryptedPushRegistration })),
      `${length} bytes`,
    ).toBe('open_failed');
  }
  for (let bit = 0; bit < blob.length * 8; bit += 1) {
    const bent = blob.slice();
    bent[bit >> 3] = (bent[bit >> 3] as number) ^ (1 << (bit & 7));
    const encryptedPushRegistration = encodeBase64(bent);
    expect(
      refusal(() => open({ encryptedPushRegistration })),
      `bit ${bit}`,
    ).toBe('open_failed');
  }
});

test.each([
  ['not base64', { encryptedPushRegistration: 'not a blob' }],
  ['unencrypted', { encryptedPushRegistration: encodeBase64(utf8(REGISTRATION)) }],
])('refused: %s', (_name, change) => {
  expect(refusal(() => open(change))).toBe('open_failed');
});

test.each([
  ['of another token', 'vvV+x/U6bUA='],
  ['of the token in capitals', 'jS5/TZMf7/8='],
  ['that is none', '192057'],
  ['that is empty', ''],
])('refused: a token_id %s [R-ZUL-10]', (_name, tokenId) => {
  expect(refusal(() => open({ tokenId }))).toBe('open_failed');
});

const INSIDE: readonly (readonly [
  string,
  Readonly<Record<string, unknown>> & { readonly token?: string },
])[] = [
  ['an app id with other characters', { ...apns, ios_app_id: '* -- +' }],
  ['an empty app id', { ...apns, ios_app_id: '' }],
  ['an app id of 256 characters', { ...apns, ios_app_id: 'a'.repeat(256) }],
  ['another kind', { ...apns, token_kind: 'xyz' }],
  ['apns without an app id', { token: 'c0ffee', token_kind: 'apns', timestamp: 1 }],
  ['apns with null for it', { ...apns, ios_app_id: null }],
  ['fcm with an app id', { ...apns, token_kind: 'fcm' }],
  ['an empty token', { ...fcm, token: '' }],
  ['a token of 4097 characters', { ...fcm, token: 'a'.repeat(4097) }],
  ['an apns token that is not hexadecimal', { ...apns, token: 'c0ffeg' }],
  ['an apns token of half a byte', { ...apns, token: 'c0ffe' }],
  ['no timestamp', { token: 'c0ffee', token_kind: 'fcm' }],
  ['a timestamp in text', { ...fcm, timestamp: '1754577820' }],
  ['an empty object', {}],
];

test.each(INSIDE)('refused inside: %s', (_name, value) => {
  expect(refusal(() => openText(JSON.stringify(value), value.token))).toBe('open_failed');
});

test('refused inside: no JSON, no UTF-8, nothing', () => {
  for (const text of ['{', '', '[]', Uint8Array.of(0xff)])
    expect(refusal(() => openText(text))).toBe('open_failed');
});

test('the longest blob that is looked at has 8192 characters', () => {
  const around = JSON.stringify({ ...apns, later: '' }).length;
  const fill = (bytes: number) => JSON.stringify({ ...apns, later: 'a'.repeat(bytes - around) });
  expect(openText(fill(6144 - 48))).toEqual(apns);
  expect(refusal(() => openText(fill(6144 - 47)))).toBe('open_failed');
});

test('taken: the longest token, an app id of null with fcm, unknown fields', () => {
  const token = 'a'.repeat(4096);
  expect(openText(JSON.stringify({ ...fcm, token, ios_app_id: null, later: 1 }), token)).toEqual({
    ...fcm,
    token,
  });
  expect(openText(JSON.stringify({ ...apns, later: 1 }))).toEqual(apns);
});

test('what no bouncer would take is not sealed', () => {
  const seal = (registration: ZulipRegistration, publicKey = key.publicKey) =>
    refusal(() => sealZulipRegistration(nativeBackend, publicKey, registration));
  expect(seal({ ...apns, token: 'no hex' })).toBe('payload_malformed');
  expect(seal({ ...fcm, token: '' })).toBe('payload_malformed');
  expect(seal({ ...fcm, timestamp: 1.5 })).toBe('payload_malformed');
  expect(seal(fcm, key.publicKey.subarray(1))).toBe('key_malformed');
  expect(seal(fcm, new Uint8Array(32))).toBe('key_malformed');
  expect(seal(fcm)).toBe('none');
});

test('a registration is fresh for a day, and from the future beyond ten minutes', () => {
  const now = 1_754_577_820;
  expect(judgeTimestamp(now, now)).toBe('fresh');
  expect(judgeTimestamp(now - 86_400, now)).toBe('fresh');
  expect(judgeTimestamp(now - 86_401, now)).toBe('expired');
  expect(judgeTimestamp(now - 2 * 86_400, now)).toBe('expired');
  expect(judgeTimestamp(now + 600, now)).toBe('fresh');
  expect(judgeTimestamp(now + 601, now)).toBe('future');
});
