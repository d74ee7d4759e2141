// The keyring (SPEC.md section 4): which keys live, which one an envelope is for, and when an old one goes.
import type { OpeningKey } from '../../protocol/content/open/open.ts';
import { EMPTY_WINDOW } from '../../protocol/content/open/replay-window.ts';
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { generateKeyPair } from '../../protocol/crypto/key-pair.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { CHAIN_BYTES, KID_BYTES, LIVE_KIDS_MAX } from '../../protocol/wire/limits.ts';
import type { DeviceKey } from '../../protocol/wire/push-api.ts';
import { findSuite } from '../../protocol/wire/suites.ts';
import type { HeldKey, PhoneState, Registration } from './state.ts';

/** What a key is to be. */
export interface KeyWish {
  readonly suiteId: number;
  /** 1 … 28. */
  readonly keepDays: number;
  readonly appBuild: number;
}

/** A fresh key, its chain and an empty window; the kid is drawn again until none of the phone's keys has it. */
export function makeKey(
  backend: CryptoBackend,
  state: PhoneState,
  { suiteId, keepDays, appBuild }: KeyWish,
  nowSeconds: number,
): HeldKey {
  let kid = backend.randomBytes(KID_BYTES);
  while (findKey(state, kid) !== null) kid = backend.randomBytes(KID_BYTES);
  return {
    kid,
    suiteId,
    ...generateKeyPair(backend, findSuite(suiteId, 'notification')),
    epoch: 0,
    chain: backend.randomBytes(CHAIN_BYTES),
    keepDays,
    madeAt: nowSeconds,
    appBuild,
    registered: false,
    counter: 0,
    sentAt: 0,
    missing: 0,
    window: EMPTY_WINDOW,
  };
}

/** The registration and the key of a kid, or null if it is not ours. */
export function findKey(
  state: PhoneState,
  kid: Uint8Array,
): { readonly registration: Registration; readonly key: HeldKey } | null {
  for (const registration of state.registrations) {
    const key = registration.keys.find((held) => Buffer.compare(held.kid, kid) === 0);
    if (key !== undefined) return { registration, key };
  }
  return null;
}

/** What opening an envelope takes. */
export function buildOpeningKey(registration: Registration, key: HeldKey): OpeningKey {
  return {
    suite: findSuite(key.suiteId, 'notification'),
    kid: key.kid,
    origin: registration.origin,
    appId: registration.appId,
    registrationId: registration.registrationId,
    privateKey: key.privateKey,
    epoch: key.epoch,
    chain: key.chain,
    keepDays: key.keepDays,
  };
}

/** What the server learns of a key before its first epoch has passed. */
export function encodeDeviceKey(key: HeldKey): DeviceKey {
  return {
    kid: encodeBase64url(key.kid),
    suite: key.suiteId,
    public_key: encodeBase64url(key.publicKey),
    chain: encodeBase64url(key.chain),
    keep_days: key.keepDays,
  };
}

export function newestKey(registration: Registration): HeldKey | null {
  return registration.keys.at(-1) ?? null;
}

/** In days: what was sealed to one of its keys can be loud no longer than this after its sent_at. */
export function longestKeepDays({ keys }: Registration): number {
  return Math.max(...keys.map(({ keepDays }) => keepDays));
}

/** The registration with one more key; a fifth erases the oldest. */
export function addKey(registration: Registration, key: HeldKey): Registration {
  return { ...registration, keys: [...registration.keys, key].slice(-LIVE_KIDS_MAX) };
}

/** The registration without a key that the server never accepted. */
export function dropKey(registration: Registration, kid: Uint8Array): Registration {
  return { ...registration, keys: registration.keys.filter((key) => Buffer.compare(key.kid, kid) !== 0) };
}

/** The registration with one of its keys changed. */
export function updateKey(
  registration: Registration,
  kid: Uint8Array,
  change: (key: HeldKey) => HeldKey,
): Registration {
  const keys = registration.keys.map((key) => (Buffer.compare(key.kid, kid) === 0 ? change(key) : key));
  return { ...registration, keys };
}

/** The registration with the chain of one of its keys moved forward; never back. */
export function moveKey(
  registration: Registration,
  { kid, epoch, chain }: Pick<OpeningKey, 'kid' | 'epoch' | 'chain'>,
): Registration {
  return updateKey(registration, kid, (held) => (epoch > held.epoch ? { ...held, epoch, chain } : held));
}

/**
 * The registration without the keys that the newest has outlived: it has authenticated an epoch of at least their own
 * keep_days + 2, so everything sealed to them has expired. No clock is asked.
 */
export function retireKeys(registration: Registration, kid: Uint8Array, epoch: number): Registration {
  const newest = newestKey(registration);
  if (newest === null || Buffer.compare(newest.kid, kid) !== 0) return registration;
  const keys = registration.keys.filter((key) => key === newest || epoch < key.keepDays + 2);
  return { ...registration, keys };
}
