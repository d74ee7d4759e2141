// What Apple and Google know of their customers: public keys, the topics and apps each may push to. Private
// keys never come here; a file that holds one is refused.
import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { accountsFileBytesMax } from './limits.ts';

export type ApnsEnvironment = 'production' | 'sandbox';

/** One APNs key: ES256, bound to its team, to environments and to topics. */
export interface ApnsAccount {
  teamId: string;
  keyId: string;
  publicKey: KeyObject;
  environments: ReadonlySet<ApnsEnvironment>;
  topics: ReadonlySet<string>;
}

/** One Firebase project with its service account: RS256. */
export interface FcmAccount {
  projectId: string;
  clientEmail: string;
  publicKey: KeyObject;
  appIds: ReadonlySet<string>;
}

export interface Accounts {
  apns: ApnsAccount[];
  fcm: FcmAccount[];
}

const name = z.string().min(1).max(255);
const publicKeyPem = z.string().max(8192).startsWith('-----BEGIN PUBLIC KEY-----');

const accountsSchema = z.strictObject({
  apns: z
    .array(
      z.strictObject({
        team_id: name,
        key_id: name,
        public_key_pem: publicKeyPem,
        environments: z.array(z.enum(['production', 'sandbox'])).min(1),
        topics: z.array(name).min(1).max(400),
      }),
    )
    .max(100),
  fcm: z
    .array(
      z.strictObject({
        project_id: name,
        client_email: name,
        public_key_pem: publicKeyPem,
        app_ids: z.array(name).min(1).max(400),
      }),
    )
    .max(100),
});

export function readAccounts(file: string): Accounts {
  const text = readFileSync(file, 'utf8');
  if (text.length > accountsFileBytesMax) throw new Error('the accounts file is too large');
  return parseAccounts(JSON.parse(text));
}

/** Throws an Error (or ZodError) when the input is not a well-formed list of accounts. */
export function parseAccounts(input: unknown): Accounts {
  const { apns, fcm } = accountsSchema.parse(input);
  return {
    apns: apns.map((account) => ({
      teamId: account.team_id,
      keyId: account.key_id,
      publicKey: parseKey(account.public_key_pem, 'ec'),
      environments: new Set(account.environments),
      topics: new Set(account.topics),
    })),
    fcm: fcm.map((account) => ({
      projectId: account.project_id,
      clientEmail: account.client_email,
      publicKey: parseKey(account.public_key_pem, 'rsa'),
      appIds: new Set(account.app_ids),
    })),
  };
}

function parseKey(pem: string, type: 'ec' | 'rsa'): KeyObject {
  const key = createPublicKey(pem);
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType !== type) throw new Error(`a public key is not of type ${type}`);
  if (type === 'ec' && details?.namedCurve !== 'prime256v1') throw new Error('an APNs key is not on P-256');
  if (type === 'rsa' && (details?.modulusLength ?? 0) < 2048) throw new Error('an RSA key is too short');
  return key;
}
