// The bouncer of the tests: a root that signs its list, a key that tokens are sealed to, and alice-phone's token.
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { generateKeyPair } from '../../protocol/crypto/key-pair.ts';
import type { BouncerKey, KeyList } from '../../protocol/registration/key-list.ts';
import type { BouncerPrivateKey } from '../../protocol/registration/open/open-push-token.ts';
import type { PushToken, TokenContext } from '../../protocol/registration/push-token.ts';
import { SUITE_X25519_BASE } from '../../protocol/wire/suites.ts';

/** Unix seconds. */
export const NOW = 1_790_000_000;
const DAY = 86_400;
const pair = generateKeyPair(nativeBackend, SUITE_X25519_BASE);

export const bouncerKey: BouncerKey = {
  bkid: Uint8Array.of(0xb1, 0xb2, 0xb3, 0xb4),
  suite: SUITE_X25519_BASE.id,
  key: pair.publicKey,
  notBefore: NOW - DAY,
  notAfter: NOW + 10 * DAY,
};
export const bouncerPrivateKey: BouncerPrivateKey = {
  bkid: bouncerKey.bkid,
  suite: SUITE_X25519_BASE,
  privateKey: pair.privateKey,
};
export const keyList: KeyList = {
  version: 7,
  issuedAt: NOW - DAY,
  validUntil: NOW + 20 * DAY,
  bouncerOrigin: 'https://push.example.org',
  keys: [bouncerKey],
};

export const apns: TokenContext = {
  origin: 'https://chat.example.org',
  appId: 'org.example.chat',
  platform: 'apns',
  environment: 'production',
};
export const fcm: TokenContext = { ...apns, platform: 'fcm', environment: '' };

/** An APNs token is 32 raw bytes, which need not be text. */
export const apnsToken: PushToken = {
  token: new Uint8Array(32).fill(0xff),
  issuedAt: NOW,
  attempt: new Uint8Array(16).fill(0xaa),
  confirmKey: new Uint8Array(32).fill(0xcc),
};
export const fcmToken: PushToken = { ...apnsToken, token: new Uint8Array(Buffer.from('dQw4:APA91b-x_y')) };
