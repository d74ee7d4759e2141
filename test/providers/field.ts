// The simulated providers in this process, with accounts, keys and a clock that the test moves.
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';
import { Agent, request } from 'undici';
import { createAuthority, issueCertificate } from '../../client-sim/certificates.ts';
import { parseAccounts } from '../../client-sim/providers/accounts.ts';
import { type RunningProviders, startProviders } from '../../client-sim/providers/providers.ts';
import type { RecordEntry } from '../../client-sim/providers/record.ts';

export const appId = 'chat.example.app';
export const otherAppId = 'other.example.app';

export interface ApnsKey {
  teamId: string;
  keyId: string;
  privateKey: KeyObject;
}

export interface ServiceAccount {
  projectId: string;
  clientEmail: string;
  privateKey: KeyObject;
}

export interface InstalledDevice {
  device_id: string;
  token: string;
}

export interface Answer {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: unknown;
}

export class Field {
  readonly addresses: RunningProviders['addresses'];
  readonly ca: string;
  readonly agent: Agent;
  readonly keys: TestKeys;
  readonly close: () => Promise<void>;
  readonly #clock: { ms: number };

  constructor(running: RunningProviders, ca: string, keys: TestKeys, clock: { ms: number }) {
    this.addresses = running.addresses;
    this.ca = ca;
    this.agent = new Agent({ connect: { ca }, bodyTimeout: 0, allowH2: false });
    this.keys = keys;
    this.#clock = clock;
    this.close = async () => {
      await this.agent.destroy();
      await running.close();
    };
  }

