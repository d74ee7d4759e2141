// The values of SPEC.md's worked example (appendix B), computed by the library from fixed inputs. Randomness is
// injected: a backend whose randomBytes hands out the ephemeral key of the example.
import { encodeInfo, encodePskId } from '../../protocol/content/info.ts';
import type { OpeningKey } from '../../protocol/content/open/open.ts';
import { encodePayload, type Payload } from '../../protocol/content/payload.ts';
import { prepareSealingKey, type SealingKey, sealNotification } from '../../protocol/content/seal/seal.ts';
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { createPortableBackend } from '../../protocol/crypto/backend-portable.ts';
import { labeledExpand, labeledExtract } from '../../protocol/crypto/hkdf.ts';
import { derivePsk, stepChain } from '../../protocol/crypto/ratchet.ts';
import { challengeMac, confirmationMac, revocationMac } from '../../protocol/registration/challenge.ts';
import { encodeKeyList, type KeyList } from '../../protocol/registration/key-list.ts';
import { signKeyList } from '../../protocol/registration/open/sign-key-list.ts';
import {
  encodePushToken,
  encodeTokenInfo,
  type PushToken,
  type TokenContext,
} from '../../protocol/registration/push-token.ts';
import { rootId } from '../../protocol/registration/root-key.ts';
import { sealPushToken } from '../../protocol/registration/seal/seal-push-token.ts';
import type { SignedKeyList } from '../../protocol/wire/bouncer-api.ts';
import { concat, u8, u16, utf8 } from '../../protocol/wire/bytes.ts';
import { type Bucket, REPLAY_HASH_BYTES } from '../../protocol/wire/limits.ts';
import { pad, unpad } from '../../protocol/wire/padding.ts';
import { SUITE_X25519_BASE, SUITE_X25519_PSK, type Suite } from '../../protocol/wire/suites.ts';

/** Noon of 21 November 2026 (UTC), in unix seconds. */
export const NOON_SECONDS = 1_795_262_400;
const DAY_SECONDS = 86_400;

/** `length` bytes that count up from `first`: easy to type, easy to see in a dump. */
export function counting(first: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => (first + index) & 0xff);
}

/** A backend with fixed bytes in place of randomness. */
function withEphemeral(ephemeral: Uint8Array): CryptoBackend {
  return createPortableBackend(() => ephemeral.slice());
}

export const DEVICE_PRIVATE_KEY: Uint8Array = counting(0x00, 32);
export const EPHEMERAL_KEY: Uint8Array = counting(0x20, 32);
export const FIRST_CHAIN: Uint8Array = counting(0x40, 32);
export const ATTEMPT: Uint8Array = counting(0x70, 16);
export const CHALLENGE: Uint8Array = counting(0x80, 16);
export const CONFIRM_KEY: Uint8Array = counting(0x90, 32);
export const BOUNCER_PRIVATE_KEY: Uint8Array = counting(0xb0, 32);
export const TOKEN_EPHEMERAL_KEY: Uint8Array = counting(0xd0, 32);
export const ROOT_SEED: Uint8Array = counting(0xf0, 32);
export const BUCKET: Bucket = 512;
export const KEEP_DAYS = 3;

const EPOCH = 3;
const MOVED_EPOCH = 6;
const chains = [0, 1, 2, 3].map((steps) => stepChain(nativeBackend, FIRST_CHAIN, steps));

/** The recipient as the server knows it on day 3. */
export const SEALING_KEY: SealingKey = {
  suite: SUITE_X25519_PSK,
  kid: counting(0x60, 4),
  origin: 'https://chat.example.org',
  appId: 'org.example.chat',
  registrationId: counting(0x10, 16),
  publicKey: nativeBackend.x25519PublicKey(DEVICE_PRIVATE_KEY),
  epoch: EPOCH,
  chain: chains[EPOCH] as Uint8Array,
};

/** The same key as alice-phone holds it; it has kept chain[0]. */
export const OPENING_KEY: OpeningKey = {
  suite: SEALING_KEY.suite,
  kid: SEALING_KEY.kid,
  origin: SEALING_KEY.origin,
  appId: SEALING_KEY.appId,
  registrationId: SEALING_KEY.registrationId,
  privateKey: DEVICE_PRIVATE_KEY,
  epoch: 0,
  chain: FIRST_CHAIN,
  keepDays: KEEP_DAYS,
};

const HEAD = { sentAt: NOON_SECONDS * 1000, counter: 17, ttlSeconds: KEEP_DAYS * DAY_SECONDS } as const;

