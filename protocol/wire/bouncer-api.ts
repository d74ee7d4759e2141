// The bouncer's HTTP interface (SPEC.md section 13): bodies of requests (unknown fields refused) and of answers
// (unknown fields ignored).
import { z } from 'zod';
import {
  appIdSchema,
  attemptSchema,
  base64urlSchema,
  challengeSchema,
  collapseSchema,
  type Environment,
  environmentSchema,
  handleSchema,
  legacyReferenceSchema,
  macSchema,
  originSchema,
  type Platform,
  platformSchema,
  sealedTokenSchema,
  secondsSchema,
} from './ids.ts';
import {
  BADGE_MAX,
  BOUNCER_KEY_LIST_BYTES_MAX,
  ENVELOPE_BYTES_MAX,
  ENVELOPE_BYTES_MIN,
  HANDLES_PER_REMOVAL_MAX,
  NOTIFICATIONS_PER_REQUEST_MAX,
  PUSH_TOKEN_BYTES_MAX,
  ROOT_ID_BYTES,
  SIGNATURE_BYTES,
} from './limits.ts';

/** GET /v1/bouncer-keys: the signed list, as it was signed. */
export interface SignedKeyList {
  /** Which root key signed: the first 4 bytes of SHA-256 of the root's public key. */
  readonly root: string;
  readonly signature: string;
  readonly bytes: string;
}
export const signedKeyListSchema: z.ZodType<SignedKeyList> = z.object({
  root: base64urlSchema(ROOT_ID_BYTES),
  signature: base64urlSchema(SIGNATURE_BYTES),
  bytes: base64urlSchema(1, BOUNCER_KEY_LIST_BYTES_MAX),
});

/** POST /v1/handles: a sealed push token becomes a handle. */
export interface HandleRequest {
  readonly platform: Platform;
  readonly environment: Environment;
  readonly app_id: string;
  readonly sealed_token: string;
  /** An earlier attempt of the same origin and token; its handle ends when this one becomes active. */
  readonly replaces?: string | undefined;
}
export const handleRequestSchema: z.ZodType<HandleRequest> = z.strictObject({
  platform: platformSchema,
  environment: environmentSchema,
  app_id: appIdSchema,
  sealed_token: sealedTokenSchema,
  replaces: attemptSchema.optional(),
});

export type HandleState = 'pending' | 'active' | 'ended';
export interface HandleAnswer {
  readonly handle: string;
  readonly state: HandleState;
  /** Unix seconds at which a pending handle lapses. */
  readonly pending_until: number;
}
export const handleAnswerSchema: z.ZodType<HandleAnswer> = z.object({
  handle: handleSchema,
  state: z.enum(['pending', 'active', 'ended']),
  pending_until: secondsSchema,
});

/** POST /v1/handles/confirmation: what the app answered to the challenge. */
export interface ConfirmationRequest {
  readonly handle: string;
  readonly challenge: string;
  readonly confirmation: string;
}
export const confirmationRequestSchema: z.ZodType<ConfirmationRequest> = z.strictObject({
  handle: handleSchema,
  challenge: challengeSchema,
  confirmation: macSchema,
});

/** POST /v1/handles/removal: handles that the server no longer wants. Answer: 204, also for unknown ones. */
export interface RemovalRequest {
  readonly handles: readonly string[];
}
export const removalRequestSchema: z.ZodType<RemovalRequest> = z.strictObject({
  handles: z.array(handleSchema).min(1).max(HANDLES_PER_REMOVAL_MAX),
});

/** POST /v1/revocations, without account: the app ends what its attempt made. Answer: always 204. */
export interface RevocationRequest {
  readonly origin: string;
  readonly attempt: string;
  readonly mac: string;
}
export const revocationRequestSchema: z.ZodType<RevocationRequest> = z.strictObject({
  origin: originSchema,
  attempt: attemptSchema,
  mac: macSchema,
});

