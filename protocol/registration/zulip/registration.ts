// What a Zulip app seals to the bouncer (SPEC.md appendix C), and the name of a token. Nothing in it names
// a server, an account or a key: whoever has the blob can use it for a day, through any server.
import { z } from 'zod';
import type { CryptoBackend } from '../../crypto/backend.ts';
import { utf8 } from '../../wire/bytes.ts';
import { APP_ID_BYTES_MAX, CLOCK_TOLERANCE_SECONDS } from '../../wire/limits.ts';
import { encodeBase64 } from '../../wire/zulip/base64.ts';
import { decodeJson } from '../../wire/zulip/json.ts';
import {
  TOKEN_ID_BYTES,
  ZULIP_REGISTRATION_AGE_SECONDS_MAX,
  ZULIP_TOKEN_CHARACTERS_MAX,
} from '../../wire/zulip/limits.ts';

/** A token of APNs, in hexadecimal, with the app's id; or one of FCM. `timestamp` is in unix seconds. */
export type ZulipRegistration =
  | {
      readonly token: string;
      readonly token_kind: 'apns';
      readonly ios_app_id: string;
      readonly timestamp: number;
    }
  | { readonly token: string; readonly token_kind: 'fcm'; readonly timestamp: number };

/** UTF-8 of compact JSON. */
export function encodeZulipRegistration(registration: ZulipRegistration): Uint8Array {
  const { token, token_kind, timestamp } = registration;
  if (token_kind === 'fcm') return utf8(JSON.stringify({ token, token_kind, timestamp }));
  const { ios_app_id } = registration;
  return utf8(JSON.stringify({ token, token_kind, ios_app_id, timestamp }));
}

/** The registration in opened bytes, or null if they are none. Unknown fields are ignored. */
export function decodeZulipRegistration(bytes: Uint8Array): ZulipRegistration | null {
  const parsed = registrationSchema.safeParse(decodeJson(bytes));
  if (!parsed.success) return null;
  if (parsed.data.token_kind === 'apns') return parsed.data;
  const { token, token_kind, timestamp } = parsed.data;
  return { token, token_kind, timestamp };
}

/** token_id: base64 of the first 8 bytes of SHA-256 of the token's UTF-8, 12 characters. Letter case matters. */
export function zulipTokenId(backend: CryptoBackend, token: string): string {
  return encodeBase64(backend.sha256(utf8(token)).subarray(0, TOKEN_ID_BYTES));
}

/** Whether a registration is from the last day. More than 10 minutes ahead is `future`, which Zulip itself takes. */
export function judgeTimestamp(timestamp: number, nowSeconds: number): 'fresh' | 'expired' | 'future' {
  if (nowSeconds - timestamp > ZULIP_REGISTRATION_AGE_SECONDS_MAX) return 'expired';
  return timestamp - nowSeconds > CLOCK_TOLERANCE_SECONDS ? 'future' : 'fresh';
}

const timestamp = z.int().min(0);
const token = z.string().min(1).max(ZULIP_TOKEN_CHARACTERS_MAX);
const registrationSchema = z.discriminatedUnion('token_kind', [
  z.object({
    token: token.regex(/^(?:[0-9A-Fa-f]{2})+$/),
    token_kind: z.literal('apns'),
    ios_app_id: z
      .string()
      .max(APP_ID_BYTES_MAX)
      .regex(/^[.a-zA-Z0-9-]+$/),
    timestamp,
  }),
  z.object({ token, token_kind: z.literal('fcm'), ios_app_id: z.null().optional(), timestamp }),
]);
