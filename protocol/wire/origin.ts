// Origins and app ids, compared as bytes everywhere (SPEC.md section 5).
import { utf8 } from './bytes.ts';
import { ProtocolError } from './errors.ts';
import { APP_ID_BYTES_MAX, ORIGIN_BYTES_MAX } from './limits.ts';

/**
 * `https://`, a host of lower-case A-labels or an IPv4 address, and optionally a port that is not 443.
 * No user info, path, query, fragment, trailing dot or slash.
 */
export const ORIGIN_EXPRESSION: RegExp =
  /^https:\/\/(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*(?::(?!443$)[1-9][0-9]{0,4})?$/;
/** ASCII letters, digits, `.`, `_` and `-`. */
export const APP_ID_EXPRESSION: RegExp = /^[A-Za-z0-9._-]+$/;

/** Whether a text is an origin in the one form that the protocol allows; at most 255 bytes. */
export function isOrigin(text: string): boolean {
  if (text.length > ORIGIN_BYTES_MAX || !ORIGIN_EXPRESSION.test(text)) return false;
  // What the expression cannot say: a port above 65535, an IPv4 address out of range or shortened, a bad A-label.
  return URL.canParse(text) && `https://${new URL(text).host}` === text;
}

/** Whether a text is an app id; 1 to 255 bytes. */
export function isAppId(text: string): boolean {
  return text.length <= APP_ID_BYTES_MAX && APP_ID_EXPRESSION.test(text);
}

/** The bytes of an origin. @throws ProtocolError `origin_malformed` */
export function encodeOrigin(origin: string): Uint8Array {
  if (!isOrigin(origin)) throw new ProtocolError('origin_malformed');
  return utf8(origin);
}

/** The bytes of an app id. @throws ProtocolError `app_id_malformed` */
export function encodeAppId(appId: string): Uint8Array {
  if (!isAppId(appId)) throw new ProtocolError('app_id_malformed');
  return utf8(appId);
}
