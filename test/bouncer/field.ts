// A bouncer among simulated providers, all on loopback with TLS, with one clock that the test moves, and what a chat
// server and an app do to it.
import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Agent } from 'undici';
import { parseConfig } from '../../bouncer/config.ts';
import type { Log } from '../../bouncer/log/log.ts';
import { type Service, startService } from '../../bouncer/service.ts';
import { createAuthority, issueCertificate } from '../../client-sim/certificates.ts';
import { parseAccounts } from '../../client-sim/providers/accounts.ts';
import { type RunningProviders, startProviders } from '../../client-sim/providers/providers.ts';
import type { RecordEntry } from '../../client-sim/providers/record.ts';
import { APP_ID, writeBouncerApps, writeProviderAccounts } from '../../client-sim/stack/accounts.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { type Challenge, confirmationMac, decodeChallenge } from '../../protocol/registration/challenge.ts';
import { type BouncerKey, decodeKeyList } from '../../protocol/registration/key-list.ts';
import { sealPushToken } from '../../protocol/registration/seal/seal-push-token.ts';
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import type { SignedKeyList } from '../../protocol/wire/bouncer-api.ts';
import type { Environment, Platform } from '../../protocol/wire/ids.ts';
import { SUITE_XWING_BASE } from '../../protocol/wire/suites.ts';
import { type Answer, type CallOptions, type Credential, call } from './call.ts';
import { runCli } from './operator-cli.ts';

export { APP_ID };

const HOST = '127.0.0.1';
const WAIT_MS = 8_000;
const POLL_MS = 15;

export interface Device {
  readonly deviceId: string;
  readonly token: Uint8Array;
  readonly platform: Platform;
  readonly environment: Environment;
}

/** One sealed token of a device, and what only the device knows of it. */
export interface Attempt {
  readonly device: Device;
  readonly attempt: Uint8Array;
  readonly confirmKey: Uint8Array;
  readonly infoHash: Uint8Array;
  /** What the providers had seen before. */
  readonly seenBefore: number;
  readonly body: Record<string, unknown>;
}

export interface LoggedEvent {
  readonly event: string;
  readonly fields: object;
}

/** Waits until `look` gives something, for a bounded time. */
export async function until<T>(look: () => Promise<T | undefined | null | false>, what: string): Promise<T> {
  const deadline = performance.now() + WAIT_MS;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`did not happen in time: ${what}`);
    await new Promise((wake) => setTimeout(wake, POLL_MS));
  }
}

export class Field {
  readonly folder: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly events: LoggedEvent[] = [];
  readonly ca: string;
  readonly agent: Agent;
  readonly #providers: RunningProviders;
  readonly #clock: { aheadMs: number };
  #service: Service | null = null;
  #address = '';
  #lastSeen = 0;
  /** What tokens are sealed to: at first the key of the default suite. */
  sealingKey: BouncerKey;
  /** The keys of the first list. */
  readonly sealingKeys: readonly BouncerKey[];

  private constructor(parts: {
    folder: string;
    environment: Record<string, string>;
    ca: string;
    providers: RunningProviders;
    clock: { aheadMs: number };
    sealingKeys: readonly BouncerKey[];
  }) {
    this.folder = parts.folder;
    this.environment = parts.environment;
    this.ca = parts.ca;
    this.agent = new Agent({ connect: { ca: parts.ca } });
    this.#providers = parts.providers;
    this.#clock = parts.clock;
    this.sealingKeys = parts.sealingKeys;
    this.sealingKey = this.sealingKeyOf(SUITE_XWING_BASE.id);
  }

