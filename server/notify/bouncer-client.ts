// The server's side of the bouncer's interface (SPEC.md section 13): HTTPS with verification always, kept alive,
// bounded in time and in size of the answer.
import { Pool } from 'undici';
import type { z } from 'zod';
import {
  type BareHandleRequest,
  bareHandleAnswerSchema,
  type ConfirmationRequest,
  type HandleAnswer,
  type HandleRequest,
  handleAnswerSchema,
  type LegacyNotificationItem,
  type NotificationItem,
  type NotificationResult,
  notificationsAnswerSchema,
  type SignedKeyList,
  signedKeyListSchema,
} from '../../protocol/wire/bouncer-api.ts';
import { textOf } from '../../protocol/wire/bytes.ts';
import { type ProblemCode, problemSchema } from '../../protocol/wire/problem.ts';
import { dayOf } from './time.ts';

const CONNECTIONS_MAX = 8;
const CONNECT_MILLISECONDS_MAX = 10_000;
/** The bouncer answers a batch after the provider has. */
const ANSWER_MILLISECONDS_MAX = 60_000;
const KEEP_ALIVE_MILLISECONDS = 30_000;
const ANSWER_BYTES_MAX = 512 * 1024;
export const RETRY_AFTER_SECONDS_MAX = 3600;

/** How a request ended. `unanswered`: nobody knows whether it was acted on. */
export type Reply<Body> =
  | { readonly kind: 'answer'; readonly body: Body }
  | {
      readonly kind: 'problem';
      readonly code: ProblemCode;
      readonly status: number;
      readonly retryAfterSeconds: number | undefined;
      readonly bouncerTime: number | undefined;
    }
  | { readonly kind: 'unanswered'; readonly error: unknown };

export interface BouncerClientOptions {
  readonly origin: string;
  readonly serverId: string;
  readonly apiKey: string;
  /** PEM of the authority that signed the bouncer's certificate, where it is no public one. */
  readonly ca: string | undefined;
}

interface RawAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly text: string;
}

/** One bouncer. Lives as long as the process; `close` ends its connections. */
export class BouncerClient {
  readonly origin: string;
  readonly #pool: Pool;
  readonly #authorization: string;
  #dateDay: number | null = null;

  constructor({ origin, serverId, apiKey, ca }: BouncerClientOptions) {
    this.origin = origin;
    this.#authorization = `Basic ${Buffer.from(`${serverId}:${apiKey}`).toString('base64')}`;
    this.#pool = new Pool(origin, {
      connections: CONNECTIONS_MAX,
      pipelining: 1,
      keepAliveTimeout: KEEP_ALIVE_MILLISECONDS,
      headersTimeout: ANSWER_MILLISECONDS_MAX,
      bodyTimeout: ANSWER_MILLISECONDS_MAX,
      connect: {
        rejectUnauthorized: true,
        timeout: CONNECT_MILLISECONDS_MAX,
        ...(ca !== undefined && { ca }),
      },
    });
  }

  /** The UTC day of the bouncer's latest `Date` header, which TLS has authenticated; null before the first. */
  get dateDay(): number | null {
    return this.#dateDay;
  }

  async fetchKeyList(): Promise<Reply<SignedKeyList>> {
    return await this.#request('GET', '/v1/bouncer-keys', undefined, signedKeyListSchema);
  }

  async makeHandle(request: HandleRequest): Promise<Reply<HandleAnswer>> {
    return await this.#request('POST', '/v1/handles', request, handleAnswerSchema);
  }

  async confirmHandle(request: ConfirmationRequest): Promise<Reply<HandleAnswer>> {
    return await this.#request('POST', '/v1/handles/confirmation', request, handleAnswerSchema);
  }

  async makeBareHandle(request: BareHandleRequest): Promise<Reply<{ readonly handle: string }>> {
    return await this.#request('POST', '/v1/bare-handles', request, bareHandleAnswerSchema);
  }

  async removeHandles(handles: readonly string[]): Promise<Reply<undefined>> {
    return await this.#request('POST', '/v1/handles/removal', { handles }, undefined);
  }

  /** Results in the order of the items. */
  async notify(items: readonly NotificationItem[]): Promise<Reply<readonly NotificationResult[]>> {
    return await this.#send('/v1/notifications', items);
  }

  async notifyLegacy(
    items: readonly LegacyNotificationItem[],
  ): Promise<Reply<readonly NotificationResult[]>> {
    return await this.#send('/v1/legacy-notifications', items);
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #send(
    path: string,
    notifications: readonly unknown[],
  ): Promise<Reply<readonly NotificationResult[]>> {
    const reply = await this.#request('POST', path, { notifications }, notificationsAnswerSchema);
    if (reply.kind !== 'answer') return reply;
    const { results } = reply.body;
    if (results.length === notifications.length) return { kind: 'answer', body: results };
    return { kind: 'unanswered', error: new BadAnswerError() };
  }

  async #request<Body>(
    method: 'GET' | 'POST',
    path: string,
    body: unknown,
    schema: z.ZodType<Body> | undefined,
  ): Promise<Reply<Body>> {
    try {
      const answer = await this.#exchange(method, path, body);
      if (answer.status >= 300) return parseProblem(answer);
      if (schema === undefined) return { kind: 'answer', body: undefined as Body };
      return { kind: 'answer', body: schema.parse(JSON.parse(answer.text)) };
    } catch (error) {
      return { kind: 'unanswered', error };
    }
  }

  async #exchange(method: 'GET' | 'POST', path: string, body: unknown): Promise<RawAnswer> {
    const response = await this.#pool.request({
      method,
      path,
      headers: {
        authorization: this.#authorization,
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_MILLISECONDS_MAX),
    });
    const chunks: Buffer[] = [];
    let length = 0;
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > ANSWER_BYTES_MAX) throw new BadAnswerError();
      chunks.push(chunk);
    }
    const text = textOf(Buffer.concat(chunks));
    if (text === null) throw new BadAnswerError();
    this.#noteDate(response.headers['date']);
    const retryAfter = response.headers['retry-after'];
    return {
      status: response.statusCode,
      retryAfter: typeof retryAfter === 'string' ? retryAfter : undefined,
      text,
    };
  }

  #noteDate(date: string | string[] | undefined): void {
    const milliseconds = typeof date === 'string' ? Date.parse(date) : Number.NaN;
    if (Number.isFinite(milliseconds)) this.#dateDay = dayOf(milliseconds);
  }
}

/** An answer that is not of the documented shape. */
class BadAnswerError extends Error {
  override readonly name = 'BadAnswerError';
}

/** Something between us and the bouncer may answer too, so only a status that says so means `internal` or worse. */
function parseProblem({ status, retryAfter, text }: RawAnswer): Reply<never> {
  const problem = problemSchema.safeParse(parseJson(text));
  const seconds = /^[0-9]{1,9}$/.test(retryAfter ?? '') ? Number(retryAfter) : undefined;
  const asked = seconds ?? problem.data?.retry_after_seconds;
  return {
    kind: 'problem',
    code: problem.data?.code ?? (status === 429 ? 'rate_limited' : 'internal'),
    status,
    retryAfterSeconds: asked === undefined ? undefined : Math.min(asked, RETRY_AFTER_SECONDS_MAX),
    bouncerTime: problem.data?.bouncer_time,
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
