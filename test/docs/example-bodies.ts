// One body of each kind for SPEC.md section 13, with the values of the worked example; each beside its schema.
import type { z } from 'zod';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import * as bouncerApi from '../../protocol/wire/bouncer-api.ts';
import { concat } from '../../protocol/wire/bytes.ts';
import { buildProblem, problemSchema } from '../../protocol/wire/problem.ts';
import * as pushApi from '../../protocol/wire/push-api.ts';
import {
  ATTEMPT,
  CHALLENGE,
  FIRST_CHAIN,
  KEEP_DAYS,
  KEY_LIST,
  keyListExample,
  NOON_SECONDS,
  notificationExample,
  PUSH_TOKEN,
  SEALING_KEY,
  TOKEN_CONTEXT,
  tokenExample,
} from './worked-example.ts';

/** A schema by its exported name, and a body with every field that the schema has. */
export interface ExampleBody {
  readonly schema: z.ZodType;
  readonly body: unknown;
}

const text = encodeBase64url;
const notification = notificationExample();
const token = tokenExample();
const handle = text(concat(ATTEMPT, CHALLENGE));
const attempt = text(ATTEMPT);
const earlierAttempt = text(CHALLENGE);
const registration_id = text(SEALING_KEY.registrationId);
const where = {
  platform: TOKEN_CONTEXT.platform,
  environment: TOKEN_CONTEXT.environment,
  app_id: TOKEN_CONTEXT.appId,
};
const key = {
  kid: text(SEALING_KEY.kid),
  suite: SEALING_KEY.suite.id,
  public_key: text(SEALING_KEY.publicKey),
  chain: text(FIRST_CHAIN),
  keep_days: KEEP_DAYS,
};
const sealedToken = { attempt, sealed_token: text(token.blob), replaces: earlierAttempt };
const confirmation = { challenge: text(CHALLENGE), confirmation: text(token.confirmation) };
const expires_at = NOON_SECONDS + KEEP_DAYS * 86_400;
const collapse = text(notification.replayHash);

/** One item of POST /v1/notifications. */
export const EXAMPLE_ITEM: bouncerApi.NotificationItem = {
  handle,
  envelope: text(notification.envelope),
  urgency: 'alert',
  expires_at,
  collapse,
};

/** By the name of the schema in protocol/wire. */
export const EXAMPLE_BODIES: Readonly<Record<string, ExampleBody>> = {
  bouncerVersionsSchema: {
    schema: bouncerApi.bouncerVersionsSchema,
    body: { versions: [{ version: 1, end_of_life: null }], bouncer_time: NOON_SECONDS },
  },
  signedKeyListSchema: { schema: bouncerApi.signedKeyListSchema, body: keyListExample().signed },
  handleRequestSchema: {
    schema: bouncerApi.handleRequestSchema,
    body: { ...where, sealed_token: text(token.blob), replaces: earlierAttempt },
  },
  handleAnswerSchema: {
    schema: bouncerApi.handleAnswerSchema,
    body: { handle, state: 'pending', pending_until: NOON_SECONDS + 600 },
  },
  confirmationRequestSchema: {
    schema: bouncerApi.confirmationRequestSchema,
    body: { handle, ...confirmation },
  },
  removalRequestSchema: { schema: bouncerApi.removalRequestSchema, body: { handles: [handle] } },
  revocationRequestSchema: {
    schema: bouncerApi.revocationRequestSchema,
    body: { origin: SEALING_KEY.origin, attempt, mac: text(token.revocation) },
  },
  bareHandleRequestSchema: {
    schema: bouncerApi.bareHandleRequestSchema,
    body: { ...where, token: text(PUSH_TOKEN.token) },
  },
  bareHandleAnswerSchema: { schema: bouncerApi.bareHandleAnswerSchema, body: { handle } },
  notificationsRequestSchema: {
    schema: bouncerApi.notificationsRequestSchema,
    body: { notifications: [EXAMPLE_ITEM] },
  },
  legacyNotificationItemSchema: {
    schema: bouncerApi.legacyNotificationItemSchema,
    body: {
      ...{ handle, template: 'direct_message', badge: 2, reference: text(CHALLENGE) },
      ...{ expires_at, collapse },
    },
  },
  notificationsAnswerSchema: {
    schema: bouncerApi.notificationsAnswerSchema,
    body: {
      results: [
        { status: 'accepted' },
        { status: 'gone', since: NOON_SECONDS - (NOON_SECONDS % 86_400) },
        { status: 'retry', after_seconds: 30 },
        { status: 'refused', code: 'unknown_handle' },
      ],
    },
  },
  discoverySchema: {
    schema: pushApi.discoverySchema,
    body: {
      origin: SEALING_KEY.origin,
      bouncer_origin: KEY_LIST.bouncerOrigin,
      bouncer_keys: keyListExample().signed,
      app_ids: [SEALING_KEY.appId],
      keep_days_max: KEEP_DAYS,
      policy: 'redact',
      moved: 'https://chat.example.com',
      server_time: NOON_SECONDS,
    },
  },
  registrationRequestSchema: {
    schema: pushApi.registrationRequestSchema,
    body: { registration_id, ...where, e2ee_required: true, key, token: sealedToken },
  },
  deviceKeySchema: { schema: pushApi.deviceKeySchema, body: key },
  tokenAttemptSchema: { schema: pushApi.tokenAttemptSchema, body: sealedToken },
  confirmationBodySchema: { schema: pushApi.confirmationBodySchema, body: { attempt, ...confirmation } },
  registrationStatusSchema: {
    schema: pushApi.registrationStatusSchema,
    body: {
      ...{ registration_id, attempt, attempt_state: 'active', key_state: 'live' },
      ...{ kid: key.kid, suite: key.suite, epoch: SEALING_KEY.epoch, counter: 17 },
      ...{ sent_at: NOON_SECONDS * 1000, server_time: NOON_SECONDS },
    },
  },
  deviceListSchema: {
    schema: pushApi.deviceListSchema,
    body: {
      devices: [
        { registration_id, app_id: where.app_id, platform: where.platform, e2ee: true, state: 'active' },
      ],
    },
  },
  legacyRegistrationRequestSchema: {
    schema: pushApi.legacyRegistrationRequestSchema,
    body: { registration_id, ...where, token: text(PUSH_TOKEN.token) },
  },
  legacyRegistrationSchema: {
    schema: pushApi.legacyRegistrationSchema,
    body: { registration_id, state: 'active' },
  },
  problemSchema: {
    schema: problemSchema,
    body: buildProblem('rate_limited', { retry_after_seconds: 30 }),
  },
};
