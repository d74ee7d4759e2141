// A peer with the bouncer's interface, over real TLS: it takes what the wire schemas take and nothing else, keeps what
// it was sent, and answers as a test wants it to. Whatever is not of the interface is kept as a violation.
import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { PemPair } from '../../client-sim/certificates.ts';
import { decodeBase64url } from '../../protocol/wire/base64url.ts';
import {
  bareHandleRequestSchema,
  type ConfirmationRequest,
  confirmationRequestSchema,
  handleRequestSchema,
  type LegacyNotificationItem,
  legacyNotificationItemSchema,
  type NotificationItem,
  type NotificationResult,
  notificationItemSchema,
  notificationsRequestSchema,
  removalRequestSchema,
  type SignedKeyList,
} from '../../protocol/wire/bouncer-api.ts';
import { decodeEnvelope } from '../../protocol/wire/envelope.ts';
import { buildProblem, type Problem, type ProblemCode } from '../../protocol/wire/problem.ts';

/** Longer than any test seals. */
const KEEP_ALIVE_MILLISECONDS = 72_000;

export const SERVER_ID: string = randomBytes(16).toString('base64url');
export const API_KEY: string = randomBytes(32).toString('base64url');

export const KEY_LIST: SignedKeyList = {
  root: randomBytes(4).toString('base64url'),
  signature: randomBytes(64).toString('base64url'),
  bytes: randomBytes(100).toString('base64url'),
};

interface Handle {
  readonly kind: 'sealed' | 'bare';
  state: 'pending' | 'active' | 'ended';
  readonly challenge: string;
  readonly pendingUntil: number;
}

/** One notification as it arrived. */
export interface Received {
  readonly route: 'sealed' | 'bare';
  readonly request: number;
  readonly handle: string;
  readonly item: NotificationItem | LegacyNotificationItem;
}

/** Set `weather` to break it: cut connections, or answer everything with a problem. */
export type Weather =
  | { readonly kind: 'fair' }
  | { readonly kind: 'cut' }
  | { readonly kind: 'problem'; readonly code: ProblemCode; readonly retryAfter?: number };

export class StrictBouncer {
  readonly #server: Server;
  readonly #handles = new Map<string, Handle>();
  readonly received: Received[] = [];
  readonly removed: string[] = [];
  readonly violations: string[] = [];
  readonly paths: string[] = [];
  weather: Weather = { kind: 'fair' };
  /** What to say of an item that is in order. */
  judge: (received: Received) => NotificationResult = () => ({ status: 'accepted' });
  /** Answers wait for this. */
  hold: Promise<void> | undefined;
  #requests = 0;

  private constructor(server: Server) {
    this.#server = server;
    server.on('request', (request: IncomingMessage, response: ServerResponse) => {
      void this.#answer(request, response);
    });
  }

  static async start(certificate: PemPair): Promise<StrictBouncer> {
    const server = createServer({ cert: certificate.certPem, key: certificate.keyPem });
    // A test may seal for longer than Node keeps a connection, and would send on one that is closed already.
    server.keepAliveTimeout = KEEP_ALIVE_MILLISECONDS;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new StrictBouncer(server);
  }

