// The whole stack on loopback, every part a process of its own: simulated providers, bouncer (behind the tap), chat
// server, phones. What a process may know is what its configuration gives it.
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { Agent } from 'undici';
import { createAuthority, issueCertificate } from '../certificates.ts';
import { ChatClient } from '../chat-client.ts';
import { APP_ID, type ProviderAddresses, writeBouncerApps, writeProviderAccounts } from './accounts.ts';
import { Child, type Line } from './child.ts';
import { bouncerEnvironment, HOST, type StackFiles, serverEnvironment, stackFiles } from './environments.ts';
import { findFreePort } from './free-port.ts';
import { type PhoneKind, PhoneProcess } from './phone-process.ts';
import { Tap } from './tap.ts';

const READY_MS = 20_000;
const SOURCES: string = resolve(import.meta.dirname, '../..');

export interface StackOptions {
  /** An empty folder of the caller's: databases, keys, logs. */
  readonly folder: string;
  /** What devices without E2EE are sent. */
  readonly policy?: 'redact' | 'require_e2ee';
  /** Where the sources are; tests run changed copies. */
  readonly sources?: string;
}

/** A running stack. `stop` ends everything that it started. */
export class Stack {
  readonly folder: string;
  readonly phones: PhoneProcess[] = [];
  readonly #options: StackOptions;
  readonly #files: StackFiles;
  readonly #children = new Map<string, Child>();
  #tap: Tap | null = null;
  #addresses: ProviderAddresses | null = null;
  #bouncerOrigin = '';
  #serverOrigin = '';
  #roots: readonly string[] = [];
  #agent: Agent = new Agent();
  #operator: ChatClient | null = null;

  constructor(options: StackOptions) {
    this.#options = options;
    this.folder = options.folder;
    this.#files = stackFiles(options.folder);
  }

  get serverOrigin(): string {
    return this.#serverOrigin;
  }

  get bouncerOrigin(): string {
    return this.#bouncerOrigin;
  }

