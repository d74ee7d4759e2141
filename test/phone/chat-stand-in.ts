// A chat server and a bouncer in one, for one app: strict about every body (the schemas of push-api), it opens the
// sealed token, pushes the challenge through the providers, checks the MACs and seals notifications.
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { issueCertificate, type PemPair } from '../../client-sim/certificates.ts';
import type { Payload, PayloadBody, PayloadHead } from '../../protocol/content/payload.ts';
import { type PreparedKey, prepareSealingKey, sealNotification } from '../../protocol/content/seal/seal.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { stepChain } from '../../protocol/crypto/ratchet.ts';
import {
  challengeMac,
  confirmationMac,
  encodeChallenge,
  revocationMac,
} from '../../protocol/registration/challenge.ts';
import { openPushToken } from '../../protocol/registration/open/open-push-token.ts';
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import { revocationRequestSchema } from '../../protocol/wire/bouncer-api.ts';
import { buildProblem, type ProblemCode, ProblemError } from '../../protocol/wire/problem.ts';
import {
  confirmationBodySchema,
  type DeviceKey,
  deviceKeySchema,
  legacyRegistrationRequestSchema,
  type RegistrationRequest,
  type RegistrationStatus,
  registrationRequestSchema,
  type TokenAttempt,
  tokenAttemptSchema,
} from '../../protocol/wire/push-api.ts';
import { findSuite } from '../../protocol/wire/suites.ts';
import { BouncerKeys } from './bouncer-keys.ts';

export const SESSION_TOKEN = 'session-of-alice-0123456789abcdef0123456789';
export const APP_ID = 'chat.example.app';

interface AttemptRow {
  readonly blob: string;
  readonly token: Uint8Array;
  readonly confirmKey: Uint8Array;
  readonly infoHash: Uint8Array;
  readonly challenge: Uint8Array;
  readonly replaces: string | undefined;
  state: 'pending' | 'active' | 'gone';
}

interface Row {
  readonly request: RegistrationRequest;
  key: DeviceKey;
  attempt: string;
  readonly attempts: Map<string, AttemptRow>;
  readonly kids: Map<string, DeviceKey>;
  epoch: number;
  counter: number;
  sentAt: number;
}

/** Where the stand-in sends what it has to push: raw token bytes, and the one field. */
export type Push = (
  platform: 'apns' | 'fcm',
  token: Uint8Array,
  field: { readonly c: string } | { readonly e: string },
  options: { readonly background?: boolean; readonly collapse?: string },
) => Promise<void>;

export class ChatStandIn {
  readonly origin: string;
  readonly rows: Map<string, Row> = new Map();
  readonly legacy: Map<string, string> = new Map();
  /** Attempts that the app itself revoked, with the right MAC. */
  readonly revoked: string[] = [];
  readonly calls: string[] = [];
  readonly readIds: number[] = [];
  readonly messages: { message_id: number; text: string; read: boolean }[] = [];
  /** The next answers of a path: a problem, or 'hang up'. */
  readonly faults: {
    readonly path: RegExp;
    readonly code: ProblemCode | 'hang_up';
    readonly extras?: ProblemError['extras'] | undefined;
  }[] = [];
  /** Called before a call is answered. */
  watch: ((call: string) => Promise<void>) | null = null;
  discoveryOrigin: string;
  /** Where discovery says that the server has moved to. */
  movedTo: string | null = null;
  readonly bouncerKeys: BouncerKeys = new BouncerKeys();
  /** What the next answers say of every key, unless it is changed again. */
  keyState: RegistrationStatus['key_state'] = 'live';
  readonly #push: Push;
  readonly #server: Server;

