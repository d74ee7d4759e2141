// Configuration of the simulated providers: the environment, prefix PROVIDERS_, parsed once. An unknown
// variable with the prefix is an error, and so is a host that is not loopback.
import { isIP } from 'node:net';
import { z } from 'zod';

const prefix = 'PROVIDERS_';

export interface ProvidersConfig {
  host: string;
  apnsPort: number;
  apnsSandboxPort: number;
  fcmPort: number;
  devicePort: number;
  tlsCertFile: string;
  tlsKeyFile: string;
  accountsFile: string;
  seed: number;
}

const port = z.coerce.number().int().min(0).max(65_535).default(0);
const file = z.string().min(1).max(4096);

const environmentSchema = z
  .strictObject({
    PROVIDERS_HOST: z.string().refine(isLoopback, 'must be a loopback address').default('127.0.0.1'),
    PROVIDERS_APNS_PORT: port,
    PROVIDERS_APNS_SANDBOX_PORT: port,
    PROVIDERS_FCM_PORT: port,
    PROVIDERS_DEVICE_PORT: port,
    PROVIDERS_TLS_CERT_FILE: file,
    PROVIDERS_TLS_KEY_FILE: file,
    PROVIDERS_ACCOUNTS_FILE: file,
    PROVIDERS_SEED: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(1),
  })
  .transform((env) => ({
    host: env.PROVIDERS_HOST,
    apnsPort: env.PROVIDERS_APNS_PORT,
    apnsSandboxPort: env.PROVIDERS_APNS_SANDBOX_PORT,
    fcmPort: env.PROVIDERS_FCM_PORT,
    devicePort: env.PROVIDERS_DEVICE_PORT,
    tlsCertFile: env.PROVIDERS_TLS_CERT_FILE,
    tlsKeyFile: env.PROVIDERS_TLS_KEY_FILE,
    accountsFile: env.PROVIDERS_ACCOUNTS_FILE,
    seed: env.PROVIDERS_SEED,
  }));

/** Throws an Error that names the variables at fault, and none of their values. */
export function parseConfig(environment: Record<string, string | undefined>): ProvidersConfig {
  const ours = Object.entries(environment).filter(([name]) => name.startsWith(prefix));
  const parsed = environmentSchema.safeParse(Object.fromEntries(ours));
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `unknown variable ${issue.keys.join(', ')}`
      : `${issue.path.join('.')}: ${issue.message}`,
  );
  throw new Error(faults.join('; '));
}

// Addresses only: a name could resolve to anything.
function isLoopback(host: string): boolean {
  return host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
