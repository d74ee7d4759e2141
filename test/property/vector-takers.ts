// Every valid vector as bytes, with what takes them: the starting points of the searches with damaged inputs.
import { openEnvelope } from '../../protocol/content/open/open.ts';
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import {
  challengeMac,
  confirmationMac,
  decodeChallenge,
  revocationMac,
} from '../../protocol/registration/challenge.ts';
import { openPushToken } from '../../protocol/registration/open/open-push-token.ts';
import { verifyKeyList } from '../../protocol/registration/seal/verify-key-list.ts';
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import { equalConstantTime } from '../../protocol/wire/bytes.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import type { Environment, Platform } from '../../protocol/wire/ids.ts';
import { findSuite } from '../../protocol/wire/suites.ts';
import { openingKey } from '../vectors/device/opening-key.ts';
import { unhex } from '../vectors/device/unhex.ts';
import { readVectors } from '../vectors/run/read.ts';
import { type AttemptForm, challengeFile, revocationFile } from '../vectors/shape/challenge.ts';
import { keyListFile } from '../vectors/shape/key-list.ts';
import { notificationFile } from '../vectors/shape/notification.ts';
import { pushTokenFile } from '../vectors/shape/push-token.ts';
import type { Take } from './damage.ts';

/** A valid vector. */
export interface ValidVector {
  readonly id: string;
  readonly bytes: Uint8Array;
  readonly taker: (backend: CryptoBackend) => Take;
}

/** True for a value, false for null and for a ProtocolError; anything else that is thrown goes on. */
export function isTaken(run: () => unknown): boolean {
  try {
    return run() !== null;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}

/** The envelopes of suite 0x01 or 0x02. */
export function validEnvelopes(name: 'notification-01.json' | 'notification-02.json'): ValidVector[] {
  return readVectors(name, notificationFile).cases.flatMap((known) => {
    if (known.result !== 'valid') return [];
    const keys = known.keys.map(openingKey);
    const findKey = (kid: Uint8Array) => keys.find((key) => equalConstantTime(key.kid, kid)) ?? null;
    const taker = (backend: CryptoBackend) => (bytes: Uint8Array) =>
      isTaken(() => openEnvelope(backend, bytes, findKey));
    return [{ id: known.id, bytes: unhex(known.envelope), taker }];
  });
}

export function validPushTokens(): ValidVector[] {
  return readVectors('push-token.json', pushTokenFile).cases.flatMap((known) => {
    if (known.result !== 'valid') return [];
    const keys = known.bouncer_keys.map(({ suite, bkid, private_key }) => ({
      suite: findSuite(suite, 'push-token'),
      bkid: unhex(bkid),
      privateKey: unhex(private_key),
    }));
    const context = {
      origin: known.context.origin,
      appId: known.context.app_id,
      platform: known.context.platform as Platform,
      environment: known.context.environment as Environment,
    };
    const taker = (backend: CryptoBackend) => (bytes: Uint8Array) =>
      isTaken(() => openPushToken(backend, keys, context, bytes));
    return [{ id: known.id, bytes: unhex(known.blob), taker }];
  });
}

/** The signed bytes of key lists, and their signatures. */
export function validKeyLists(): ValidVector[] {
  return readVectors('key-list.json', keyListFile).cases.flatMap((known) => {
    if (known.result !== 'valid') return [];
    const { roots, build_time: buildTime, lowest_version: lowestVersion } = known.trust;
    const trust = { roots: roots.map(unhex), buildTime, lowestVersion, seen: null };
    const takerOf = (field: 'bytes' | 'signature') => (backend: CryptoBackend) => (bytes: Uint8Array) => {
      const signed = { ...known.signed, [field]: encodeBase64url(bytes) };
      return isTaken(() => verifyKeyList(backend, trust, known.bouncer_origin, signed, known.now));
    };
    return (['bytes', 'signature'] as const).map((field) => ({
      id: `${known.id}, ${field}`,
      bytes: decodeBase64url(known.signed[field]),
      taker: takerOf(field),
    }));
  });
}

/** Challenges, confirmations and revocations. */
export function validMacs(): ValidVector[] {
  const challenges = readVectors('challenge.json', challengeFile).cases.flatMap((known) => {
    if (known.result !== 'valid') return [];
    const { confirmKey, attempt, infoHash } = attemptOf(known.attempt);
    if (known.of === 'challenge') {
      const taker = (backend: CryptoBackend) => (bytes: Uint8Array) => {
        const pushed = decodeChallenge(bytes);
        if (pushed === null || !equalConstantTime(pushed.attempt, attempt)) return false;
        const mac = challengeMac(backend, confirmKey, attempt, pushed.challenge, infoHash);
        return equalConstantTime(mac, pushed.mac);
      };
      return [{ id: known.id, bytes: unhex(known.c), taker }];
    }
    const taker = (backend: CryptoBackend) => (bytes: Uint8Array) =>
      equalConstantTime(
        confirmationMac(backend, confirmKey, attempt, unhex(known.challenge), infoHash),
        bytes,
      );
    return [{ id: known.id, bytes: unhex(known.confirmation), taker }];
  });
  const revocations = readVectors('revocation.json', revocationFile).cases.flatMap((known) => {
    if (known.result !== 'valid') return [];
    const { confirmKey, attempt, infoHash } = attemptOf(known.attempt);
    const taker = (backend: CryptoBackend) => (bytes: Uint8Array) =>
      equalConstantTime(revocationMac(backend, confirmKey, attempt, infoHash), bytes);
    return [{ id: known.id, bytes: unhex(known.mac), taker }];
  });
  return [...challenges, ...revocations];
}

function attemptOf(form: AttemptForm): { attempt: Uint8Array; confirmKey: Uint8Array; infoHash: Uint8Array } {
  return {
    attempt: unhex(form.attempt),
    confirmKey: unhex(form.confirm_key),
    infoHash: unhex(form.info_hash),
  };
}