  /** Providers and keys; the bouncer starts with `start`, or as a process of the test. */
  static async prepare(bareTokens: 'accepted' | 'refused' = 'accepted'): Promise<Field> {
    const folder = await mkdtemp(join(tmpdir(), 'bouncer-'));
    const inFolder = (name: string) => join(folder, name);
    const authority = await createAuthority();
    const leaf = await issueCertificate(authority, { hosts: [HOST] });
    await writeFile(inFolder('ca.pem'), authority.certPem);
    await writeFile(inFolder('cert.pem'), leaf.certPem);
    await writeFile(inFolder('key.pem'), leaf.keyPem, { mode: 0o600 });
    const accounts = await writeProviderAccounts(inFolder('accounts.json'));
    const clock = { aheadMs: 0 };
    const providers = await startProviders({
      host: HOST,
      apnsPort: 0,
      apnsSandboxPort: 0,
      fcmPort: 0,
      devicePort: 0,
      tls: { cert: leaf.certPem, key: leaf.keyPem },
      accounts: parseAccounts(JSON.parse(await readFile(inFolder('accounts.json'), 'utf8'))),
      seed: 1,
      nowMs: () => Date.now() + clock.aheadMs,
    });
    const {
      apns,
      apns_sandbox: apnsSandbox,
      fcm,
      oauth_token_uri: oauthTokenUri,
      devices,
    } = providers.addresses;
    const addresses = { apns, apnsSandbox, fcm, oauthTokenUri, devices };
    const appsFile = await writeBouncerApps(folder, accounts, addresses, inFolder('ca.pem'));
    if (bareTokens === 'refused') {
      await writeFile(appsFile, (await readFile(appsFile, 'utf8')).replace('"accepted"', '"refused"'));
    }
    const environment = {
      BOUNCER_ORIGIN: 'https://bouncer.example',
      BOUNCER_HOST: HOST,
      BOUNCER_PORT: '0',
      BOUNCER_TLS_CERT_FILE: inFolder('cert.pem'),
      BOUNCER_TLS_KEY_FILE: inFolder('key.pem'),
      BOUNCER_DATABASE_FILE: inFolder('bouncer.sqlite'),
      BOUNCER_STORAGE_KEY_FILE: inFolder('keys/storage-key'),
      BOUNCER_SEALING_KEYS_FILE: inFolder('keys/sealing-keys.json'),
      BOUNCER_KEY_LIST_FILE: inFolder('keys/key-list.json'),
      BOUNCER_APPS_FILE: appsFile,
    };
    await runCli(environment, [
      'keys',
      'init',
      '--dir',
      inFolder('keys'),
      '--origin',
      environment.BOUNCER_ORIGIN,
    ]);
    const signed = JSON.parse(await readFile(environment.BOUNCER_KEY_LIST_FILE, 'utf8')) as SignedKeyList;
    const sealingKeys = decodeKeyList(decodeBase64url(signed.bytes)).keys;
    return new Field({ folder, environment, ca: authority.certPem, providers, clock, sealingKeys });
  }

  /** The key of a suite in the first list. */
  sealingKeyOf(suite: number): BouncerKey {
    const key = this.sealingKeys.find((listed) => listed.suite === suite);
    if (key === undefined) throw new Error('the list has no key of this suite');
    return key;
  }

  /** Starts the bouncer in this process, with the clock of the test. */
  async start(): Promise<void> {
    const log: Log = (event, fields) => this.events.push({ event, fields });
    this.#service = await startService(parseConfig(this.environment), log, () => this.nowMs);
    this.#address = this.#service.address;
  }

  /** A bouncer that the test started as a process. */
  set address(address: string) {
    this.#address = address;
  }

  get address(): string {
    return this.#address;
  }

  get nowMs(): number {
    return Date.now() + this.#clock.aheadMs;
  }

  get nowSeconds(): number {
    return Math.floor(this.nowMs / 1000);
  }

  /** The next full hour but one. */
  get expiresAt(): number {
    return (Math.floor(this.nowSeconds / 3600) + 2) * 3600;
  }

  get addresses(): RunningProviders['addresses'] {
    return this.#providers.addresses;
  }

  advance(seconds: number): void {
    this.#clock.aheadMs += seconds * 1000;
  }

  async stopService(): Promise<void> {
    await this.#service?.stop();
    this.#service = null;
  }

  async close(): Promise<void> {
    await this.stopService();
    await this.agent.destroy();
    await this.#providers.close();
    await rm(this.folder, { recursive: true, force: true });
  }

  async enrol(origin: string): Promise<Credential> {
    const args = ['servers', 'enrol', '--origin', origin, '--contact', 'operator@chat.example'];
    return { origin, ...((await runCli(this.environment, args)) as Omit<Credential, 'origin'>) };
  }

