// Where a phone lives in these tests: the real providers stand-ins hand it what is pushed, a strict chat server answers.
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { ClientHttp2Session } from 'node:http2';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createAuthority } from '../../client-sim/certificates.ts';
import { Child, type Line } from '../../client-sim/stack/child.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { hex } from '../../protocol/wire/bytes.ts';
import { connectTo, sendPush } from '../providers/apns-client.ts';
import { type Field, startField } from '../providers/field.ts';
import { APP_ID, type ChatStandIn, type Push, SESSION_TOKEN, startChatStandIn } from './chat-stand-in.ts';
import { type LocalPhone, startLocalPhone } from './local-phone.ts';

const MAIN: string = path.resolve(import.meta.dirname, '../../client-sim/phone/main.ts');
export const WAIT_MS = 12_000;

export const isEvent =
  (event: string) =>
  (line: Line): boolean =>
    line['event'] === event;

type Environment = Readonly<Record<string, string>>;

export class PhoneField {
  readonly folder: string;
  readonly field: Field;
  readonly chat: ChatStandIn;
  readonly apns: ClientHttp2Session;
  readonly #environment: Environment;
  readonly #running = new Set<Child | LocalPhone>();
  #phones = 0;

  constructor(
    folder: string,
    field: Field,
    apns: ClientHttp2Session,
    chat: ChatStandIn,
    environment: Environment,
  ) {
    this.folder = folder;
    this.field = field;
    this.apns = apns;
    this.chat = chat;
    this.#environment = environment;
  }

  /** A phone as a process of its own. */
  spawn(kind: string, changes: Environment = {}): { phone: Child; state: string; log: string } {
    const environment = this.#name(kind, changes);
    const log = path.join(this.folder, `phone-${this.#phones}.log`);
    const phone = new Child({ name: 'alice-phone', script: MAIN, env: environment, logFile: log });
    this.#running.add(phone);
    return { phone, state: environment['PHONE_STATE_FILE'] as string, log };
  }

  /** A phone inside the test process. */
  async launch(kind: string, changes: Environment = {}): Promise<{ phone: LocalPhone; state: string }> {
    const environment = this.#name(kind, changes);
    const phone = await startLocalPhone(environment);
    this.#running.add(phone);
    return { phone, state: environment['PHONE_STATE_FILE'] as string };
  }

  /** The same, registered. */
  async launchReady(
    kind: string,
    changes: Environment = {},
  ): Promise<{ phone: LocalPhone; state: string; ready: Line }> {
    const { phone, state } = await this.launch(kind, changes);
    return { phone, state, ready: await phone.waitFor(isEvent('ready'), WAIT_MS) };
  }

  /** After each test: no phone, and a chat server that has forgotten everything. */
  async clear(): Promise<void> {
    await Promise.all([...this.#running].map((phone) => phone.kill()));
    this.#running.clear();
    this.chat.forget();
  }

  async close(): Promise<void> {
    this.apns.close();
    await this.chat.close();
    await this.field.close();
    await rm(this.folder, { recursive: true });
  }

  #name(kind: string, changes: Environment): Environment {
    this.#phones += 1;
    return {
      ...this.#environment,
      PHONE_NAME: 'alice-phone',
      PHONE_KIND: kind,
      PHONE_STATE_FILE: path.join(this.folder, `state-${this.#phones}.json`),
      ...changes,
    };
  }
}

export async function startPhoneField(): Promise<PhoneField> {
  const folder = await mkdtemp(path.join(tmpdir(), 'phones-'));
  const field = await startField();
  const apns = connectTo(field.addresses.apns, field.ca);
  const authority = await createAuthority();
  await writeFile(path.join(folder, 'session'), `${SESSION_TOKEN}\n`, { mode: 0o600 });
  await writeFile(path.join(folder, 'ca.pem'), `${field.ca}\n${authority.certPem}\n`);
  const chat = await startChatStandIn(authority, buildPush(field, apns));
  return new PhoneField(folder, field, apns, chat, {
    PATH: process.env['PATH'] ?? '',
    PHONE_APP_ID: APP_ID,
    PHONE_SERVER_ORIGIN: chat.origin,
    PHONE_SESSION_FILE: path.join(folder, 'session'),
    PHONE_CA_FILE: path.join(folder, 'ca.pem'),
    PHONE_DEVICES_URL: field.addresses.devices,
    PHONE_ROOTS: encodeBase64url(chat.bouncerKeys.root),
  });
}

/** Sends a command and waits for its answer. */
export async function command(phone: Child | LocalPhone, op: string, fields: Line = {}): Promise<Line> {
  const from = phone.lines.length;
  phone.send({ op, ...fields });
  const answers = (line: Line): boolean => line['op'] === op || (op === 'state' && line['event'] === 'state');
  return phone.waitFor(answers, WAIT_MS, from);
}

function buildPush(field: Field, apns: ClientHttp2Session): Push {
  return async (platform, token, content, { background = false, collapse = 'none' }) => {
    const status =
      platform === 'fcm'
        ? await pushToFcm(field, token, content, background)
        : await pushToApns(field, apns, token, content, background, collapse);
    if (status !== 200) throw new Error(`${platform} answered ${status}`);
  };
}

async function pushToFcm(
  field: Field,
  token: Uint8Array,
  data: object,
  background: boolean,
): Promise<number> {
  const access = await field.accessToken(field.keys.project);
  const android = { priority: background ? 'NORMAL' : 'HIGH', ttl: '3600s' };
  const message = { token: Buffer.from(token).toString(), data, android };
  return (await field.send(access, { message })).status;
}

async function pushToApns(
  field: Field,
  apns: ClientHttp2Session,
  token: Uint8Array,
  content: object,
  background: boolean,
  collapse: string,
): Promise<number | null> {
  const aps = background
    ? { 'content-available': 1 }
    : { alert: { 'loc-key': 'SP' }, sound: 'default', 'mutable-content': 1 };
  const sent = await sendPush(apns, {
    token: hex(token),
    jwt: await field.providerToken(field.keys.main),
    headers: {
      'apns-push-type': background ? 'background' : 'alert',
      'apns-priority': background ? '5' : '10',
      'apns-collapse-id': collapse,
      'apns-expiration': String(field.nowSeconds + 3600),
    },
    body: JSON.stringify({ aps, ...content }),
  });
  return sent.status;
}
