// The worked example of suites 0x02 and 0x12 (SPEC.md, B.12): the notification and the push token of the other examples,
// sealed with X-Wing. Its two random draws are injected, which only the portable backend allows.
import { encodeInfo, encodePskId } from '../../protocol/content/info.ts';
import type { OpeningKey } from '../../protocol/content/open/open.ts';
import { prepareSealingKey, type SealingKey, sealNotification } from '../../protocol/content/seal/seal.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { xWingPublicKey } from '../../protocol/crypto/kem-xwing.ts';
import { derivePsk } from '../../protocol/crypto/ratchet.ts';
import type { BouncerKey } from '../../protocol/registration/key-list.ts';
import { encodeTokenInfo } from '../../protocol/registration/push-token.ts';
import { sealPushToken } from '../../protocol/registration/seal/seal-push-token.ts';
import { SUITE_XWING_BASE, SUITE_XWING_PSK } from '../../protocol/wire/suites.ts';
import { fixedBackend } from '../crypto/fixed-backend.ts';
import {
  BUCKET,
  counting,
  DEVICE_PRIVATE_KEY,
  EPHEMERAL_KEY,
  KEY_LIST,
  OPENING_KEY,
  PAYLOADS,
  PUSH_TOKEN,
  type ScheduleSteps,
  SEALING_KEY,
  scheduleSteps,
  TOKEN_CONTEXT,
  TOKEN_EPHEMERAL_KEY,
} from './worked-example.ts';

/** What ML-KEM draws for its encapsulation (FIPS 203 calls it m). */
export const MLKEM_RANDOMNESS: Uint8Array = counting(0xa0, 32);

/** The seeds are those bytes that are X25519 private keys in the other examples. */
export const BOUNCER_SEED: Uint8Array = counting(0xb0, 32);

export const XWING_SEALING_KEY: SealingKey = {
  ...SEALING_KEY,
  suite: SUITE_XWING_PSK,
  publicKey: xWingPublicKey(nativeBackend, DEVICE_PRIVATE_KEY),
};

export const XWING_OPENING_KEY: OpeningKey = { ...OPENING_KEY, suite: SUITE_XWING_PSK };

export const XWING_BOUNCER_KEY: BouncerKey = {
  ...(KEY_LIST.keys[0] as BouncerKey),
  bkid: counting(0xe4, 4),
  suite: SUITE_XWING_BASE.id,
  key: xWingPublicKey(nativeBackend, BOUNCER_SEED),
};

export interface XwingExample {
  /** d ‖ z, 64 bytes. */
  readonly mlKemSeed: Uint8Array;
  readonly x25519Key: Uint8Array;
  readonly mlKemSecret: Uint8Array;
  readonly x25519Secret: Uint8Array;
  readonly info: Uint8Array;
  readonly steps: ScheduleSteps;
  readonly envelope: Uint8Array;
  readonly tokenInfo: Uint8Array;
  readonly blob: Uint8Array;
}

/** Envelope and blob are what the library gives; the steps in between are computed here, from the receiver's side. */
export function xwingExample(): XwingExample {
  const backend = fixedBackend(MLKEM_RANDOMNESS, EPHEMERAL_KEY);
  const prepared = prepareSealingKey(backend, XWING_SEALING_KEY);
  const envelope = sealNotification(backend, prepared, PAYLOADS.message, BUCKET);
  const { suite, kid, epoch } = XWING_SEALING_KEY;
  const enc = envelope.slice(7, 7 + suite.encBytes);
  const expanded = nativeBackend.shake256(DEVICE_PRIVATE_KEY, 96);
  const [mlKemSeed, x25519Key] = [expanded.slice(0, 64), expanded.slice(64)];
  const mlKemSecret = nativeBackend.mlKem768Decapsulate(mlKemSeed, enc.slice(0, 1088));
  const x25519Secret = nativeBackend.x25519SharedSecret(x25519Key, enc.slice(1088)) as Uint8Array;
  const own = nativeBackend.x25519PublicKey(x25519Key);
  const label = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);
  const sharedSecret = nativeBackend.sha3(mlKemSecret, x25519Secret, enc.slice(1088), own, label);
  const info = encodeInfo(XWING_SEALING_KEY);
  const psk = derivePsk(nativeBackend, XWING_SEALING_KEY.chain);
  const tokenBackend = fixedBackend(MLKEM_RANDOMNESS, TOKEN_EPHEMERAL_KEY);
  const { blob } = sealPushToken(tokenBackend, XWING_BOUNCER_KEY, TOKEN_CONTEXT, PUSH_TOKEN);
  return {
    ...{ mlKemSeed, x25519Key, mlKemSecret, x25519Secret, info, envelope, blob },
    steps: scheduleSteps(suite, sharedSecret, info, psk, encodePskId(kid, epoch)),
    tokenInfo: encodeTokenInfo(SUITE_XWING_BASE, XWING_BOUNCER_KEY.bkid, TOKEN_CONTEXT),
  };
}
