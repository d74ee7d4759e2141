// alice-phone: one registration with its key, seen from both sides, and the payloads that are sent to it.
import type { MessageBody } from '../../protocol/content/message.ts';
import type { OpeningKey } from '../../protocol/content/open/open.ts';
import type { Payload, PayloadBody } from '../../protocol/content/payload.ts';
import type { SealingKey } from '../../protocol/content/seal/seal.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { generateKeyPair } from '../../protocol/crypto/key-pair.ts';
import { stepChain } from '../../protocol/crypto/ratchet.ts';
import { equalConstantTime } from '../../protocol/wire/bytes.ts';
import { SUITE_X25519_PSK } from '../../protocol/wire/suites.ts';

export const SENT_AT = 1_790_000_000_000;
export const CHAIN: Uint8Array = new Uint8Array(32).fill(0xc4);
const pair = generateKeyPair(nativeBackend, SUITE_X25519_PSK);

/** What the phone holds; O = 10. */
export const phoneKey: OpeningKey = {
  suite: SUITE_X25519_PSK,
  kid: Uint8Array.of(0xa1, 0xa2, 0xa3, 0xa4),
  origin: 'https://chat.example.org',
  appId: 'org.example.chat',
  registrationId: new Uint8Array(16).fill(0x1d),
  privateKey: pair.privateKey,
  epoch: 10,
  chain: CHAIN,
  keepDays: 3,
};

/** What the server holds of the same key on a day, which is not before O. */
export function serverKey(epoch: number = phoneKey.epoch): SealingKey {
  const { suite, kid, origin, appId, registrationId } = phoneKey;
  const chain = stepChain(nativeBackend, CHAIN, epoch - phoneKey.epoch);
  return { suite, kid, origin, appId, registrationId, publicKey: pair.publicKey, epoch, chain };
}

/** The keyring of a phone with these keys. */
export function keyring(...keys: readonly OpeningKey[]): (kid: Uint8Array) => OpeningKey | null {
  return (kid) => keys.find((key) => equalConstantTime(key.kid, kid)) ?? null;
}

export const hello: MessageBody = {
  reference: 4711,
  conversation: { kind: 'channel', id: Uint8Array.of(1, 2, 3), name: 'garden', topic: 'tomatoes' },
  sender: { name: 'bob', avatar: '/avatars/bob.png' },
  text: 'hello',
  mention: 'personal',
};

/** A payload with this body, sent at SENT_AT. */
export function payloadOf(body: PayloadBody, head: Partial<Payload> = {}): Payload {
  return { sentAt: SENT_AT, counter: 1, ttlSeconds: 3600, ...head, ...body };
}

/** A message with this text, or the one that says hello. */
export function messageOf(message: Partial<MessageBody> = {}, head: Partial<Payload> = {}): Payload {
  return payloadOf({ kind: 'message', message: { ...hello, ...message } }, head);
}
