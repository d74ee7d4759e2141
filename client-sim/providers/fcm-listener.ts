// FCM on the wire: OAuth token endpoint and messages:send, over h2 and HTTP/1.1. Facts: sections 3 and 11.3 of
// the providers page.
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2';
import { setTimeout as wait } from 'node:timers/promises';
import type { FcmAccount } from './accounts.ts';
import type { TlsFiles } from './apns-listener.ts';
import type { Clock } from './clock.ts';
import { Connections } from './connections.ts';
import type { Devices } from './devices.ts';
import type { Fault, Faults } from './faults.ts';
import {
  answerFault,
  answerFcmError,
  answerHtml,
  answerJson,
  answerStatus,
  answerViolations,
  type FcmAnswer,
} from './fcm-answers.ts';
import { type FcmMessage, parseFcmMessage } from './fcm-message.ts';
import type { AccessTokens } from './fcm-oauth.ts';
import { fcmBodyBytesMax, fcmStreams } from './limits.ts';
import { listen, originOf } from './listening.ts';
import type { RandomBytes } from './random.ts';
import type { Provider, ProviderRecord, SeenRequest } from './record.ts';

export interface FcmListenerOptions {
  accounts: FcmAccount[];
  tls: TlsFiles;
  clock: Clock;
  random: RandomBytes;
  record: ProviderRecord;
  faults: Faults;
  devices: Devices;
  accessTokens: AccessTokens;
}

interface FcmRequest extends SeenRequest {
  authorization: string | undefined;
  contentType: string | undefined;
  tooLarge: boolean;
}

const sendPath = /^\/v1\/projects\/([^/?]{1,255})\/messages:send$/;

export class FcmListener {
  readonly #options: FcmListenerOptions;
  readonly #server: Http2SecureServer;
  readonly #connections: Connections;
  #tokenUri = '';