  get nowSeconds(): number {
    return Math.floor(this.#clock.ms / 1000);
  }

  get nowMs(): number {
    return this.#clock.ms;
  }

  advance(byMs: number): void {
    this.#clock.ms += byMs;
  }

  /** Calls the listener for phones and control. */
  async call(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    const answer = await request(`${this.addresses.devices}${path}`, {
      method,
      dispatcher: this.agent,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    const text = await answer.body.text();
    return {
      status: answer.statusCode,
      headers: answer.headers,
      body: text === '' ? null : JSON.parse(text),
    };
  }

  async install(
    platform: 'apns' | 'fcm',
    environment: string = platform === 'fcm' ? '' : 'production',
    app_id: string = appId,
  ): Promise<InstalledDevice> {
    const { body } = await this.call('POST', '/devices', { platform, environment, app_id });
    return body as InstalledDevice;
  }

  async record(after = 0): Promise<RecordEntry[]> {
    const { body } = await this.call('GET', `/control/record?after=${after}`);
    return (body as { entries: RecordEntry[] }).entries;
  }

  async outcomesOf(deviceId: string): Promise<string[]> {
    return (await this.record())
      .filter((entry) => entry.device_id === deviceId)
      .map((entry) => entry.outcome);
  }

  /** `changes` replaces what a good token has. */
  async providerToken(key: ApnsKey, changes: TokenChanges = {}): Promise<string> {
    const { iss = key.teamId, iat = this.nowSeconds, kid = key.keyId, privateKey = key.privateKey } = changes;
    return new SignJWT({ iss, iat }).setProtectedHeader({ alg: 'ES256', kid }).sign(privateKey);
  }

  async assertion(account: ServiceAccount, changes: AssertionChanges = {}): Promise<string> {
    const claims = {
      iss: account.clientEmail,
      scope: 'https://www.googleapis.com/auth/firebase.messaging',
      aud: this.addresses.oauth_token_uri,
      iat: this.nowSeconds,
      exp: this.nowSeconds + 3600,
      ...changes.claims,
    };
    return new SignJWT(claims)
      .setProtectedHeader({ alg: changes.alg ?? 'RS256' })
      .sign(changes.privateKey ?? account.privateKey);
  }

  /** Posts a form to the token endpoint, over HTTP/1.1. */
  async postForm(
    form: Record<string, string>,
    contentType = 'application/x-www-form-urlencoded',
  ): Promise<Answer> {
    const answer = await request(this.addresses.oauth_token_uri, {
      method: 'POST',
      dispatcher: this.agent,
      headers: { 'content-type': contentType },
      body: new URLSearchParams(form).toString(),
    });
    return { status: answer.statusCode, headers: answer.headers, body: await answer.body.json() };
  }

  async accessToken(account: ServiceAccount): Promise<string> {
    const { body } = await this.postForm({
      grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
      assertion: await this.assertion(account),
    });
    return (body as { access_token: string }).access_token;
  }

  /** Sends an FCM message over HTTP/1.1. */
  async send(accessToken: string | null, body: unknown, projectId = 'project-one'): Promise<Answer> {
    const answer = await request(`${this.addresses.fcm}/v1/projects/${projectId}/messages:send`, {
      method: 'POST',
      dispatcher: this.agent,
      headers: {
        'content-type': 'application/json',
        ...(accessToken === null ? {} : { authorization: `Bearer ${accessToken}` }),
      },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    const text = await answer.body.text();
    const isJson = String(answer.headers['content-type']).startsWith('application/json');
    return { status: answer.statusCode, headers: answer.headers, body: isJson ? JSON.parse(text) : text };
  }
}

export interface TokenChanges {
  iss?: string;
  iat?: number;
  kid?: string;
  privateKey?: KeyObject;
}

export interface AssertionChanges {
  claims?: Record<string, unknown>;
  alg?: string;
  privateKey?: KeyObject;
}

export interface TestKeys {
  /** Good everywhere. */
  main: ApnsKey;
  /** Of the same team, for the sandbox only. */
  sandboxOnly: ApnsKey;
  /** Of the same team, another family. */
  second: ApnsKey;
  /** Of another team. */
  otherTeam: ApnsKey;
  project: ServiceAccount;
  otherProject: ServiceAccount;
}

/** What Apple and Google are told of the test keys, as in the accounts file. */
export function accountsOf(keys: TestKeys, publicPems: Map<KeyObject, string>): object {
  const apns = (key: ApnsKey, environments: string[], topics: string[]) => ({
    team_id: key.teamId,
    key_id: key.keyId,
    public_key_pem: publicPems.get(key.privateKey),
    environments,
    topics,
  });
  const fcm = (account: ServiceAccount, app_ids: string[]) => ({
    project_id: account.projectId,
    client_email: account.clientEmail,
    public_key_pem: publicPems.get(account.privateKey),
    app_ids,
  });
  return {
    apns: [
      apns(keys.main, ['production', 'sandbox'], [appId]),
      apns(keys.sandboxOnly, ['sandbox'], [appId]),
      apns(keys.second, ['production', 'sandbox'], [appId, otherAppId]),
      apns(keys.otherTeam, ['production', 'sandbox'], [otherAppId]),
    ],
    fcm: [fcm(keys.project, [appId]), fcm(keys.otherProject, [otherAppId])],
  };
}

export function generateKeys(): { keys: TestKeys; publicPems: Map<KeyObject, string> } {
  const publicPems = new Map<KeyObject, string>();
  const keep = ({ publicKey, privateKey }: { publicKey: KeyObject; privateKey: KeyObject }): KeyObject => {
    publicPems.set(privateKey, publicKey.export({ type: 'spki', format: 'pem' }) as string);
    return privateKey;
  };
  const p256 = () => keep(generateKeyPairSync('ec', { namedCurve: 'prime256v1' }));
  const rsa = () => keep(generateKeyPairSync('rsa', { modulusLength: 2048 }));
  const keys = {
    main: { teamId: 'TEAMONE123', keyId: 'KEYMAIN123', privateKey: p256() },
    sandboxOnly: { teamId: 'TEAMONE123', keyId: 'KEYSANDBOX', privateKey: p256() },
    second: { teamId: 'TEAMONE123', keyId: 'KEYSECOND1', privateKey: p256() },
    otherTeam: { teamId: 'TEAMTWO123', keyId: 'KEYOTHER12', privateKey: p256() },
    project: { projectId: 'project-one', clientEmail: 'push@project-one.example', privateKey: rsa() },
    otherProject: { projectId: 'project-two', clientEmail: 'push@project-two.example', privateKey: rsa() },
  };
  return { keys, publicPems };
}

export async function startField(): Promise<Field> {
  const { keys, publicPems } = generateKeys();
  const authority = await createAuthority();
  const tls = await issueCertificate(authority, { hosts: ['127.0.0.1', 'localhost'] });
  const clock = { ms: Date.now() };
  const running = await startProviders({
    host: '127.0.0.1',
    apnsPort: 0,
    apnsSandboxPort: 0,
    fcmPort: 0,
    devicePort: 0,
    tls: { cert: tls.certPem, key: tls.keyPem },
    accounts: parseAccounts(accountsOf(keys, publicPems)),
    seed: 1,
    nowMs: () => clock.ms,
  });
  return new Field(running, authority.certPem, keys, clock);
}
