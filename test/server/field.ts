// What a server test stands on: a folder, a strict bouncer with TLS, and the real server as a process of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { request } from 'undici';
import { createAuthority, issueCertificate, type PemPair } from '../../client-sim/certificates.ts';
import { API_KEY, SERVER_ID, StrictBouncer } from './strict-bouncer.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const START_MILLISECONDS_MAX = 15_000;
const STOP_MILLISECONDS_MAX = 12_000;

export const ORIGIN = 'https://chat.example';
export const APP_ID = 'org.example.chat';
export const ADMIN_KEY = 'an-admin-key-of-more-than-32-characters';

/** An answer of the server. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of every shape
  readonly json: any;
}

export interface CallOptions {
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string | Uint8Array;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export class Field {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'sealed-push-server-'));
  readonly authority: PemPair;
  readonly certificate: PemPair;
  bouncer: StrictBouncer;
  readonly environment: Record<string, string>;
  readonly log: string[] = [];
  #process: ChildProcess | undefined;
  #exited: Promise<number | null> = Promise.resolve(null);
  address = '';

  private constructor(authority: PemPair, certificate: PemPair, bouncer: StrictBouncer) {
    this.authority = authority;
    this.certificate = certificate;
    this.bouncer = bouncer;
    this.environment = {
      SERVER_ORIGIN: ORIGIN,
      SERVER_HOST: '127.0.0.1',
      SERVER_PORT: '0',
      SERVER_PROXY: 'test',
      SERVER_DATABASE_FILE: join(this.folder, 'server.sqlite'),
      SERVER_STORAGE_KEY_FILE: this.write('storage-key', randomBytes(32).toString('base64url')),
      SERVER_ADMIN_KEY_FILE: this.write('admin-key', `${ADMIN_KEY}\n`),
      SERVER_BOUNCER_ORIGIN: bouncer.origin,
      SERVER_BOUNCER_CREDENTIAL_FILE: this.write(
        'bouncer.json',
        JSON.stringify({ server_id: SERVER_ID, api_key: API_KEY }),
      ),
      SERVER_BOUNCER_CA_FILE: this.write('ca.pem', authority.certPem),
      SERVER_APP_IDS: APP_ID,
    };
  }

  static async lay(): Promise<Field> {
    const authority = await createAuthority();
    const certificate = await issueCertificate(authority, { hosts: ['127.0.0.1', 'localhost'] });
    return new Field(authority, certificate, await StrictBouncer.start(certificate));
  }

  write(name: string, text: string): string {
    const file = join(this.folder, name);
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }

  /** Starts the server; resolves when it is ready. */
  async start(overrides: Readonly<Record<string, string | undefined>> = {}): Promise<void> {
    const line = await this.startUntil((event) => event['event'] === 'ready', overrides);
    this.address = String(line['address']);
  }

  async startUntil(
    test: (line: Record<string, unknown>) => boolean,
    overrides: Readonly<Record<string, string | undefined>> = {},
  ): Promise<Record<string, unknown>> {
    const env = Object.fromEntries(
      Object.entries({ ...this.environment, ...overrides }).filter(([, value]) => value !== undefined),
    ) as Record<string, string>;
    const child = spawn(process.execPath, [join(ROOT, 'server/main.ts')], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#process = child;
    this.#exited = new Promise((done) => child.once('close', done));
    child.stderr.on('data', (chunk: Buffer) => this.log.push(chunk.toString()));
    return await new Promise((done, fail) => {
      const timer = setTimeout(() => fail(new Error('the server did not start')), START_MILLISECONDS_MAX);
      createInterface({ input: child.stdout }).on('line', (text) => {
        this.log.push(text);
        const line = JSON.parse(text) as Record<string, unknown>;
        if (!test(line)) return;
        clearTimeout(timer);
        done(line);
      });
      child.once('close', (code) => fail(new Error(`the server ended with ${code}: ${this.log.join('\n')}`)));
    });
  }

  /** As when the power goes. */
  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL');
    await this.#exited;
  }

  /** SIGTERM; the exit code. */
  async stop(): Promise<number | null> {
    const timer = setTimeout(() => this.#process?.kill('SIGKILL'), STOP_MILLISECONDS_MAX);
    this.#process?.kill('SIGTERM');
    const code = await this.#exited;
    clearTimeout(timer);
    return code;
  }

  async clear(): Promise<void> {
    await this.kill();
    await this.bouncer.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async call(method: string, path: string, options: CallOptions = {}): Promise<Answer> {
    const { body, raw, token, headers } = options;
    const payload = raw ?? (body === undefined ? null : JSON.stringify(body));
    const response = await request(`${this.address}${path}`, {
      method,
      headers: {
        host: new URL(ORIGIN).host,
        ...(payload !== null && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...headers,
      },
      body: payload,
    });
    const text = await response.body.text();
    return { status: response.statusCode, headers: response.headers, text, json: parse(text) };
  }

  /** A user with a session. */
  async addUser(user: string, name: string = user): Promise<string> {
    await this.call('POST', '/v1/chat/users', { token: ADMIN_KEY, body: { user, name } });
    return await this.logIn(user);
  }

  async logIn(user: string): Promise<string> {
    const answer = await this.call('POST', '/v1/chat/sessions', { token: ADMIN_KEY, body: { user } });
    return answer.json.session_token;
  }

  /** Sends and returns the id. */
  async send(token: string, conversation: unknown, text: string): Promise<number> {
    const answer = await this.call('POST', '/v1/chat/messages', { token, body: { conversation, text } });
    if (answer.status !== 201) throw new Error(`not accepted: ${answer.text}`);
    return answer.json.message_id;
  }
}

/** Waits until something holds. */
export async function until(test: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await test())) {
    if (Date.now() > deadline) throw new Error(`waited too long for: ${what}`);
    await new Promise((done) => setTimeout(done, 10));
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
