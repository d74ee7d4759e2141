// The apps that this bouncer serves: one file, with the credentials for APNs and FCM by path.
import { createPrivateKey, type KeyObject } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { z } from 'zod';
import { appIdSchema } from '../protocol/wire/ids.ts';
import { ConfigurationError } from './config.ts';
import { readConfiguredFile, readConfiguredJson } from './configured-file.ts';

const APPS_MAX = 256;
const WHAT = 'BOUNCER_APPS_FILE';

/** Where a provider is, and whom to trust there instead of the system's authorities. */
export interface ProviderEndpoint {
  readonly origin: string;
  readonly ca: string | undefined;
}

export interface ApnsConfig {
  readonly teamId: string;
  readonly keyId: string;
  readonly key: KeyObject;
  readonly topic: string;
  readonly production: ProviderEndpoint | undefined;
  readonly sandbox: ProviderEndpoint | undefined;
}

export interface FcmConfig {
  readonly projectId: string;
  readonly clientEmail: string;
  readonly key: KeyObject;
  readonly tokenUri: string;
  readonly endpoint: ProviderEndpoint;
}

export interface AppConfig {
  readonly appId: string;
  /** Whether tokens in the clear are taken, for devices without E2EE. */
  readonly bareTokens: 'refused' | 'accepted';
  readonly apns: ApnsConfig | undefined;
  readonly fcm: FcmConfig | undefined;
}

const httpsUrl = z.url({ protocol: /^https$/ }).max(2_048);
const endpointSchema = z.strictObject({ origin: httpsUrl, ca_file: z.string().min(1).optional() });
const appleId = z.string().regex(/^[A-Z0-9]{10}$/);
const apnsSchema = z.strictObject({
  team_id: appleId,
  key_id: appleId,
  key_file: z.string().min(1),
  topic: appIdSchema.optional(),
  production: endpointSchema.optional(),
  sandbox: endpointSchema.optional(),
});
const fcmSchema = z.strictObject({
  service_account_file: z.string().min(1),
  origin: httpsUrl,
  ca_file: z.string().min(1).optional(),
});
const appsFileSchema = z.strictObject({
  apps: z
    .array(
      z.strictObject({
        app_id: appIdSchema,
        bare_tokens: z.enum(['refused', 'accepted']).default('refused'),
        apns: apnsSchema.optional(),
        fcm: fcmSchema.optional(),
      }),
    )
    .max(APPS_MAX),
});
/** Google's file; its other members are not needed. */
const serviceAccountSchema = z.object({
  project_id: z.string().regex(/^[a-z0-9:.-]{1,64}$/),
  client_email: z.string().min(3).max(320),
  private_key: z.string().min(1),
  token_uri: httpsUrl,
});

/** Apps by id. Paths in the file are relative to it. @throws ConfigurationError */
export function readApps(path: string): ReadonlyMap<string, AppConfig> {
  const { apps } = readConfiguredJson(WHAT, path, appsFileSchema);
  const folder = dirname(path);
  const byId = new Map<string, AppConfig>();
  for (const app of apps) {
    if (byId.has(app.app_id)) throw new ConfigurationError(`${WHAT}: ${app.app_id} stands there twice`);
    byId.set(app.app_id, {
      appId: app.app_id,
      bareTokens: app.bare_tokens,
      apns: app.apns === undefined ? undefined : readApns(app.app_id, app.apns, folder),
      fcm: app.fcm === undefined ? undefined : readFcm(app.app_id, app.fcm, folder),
    });
  }
  return byId;
}

function readApns(appId: string, apns: z.infer<typeof apnsSchema>, folder: string): ApnsConfig {
  const pem = readConfiguredFile(`${WHAT}: ${appId} apns.key_file`, resolve(folder, apns.key_file));
  const key = readPrivateKey(`${WHAT}: ${appId} apns.key_file`, pem);
  if (key.asymmetricKeyType !== 'ec' || key.asymmetricKeyDetails?.namedCurve !== 'prime256v1') {
    throw new ConfigurationError(`${WHAT}: ${appId} apns.key_file must hold an EC P-256 key`);
  }
  return {
    teamId: apns.team_id,
    keyId: apns.key_id,
    key,
    topic: apns.topic ?? appId,
    production: readEndpoint(appId, apns.production, folder),
    sandbox: readEndpoint(appId, apns.sandbox, folder),
  };
}

function readFcm(appId: string, fcm: z.infer<typeof fcmSchema>, folder: string): FcmConfig {
  const what = `${WHAT}: ${appId} fcm.service_account_file`;
  const account = readConfiguredJson(what, resolve(folder, fcm.service_account_file), serviceAccountSchema);
  const key = readPrivateKey(what, account.private_key);
  if (key.asymmetricKeyType !== 'rsa') throw new ConfigurationError(`${what} must hold an RSA key`);
  return {
    projectId: account.project_id,
    clientEmail: account.client_email,
    key,
    tokenUri: account.token_uri,
    endpoint: readEndpoint(appId, fcm, folder) as ProviderEndpoint,
  };
}

function readEndpoint(
  appId: string,
  endpoint: { readonly origin: string; readonly ca_file?: string | undefined } | undefined,
  folder: string,
): ProviderEndpoint | undefined {
  if (endpoint === undefined) return undefined;
  const { origin } = new URL(endpoint.origin);
  if (endpoint.ca_file === undefined) return { origin, ca: undefined };
  return { origin, ca: readConfiguredFile(`${WHAT}: ${appId} ca_file`, resolve(folder, endpoint.ca_file)) };
}

function readPrivateKey(what: string, pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch {
    throw new ConfigurationError(`${what} holds no private key in PEM`);
  }
}