  constructor(options: FcmListenerOptions) {
    this.#options = options;
    this.#server = createSecureServer({
      ...options.tls,
      minVersion: 'TLSv1.2',
      allowHTTP1: true,
      settings: { maxConcurrentStreams: fcmStreams },
    });
    this.#connections = new Connections(this.#server);
    this.#server.on('request', (request, response) => void this.#serve(request, response));
    this.#server.on('tlsClientError', () => {});
  }

  /** Resolves with the token URI, which assertions must name as their audience. */
  async listen(host: string, port: number): Promise<{ origin: string; tokenUri: string }> {
    const origin = originOf(host, await listen(this.#server, host, port));
    this.#tokenUri = `${origin}/token`;
    return { origin, tokenUri: this.#tokenUri };
  }

  close(): void {
    this.#server.close();
    this.#connections.closeAll();
  }

  async #serve(request: Http2ServerRequest, response: Http2ServerResponse): Promise<void> {
    request.on('error', () => {});
    response.on('error', () => {});
    const body = await readBody(request);
    if (body === null || this.#isLost(request)) return;
    const provider = request.url === '/token' ? 'oauth' : 'fcm';
    const seen = this.#see(request, provider, body);
    const fault = this.#options.faults.take(provider);
    if (fault?.goaway) this.#sayGoodbye(request, response, fault);
    if (fault?.reset || fault?.stall) {
      this.#note(seen, { status: null, reason: fault.reset ? 'reset' : 'stall' });
      if (fault.reset) this.#cut(request);
      return;
    }
    if (fault?.hold_ms !== undefined) await wait(fault.hold_ms, undefined, { ref: false });
    if (response.destroyed || response.stream?.destroyed) return;
    const answer = fault?.status === undefined ? await this.#answer(seen) : this.#fail(seen, fault);
    if (fault?.latency_ms !== undefined) await wait(fault.latency_ms, undefined, { ref: false });
    respond(response, answer);
  }

  #answer(seen: FcmRequest): FcmAnswer | Promise<FcmAnswer> {
    if (seen.tooLarge) return this.#note(seen, answerHtml(413));
    if (seen.provider === 'oauth') return this.#answerToken(seen);
    const projectId = sendPath.exec(seen.path)?.[1];
    if (projectId === undefined) return this.#note(seen, answerHtml(404));
    if (seen.method !== 'POST') return this.#note(seen, answerHtml(405));
    return this.#answerSend(seen, projectId);
  }

  async #answerToken(seen: FcmRequest): Promise<FcmAnswer> {
    if (seen.method !== 'POST') return this.#note(seen, answerHtml(405));
    const answer = await this.#options.accessTokens.answer(seen.contentType, seen.body, this.#tokenUri);
    return this.#note(seen, answer);
  }

  #answerSend(seen: FcmRequest, projectId: string): FcmAnswer {
    const account = this.#options.accessTokens.find(seen.authorization);
    if (account === null)
      return this.#note(seen, answerStatus(401, 'Request had invalid authentication credentials.'));
    if (account.projectId !== projectId) return this.#note(seen, this.#answerForeignProject(projectId));
    const message = parseFcmMessage(seen.body);
    if (Array.isArray(message)) return this.#note(seen, answerViolations(message));
    return this.#send(seen, account, message);
  }

  #answerForeignProject(projectId: string): FcmAnswer {
    const known = this.#options.accounts.some((account) => account.projectId === projectId);
    return known
      ? answerStatus(403, "Permission 'cloudmessaging.messages.create' denied.")
      : answerStatus(404, 'Requested entity was not found.');
  }

  #send(seen: FcmRequest, account: FcmAccount, message: FcmMessage): FcmAnswer {
    const { devices, clock, record, random } = this.#options;
    if (!/^[\w-]{1,64}:APA91b[\w-]{1,256}$/.test(message.token))
      return this.#note(seen, answerFcmError('INVALID_ARGUMENT'));
    const holder = devices.findHolder('fcm', message.token);
    if (holder === null) return this.#note(seen, answerFcmError('UNREGISTERED'));
    const { device } = holder;
    if (!account.appIds.has(device.appId))
      return this.#note(seen, answerFcmError('SENDER_ID_MISMATCH'), device.id);
    if (holder.deadSinceMs !== null) return this.#note(seen, answerFcmError('UNREGISTERED'), device.id);
    const name = `projects/${account.projectId}/messages`;
    const entry = record.add(plain(seen), { deviceId: device.id, status: 200, outcome: 'answered' });
    if (message.validateOnly) return answerJson(200, { name: `${name}/fake_message_id` });
    devices.push(device, {
      entry,
      delivery: { platform: 'fcm', priority: message.priority, data: message.data },
      collapseKey: message.collapseKey,
      expiresAtMs: message.ttlSeconds === 0 ? null : clock.nowMs() + message.ttlSeconds * 1000,
      urgent: message.priority === 'HIGH',
    });
    return answerJson(200, { name: `${name}/0:${entry.at}%${random(8).toString('hex')}` });
  }

  #fail(seen: FcmRequest, { status = 500, reason, retry_after }: Fault): FcmAnswer {
    const error = { error: reason ?? 'internal_failure', error_description: 'Internal error.' };
    const answer =
      seen.provider === 'oauth'
        ? { ...answerJson(status, error, error.error), retryAfter: retry_after }
        : answerFault(status, reason, retry_after);
    return this.#note(seen, answer);
  }

  #note<Answer extends { status: number | null; reason: string | null }>(
    seen: FcmRequest,
    answer: Answer,
    deviceId?: string,
  ): Answer {
    this.#options.record.add(plain(seen), {
      ...(deviceId === undefined ? {} : { deviceId }),
      status: answer.status,
      reason: answer.reason,
      outcome: answer.status === 200 ? 'answered' : 'refused',
    });
    return answer;
  }

  #see(request: Http2ServerRequest, provider: Provider, body: Buffer): FcmRequest {
    return {
      at: this.#options.clock.nowMs(),
      provider,
      method: request.method,
      path: request.url,
      headers: request.headers,
      body: body.subarray(0, fcmBodyBytesMax).toString(),
      authorization: request.headers.authorization,
      contentType: request.headers['content-type'],
      tooLarge: body.length > fcmBodyBytesMax,
    };
  }

  #isLost({ stream, httpVersionMajor }: Http2ServerRequest): boolean {
    return httpVersionMajor === 2 && this.#connections.isLost(stream.session, stream.id ?? 0);
  }

  #sayGoodbye(
    { stream, httpVersionMajor }: Http2ServerRequest,
    response: Http2ServerResponse,
    { reason = 'Shutdown' }: Fault,
  ): void {
    if (httpVersionMajor < 2) response.setHeader('connection', 'close');
    else if (stream.session !== undefined)
      this.#connections.sayGoodbye(stream.session, stream.id ?? 0, reason);
  }

  #cut({ stream, socket, httpVersionMajor }: Http2ServerRequest): void {
    if (httpVersionMajor < 2) socket.destroy();
    else if (stream.session !== undefined) this.#connections.cut(stream.session);
  }
}

// One byte more than may be is enough to know; null when the client went away.
async function readBody(request: Http2ServerRequest): Promise<Buffer | null> {
  const kept: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      if (bytes <= fcmBodyBytesMax) kept.push(chunk);
      bytes += chunk.length;
    }
  } catch {
    return null;
  }
  return request.aborted ? null : Buffer.concat(kept);
}

function plain({ at, provider, method, path, headers, body }: FcmRequest): SeenRequest {
  return { at, provider, method, path, headers, body };
}

function respond(response: Http2ServerResponse, { status, contentType, body, retryAfter }: FcmAnswer): void {
  if (response.writableEnded || response.destroyed) return;
  response.statusCode = status;
  response.setHeader('content-type', contentType);
  response.setHeader('content-length', Buffer.byteLength(body));
  if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter));
  response.end(body);
}
