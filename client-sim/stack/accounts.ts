// The credentials of the demonstration's app: what Apple and Google know of it, and what the bouncer holds.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export const APP_ID = 'chat.example.app';
const TEAM_ID = 'TEAM123456';
const KEY_ID = 'KEY1234567';
const PROJECT_ID = 'chat-example';
const CLIENT_EMAIL = 'bouncer@chat-example.iam.gserviceaccount.com';

/** Private keys in PEM: the APNs key is EC P-256, the service account's is RSA. */
export interface Accounts {
  readonly apnsKeyPem: string;
  readonly fcmKeyPem: string;
}

/** Makes the keys and writes what the simulated providers know of them. */
export async function writeProviderAccounts(file: string): Promise<Accounts> {
  const apns = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const fcm = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const accounts = {
    apns: [
      {
        team_id: TEAM_ID,
        key_id: KEY_ID,
        public_key_pem: publicPem(apns.publicKey),
        environments: ['production', 'sandbox'],
        topics: [APP_ID],
      },
    ],
    fcm: [
      {
        project_id: PROJECT_ID,
        client_email: CLIENT_EMAIL,
        public_key_pem: publicPem(fcm.publicKey),
        app_ids: [APP_ID],
      },
    ],
  };
  await writeFile(file, JSON.stringify(accounts));
  return { apnsKeyPem: privatePem(apns.privateKey), fcmKeyPem: privatePem(fcm.privateKey) };
}

/** Where the simulated services listen. */
export interface ProviderAddresses {
  readonly apns: string;
  readonly apnsSandbox: string;
  readonly fcm: string;
  readonly oauthTokenUri: string;
  readonly devices: string;
}

/** Writes the bouncer's side: the APNs key, Google's service account file and the list of apps, whose path it returns. */
export async function writeBouncerApps(
  folder: string,
  accounts: Accounts,
  addresses: ProviderAddresses,
  caFile: string,
): Promise<string> {
  const secret = { mode: 0o600 };
  await writeFile(join(folder, 'apns.p8'), accounts.apnsKeyPem, secret);
  const serviceAccount = {
    type: 'service_account',
    project_id: PROJECT_ID,
    client_email: CLIENT_EMAIL,
    private_key: accounts.fcmKeyPem,
    token_uri: addresses.oauthTokenUri,
  };
  await writeFile(join(folder, 'service-account.json'), JSON.stringify(serviceAccount), secret);
  const app = {
    app_id: APP_ID,
    bare_tokens: 'accepted',
    apns: {
      team_id: TEAM_ID,
      key_id: KEY_ID,
      key_file: 'apns.p8',
      production: { origin: addresses.apns, ca_file: caFile },
      sandbox: { origin: addresses.apnsSandbox, ca_file: caFile },
    },
    fcm: { service_account_file: 'service-account.json', origin: addresses.fcm, ca_file: caFile },
  };
  const file = join(folder, 'apps.json');
  await writeFile(file, JSON.stringify({ apps: [app] }));
  return file;
}

function publicPem(key: KeyObject): string {
  return key.export({ type: 'spki', format: 'pem' }).toString();
}

function privatePem(key: KeyObject): string {
  return key.export({ type: 'pkcs8', format: 'pem' }).toString();
}