  get tap(): Tap {
    return given(this.#tap);
  }

  get addresses(): ProviderAddresses {
    return given(this.#addresses);
  }

  /** The chat's operator, who makes users and channels. */
  get operator(): ChatClient {
    return given(this.#operator);
  }

  get files(): StackFiles {
    return this.#files;
  }

  /** For requests that trust the stack's own authority. */
  get agent(): Agent {
    return this.#agent;
  }

  child(name: string): Child {
    return given(this.#children.get(name));
  }

  async start(): Promise<void> {
    for (const folder of [this.#files.bouncer, this.#files.server, this.#files.logs]) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
    }
    await this.#writeCertificates();
    await this.#startProviders();
    await this.#prepareBouncer();
    await this.startBouncer();
    await this.#prepareServer();
    await this.startServer();
  }

  async startBouncer(): Promise<void> {
    const child = await this.#startService('bouncer', bouncerEnvironment(this.#files, this.#bouncerOrigin));
    this.tap.target = String(child['address']);
  }

  async startServer(): Promise<void> {
    await this.#startService(
      'server',
      serverEnvironment(
        this.#files,
        this.#serverOrigin,
        this.#bouncerOrigin,
        this.#options.policy ?? 'redact',
      ),
    );
  }

  /** An installed app with a user logged in; resolves when it is registered and its handle is active. */
  async startPhone(name: string, kind: PhoneKind, session: ChatClient): Promise<PhoneProcess> {
    const folder = join(this.folder, 'phones', name);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const sessionFile = join(folder, 'session');
    await writeFile(sessionFile, session.sessionToken, { mode: 0o600 });
    const phone = new PhoneProcess(name, kind, () =>
      this.#spawn(name, 'client-sim/phone/main.ts', [], {
        PHONE_NAME: name,
        PHONE_KIND: kind,
        PHONE_APP_ID: APP_ID,
        PHONE_SERVER_ORIGIN: this.#serverOrigin,
        PHONE_SESSION_FILE: sessionFile,
        PHONE_CA_FILE: this.#files.ca,
        PHONE_DEVICES_URL: this.addresses.devices,
        PHONE_STATE_FILE: join(folder, 'state.json'),
        PHONE_ROOTS: this.#roots.join(','),
      }),
    );
    this.phones.push(phone);
    await phone.start();
    return phone;
  }

  /** Enrols a chat server's origin by the operator's hand: {server_id, api_key}. */
  enrolServer(origin: string): Promise<Line> {
    return this.#runBouncer(['servers', 'enrol', '--origin', origin, '--contact', 'operator@chat.example']);
  }

  async stop(): Promise<void> {
    await Promise.all(this.phones.map((phone) => phone.stop()));
    for (const name of ['server', 'bouncer', 'providers']) await this.#children.get(name)?.stop();
    await this.#tap?.close();
    await this.#agent.close();
  }

  async #writeCertificates(): Promise<void> {
    const authority = await createAuthority();
    const leaf = await issueCertificate(authority, { hosts: [HOST, 'localhost'] });
    await writeFile(this.#files.ca, authority.certPem);
    await writeFile(this.#files.cert, leaf.certPem);
    await writeFile(this.#files.key, leaf.keyPem, { mode: 0o600 });
    this.#agent = new Agent({ connect: { ca: authority.certPem } });
    this.#tap = new Tap({ host: HOST, cert: leaf.certPem, key: leaf.keyPem, ca: authority.certPem });
    this.#bouncerOrigin = await this.#tap.listen();
    this.#serverOrigin = `https://${HOST}:${await findFreePort(HOST)}`;
  }

  async #startProviders(): Promise<void> {
    const accountsFile = join(this.folder, 'provider-accounts.json');
    const accounts = await writeProviderAccounts(accountsFile);
    const child = this.#spawn('providers', 'client-sim/providers/main.ts', [], {
      PROVIDERS_HOST: HOST,
      PROVIDERS_TLS_CERT_FILE: this.#files.cert,
      PROVIDERS_TLS_KEY_FILE: this.#files.key,
      PROVIDERS_ACCOUNTS_FILE: accountsFile,
    });
    this.#children.set('providers', child);
    const ready = await child.waitFor((line) => line['ready'] === true, READY_MS);
    this.#addresses = {
      apns: String(ready['apns']),
      apnsSandbox: String(ready['apns_sandbox']),
      fcm: String(ready['fcm']),
      oauthTokenUri: String(ready['oauth_token_uri']),
      devices: String(ready['devices']),
    };
    await writeBouncerApps(this.#files.bouncer, accounts, this.#addresses, this.#files.ca);
  }

  async #prepareBouncer(): Promise<void> {
    const made = await this.#runBouncer([
      'keys',
      'init',
      '--dir',
      join(this.#files.bouncer, 'keys'),
      '--origin',
      this.#bouncerOrigin,
    ]);
    this.#roots = rootKeys(made);
  }

  async #prepareServer(): Promise<void> {
    const credential = await this.enrolServer(this.#serverOrigin);
    const secret = { mode: 0o600 };
    const adminKey = randomBytes(32).toString('base64url');
    await writeFile(join(this.#files.server, 'bouncer-credential.json'), JSON.stringify(credential), secret);
    await writeFile(join(this.#files.server, 'storage-key'), randomBytes(32).toString('base64url'), secret);
    await writeFile(join(this.#files.server, 'admin-key'), adminKey, secret);
    this.#operator = new ChatClient(this.#serverOrigin, this.#agent, adminKey);
  }

  async #startService(name: 'bouncer' | 'server', env: Record<string, string>): Promise<Line> {
    const child = this.#spawn(name, `${name}/main.ts`, [], env);
    this.#children.set(name, child);
    return child.waitFor((line) => line['event'] === 'ready', READY_MS);
  }

  /** What a command of the bouncer's operator prints. */
  async #runBouncer(args: readonly string[]): Promise<Line> {
    const child = this.#spawn(
      'bouncer-cli',
      'bouncer/cli/main.ts',
      args,
      bouncerEnvironment(this.#files, this.#bouncerOrigin),
    );
    return child.waitFor(() => true, READY_MS);
  }

  #spawn(name: string, script: string, args: readonly string[], env: Record<string, string>): Child {
    return new Child({
      name,
      script: join(this.#options.sources ?? SOURCES, script),
      args,
      env,
      logFile: join(this.#files.logs, `${name}.log`),
    });
  }

  /** Everything that a service has logged, on standard output and standard error. */
  readLog(name: string): Promise<string> {
    return readFile(join(this.#files.logs, `${name}.log`), 'utf8');
  }
}

function given<Value>(value: Value | null | undefined): Value {
  if (value === null || value === undefined) throw new Error('the stack is not running');
  return value;
}

/** The public root keys that `keys init` printed. */
function rootKeys(line: Line): readonly string[] {
  const roots = line['roots'];
  if (!Array.isArray(roots)) throw new Error('the bouncer printed no root keys');
  return roots.map((root: { public_key: string }) => root.public_key);
}