  /** A request to the bouncer. */
  call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    return call(this.agent, `${this.#address}${path}`, method, options);
  }

  /** The providers' listener for phones and control. */
  async control(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<Answer> {
    const read = await call(this.agent, `${this.addresses.devices}${path}`, method, { body });
    if (read.status >= 300) throw new Error(`the providers answer ${read.status} to ${method} ${path}`);
    return read;
  }

  async install(
    platform: Platform,
    environment: Environment = platform === 'apns' ? 'production' : '',
  ): Promise<Device> {
    const { body } = await this.control('POST', '/devices', { platform, environment, app_id: APP_ID });
    const token = new Uint8Array(Buffer.from(body.token, platform === 'apns' ? 'hex' : 'utf8'));
    return { deviceId: body.device_id, token, platform, environment };
  }

  async record(after = 0): Promise<RecordEntry[]> {
    const { entries } = (await this.control('GET', `/control/record?after=${after}`)).body;
    this.#lastSeen = entries.at(-1)?.n ?? this.#lastSeen;
    return entries;
  }

  /** Pushes that reached this device's provider. */
  async pushesTo(device: Device, after = 0): Promise<RecordEntry[]> {
    return (await this.record(after)).filter((entry) => entry.device_id === device.deviceId);
  }

  seal(
    device: Device,
    origin: string,
    changes: { issuedAt?: number; attempt?: Uint8Array; replaces?: Attempt; token?: Uint8Array } = {},
  ): Attempt {
    const attempt = changes.attempt ?? randomBytes16();
    const confirmKey = new Uint8Array(randomBytes(32));
    const { platform, environment } = device;
    const { blob, infoHash } = sealPushToken(
      nativeBackend,
      this.sealingKey,
      { origin, appId: APP_ID, platform, environment },
      {
        token: changes.token ?? device.token,
        issuedAt: changes.issuedAt ?? this.nowSeconds,
        attempt,
        confirmKey,
      },
    );
    const body = {
      platform,
      environment,
      app_id: APP_ID,
      sealed_token: encodeBase64url(blob),
      ...(changes.replaces === undefined ? {} : { replaces: encodeBase64url(changes.replaces.attempt) }),
    };
    return { device, attempt, confirmKey, infoHash, seenBefore: this.#lastSeen, body };
  }

  /** The challenge that was pushed for an attempt. */
  async challengeOf(attempt: Attempt): Promise<Challenge> {
    return await until(async () => await this.findChallenge(attempt), 'a challenge is pushed');
  }

  async findChallenge(attempt: Attempt): Promise<Challenge | undefined> {
    for (const { body } of await this.pushesTo(attempt.device, attempt.seenBefore)) {
      const parsed = JSON.parse(body);
      const c = parsed.c ?? parsed.message?.data?.c;
      const challenge = c === undefined ? null : decodeChallenge(decodeBase64url(c));
      if (challenge !== null && Buffer.from(challenge.attempt).equals(attempt.attempt)) return challenge;
    }
    return undefined;
  }

  confirmation(handle: string, attempt: Attempt, challenge: Challenge): Record<string, string> {
    const mac = confirmationMac(
      nativeBackend,
      attempt.confirmKey,
      attempt.attempt,
      challenge.challenge,
      attempt.infoHash,
    );
    return { handle, challenge: encodeBase64url(challenge.challenge), confirmation: encodeBase64url(mac) };
  }

  /** A device with an active handle. */
  async register(
    server: Credential,
    device: Device,
    changes: Parameters<Field['seal']>[2] = {},
  ): Promise<{ readonly handle: string; readonly attempt: Attempt }> {
    const attempt = this.seal(device, server.origin, changes);
    const { status, body } = await this.call('POST', '/v1/handles', { as: server, body: attempt.body });
    if (status !== 200) throw new Error(`the bouncer answers ${status} ${body.code}`);
    const confirmation = this.confirmation(body.handle, attempt, await this.challengeOf(attempt));
    const confirmed = await this.call('POST', '/v1/handles/confirmation', { as: server, body: confirmation });
    if (confirmed.status !== 200) throw new Error(`the bouncer answers ${confirmed.status}`);
    return { handle: body.handle, attempt };
  }

  /** One item whose envelope is one in form. */
  item(handle: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
    return {
      handle,
      envelope: envelope(),
      urgency: 'alert',
      expires_at: this.expiresAt,
      collapse: encodeBase64url(randomBytes16()),
      ...changes,
    };
  }

  async notify(
    server: Credential,
    items: readonly unknown[],
    path = '/v1/notifications',
  ): Promise<unknown[]> {
    const { status, body } = await this.call('POST', path, { as: server, body: { notifications: items } });
    if (status !== 200) throw new Error(`the bouncer answers ${status} ${body.code}`);
    return body.results;
  }
}

export function randomBytes16(): Uint8Array {
  return new Uint8Array(randomBytes(16));
}

/** An envelope in form: the given bucket and suite, random bytes. */
export function envelope(bucket = 1856, suite = 0x01): string {
  const bytes = randomBytes((suite === 0x02 ? 1143 : 55) + bucket);
  bytes[0] = suite;
  return bytes.toString('base64url');
}
