// Where the parts of the stack keep their files, and the environment that each service is started with.
import { join } from 'node:path';
import { APP_ID } from './accounts.ts';

export const HOST = '127.0.0.1';

/** Paths of what the parts share or keep. `bouncer`, `server` and `logs` are folders. */
export interface StackFiles {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly bouncer: string;
  readonly server: string;
  readonly logs: string;
}

export function stackFiles(folder: string): StackFiles {
  return {
    ca: join(folder, 'ca.pem'),
    cert: join(folder, 'tls-cert.pem'),
    key: join(folder, 'tls-key.pem'),
    bouncer: join(folder, 'bouncer'),
    server: join(folder, 'server'),
    logs: join(folder, 'logs'),
  };
}

export function bouncerEnvironment(files: StackFiles, origin: string): Record<string, string> {
  const keys = join(files.bouncer, 'keys');
  return {
    BOUNCER_ORIGIN: origin,
    BOUNCER_HOST: HOST,
    BOUNCER_PORT: '0',
    BOUNCER_TLS_CERT_FILE: files.cert,
    BOUNCER_TLS_KEY_FILE: files.key,
    BOUNCER_DATABASE_FILE: join(files.bouncer, 'bouncer.sqlite'),
    BOUNCER_STORAGE_KEY_FILE: join(keys, 'storage-key'),
    BOUNCER_SEALING_KEYS_FILE: join(keys, 'sealing-keys.json'),
    BOUNCER_KEY_LIST_FILE: join(keys, 'key-list.json'),
    BOUNCER_APPS_FILE: join(files.bouncer, 'apps.json'),
  };
}

export function serverEnvironment(
  files: StackFiles,
  origin: string,
  bouncerOrigin: string,
  policy: string,
): Record<string, string> {
  const inFolder = (name: string): string => join(files.server, name);
  return {
    SERVER_ORIGIN: origin,
    SERVER_HOST: HOST,
    SERVER_PORT: new URL(origin).port,
    SERVER_TLS_CERT_FILE: files.cert,
    SERVER_TLS_KEY_FILE: files.key,
    SERVER_DATABASE_FILE: inFolder('server.sqlite'),
    SERVER_STORAGE_KEY_FILE: inFolder('storage-key'),
    SERVER_ADMIN_KEY_FILE: inFolder('admin-key'),
    SERVER_BOUNCER_ORIGIN: bouncerOrigin,
    SERVER_BOUNCER_CREDENTIAL_FILE: inFolder('bouncer-credential.json'),
    SERVER_BOUNCER_CA_FILE: files.ca,
    SERVER_APP_IDS: APP_ID,
    SERVER_POLICY: policy,
  };
}
