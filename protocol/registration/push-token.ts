// The push token as it is sealed to the bouncer (SPEC.md section 6).
//
//   suite(1) ‖ bkid(4) ‖ enc ‖ ciphertext,   plaintext {1 token, 2 issued_at, 3 attempt, 4 confirm_key}
//   info = "sealed-push/1 token" ‖ suite ‖ bkid ‖ u8len origin ‖ u8len app_id ‖ u8len platform ‖ u8len environment
import { concat, textOf, u8, u8len, utf8 } from '../wire/bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../wire/cbor.ts';
import { ProtocolError } from '../wire/errors.ts';
import type { Environment, Platform } from '../wire/ids.ts';
import {
  ATTEMPT_BYTES,
  BKID_BYTES,
  CONFIRM_KEY_BYTES,
  PUSH_TOKEN_BUCKET,
  PUSH_TOKEN_BYTES_MAX,
} from '../wire/limits.ts';
import { encodeAppId, encodeOrigin } from '../wire/origin.ts';
import { pad, unpad } from '../wire/padding.ts';
import { findSuite, type Suite } from '../wire/suites.ts';

const LABEL = utf8('sealed-push/1 token');

/** What a sealed token is bound to. */
export interface TokenContext {
  /** The chat server's origin. */
  readonly origin: string;
  readonly appId: string;
  readonly platform: Platform;
  readonly environment: Environment;
}

/** What only app and bouncer know. */
export interface PushToken {
  /** Raw bytes of an APNs token, UTF-8 of an FCM token; at most 300. */
  readonly token: Uint8Array;
  /** Unix seconds. */
  readonly issuedAt: number;
  /** 16 bytes, fresh per attempt. */
  readonly attempt: Uint8Array;
  /** 32 bytes, fresh per attempt. */
  readonly confirmKey: Uint8Array;
}

/** A sealed token taken apart. */
export interface SealedToken {
  readonly suite: Suite;
  /** 4 bytes. */
  readonly bkid: Uint8Array;
  readonly enc: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** HPKE's `info` for a sealed token. @throws ProtocolError `origin_malformed`, `app_id_malformed` */
export function encodeTokenInfo(suite: Suite, bkid: Uint8Array, context: TokenContext): Uint8Array {
  return concat(
    LABEL,
    u8(suite.id),
    bkid,
    u8len(encodeOrigin(context.origin)),
    u8len(encodeAppId(context.appId)),
    u8len(utf8(context.platform)),
    u8len(utf8(context.environment)),
  );
}

/** 512 bytes: the token is a byte string for apns and text for fcm. @throws ProtocolError `payload_malformed` */
export function encodePushToken(platform: Platform, push: PushToken): Uint8Array {
  const token: CborValue | null = platform === 'apns' ? push.token : textOf(push.token);
  if (token === null || !fits(push)) throw malformed();
  const fields: [number, CborValue][] = [
    [1, token],
    [2, push.issuedAt],
    [3, push.attempt],
    [4, push.confirmKey],
  ];
  return pad(encodeCbor(new Map(fields)), PUSH_TOKEN_BUCKET);
}

/** @throws ProtocolError `payload_malformed`, `cbor_malformed`; unknown keys are refused */
export function decodePushToken(platform: Platform, padded: Uint8Array): PushToken {
  const cbor = unpad(padded);
  const map = cbor === null ? null : decodeCbor(cbor);
  if (!(map instanceof Map) || map.size !== 4) throw malformed();
  const [token, issuedAt, attempt, confirmKey] = [1, 2, 3, 4].map((key) => map.get(key));
  const raw = platform === 'apns' ? token : typeof token === 'string' ? utf8(token) : undefined;
  if (!(raw instanceof Uint8Array && attempt instanceof Uint8Array && confirmKey instanceof Uint8Array)) {
    throw malformed();
  }
  if (typeof issuedAt !== 'number') throw malformed();
  const push = { token: raw, issuedAt, attempt, confirmKey };
  if (!fits(push)) throw malformed();
  return push;
}

/** @throws ProtocolError `suite_unknown`, `envelope_malformed` */
export function decodeSealedToken(bytes: Uint8Array): SealedToken {
  const suite = findSuite(bytes[0] ?? 0, 'push-token');
  const encStart = 1 + BKID_BYTES;
  const encEnd = encStart + suite.encBytes;
  if (bytes.length !== encEnd + PUSH_TOKEN_BUCKET + suite.tagBytes)
    throw new ProtocolError('envelope_malformed');
  return {
    suite,
    bkid: bytes.subarray(1, encStart),
    enc: bytes.subarray(encStart, encEnd),
    ciphertext: bytes.subarray(encEnd),
  };
}

function fits(push: PushToken): boolean {
  return (
    push.token.length >= 1 &&
    push.token.length <= PUSH_TOKEN_BYTES_MAX &&
    push.issuedAt >= 0 &&
    push.attempt.length === ATTEMPT_BYTES &&
    push.confirmKey.length === CONFIRM_KEY_BYTES
  );
}

function malformed(): ProtocolError {
  return new ProtocolError('payload_malformed');
}
