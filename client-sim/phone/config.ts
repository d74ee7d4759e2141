// Configuration of a simulated phone: the environment, prefix PHONE_, parsed once. An unknown variable with the prefix
// is an error.
import { z } from 'zod';
import { decodeBase64url } from '../../protocol/wire/base64url.ts';
import {
  appIdSchema,
  base64urlSchema,
  type Environment,
  originSchema,
  type Platform,
} from '../../protocol/wire/ids.ts';
import { KEEP_DAYS_DEFAULT, KEEP_DAYS_MAX, KEEP_DAYS_MIN } from '../../protocol/wire/limits.ts';
import { SUITE_XWING_PSK, SUITES } from '../../protocol/wire/suites.ts';

const PREFIX = 'PHONE_';
const ROOT_KEY_BYTES = 32;
const ROOTS_MAX = 8;
const APP_BUILD_MAX = 1_000_000;

export const PHONE_KINDS = ['iphone', 'android', 'legacy-iphone', 'legacy-android'] as const;
export type PhoneKind = (typeof PHONE_KINDS)[number];

export interface PhoneConfig {
  readonly name: string;
  readonly kind: PhoneKind;
  readonly appId: string;
  readonly platform: Platform;
  readonly environment: Environment;
  readonly serverOrigin: string;
  readonly sessionFile: string;
  readonly caFile: string;
  /** The device listener of the simulated providers. */
  readonly devicesOrigin: string;
  readonly stateFile: string;
  /** Ed25519 public keys that are compiled into the app. */
  readonly roots: readonly Uint8Array[];
  /** 1 … 28, for the keys it makes. */
  readonly keepDays: number;
  /** The suite that it prefers for the keys it makes. */
  readonly suiteId: number;
  /** Higher with every update of the app. */
  readonly appBuild: number;
}

const path = z.string().min(1).max(4096);
const root = base64urlSchema(ROOT_KEY_BYTES);

const environmentSchema = z
  .strictObject({
    PHONE_NAME: z.string().regex(/^[a-z0-9-]{1,64}$/),
    PHONE_KIND: z.enum(PHONE_KINDS),
    PHONE_APP_ID: appIdSchema,
    PHONE_ENVIRONMENT: z.enum(['production', 'sandbox']).default('production'),
    PHONE_SERVER_ORIGIN: originSchema,
    PHONE_SESSION_FILE: path,
    PHONE_CA_FILE: path,
    PHONE_DEVICES_URL: originSchema,
    PHONE_STATE_FILE: path,
    PHONE_ROOTS: z
      .string()
      .transform((text): readonly unknown[] => text.split(','))
      .pipe(z.array(root).min(1).max(ROOTS_MAX)),
    PHONE_SUITE: z.coerce.number().refine(isNotificationSuite).default(SUITE_XWING_PSK.id),
    PHONE_APP_BUILD: z.coerce.number().int().min(1).max(APP_BUILD_MAX).default(1),
    PHONE_KEEP_DAYS: z.coerce.number().int().min(KEEP_DAYS_MIN).max(KEEP_DAYS_MAX).default(KEEP_DAYS_DEFAULT),
  })
  .transform((env): PhoneConfig => {
    const platform = env.PHONE_KIND.endsWith('iphone') ? 'apns' : 'fcm';
    return {
      name: env.PHONE_NAME,
      kind: env.PHONE_KIND,
      appId: env.PHONE_APP_ID,
      platform,
      environment: platform === 'apns' ? env.PHONE_ENVIRONMENT : '',
      serverOrigin: env.PHONE_SERVER_ORIGIN,
      sessionFile: env.PHONE_SESSION_FILE,
      caFile: env.PHONE_CA_FILE,
      devicesOrigin: env.PHONE_DEVICES_URL,
      stateFile: env.PHONE_STATE_FILE,
      roots: env.PHONE_ROOTS.map(decodeBase64url),
      keepDays: env.PHONE_KEEP_DAYS,
      suiteId: env.PHONE_SUITE,
      appBuild: env.PHONE_APP_BUILD,
    };
  });

/** @throws Error that names the variables at fault, and none of their values */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): PhoneConfig {
  const ours = Object.entries(environment).filter(([name]) => name.startsWith(PREFIX));
  const parsed = environmentSchema.safeParse(Object.fromEntries(ours));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `unknown variable ${issue.keys.join(', ')}`
      : `${issue.path.slice(0, 1).join('')}: ${issue.code}`,
  );
  throw new Error(faults.join('; '));
}

function isNotificationSuite(id: number): boolean {
  return SUITES.some((suite) => suite.id === id && suite.use === 'notification');
}

/** Whether the phone has keys and opens envelopes. */
export function isSealedKind(kind: PhoneKind): boolean {
  return kind === 'iphone' || kind === 'android';
}