  get origin(): string {
    return `https://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** What the bouncer would push to the device: the app answers with SHA-256 of it here. */
  challengeOf(sealedToken: string): string {
    return (this.#handles.get(handleOf(sealedToken)) as Handle).challenge;
  }

  receivedBy(token: string): Received[] {
    return this.received.filter(({ handle }) => handle === handleOf(token));
  }

  endHandle(token: string): void {
    (this.#handles.get(handleOf(token)) as Handle).state = 'ended';
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#requests += 1;
    this.paths.push(`${request.method} ${request.url}`);
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    await this.hold;
    if (this.weather.kind === 'cut') {
      request.socket.destroy();
      return;
    }
    if (this.weather.kind === 'problem') {
      const { code, retryAfter } = this.weather;
      if (retryAfter !== undefined) response.setHeader('retry-after', retryAfter);
      send(response, buildProblem(code));
      return;
    }
    const expected = `Basic ${Buffer.from(`${SERVER_ID}:${API_KEY}`).toString('base64')}`;
    if (request.headers.authorization !== expected) this.violations.push('authorization');
    try {
      const text = Buffer.concat(chunks).toString('utf8');
      const body: unknown = text === '' ? null : JSON.parse(text);
      send(response, this.#route(`${request.method} ${request.url}`, body));
    } catch (error) {
      this.violations.push(`${request.url}: ${String(error)}`);
      send(response, buildProblem('malformed_request'));
    }
  }

  #route(path: string, body: unknown): Outcome {
    switch (path) {
      case 'GET /v1/bouncer-keys':
        return KEY_LIST;
      case 'POST /v1/handles':
        return this.#makeHandle('sealed', handleRequestSchema.parse(body).sealed_token);
      case 'POST /v1/bare-handles':
        return this.#makeHandle('bare', bareHandleRequestSchema.parse(body).token);
      case 'POST /v1/handles/confirmation':
        return this.#confirm(confirmationRequestSchema.parse(body));
      case 'POST /v1/handles/removal':
        this.removed.push(...removalRequestSchema.parse(body).handles);
        return null;
      case 'POST /v1/notifications':
        return this.#notify('sealed', body);
      case 'POST /v1/legacy-notifications':
        return this.#notify('bare', body);
      default:
        this.violations.push(path);
        return buildProblem('not_found');
    }
  }

  #makeHandle(kind: Handle['kind'], token: string): Outcome {
    const handle = handleOf(token);
    const known = this.#handles.get(handle) ?? {
      kind,
      state: kind === 'bare' ? 'active' : 'pending',
      challenge: randomBytes(16).toString('base64url'),
      pendingUntil: Math.floor(Date.now() / 1000) + 600,
    };
    this.#handles.set(handle, known);
    return kind === 'bare' ? { handle } : { handle, state: known.state, pending_until: known.pendingUntil };
  }

  #confirm({ handle, challenge, confirmation }: ConfirmationRequest): Outcome {
    const known = this.#handles.get(handle);
    if (known === undefined || known.state === 'ended') return buildProblem('unknown_handle');
    if (challenge !== known.challenge || confirmation !== confirmationOf(challenge)) {
      return buildProblem('confirmation_refused');
    }
    known.state = 'active';
    return { handle, state: 'active', pending_until: known.pendingUntil };
  }

  #notify(route: 'sealed' | 'bare', body: unknown): Outcome {
    const { notifications } = notificationsRequestSchema.parse(body);
    const schema = route === 'sealed' ? notificationItemSchema : legacyNotificationItemSchema;
    const results = notifications.map((notification): NotificationResult => {
      const item = schema.parse(notification) as NotificationItem | LegacyNotificationItem;
      if ('envelope' in item) decodeEnvelope(decodeBase64url(item.envelope));
      if (item.expires_at % 3600 !== 0) this.violations.push('expires_at');
      const received = { route, request: this.#requests, handle: item.handle, item };
      this.received.push(received);
      const handle = this.#handles.get(item.handle);
      if (handle?.state !== 'active') return { status: 'refused', code: 'unknown_handle' };
      if (handle.kind !== route) return { status: 'refused', code: 'wrong_route' };
      return this.judge(received);
    });
    return { results };
  }
}

/** A handle per token, so that tests can name one by the other. */
export function handleOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

/** What stands for the app's MAC here. */
export function confirmationOf(challenge: string): string {
  return createHash('sha256').update(challenge).digest('base64url');
}

/** A body, a problem, or nothing to say. */
type Outcome = Problem | object | null;

function send(response: ServerResponse, outcome: Outcome): void {
  if (outcome === null) {
    response.writeHead(204).end();
    return;
  }
  const problem = 'retryable' in outcome;
  response.writeHead(problem ? (outcome as Problem).status : 200, {
    'content-type': problem ? 'application/problem+json' : 'application/json',
  });
  response.end(JSON.stringify(outcome));
}
