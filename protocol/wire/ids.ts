// Identifiers and other byte strings in JSON (SPEC.md sections 3 and 4), each a schema of one exact length.
import { z } from 'zod';
import { base64urlLength, isBase64url } from './base64url.ts';
import {
  API_KEY_BYTES,
  ATTEMPT_BYTES,
  CHAIN_BYTES,
  CHALLENGE_BYTES,
  COLLAPSE_BYTES,
  HANDLE_BYTES,
  KID_BYTES,
  LEGACY_REFERENCE_BYTES,
  MAC_BYTES,
  REGISTRATION_ID_BYTES,
  SEALED_TOKEN_BYTES_MAX,
  SEALED_TOKEN_BYTES_MIN,
  SERVER_ID_BYTES,
} from './limits.ts';
import { isAppId, isOrigin } from './origin.ts';

/** Canonical unpadded base64url of `min` to `max` bytes. */
export function base64urlSchema(min: number, max: number = min): z.ZodType<string> {
  return z
    .string()
    .min(base64urlLength(min))
    .max(base64urlLength(max))
    .refine(isBase64url, 'not canonical unpadded base64url');
}

export const registrationIdSchema: z.ZodType<string> = base64urlSchema(REGISTRATION_ID_BYTES);
export const kidSchema: z.ZodType<string> = base64urlSchema(KID_BYTES);
export const chainSchema: z.ZodType<string> = base64urlSchema(CHAIN_BYTES);
export const attemptSchema: z.ZodType<string> = base64urlSchema(ATTEMPT_BYTES);
export const challengeSchema: z.ZodType<string> = base64urlSchema(CHALLENGE_BYTES);
export const macSchema: z.ZodType<string> = base64urlSchema(MAC_BYTES);
export const handleSchema: z.ZodType<string> = base64urlSchema(HANDLE_BYTES);
export const collapseSchema: z.ZodType<string> = base64urlSchema(COLLAPSE_BYTES);
export const serverIdSchema: z.ZodType<string> = base64urlSchema(SERVER_ID_BYTES);
export const apiKeySchema: z.ZodType<string> = base64urlSchema(API_KEY_BYTES);
export const sealedTokenSchema: z.ZodType<string> = base64urlSchema(
  SEALED_TOKEN_BYTES_MIN,
  SEALED_TOKEN_BYTES_MAX,
);
export const legacyReferenceSchema: z.ZodType<string> = base64urlSchema(LEGACY_REFERENCE_BYTES);

export const originSchema: z.ZodType<string> = z.string().refine(isOrigin, 'not an origin');
export const appIdSchema: z.ZodType<string> = z.string().refine(isAppId, 'not an app id');

/** Unix time in whole seconds. */
export const secondsSchema: z.ZodType<number> = z.int().min(0);

/** Whose token it is; `environment` is empty for fcm. */
export type Platform = 'apns' | 'fcm';
export type Environment = 'production' | 'sandbox' | '';
export const platformSchema: z.ZodType<Platform> = z.enum(['apns', 'fcm']);
export const environmentSchema: z.ZodType<Environment> = z.enum(['production', 'sandbox', '']);

/** Whether an environment is one that the platform has: production or sandbox for apns, empty for fcm. */
export function isEnvironmentOf(platform: Platform, environment: Environment): boolean {
  return (environment === '') === (platform === 'fcm');
}
