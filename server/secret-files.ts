// Secrets that the configuration names by file (docs/chat-api.md). They are never printed or logged.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { decodeBase64url, isBase64url } from '../protocol/wire/base64url.ts';
import { apiKeySchema, serverIdSchema } from '../protocol/wire/ids.ts';
import { type Config, ConfigError } from './config.ts';

const STORAGE_KEY_BYTES = 32;
const ADMIN_KEY_CHARACTERS_MIN = 32;
const ADMIN_KEY_CHARACTERS_MAX = 1024;

/** HTTP Basic at the bouncer. */
export interface BouncerCredential {
  readonly serverId: string;
  readonly apiKey: string;
}

export interface Secrets {
  /** 32 bytes; is in no backup of the database. */
  readonly storageKey: Uint8Array;
  readonly adminKey: string;
  readonly bouncerCredential: BouncerCredential;
  readonly bouncerCa: string | undefined;
}

const credentialSchema = z.strictObject({ server_id: serverIdSchema, api_key: apiKeySchema });

/** @throws ConfigError that names the variable. */
export function readSecrets(config: Config): Secrets {
  const storageKey = readText('SERVER_STORAGE_KEY_FILE', config.storageKeyFile);
  if (!isBase64url(storageKey) || decodeBase64url(storageKey).length !== STORAGE_KEY_BYTES) {
    throw new ConfigError('SERVER_STORAGE_KEY_FILE must hold 32 bytes in base64url');
  }
  const adminKey = readText('SERVER_ADMIN_KEY_FILE', config.adminKeyFile);
  if (adminKey.length < ADMIN_KEY_CHARACTERS_MIN || adminKey.length > ADMIN_KEY_CHARACTERS_MAX) {
    throw new ConfigError('SERVER_ADMIN_KEY_FILE must hold at least 32 characters');
  }
  const { bouncerCaFile } = config;
  return {
    storageKey: decodeBase64url(storageKey),
    adminKey,
    bouncerCredential: readCredential(config.bouncerCredentialFile),
    bouncerCa: bouncerCaFile === undefined ? undefined : readText('SERVER_BOUNCER_CA_FILE', bouncerCaFile),
  };
}

function readCredential(file: string): BouncerCredential {
  const text = readText('SERVER_BOUNCER_CREDENTIAL_FILE', file);
  try {
    const { server_id: serverId, api_key: apiKey } = credentialSchema.parse(JSON.parse(text));
    return { serverId, apiKey };
  } catch {
    throw new ConfigError('SERVER_BOUNCER_CREDENTIAL_FILE must hold {"server_id", "api_key"}');
  }
}

function readText(variable: string, file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    throw new ConfigError(`${variable} names a file that cannot be read`);
  }
}
