// The server's configuration: environment variables with the prefix SERVER_, one strict schema (docs/chat-api.md).
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import { originSchema } from '../protocol/wire/ids.ts';
import { APP_IDS_MAX, KEEP_DAYS_DEFAULT, KEEP_DAYS_MAX, KEEP_DAYS_MIN } from '../protocol/wire/limits.ts';
import { isAppId } from '../protocol/wire/origin.ts';
import { LOG_LEVELS, type LogLevel } from './log/log.ts';
import type { ServerPolicy } from './notify/policy.ts';

const PREFIX = 'SERVER_';
const DAY_MILLISECONDS = 86_400_000;

/** Where the server listens: with TLS, or in plain text behind a named proxy on the same machine. */
export type Listening =
  | {
      readonly kind: 'tls';
      readonly host: string;
      readonly port: number;
      readonly certFile: string;
      readonly keyFile: string;
    }
  | { readonly kind: 'loopback'; readonly host: string; readonly port: number; readonly proxy: string }
  | { readonly kind: 'socket'; readonly file: string; readonly proxy: string };

export interface Config {
  readonly origin: string;
  /** The origin that people are told to sign in at instead; null while the server has not moved. */
  readonly movedTo: string | null;
  readonly listening: Listening;
  readonly databaseFile: string;
  readonly storageKeyFile: string;
  readonly adminKeyFile: string;
  readonly bouncerOrigin: string;
  readonly bouncerCredentialFile: string;
  readonly bouncerCaFile: string | undefined;
  readonly appIds: readonly string[];
  readonly policy: ServerPolicy;
  readonly keepDaysMax: number;
  /** The UTC day (since 1970) up to which the operator says that the clock may have jumped. */
  readonly confirmedDay: number | null;
  /** The operator knows that the storage key is another one, and gives the keys under the former up. */
  readonly acceptLostKeys: boolean;
  readonly logLevel: LogLevel;
}

/** The configuration cannot be used. The message names variables, never their values. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const path = z.string().min(1).max(4096);
const port = z
  .string()
  .regex(/^[0-9]{1,5}$/)
  .transform(Number)
  .pipe(z.int().max(65_535));

const environmentSchema = z.strictObject({
  SERVER_ORIGIN: originSchema,
  SERVER_MOVED_TO: originSchema.optional(),
  SERVER_HOST: z.string().min(1).max(255).optional(),
  SERVER_PORT: port.optional(),
  SERVER_SOCKET_FILE: path.optional(),
  SERVER_TLS_CERT_FILE: path.optional(),
  SERVER_TLS_KEY_FILE: path.optional(),
  SERVER_PROXY: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/)
    .optional(),
  SERVER_DATABASE_FILE: path,
  SERVER_STORAGE_KEY_FILE: path,
  SERVER_ADMIN_KEY_FILE: path,
  SERVER_BOUNCER_ORIGIN: originSchema,
  SERVER_BOUNCER_CREDENTIAL_FILE: path,
  SERVER_BOUNCER_CA_FILE: path.optional(),
  SERVER_APP_IDS: z
    .string()
    .transform((text) => text.split(','))
    .refine((appIds) => appIds.length <= APP_IDS_MAX && appIds.every(isAppId)),
  SERVER_POLICY: z.enum(['redact', 'require_e2ee']).default('redact'),
  SERVER_KEEP_DAYS_MAX: z
    .string()
    .regex(/^[0-9]{1,2}$/)
    .transform(Number)
    .pipe(z.int().min(KEEP_DAYS_MIN).max(KEEP_DAYS_MAX))
    .default(KEEP_DAYS_DEFAULT),
  SERVER_CONFIRMED_DAY: z.iso
    .date()
    .transform((text) => Date.parse(text) / DAY_MILLISECONDS)
    .optional(),
  SERVER_ACCEPT_LOST_KEYS: z.enum(['0', '1']).default('0'),
  SERVER_LOG_LEVEL: z.enum(LOG_LEVELS).default('info'),
});
type Environment = z.output<typeof environmentSchema>;

/** @throws ConfigError with one line that an operator can act on. */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const named = Object.entries(environment).filter(([name]) => name.startsWith(PREFIX));
  const parsed = environmentSchema.safeParse(Object.fromEntries(named));
  if (!parsed.success) throw new ConfigError(explain(parsed.error));
  const values = parsed.data;
  return {
    origin: values.SERVER_ORIGIN,
    movedTo: values.SERVER_MOVED_TO ?? null,
    listening: parseListening(values),
    databaseFile: values.SERVER_DATABASE_FILE,
    storageKeyFile: values.SERVER_STORAGE_KEY_FILE,
    adminKeyFile: values.SERVER_ADMIN_KEY_FILE,
    bouncerOrigin: values.SERVER_BOUNCER_ORIGIN,
    bouncerCredentialFile: values.SERVER_BOUNCER_CREDENTIAL_FILE,
    bouncerCaFile: values.SERVER_BOUNCER_CA_FILE,
    appIds: values.SERVER_APP_IDS,
    policy: values.SERVER_POLICY,
    keepDaysMax: values.SERVER_KEEP_DAYS_MAX,
    confirmedDay: values.SERVER_CONFIRMED_DAY ?? null,
    acceptLostKeys: values.SERVER_ACCEPT_LOST_KEYS === '1',
    logLevel: values.SERVER_LOG_LEVEL,
  };
}

function parseListening(values: Environment): Listening {
  const { SERVER_TLS_CERT_FILE: certFile, SERVER_TLS_KEY_FILE: keyFile, SERVER_PROXY: proxy } = values;
  const { SERVER_HOST: host, SERVER_PORT: listenPort, SERVER_SOCKET_FILE: file } = values;
  const tls = certFile !== undefined || keyFile !== undefined;
  if (tls === (proxy !== undefined)) {
    throw new ConfigError('set either SERVER_TLS_CERT_FILE and SERVER_TLS_KEY_FILE, or SERVER_PROXY');
  }
  if (proxy !== undefined && file !== undefined) {
    if (host !== undefined || listenPort !== undefined) {
      throw new ConfigError('SERVER_SOCKET_FILE takes the place of SERVER_HOST and SERVER_PORT');
    }
    return { kind: 'socket', file, proxy };
  }
  if (host === undefined || listenPort === undefined) {
    throw new ConfigError('SERVER_HOST and SERVER_PORT are required');
  }
  if (proxy !== undefined) {
    if (!isLoopback(host)) throw new ConfigError('plain HTTP needs a loopback address in SERVER_HOST');
    return { kind: 'loopback', host, port: listenPort, proxy };
  }
  if (file !== undefined) throw new ConfigError('SERVER_SOCKET_FILE needs SERVER_PROXY');
  if (certFile === undefined || keyFile === undefined) {
    throw new ConfigError('SERVER_TLS_CERT_FILE and SERVER_TLS_KEY_FILE belong together');
  }
  return { kind: 'tls', host, port: listenPort, certFile, keyFile };
}

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/** Addresses only: what a name resolves to may change. */
function isLoopback(host: string): boolean {
  const family = isIP(host);
  return family !== 0 && loopback.check(host, family === 4 ? 'ipv4' : 'ipv6');
}

function explain(error: z.ZodError): string {
  const issue = error.issues[0];
  if (issue?.code === 'unrecognized_keys') return `${issue.keys[0]} is not a known variable`;
  const name = String(issue?.path[0] ?? PREFIX);
  if (name === 'SERVER_POLICY')
    return 'SERVER_POLICY must be redact or require_e2ee; no other policy is implemented';
  return `${name} is missing or not of its documented form`;
}
