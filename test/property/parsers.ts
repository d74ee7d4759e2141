// Every parser of the library, with inputs that it accepts: what the searches for faults start from.
import { openEnvelope } from '../../protocol/content/open/open.ts';
import { openZulipNotification } from '../../protocol/content/open/zulip/open.ts';
import { decodePayload, encodePayload } from '../../protocol/content/payload.ts';
import { prepareSealingKey, sealNotification } from '../../protocol/content/seal/seal.ts';
import { decodeZulipPayload } from '../../protocol/content/zulip/payload.ts';
import { parsePushKey } from '../../protocol/content/zulip/push-key.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { generateKeyPair } from '../../protocol/crypto/key-pair.ts';
import { openBox } from '../../protocol/crypto/zulip/sealed-box.ts';
import { openSecretbox } from '../../protocol/crypto/zulip/secretbox.ts';
import { decodeChallenge } from '../../protocol/registration/challenge.ts';
import { decodeKeyList, encodeKeyList } from '../../protocol/registration/key-list.ts';
import { openPushToken } from '../../protocol/registration/open/open-push-token.ts';
import { signKeyList } from '../../protocol/registration/open/sign-key-list.ts';
import { openZulipRegistration } from '../../protocol/registration/open/zulip/open-registration.ts';
import {
  decodePushToken,
  decodeSealedToken,
  encodePushToken,
} from '../../protocol/registration/push-token.ts';
import { sealPushToken } from '../../protocol/registration/seal/seal-push-token.ts';
import { verifyKeyList } from '../../protocol/registration/seal/verify-key-list.ts';
import { decodeZulipRegistration, zulipTokenId } from '../../protocol/registration/zulip/registration.ts';
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import * as bouncerApi from '../../protocol/wire/bouncer-api.ts';
import { utf8 } from '../../protocol/wire/bytes.ts';
import { decodeCbor, encodeCbor } from '../../protocol/wire/cbor.ts';
import { decodeEnvelope } from '../../protocol/wire/envelope.ts';
import * as ids from '../../protocol/wire/ids.ts';
import { encodeAppId, encodeOrigin } from '../../protocol/wire/origin.ts';
import { pad, unpad } from '../../protocol/wire/padding.ts';
import * as problem from '../../protocol/wire/problem.ts';
import * as pushApi from '../../protocol/wire/push-api.ts';
import { SUITE_XWING_BASE, SUITE_XWING_PSK } from '../../protocol/wire/suites.ts';
import { decodeBase64 } from '../../protocol/wire/zulip/base64.ts';
import { parseZulipNotification } from '../../protocol/wire/zulip/notification.ts';
import { messageOf, payloadOf, phoneKey, serverKey } from '../content/alice-phone.ts';
import { EXAMPLE_BODIES, EXAMPLE_ITEM } from '../docs/example-bodies.ts';
import {
  apns,
  apnsToken,
  bouncerKey,
  bouncerPrivateKey,
  fcm,
  fcmToken,
  keyList,
  NOW,
} from '../registration/push-bouncer.ts';
import { boxAround, message, NO_HISTORY, openingKey, PUSH_KEY_ID } from '../zulip/alice-phone.ts';
import {
  BOUNCER_PRIVATE_KEY,
  BOUNCER_PUBLIC_KEY,
  bytesOf,
  KEY,
  MESSAGE,
  PUSH_KEY,
  REGISTRATION,
  REMOVE,
  SEALED_REGISTRATION,
} from '../zulip/known-answers.ts';

/** A parser, and inputs that are good ones. */
export interface Parser<Input> {
  readonly name: string;
  readonly parse: (input: Input) => unknown;
  readonly seeds: readonly Input[];
}

const PAYLOADS = [
  messageOf({}, { unread: 1, removed: [1, Uint8Array.of(2)] }),
  messageOf({ truncated: true, edited: true, text: 'Grüße 👋' }),
  payloadOf({ kind: 'remove', references: [1, Uint8Array.of(9, 9), 70_000] }),
  payloadOf({ kind: 'badge' }, { unread: 3 }),
  payloadOf({ kind: 'test', nonce: new Uint8Array(16) }),
].map(encodePayload);
const VALUES = [0, 23, 24, 65_536, -1, 'text', true, null, [[[[1]]]], new Map([[1, Uint8Array.of(1)]])].map(
  encodeCbor,
);