  constructor(server: Server, push: Push) {
    this.#server = server;
    this.#push = push;
    this.origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.discoveryOrigin = this.origin;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  forget(): void {
    this.rows.clear();
    this.watch = null;
    this.keyState = 'live';
    this.bouncerKeys.reset();
    for (const list of [this.calls, this.revoked, this.faults, this.messages, this.readIds]) list.length = 0;
  }

  get only(): Row {
    const [row, ...more] = [...this.rows.values()];
    if (row === undefined || more.length > 0) throw new Error('not one registration');
    return row;
  }

  /** Seals for the only registration's present key and pushes. */
  async notify(
    body: PayloadBody,
    head: Partial<PayloadHead> = {},
    options: { background?: boolean; collapse?: string } = {},
  ): Promise<string> {
    const row = this.only;
    row.counter += 1;
    row.sentAt = Math.max(Date.now(), row.sentAt + 1);
    const payload: Payload = {
      sentAt: row.sentAt,
      counter: row.counter,
      ttlSeconds: row.key.keep_days * 86_400,
      ...head,
      ...body,
    };
    const e = encodeBase64url(sealNotification(nativeBackend, this.prepareKey(), payload));
    await this.pushAgain(e, options);
    return e;
  }

  /** The only registration's present key. */
  prepareKey(): PreparedKey {
    const { key, epoch, request } = this.only;
    return prepareSealingKey(nativeBackend, {
      suite: findSuite(key.suite, 'notification'),
      publicKey: decodeBase64url(key.public_key),
      kid: decodeBase64url(key.kid),
      epoch,
      chain: stepChain(nativeBackend, decodeBase64url(key.chain), epoch),
      origin: this.origin,
      appId: request.app_id,
      registrationId: decodeBase64url(request.registration_id),
    });
  }

  async pushAgain(e: string, options: { background?: boolean; collapse?: string } = {}): Promise<void> {
    const row = this.only;
    const attempt = row.attempts.get(row.attempt) as AttemptRow;
    if (attempt.state !== 'active') throw new Error('no active handle');
    await this.#push(row.request.platform, attempt.token, { e }, options);
  }

  async answer(
    method: string,
    path: string,
    credential: string | undefined,
    body: unknown,
  ): Promise<unknown> {
    this.calls.push(`${method} ${path}`);
    await this.watch?.(`${method} ${path}`);
    const fault = this.faults.findIndex((known) => known.path.test(`${method} ${path}`));
    if (fault >= 0) {
      const [{ code, extras }] = this.faults.splice(fault, 1) as [(typeof this.faults)[number]];
      if (code === 'hang_up') throw new RangeError('hang up');
      throw new ProblemError(code, extras);
    }
    if (path === '/v1/push') return this.#discover();
    if (path === '/v1/revocations') return this.#revoke(credential, body);
    if (credential !== `Bearer ${SESSION_TOKEN}`) throw new ProblemError('not_authenticated');
    if (path.startsWith('/v1/chat/')) return this.#chat(method, path, body);
    const [, id, part] = /^\/v1\/push\/registrations(?:\/([^/]+))?(?:\/([a-z]+))?$/.exec(path) ?? [];
    if (path === '/v1/push/legacy-registrations') return this.#registerLegacy(body);
    if (id === undefined) return this.#register(body);
    const row = this.rows.get(id);
    if (row === undefined) throw new ProblemError('unknown_registration');
    if (method === 'DELETE') return void this.rows.delete(id);
    if (part === 'keys') this.#takeKey(row, parse(deviceKeySchema, body));
    if (part === 'tokens') await this.#takeToken(row, parse(tokenAttemptSchema, body));
    if (part === 'confirmations') this.#confirm(row, body);
    return this.#status(row);
  }

  #discover(): unknown {
    const now = Math.floor(Date.now() / 1000);
    return {
      origin: this.discoveryOrigin,
      bouncer_origin: this.origin,
      bouncer_keys: this.bouncerKeys.sign(this.origin),
      app_ids: [APP_ID],
      keep_days_max: 3,
      policy: 'redact',
      server_time: now,
      ...(this.movedTo !== null && { moved: this.movedTo }),
      something_new: true,
    };
  }

