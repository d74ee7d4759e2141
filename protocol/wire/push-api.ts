// The chat server's interface for apps (SPEC.md section 13): discovery without login, the rest with the app's
// session as bearer token. Unknown fields are refused in requests and ignored in answers.
import { z } from 'zod';
import { type SignedKeyList, signedKeyListSchema } from './bouncer-api.ts';
import {
  appIdSchema,
  attemptSchema,
  base64urlSchema,
  chainSchema,
  challengeSchema,
  type Environment,
  environmentSchema,
  kidSchema,
  macSchema,
  originSchema,
  type Platform,
  platformSchema,
  registrationIdSchema,
  sealedTokenSchema,
  secondsSchema,
} from './ids.ts';
import {
  APP_IDS_MAX,
  EPOCH_MAX,
  KEEP_DAYS_MAX,
  KEEP_DAYS_MIN,
  PUBLIC_KEY_BYTES_MAX,
  PUBLIC_KEY_BYTES_MIN,
  PUSH_TOKEN_BYTES_MAX,
} from './limits.ts';

/** What devices without E2EE are sent (SPEC.md section 14). */
export const POLICIES = ['require_e2ee', 'redact', 'sender', 'generic', 'full', 'id_only'] as const;
export type Policy = (typeof POLICIES)[number];

/** GET /v1/push, without login. It names no suites: the device chooses one by registering a key. */
export interface Discovery {
  readonly origin: string;
  readonly bouncer_origin: string;
  readonly bouncer_keys: SignedKeyList;
  readonly app_ids: readonly string[];
  readonly keep_days_max: number;
  readonly policy: Policy;
  /** Where the server has moved to. The app shows it and does nothing of its own accord: another origin is another sign-in. */
  readonly moved?: string | undefined;
  /** Unix seconds. */
  readonly server_time: number;
}
export const discoverySchema: z.ZodType<Discovery> = z.object({
  origin: originSchema,
  bouncer_origin: originSchema,
  bouncer_keys: signedKeyListSchema,
  app_ids: z.array(appIdSchema).max(APP_IDS_MAX),
  keep_days_max: z.int().min(KEEP_DAYS_MIN).max(KEEP_DAYS_MAX),
  policy: z.enum(POLICIES),
  moved: originSchema.optional(),
  server_time: secondsSchema,
});

/** The public parts of a device's key and the first value of its chain. */
export interface DeviceKey {
  readonly kid: string;
  readonly suite: number;
  readonly public_key: string;
  readonly chain: string;
  /** 1 … 28, fixed for the key's life. */
  readonly keep_days: number;
}
/** POST /v1/push/registrations/{registration_id}/keys: replace the key. */
export const deviceKeySchema: z.ZodType<DeviceKey> = z.strictObject({
  kid: kidSchema,
  suite: z.int().min(0).max(255),
  public_key: base64urlSchema(PUBLIC_KEY_BYTES_MIN, PUBLIC_KEY_BYTES_MAX),
  chain: chainSchema,
  keep_days: z.int().min(KEEP_DAYS_MIN).max(KEEP_DAYS_MAX),
});

/** A push token sealed to the bouncer. */
export interface TokenAttempt {
  readonly attempt: string;
  readonly sealed_token: string;
  readonly replaces?: string | undefined;
}
/** POST /v1/push/registrations/{registration_id}/tokens: the push token changed, or its handle is gone. */
export const tokenAttemptSchema: z.ZodType<TokenAttempt> = z.strictObject({
  attempt: attemptSchema,
  sealed_token: sealedTokenSchema,
  replaces: attemptSchema.optional(),
});

/** POST /v1/push/registrations: an account on a device, with its key and its sealed token. */
export interface RegistrationRequest {
  readonly registration_id: string;
  readonly app_id: string;
  readonly platform: Platform;
  readonly environment: Environment;
  readonly e2ee_required: boolean;
  readonly key: DeviceKey;
  readonly token: TokenAttempt;
}
export const registrationRequestSchema: z.ZodType<RegistrationRequest> = z.strictObject({
  registration_id: registrationIdSchema,
  app_id: appIdSchema,
  platform: platformSchema,
  environment: environmentSchema,
  e2ee_required: z.boolean().default(true),
  key: deviceKeySchema,
  token: tokenAttemptSchema,
}) as z.ZodType<RegistrationRequest>;

/** POST /v1/push/registrations/{registration_id}/confirmations: the answer to the challenge. */
export interface ConfirmationBody {
  readonly attempt: string;
  readonly challenge: string;
  readonly confirmation: string;
}
export const confirmationBodySchema: z.ZodType<ConfirmationBody> = z.strictObject({
  attempt: attemptSchema,
  challenge: challengeSchema,
  confirmation: macSchema,
});

/** Where the sealed token of a registration stands. */
export const ATTEMPT_STATES = ['pending', 'active', 'gone', 'refused'] as const;
export type AttemptState = (typeof ATTEMPT_STATES)[number];

/** What the server knows of a registration: the answer of every route above, and of GET at app start. */
export interface RegistrationStatus {
  readonly registration_id: string;
  readonly attempt: string;
  readonly attempt_state: AttemptState;
  /** `replace`: the device is asked to make a new key. */
  readonly key_state: 'live' | 'replace' | 'lost';
  readonly kid: string;
  readonly suite: number;
  readonly epoch: number;
  /** Highest counter and sent_at (unix ms) sealed under this kid; 0 before the first. */
  readonly counter: number;
  readonly sent_at: number;
  /** Unix seconds. */
  readonly server_time: number;
}
export const registrationStatusSchema: z.ZodType<RegistrationStatus> = z.object({
  registration_id: registrationIdSchema,
  attempt: attemptSchema,
  attempt_state: z.enum(ATTEMPT_STATES),
  key_state: z.enum(['live', 'replace', 'lost']),
  kid: kidSchema,
  suite: z.int(),
  epoch: z.int().min(0).max(EPOCH_MAX),
  counter: z.int().min(0),
  sent_at: z.int().min(0),
  server_time: secondsSchema,
});

/** GET /v1/push/registrations: the user's own devices. */
export interface DeviceList {
  readonly devices: readonly {
    readonly registration_id: string;
    readonly app_id: string;
    readonly platform: Platform;
    readonly e2ee: boolean;
    readonly state: string;
  }[];
}
export const deviceListSchema: z.ZodType<DeviceList> = z.object({
  devices: z.array(
    z.object({
      registration_id: registrationIdSchema,
      app_id: appIdSchema,
      platform: platformSchema,
      e2ee: z.boolean(),
      state: z.string(),
    }),
  ),
});

/** POST /v1/push/legacy-registrations: a device that cannot decrypt. Answer: a {@link LegacyRegistration}. */
export interface LegacyRegistrationRequest {
  readonly registration_id: string;
  readonly app_id: string;
  readonly platform: Platform;
  readonly environment: Environment;
  /** Raw bytes of an APNs token, or UTF-8 of an FCM token. */
  readonly token: string;
}
export const legacyRegistrationRequestSchema: z.ZodType<LegacyRegistrationRequest> = z.strictObject({
  registration_id: registrationIdSchema,
  app_id: appIdSchema,
  platform: platformSchema,
  environment: environmentSchema,
  token: base64urlSchema(1, PUSH_TOKEN_BYTES_MAX),
});
export interface LegacyRegistration {
  readonly registration_id: string;
  readonly state: 'active' | 'gone';
}
export const legacyRegistrationSchema: z.ZodType<LegacyRegistration> = z.object({
  registration_id: registrationIdSchema,
  state: z.enum(['active', 'gone']),
});