const xwing = generateKeyPair(nativeBackend, SUITE_XWING_PSK);
const xwingPhoneKey = { ...phoneKey, suite: SUITE_XWING_PSK, privateKey: xwing.privateKey };
const xwingServerKey = { ...serverKey(), suite: SUITE_XWING_PSK, publicKey: xwing.publicKey };
const ENVELOPES = [serverKey(), xwingServerKey].map((key) =>
  sealNotification(nativeBackend, prepareSealingKey(nativeBackend, key), messageOf(), 512),
);

const BOUNCER_KEYS = [bouncerPrivateKey, { ...bouncerPrivateKey, suite: SUITE_XWING_BASE, ...xwing }];
const SEALED_TOKENS = [bouncerKey, { ...bouncerKey, suite: SUITE_XWING_BASE.id, key: xwing.publicKey }].map(
  (key) => sealPushToken(nativeBackend, key, apns, apnsToken).blob,
);

const rootSeed = new Uint8Array(32).fill(5);
const SIGNED_LIST = signKeyList(nativeBackend, rootSeed, keyList);
const TRUST = {
  roots: [nativeBackend.ed25519PublicKey(rootSeed)],
  buildTime: 0,
  lowestVersion: 0,
  seen: null,
};

const zulipBouncerKey = { publicKey: bytesOf(BOUNCER_PUBLIC_KEY), privateKey: BOUNCER_PRIVATE_KEY };

/** Parsers of bytes. */
export const BYTE_PARSERS: readonly Parser<Uint8Array>[] = [
  { name: 'CBOR', parse: decodeCbor, seeds: [...PAYLOADS, ...VALUES, encodeKeyList(keyList)] },
  { name: 'padding', parse: unpad, seeds: PAYLOADS.map((cbor) => pad(cbor, 512)) },
  { name: 'envelope', parse: decodeEnvelope, seeds: ENVELOPES },
  { name: 'payload', parse: decodePayload, seeds: PAYLOADS },
  {
    name: 'opening an envelope of suite 0x01',
    parse: (bytes) => openEnvelope(nativeBackend, bytes, () => phoneKey),
    seeds: ENVELOPES.slice(0, 1),
  },
  {
    name: 'opening an envelope of suite 0x02',
    parse: (bytes) => openEnvelope(nativeBackend, bytes, () => xwingPhoneKey),
    seeds: ENVELOPES.slice(1),
  },
  { name: 'sealed token', parse: decodeSealedToken, seeds: SEALED_TOKENS },
  {
    name: 'push token for apns',
    parse: (bytes) => decodePushToken('apns', bytes),
    seeds: [encodePushToken('apns', apnsToken)],
  },
  {
    name: 'push token for fcm',
    parse: (bytes) => decodePushToken(fcm.platform, bytes),
    seeds: [encodePushToken('fcm', fcmToken)],
  },
  {
    name: 'opening a push token',
    parse: (bytes) => openPushToken(nativeBackend, BOUNCER_KEYS, apns, bytes),
    seeds: SEALED_TOKENS,
  },
  { name: 'key list', parse: decodeKeyList, seeds: [encodeKeyList(keyList)] },
  { name: 'challenge', parse: decodeChallenge, seeds: [new Uint8Array(48).fill(7)] },
  {
    name: "Zulip's payload",
    parse: decodeZulipPayload,
    seeds: [utf8(JSON.stringify(message)), utf8(MESSAGE.plaintext), utf8(REMOVE.plaintext)],
  },
  {
    name: "Zulip's registration",
    parse: decodeZulipRegistration,
    seeds: [utf8(REGISTRATION)],
  },
  {
    name: 'secretbox',
    parse: (bytes) => openSecretbox(KEY, bytes),
    seeds: [bytesOf(MESSAGE.encryptedData), bytesOf(REMOVE.encryptedData)],
  },
  {
    name: 'sealed box',
    parse: (bytes) => openBox(zulipBouncerKey.publicKey, zulipBouncerKey.privateKey, bytes),
    seeds: [bytesOf(SEALED_REGISTRATION)],
  },
];