/** POST /v1/bare-handles: a token in the clear, of a device without E2EE. */
export interface BareHandleRequest {
  readonly platform: Platform;
  readonly environment: Environment;
  readonly app_id: string;
  /** Raw bytes of an APNs token, or UTF-8 of an FCM token. */
  readonly token: string;
}
export const bareHandleRequestSchema: z.ZodType<BareHandleRequest> = z.strictObject({
  platform: platformSchema,
  environment: environmentSchema,
  app_id: appIdSchema,
  token: base64urlSchema(1, PUSH_TOKEN_BYTES_MAX),
});
export interface BareHandleAnswer {
  readonly handle: string;
}
export const bareHandleAnswerSchema: z.ZodType<BareHandleAnswer> = z.object({ handle: handleSchema });

/** Whether a provider is to wake the screen. */
export type Urgency = 'alert' | 'background';
const urgencySchema: z.ZodType<Urgency> = z.enum(['alert', 'background']);

/** One item of POST /v1/notifications. */
export interface NotificationItem {
  readonly handle: string;
  readonly envelope: string;
  readonly urgency: Urgency;
  /** Unix seconds, a multiple of 3600. */
  readonly expires_at: number;
  readonly collapse: string;
}
export interface NotificationsRequest {
  readonly notifications: readonly unknown[];
}
/** Items are parsed one by one, so that a bad one never fails the others. */
export const notificationsRequestSchema: z.ZodType<NotificationsRequest> = z.strictObject({
  notifications: z.array(z.unknown()).min(1).max(NOTIFICATIONS_PER_REQUEST_MAX),
});
export const notificationItemSchema: z.ZodType<NotificationItem> = z.strictObject({
  handle: handleSchema,
  envelope: base64urlSchema(ENVELOPE_BYTES_MIN, ENVELOPE_BYTES_MAX),
  urgency: urgencySchema,
  expires_at: secondsSchema,
  collapse: collapseSchema,
});

/** What a redacted notification can say: the words are the bouncer's or the app's (SPEC.md section 14). */
export const TEMPLATES = ['new_message', 'mention', 'direct_message', 'removed', 'test'] as const;
export type Template = (typeof TEMPLATES)[number];

/** One item of POST /v1/legacy-notifications. It has no field for text. */
export interface LegacyNotificationItem {
  readonly handle: string;
  readonly template: Template;
  readonly badge: number;
  readonly reference?: string | undefined;
  readonly expires_at: number;
  readonly collapse: string;
}
export const legacyNotificationItemSchema: z.ZodType<LegacyNotificationItem> = z.strictObject({
  handle: handleSchema,
  template: z.enum(TEMPLATES),
  badge: z.int().min(0).max(BADGE_MAX),
  reference: legacyReferenceSchema.optional(),
  expires_at: secondsSchema,
  collapse: collapseSchema,
});

/** Why an item is refused for good. */
export const REFUSALS = [
  'malformed_item',
  'malformed_envelope',
  'unknown_suite',
  'unknown_handle',
  'wrong_route',
  'expired',
  'provider_refused',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** The result of one item, in the order of the request. */
export type NotificationResult =
  | { readonly status: 'accepted' }
  /** `since`: unix seconds, to the day. */
  | { readonly status: 'gone'; readonly since: number }
  | { readonly status: 'retry'; readonly after_seconds: number }
  | { readonly status: 'refused'; readonly code: Refusal };
export interface NotificationsAnswer {
  readonly results: readonly NotificationResult[];
}
export const notificationsAnswerSchema: z.ZodType<NotificationsAnswer> = z.object({
  results: z
    .array(
      z.discriminatedUnion('status', [
        z.object({ status: z.literal('accepted') }),
        z.object({ status: z.literal('gone'), since: secondsSchema }),
        z.object({ status: z.literal('retry'), after_seconds: z.int().min(0) }),
        z.object({ status: z.literal('refused'), code: z.enum(REFUSALS) }),
      ]),
    )
    .max(NOTIFICATIONS_PER_REQUEST_MAX),
});

/** GET /v1: what this bouncer speaks. */
export interface BouncerVersions {
  readonly versions: readonly { readonly version: number; readonly end_of_life: number | null }[];
  /** Unix seconds. */
  readonly bouncer_time: number;
}
export const bouncerVersionsSchema: z.ZodType<BouncerVersions> = z.object({
  versions: z.array(z.object({ version: z.int(), end_of_life: secondsSchema.nullable() })),
  bouncer_time: secondsSchema,
});
