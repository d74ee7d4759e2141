// A registration in the making (SPEC.md sections 4 and 6): what the device draws, what it writes before it sends, and
// the bodies that it sends.
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import type { BouncerKey, KeyList } from '../../protocol/registration/key-list.ts';
import { sealPushToken } from '../../protocol/registration/seal/seal-push-token.ts';
import { selectBouncerKey } from '../../protocol/registration/seal/verify-key-list.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { utf8 } from '../../protocol/wire/bytes.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import type { Platform } from '../../protocol/wire/ids.ts';
import { ATTEMPT_BYTES, CONFIRM_KEY_BYTES, REGISTRATION_ID_BYTES } from '../../protocol/wire/limits.ts';
import type { RegistrationRequest, TokenAttempt } from '../../protocol/wire/push-api.ts';
import { SUITE_X25519_BASE, SUITE_XWING_BASE } from '../../protocol/wire/suites.ts';
import type { PhoneConfig } from './config.ts';
import type { Discovered } from './discovery.ts';
import { encodeDeviceKey } from './keyring.ts';
import type { Attempt, HeldKey, Registration } from './state.ts';

/** An account that nothing is known of yet: no key, no attempt. */
export function makeRegistration(backend: CryptoBackend, config: PhoneConfig, e2ee: boolean): Registration {
  return {
    registrationId: backend.randomBytes(REGISTRATION_ID_BYTES),
    origin: config.serverOrigin,
    appId: config.appId,
    platform: config.platform,
    environment: config.environment,
    e2ee,
    accepted: false,
    attempts: [],
    keys: [],
    tombstones: new Map(),
    unread: 0,
    sentAt: 0,
    sessionAskedAt: 0,
    syncedTo: 0,
  };
}

/**
 * The device's token sealed to the bouncer, with a fresh attempt and confirm_key.
 * @throws ProtocolError `no_bouncer_key`
 */
export function makeAttempt(
  backend: CryptoBackend,
  registration: Registration,
  found: Pick<Discovered, 'bouncerOrigin' | 'keys' | 'keysNow'>,
  token: string,
  nowSeconds: number,
): Attempt {
  const { bouncerOrigin } = found;
  const key = selectTokenKey(found.keys, found.keysNow);
  const attempt = backend.randomBytes(ATTEMPT_BYTES);
  const confirmKey = backend.randomBytes(CONFIRM_KEY_BYTES);
  const push = { token: tokenBytes(registration.platform, token), issuedAt: nowSeconds, attempt, confirmKey };
  const { blob, infoHash } = sealPushToken(backend, key, registration, push);
  const earlier = registration.attempts.findLast(
    (known) => known.state === 'active' && known.token === token && known.bouncerOrigin === bouncerOrigin,
  );
  return {
    attempt,
    confirmKey,
    infoHash,
    blob,
    token,
    issuedAt: nowSeconds,
    state: 'pending',
    bouncerOrigin,
    replaces: earlier?.attempt ?? null,
  };
}

/**
 * The bouncer's key to seal to: X-Wing; X25519 only where the root has signed a list without a usable X-Wing key. That is
 * the root's word: neither the server nor the network can leave a key out.
 * @throws ProtocolError `no_bouncer_key`
 */
function selectTokenKey(keys: KeyList, now: number): BouncerKey {
  try {
    return selectBouncerKey(keys, SUITE_XWING_BASE.id, now);
  } catch (error) {
    if (!(error instanceof ProtocolError && error.code === 'no_bouncer_key')) throw error;
    return selectBouncerKey(keys, SUITE_X25519_BASE.id, now);
  }
}

/** The raw bytes of an APNs token, the UTF-8 of an FCM token. */
export function tokenBytes(platform: Platform, token: string): Uint8Array {
  return platform === 'apns' ? new Uint8Array(Buffer.from(token, 'hex')) : utf8(token);
}

/** POST /v1/push/registrations. */
export function encodeRegistration(
  registration: Registration,
  key: HeldKey,
  attempt: Attempt,
): RegistrationRequest {
  return {
    registration_id: encodeBase64url(registration.registrationId),
    app_id: registration.appId,
    platform: registration.platform,
    environment: registration.environment,
    e2ee_required: true,
    key: encodeDeviceKey(key),
    token: encodeAttempt(attempt),
  };
}

/** POST /v1/push/registrations/{registration_id}/tokens. */
export function encodeAttempt(attempt: Attempt): TokenAttempt {
  return {
    attempt: encodeBase64url(attempt.attempt),
    sealed_token: encodeBase64url(attempt.blob),
    ...(attempt.replaces !== null && { replaces: encodeBase64url(attempt.replaces) }),
  };
}