/** Parsers of text. */
export const TEXT_PARSERS: readonly Parser<string>[] = [
  { name: 'base64url', parse: decodeBase64url, seeds: ['', 'AA', 'AAA', '_-_-', 'Zm9vYg'] },
  {
    name: 'origin',
    parse: encodeOrigin,
    seeds: [phoneKey.origin, 'https://192.0.2.1', 'https://a.example:8443'],
  },
  { name: 'app id', parse: encodeAppId, seeds: [phoneKey.appId, 'a_b-c.d'] },
  {
    name: 'signed key list',
    parse: (bytes) =>
      verifyKeyList(nativeBackend, TRUST, keyList.bouncerOrigin, { ...SIGNED_LIST, bytes }, NOW),
    seeds: [SIGNED_LIST.bytes],
  },
  {
    name: 'signature of a key list',
    parse: (signature) =>
      verifyKeyList(nativeBackend, TRUST, keyList.bouncerOrigin, { ...SIGNED_LIST, signature }, NOW),
    seeds: [SIGNED_LIST.signature],
  },
  {
    name: 'root of a key list',
    parse: (root) =>
      verifyKeyList(nativeBackend, TRUST, keyList.bouncerOrigin, { ...SIGNED_LIST, root }, NOW),
    seeds: [SIGNED_LIST.root],
  },
  { name: "Zulip's base64", parse: decodeBase64, seeds: ['', 'AA==', 'AAA=', 'a+/b', PUSH_KEY] },
  { name: "Zulip's push key", parse: (text) => parsePushKey(text, NO_HISTORY), seeds: [PUSH_KEY] },
  {
    name: "opening Zulip's notification",
    parse: (encryptedData) =>
      openZulipNotification({ pushKeyId: PUSH_KEY_ID, encryptedData }, () => openingKey),
    seeds: [MESSAGE.encryptedData, boxAround(JSON.stringify(message)), boxAround('{}'), boxAround('[')],
  },
  {
    name: "opening Zulip's registration",
    parse: (encryptedPushRegistration) =>
      openZulipRegistration(nativeBackend, [zulipBouncerKey], {
        bouncerPublicKey: BOUNCER_PUBLIC_KEY,
        encryptedPushRegistration,
        tokenId: zulipTokenId(nativeBackend, JSON.parse(REGISTRATION).token),
      }),
    seeds: [SEALED_REGISTRATION],
  },
];

/** Something that gives a verdict on any value. */
interface Schema {
  safeParse(value: unknown): { readonly success: boolean };
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && 'safeParse' in value;
}

/** What a schema of a single field may take: byte strings of every length that the wire has, and other scalars. */
const FIELDS: readonly unknown[] = [
  ...[1, 4, 16, 32, 64, 565, 1653].map((bytes) => encodeBase64url(new Uint8Array(bytes))),
  ...['https://chat.example.org', 'org.example.chat', 'apns', 'fcm', 'production', '', 1_790_000_000],
];

/** Every schema that the wire's files export, by its name. */
const SCHEMAS: readonly (readonly [string, Schema])[] = [ids, bouncerApi, pushApi, problem]
  .flatMap((exports) => Object.entries(exports) as [string, unknown][])
  .flatMap(([name, value]) => (isSchema(value) ? [[name, value] as const] : []));

function seedsOf(name: string, schema: Schema): readonly unknown[] {
  if (name === 'notificationItemSchema') return [EXAMPLE_ITEM];
  const example = EXAMPLE_BODIES[name];
  return example === undefined ? FIELDS.filter((field) => schema.safeParse(field).success) : [example.body];
}

/** Parsers of JSON values: the bodies of requests and answers, their fields, and Zulip's notification. */
export const VALUE_PARSERS: readonly Parser<unknown>[] = [
  ...SCHEMAS.map(([name, schema]) => ({
    name,
    parse: (value: unknown) => (schema.safeParse(value).success ? value : null),
    seeds: seedsOf(name, schema),
  })),
  {
    name: "Zulip's notification",
    parse: parseZulipNotification,
    seeds: [
      { push_key_id: 1, encrypted_data: MESSAGE.encryptedData },
      { push_key_id: '4294967295', encrypted_data: '' },
    ],
  },
];