/** One payload of each kind; the message is the one that appendix B seals. */
export const PAYLOADS: Readonly<Record<'message' | 'remove' | 'badge' | 'test' | 'session', Payload>> = {
  message: {
    ...HEAD,
    kind: 'message',
    unread: 2,
    removed: [4702],
    message: {
      reference: 4711,
      conversation: { kind: 'channel', id: 12, name: 'general', topic: 'lunch' },
      sender: { name: 'bob', avatar: '/avatar/2' },
      text: 'Soup or salad? 🥗',
      mention: 'personal',
    },
  },
  remove: { ...HEAD, kind: 'remove', unread: 0, references: [4711, counting(0x01, 4)] },
  badge: { ...HEAD, kind: 'badge', unread: 5 },
  test: { ...HEAD, kind: 'test', nonce: counting(0xa0, 16) },
  session: { ...HEAD, kind: 'session' },
};

/** The key schedule, between the KEM's secret and the key of the AEAD. */
export interface ScheduleSteps {
  readonly sharedSecret: Uint8Array;
  readonly suiteId: Uint8Array;
  readonly pskIdHash: Uint8Array;
  readonly infoHash: Uint8Array;
  readonly context: Uint8Array;
  readonly secret: Uint8Array;
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

export interface HpkeSteps extends ScheduleSteps {
  readonly dh: Uint8Array;
  readonly eaePrk: Uint8Array;
  readonly kemContext: Uint8Array;
  readonly enc: Uint8Array;
}

/** Every step of HPKE over X25519 between its inputs and the key of the AEAD. */
function hpkeSteps(
  suite: Suite,
  ephemeral: Uint8Array,
  publicKey: Uint8Array,
  info: Uint8Array,
  psk: Uint8Array,
  pskId: Uint8Array,
): HpkeSteps {
  const kemId = concat(utf8('KEM'), u16(suite.kemId));
  const enc = nativeBackend.x25519PublicKey(ephemeral);
  const dh = nativeBackend.x25519SharedSecret(ephemeral, publicKey) as Uint8Array;
  const eaePrk = labeledExtract(nativeBackend, kemId, new Uint8Array(0), 'eae_prk', dh);
  const kemContext = concat(enc, publicKey);
  const sharedSecret = labeledExpand(nativeBackend, kemId, eaePrk, 'shared_secret', kemContext, 32);
  return { dh, eaePrk, kemContext, enc, ...scheduleSteps(suite, sharedSecret, info, psk, pskId) };
}

/** Every step from the KEM's secret on, which are the same in all suites. */
export function scheduleSteps(
  suite: Suite,
  sharedSecret: Uint8Array,
  info: Uint8Array,
  psk: Uint8Array,
  pskId: Uint8Array,
): ScheduleSteps {
  const empty = new Uint8Array(0);
  const suiteId = concat(utf8('HPKE'), u16(suite.kemId), u16(suite.kdfId), u16(suite.aeadId));
  const pskIdHash = labeledExtract(nativeBackend, suiteId, empty, 'psk_id_hash', pskId);
  const infoHash = labeledExtract(nativeBackend, suiteId, empty, 'info_hash', info);
  const context = concat(u8(suite.mode === 'psk' ? 1 : 0), pskIdHash, infoHash);
  const secret = labeledExtract(nativeBackend, suiteId, sharedSecret, 'secret', psk);
  const key = labeledExpand(nativeBackend, suiteId, secret, 'key', context, 32);
  const nonce = labeledExpand(nativeBackend, suiteId, secret, 'base_nonce', context, 12);
  return { sharedSecret, suiteId, pskIdHash, infoHash, context, secret, key, nonce };
}

export interface NotificationExample {
  readonly chains: readonly Uint8Array[];
  readonly psk: Uint8Array;
  readonly pskId: Uint8Array;
  readonly info: Uint8Array;
  readonly steps: HpkeSteps;
  readonly cbor: Uint8Array;
  readonly padded: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly envelope: Uint8Array;
  /** What the replay window keeps of the envelope. */
  readonly replayHash: Uint8Array;
}

/** The notification, step by step; `envelope` is what the library's own seal gives. */
export function notificationExample(): NotificationExample {
  const psk = derivePsk(nativeBackend, SEALING_KEY.chain);
  const pskId = encodePskId(SEALING_KEY.kid, SEALING_KEY.epoch);
  const info = encodeInfo(SEALING_KEY);
  const cbor = encodePayload(PAYLOADS.message);
  const envelope = sealFixed(SEALING_KEY, PAYLOADS.message);
  return {
    ...{ chains, psk, pskId, info, cbor, envelope },
    steps: hpkeSteps(SEALING_KEY.suite, EPHEMERAL_KEY, SEALING_KEY.publicKey, info, psk, pskId),
    padded: pad(cbor, BUCKET),
    ciphertext: envelope.slice(-(BUCKET + SEALING_KEY.suite.tagBytes)),
    replayHash: nativeBackend.sha256(envelope).slice(0, REPLAY_HASH_BYTES),
  };
}

/** The envelope of a badge on day 6, which moves O. */
export function laterEnvelope(): Uint8Array {
  const chain = stepChain(nativeBackend, FIRST_CHAIN, MOVED_EPOCH);
  const key = { ...SEALING_KEY, epoch: MOVED_EPOCH, chain };
  return sealFixed(key, PAYLOADS.badge);
}

function sealFixed(key: SealingKey, payload: Payload): Uint8Array {
  const backend = withEphemeral(EPHEMERAL_KEY);
  return sealNotification(backend, prepareSealingKey(backend, key), payload, BUCKET);
}

export const TOKEN_CONTEXT: TokenContext = {
  origin: SEALING_KEY.origin,
  appId: SEALING_KEY.appId,
  platform: 'apns',
  environment: 'production',
};

export const PUSH_TOKEN: PushToken = {
  token: counting(0xc0, 32),
  issuedAt: NOON_SECONDS,
  attempt: ATTEMPT,
  confirmKey: CONFIRM_KEY,
};

/** The same for an Android phone: a token as text, an environment of no bytes. */
export const FCM_CONTEXT: TokenContext = { ...TOKEN_CONTEXT, platform: 'fcm', environment: '' };
export const FCM_TOKEN: PushToken = { ...PUSH_TOKEN, token: utf8('alice-phone:APA91') };

export const KEY_LIST: KeyList = {
  version: 7,
  issuedAt: NOON_SECONDS - DAY_SECONDS,
  validUntil: NOON_SECONDS + 20 * DAY_SECONDS,
  bouncerOrigin: 'https://bouncer.example.net',
  keys: [
    {
      bkid: counting(0xe0, 4),
      suite: SUITE_X25519_BASE.id,
      key: nativeBackend.x25519PublicKey(BOUNCER_PRIVATE_KEY),
      notBefore: NOON_SECONDS - DAY_SECONDS,
      notAfter: NOON_SECONDS + 60 * DAY_SECONDS,
    },
  ],
};

export interface TokenExample {
  readonly info: Uint8Array;
  readonly infoHash: Uint8Array;
  readonly steps: HpkeSteps;
  readonly cbor: Uint8Array;
  readonly blob: Uint8Array;
  readonly challengeMac: Uint8Array;
  readonly confirmation: Uint8Array;
  readonly revocation: Uint8Array;
}

/** The push token of alice-phone, sealed to the one key of the list, and the three MACs of its attempt. */
export function tokenExample(): TokenExample {
  const key = KEY_LIST.keys[0] as KeyList['keys'][number];
  const info = encodeTokenInfo(SUITE_X25519_BASE, key.bkid, TOKEN_CONTEXT);
  const { blob, infoHash } = sealPushToken(
    withEphemeral(TOKEN_EPHEMERAL_KEY),
    key,
    TOKEN_CONTEXT,
    PUSH_TOKEN,
  );
  const empty = new Uint8Array(0);
  return {
    ...{ info, infoHash, blob },
    steps: hpkeSteps(SUITE_X25519_BASE, TOKEN_EPHEMERAL_KEY, key.key, info, empty, empty),
    cbor: unpad(encodePushToken('apns', PUSH_TOKEN)) as Uint8Array,
    challengeMac: challengeMac(nativeBackend, CONFIRM_KEY, ATTEMPT, CHALLENGE, infoHash),
    confirmation: confirmationMac(nativeBackend, CONFIRM_KEY, ATTEMPT, CHALLENGE, infoHash),
    revocation: revocationMac(nativeBackend, CONFIRM_KEY, ATTEMPT, infoHash),
  };
}

/** `FCM_TOKEN`, sealed with the same ephemeral key to the same key of the list. */
export function fcmTokenExample(): Pick<TokenExample, 'info' | 'infoHash' | 'cbor' | 'blob'> {
  const key = KEY_LIST.keys[0] as KeyList['keys'][number];
  const info = encodeTokenInfo(SUITE_X25519_BASE, key.bkid, FCM_CONTEXT);
  return {
    ...{ info, ...sealPushToken(withEphemeral(TOKEN_EPHEMERAL_KEY), key, FCM_CONTEXT, FCM_TOKEN) },
    cbor: unpad(encodePushToken('fcm', FCM_TOKEN)) as Uint8Array,
  };
}

export interface KeyListExample {
  readonly rootPublicKey: Uint8Array;
  readonly rootId: Uint8Array;
  readonly bytes: Uint8Array;
  readonly signed: SignedKeyList;
}

/** The signed list of bouncer keys. */
export function keyListExample(): KeyListExample {
  const rootPublicKey = nativeBackend.ed25519PublicKey(ROOT_SEED);
  return {
    rootPublicKey,
    rootId: rootId(nativeBackend, rootPublicKey),
    bytes: encodeKeyList(KEY_LIST),
    signed: signKeyList(nativeBackend, ROOT_SEED, KEY_LIST),
  };
}
