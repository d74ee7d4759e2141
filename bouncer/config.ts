// The bouncer's configuration: the environment, one strict schema. What is wrong is said in one line and stops the start.
import { z } from 'zod';
import { isOrigin } from '../protocol/wire/origin.ts';
import { LOG_LEVELS, type LogLevel } from './log/log.ts';
import { isLoopbackAddress } from './loopback.ts';

/** Something in the configuration is wrong; the message names the setting and never its secret. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
}

const PREFIX = 'BOUNCER_';
const PORT_MAX = 65_535;
const SOCKET_PATH_BYTES_MAX = 107;

/** Where the bouncer listens. Plain HTTP exists only behind a named proxy, on loopback or a Unix socket. */
export type ListenConfig =
  | {
      readonly kind: 'tls';
      readonly host: string;
      readonly port: number;
      readonly certFile: string;
      readonly keyFile: string;
    }
  | { readonly kind: 'loopback'; readonly host: string; readonly port: number }
  | { readonly kind: 'socket'; readonly file: string };

/** What the store needs; the operator's commands need no more. */
export interface StoreConfig {
  readonly databaseFile: string;
  readonly storageKeyFile: string;
}

export interface Config {
  readonly origin: string;
  readonly listen: ListenConfig;
  readonly store: StoreConfig;
  readonly sealingKeysFile: string;
  readonly keyListFile: string;
  readonly appsFile: string;
  readonly logLevel: LogLevel;
}

const file = z.string().min(1).optional();

const environmentSchema = z.strictObject({
  BOUNCER_ORIGIN: z
    .string()
    .refine(isOrigin, 'must be https://host or https://host:port, in lower case')
    .optional(),
  BOUNCER_HOST: z.string().min(1).max(255).optional(),
  BOUNCER_PORT: z
    .string()
    .regex(/^[0-9]{1,5}$/, 'must be a number from 0 to 65535')
    .transform(Number)
    .refine((port) => port <= PORT_MAX, 'must be a number from 0 to 65535')
    .optional(),
  BOUNCER_TLS_CERT_FILE: file,
  BOUNCER_TLS_KEY_FILE: file,
  BOUNCER_PROXY: z
    .string()
    .regex(/^[A-Za-z0-9._-]{1,64}$/, 'must be the name of the reverse proxy')
    .optional(),
  BOUNCER_SOCKET_FILE: z.string().min(1).max(SOCKET_PATH_BYTES_MAX).optional(),
  BOUNCER_DATABASE_FILE: file,
  BOUNCER_STORAGE_KEY_FILE: file,
  BOUNCER_SEALING_KEYS_FILE: file,
  BOUNCER_KEY_LIST_FILE: file,
  BOUNCER_APPS_FILE: file,
  BOUNCER_LOG_LEVEL: z.enum(LOG_LEVELS, `must be one of ${LOG_LEVELS.join(', ')}`).default('info'),
});

type Settings = z.infer<typeof environmentSchema>;

/** @throws ConfigurationError */
export function parseConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const settings = parseSettings(environment);
  return {
    origin: required(settings, 'BOUNCER_ORIGIN'),
    listen: parseListen(settings),
    store: parseStore(settings),
    sealingKeysFile: required(settings, 'BOUNCER_SEALING_KEYS_FILE'),
    keyListFile: required(settings, 'BOUNCER_KEY_LIST_FILE'),
    appsFile: required(settings, 'BOUNCER_APPS_FILE'),
    logLevel: settings.BOUNCER_LOG_LEVEL,
  };
}

/** @throws ConfigurationError */
export function parseStoreConfig(environment: Readonly<Record<string, string | undefined>>): StoreConfig {
  return parseStore(parseSettings(environment));
}

function parseSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const ours = Object.fromEntries(Object.entries(environment).filter(([name]) => name.startsWith(PREFIX)));
  const parsed = environmentSchema.safeParse(ours);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    throw new ConfigurationError(`${issue.keys[0]} is not a setting of the bouncer`);
  }
  throw new ConfigurationError(`${issue?.path.join('.')} ${issue?.message}`);
}

function parseStore(settings: Settings): StoreConfig {
  return {
    databaseFile: required(settings, 'BOUNCER_DATABASE_FILE'),
    storageKeyFile: required(settings, 'BOUNCER_STORAGE_KEY_FILE'),
  };
}

function parseListen(settings: Settings): ListenConfig {
  const { BOUNCER_TLS_CERT_FILE: certFile, BOUNCER_TLS_KEY_FILE: keyFile } = settings;
  if ((certFile === undefined) !== (keyFile === undefined)) {
    throw new ConfigurationError('BOUNCER_TLS_CERT_FILE and BOUNCER_TLS_KEY_FILE belong together');
  }
  if (certFile === undefined || keyFile === undefined) return parsePlainListen(settings);
  if (settings.BOUNCER_PROXY !== undefined || settings.BOUNCER_SOCKET_FILE !== undefined) {
    throw new ConfigurationError(
      'BOUNCER_PROXY and BOUNCER_SOCKET_FILE are for plain HTTP: leave them out, or the certificate',
    );
  }
  return {
    kind: 'tls',
    host: required(settings, 'BOUNCER_HOST'),
    port: required(settings, 'BOUNCER_PORT'),
    certFile,
    keyFile,
  };
}

function parsePlainListen(settings: Settings): ListenConfig {
  if (settings.BOUNCER_PROXY === undefined) {
    throw new ConfigurationError(
      'plain HTTP is refused: set BOUNCER_TLS_CERT_FILE and BOUNCER_TLS_KEY_FILE, or name the reverse proxy in BOUNCER_PROXY',
    );
  }
  if (settings.BOUNCER_SOCKET_FILE !== undefined) {
    if (settings.BOUNCER_HOST !== undefined || settings.BOUNCER_PORT !== undefined) {
      throw new ConfigurationError('BOUNCER_SOCKET_FILE stands instead of BOUNCER_HOST and BOUNCER_PORT');
    }
    return { kind: 'socket', file: settings.BOUNCER_SOCKET_FILE };
  }
  const host = required(settings, 'BOUNCER_HOST');
  if (!isLoopbackAddress(host)) {
    throw new ConfigurationError(
      'plain HTTP is refused: behind a proxy BOUNCER_HOST must be a loopback address, or use BOUNCER_SOCKET_FILE',
    );
  }
  return { kind: 'loopback', host, port: required(settings, 'BOUNCER_PORT') };
}

function required<K extends keyof Settings>(settings: Settings, name: K): NonNullable<Settings[K]> {
  const value = settings[name];
  if (value === undefined || value === null) throw new ConfigurationError(`${name} is not set`);
  return value;
}