  async #register(body: unknown): Promise<RegistrationStatus> {
    const request = parse(registrationRequestSchema, body);
    const row = this.rows.get(request.registration_id) ?? {
      request,
      key: request.key,
      attempt: '',
      attempts: new Map(),
      kids: new Map([[request.key.kid, request.key]]),
      epoch: 0,
      counter: 0,
      sentAt: 0,
    };
    this.#takeKey(row, request.key);
    await this.#takeToken(row, request.token);
    this.rows.set(request.registration_id, row);
    return this.#status(row);
  }

  #registerLegacy(body: unknown): unknown {
    const request = parse(legacyRegistrationRequestSchema, body);
    this.legacy.set(request.registration_id, request.token);
    return { registration_id: request.registration_id, state: 'active' };
  }

  #takeKey(row: Row, key: DeviceKey): void {
    const known = row.kids.get(key.kid);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(key)) {
      throw new ProblemError('kid_conflict');
    }
    if (known !== undefined) return;
    row.kids.set(key.kid, key);
    row.key = key;
    row.counter = 0;
    row.epoch = 0;
  }

  async #takeToken(row: Row, { attempt, sealed_token, replaces }: TokenAttempt): Promise<void> {
    const known = row.attempts.get(attempt);
    if (known !== undefined && known.blob !== sealed_token) throw new ProblemError('attempt_conflict');
    if (known !== undefined) return;
    const { app_id, platform, environment } = row.request;
    const context = { origin: this.origin, appId: app_id, platform, environment };
    const opened = openPushToken(
      nativeBackend,
      this.bouncerKeys.held,
      context,
      decodeBase64url(sealed_token),
    );
    if (encodeBase64url(opened.push.attempt) !== attempt) throw new ProblemError('push_token_refused');
    const { token, confirmKey } = opened.push;
    const { infoHash } = opened;
    const challenge = nativeBackend.randomBytes(16);
    row.attempts.set(attempt, {
      blob: sealed_token,
      token,
      confirmKey,
      infoHash,
      challenge,
      replaces,
      state: 'pending',
    });
    row.attempt = attempt;
    const mac = challengeMac(nativeBackend, confirmKey, opened.push.attempt, challenge, infoHash);
    const c = encodeBase64url(encodeChallenge({ attempt: opened.push.attempt, challenge, mac }));
    await this.#push(platform, token, { c }, {});
  }

  #confirm(row: Row, body: unknown): void {
    const { attempt, challenge, confirmation } = parse(confirmationBodySchema, body);
    const known = row.attempts.get(attempt);
    if (known === undefined || encodeBase64url(known.challenge) !== challenge) {
      throw new ProblemError('confirmation_refused');
    }
    const mac = confirmationMac(
      nativeBackend,
      known.confirmKey,
      decodeBase64url(attempt),
      known.challenge,
      known.infoHash,
    );
    if (encodeBase64url(mac) !== confirmation) throw new ProblemError('confirmation_refused');
    known.state = 'active';
    const replaced = row.attempts.get(known.replaces ?? '');
    if (replaced !== undefined) replaced.state = 'gone';
  }

  #revoke(credential: string | undefined, body: unknown): void {
    if (credential !== undefined) throw new ProblemError('not_permitted');
    const { origin, attempt, mac } = parse(revocationRequestSchema, body);
    const known = [...this.rows.values()].flatMap((row) => row.attempts.get(attempt) ?? []).at(0);
    if (known === undefined || origin !== this.origin) return;
    const right = revocationMac(nativeBackend, known.confirmKey, decodeBase64url(attempt), known.infoHash);
    if (encodeBase64url(right) !== mac) return;
    known.state = 'gone';
    this.revoked.push(attempt);
  }

  #chat(method: string, path: string, body: unknown): unknown {
    if (path === '/v1/chat/session' && method === 'DELETE') return undefined;
    if (path === '/v1/chat/read') {
      const schema = z.strictObject({ message_ids: z.array(z.int()).min(1).max(1000) });
      this.readIds.push(...parse(schema, body).message_ids);
      return undefined;
    }
    const after = Number(/after=(\d+)/.exec(path)?.[1] ?? 0);
    const limit = Number(/limit=(\d+)/.exec(path)?.[1] ?? 1);
    return {
      messages: this.messages
        .filter(({ message_id }) => message_id > after)
        .slice(0, limit)
        .map((message) => ({
          ...message,
          conversation: { channel: 'general', topic: 'tea' },
          sender: 'bob',
          sent_at: 1,
        })),
    };
  }

  #status(row: Row): RegistrationStatus {
    return {
      registration_id: row.request.registration_id,
      attempt: row.attempt,
      attempt_state: row.attempts.get(row.attempt)?.state ?? 'refused',
      key_state: this.keyState,
      kid: row.key.kid,
      suite: row.key.suite,
      epoch: row.epoch,
      counter: row.counter,
      sent_at: row.sentAt,
      server_time: Math.floor(Date.now() / 1000),
    };
  }
}

/** Listens on loopback with a certificate of the authority. */
export async function startChatStandIn(authority: PemPair, push: Push): Promise<ChatStandIn> {
  const { certPem, keyPem } = await issueCertificate(authority, { hosts: ['127.0.0.1'] });
  const server = createServer({ cert: certPem, key: keyPem });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const standIn = new ChatStandIn(server, push);
  server.on('request', async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    try {
      const body = text === '' ? undefined : JSON.parse(text);
      const { method = '', url = '', headers } = request;
      const answer = await standIn.answer(method, url, headers.authorization, body);
      if (answer === undefined) response.writeHead(204).end();
      else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    } catch (error) {
      if (!(error instanceof ProblemError)) {
        request.socket.destroy();
        return;
      }
      const problem = buildProblem(error.code, error.extras);
      response.writeHead(problem.status, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify(problem));
    }
  });
  return standIn;
}

function parse<Body>(schema: z.ZodType<Body>, body: unknown): Body {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new ProblemError('malformed_request');
  return parsed.data;
}
