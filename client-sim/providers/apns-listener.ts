// APNs on the wire: TLS with ALPN h2 only, one stream until the first accepted push, Apple's answers. One
// listener per environment. Facts: section 2 and 11.2 of the providers page.
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type Http2Session,
  type IncomingHttpHeaders,
  type OutgoingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { setTimeout as wait } from 'node:timers/promises';
import type { ApnsEnvironment } from './accounts.ts';
import { type ApnsPush, type ApnsRequest, checkHead, checkPush } from './apns-checks.ts';
import { type ApnsReason, apnsStatus } from './apns-reasons.ts';
import type { ConnectionKey, ProviderTokens } from './apns-token.ts';
import type { Clock } from './clock.ts';
import { Connections } from './connections.ts';
import type { Devices, TokenHolder } from './devices.ts';
import type { Fault, Faults } from './faults.ts';
import {
  apnsBodyBytesKept,
  apnsHeaderListBytesMax,
  apnsStreamsAfterFirst,
  apnsStreamsAtFirst,
} from './limits.ts';
import { listen } from './listening.ts';
import { type RandomBytes, randomUuid } from './random.ts';
import type { ProviderRecord, SeenRequest } from './record.ts';

export interface TlsFiles {
  cert: string;
  key: string;
}

export interface ApnsListenerOptions {
  environment: ApnsEnvironment;
  tls: TlsFiles;
  clock: Clock;
  random: RandomBytes;
  record: ProviderRecord;
  faults: Faults;
  devices: Devices;
  tokens: ProviderTokens;
}

interface ApnsAnswer {
  status: number;
  reason: string | null;
  /** Of a device token's death, unix time in milliseconds. */
  timestampMs?: number;
  retryAfter?: number | string | undefined;
  apnsId?: string | null;
}

interface Judged {
  reason: ApnsReason | null;
  apnsId: string | null;
  holder: TokenHolder | null;
  push: ApnsPush | null;
}

export class ApnsListener {
  readonly #options: ApnsListenerOptions;
  readonly #server: Http2SecureServer;
  readonly #connections: Connections;
  readonly #opened = new WeakSet<Http2Session>();
  #streamsAfterFirst = apnsStreamsAfterFirst;

  constructor(options: ApnsListenerOptions) {
    this.#options = options;
    this.#server = createSecureServer({
      ...options.tls,
      minVersion: 'TLSv1.2',
      settings: { maxConcurrentStreams: apnsStreamsAtFirst, maxHeaderListSize: apnsHeaderListBytesMax },
    });
    this.#connections = new Connections(this.#server);
    this.#server.on('session', (session) => this.#serve(session));
    // A client that fails at TLS is its own problem; it must not end the process.
    this.#server.on('tlsClientError', () => {});
    this.#server.on('unknownProtocol', (socket) => socket.destroy());
  }

  listen(host: string, port: number): Promise<number> {
    return listen(this.#server, host, port);
  }

  /** The stream limit after the first accepted push, on open connections too. */
  allowStreams(count: number): void {
    this.#streamsAfterFirst = count;
    for (const session of this.#connections.openSessions()) {
      if (this.#opened.has(session)) session.settings({ maxConcurrentStreams: count });
    }
  }

  close(): void {
    this.#server.close();
    this.#connections.closeAll();
  }

  #serve(session: ServerHttp2Session): void {
    const key: ConnectionKey = { account: null };
    session.on('stream', (stream, headers, _flags, rawHeaders) => {
      stream.on('error', () => stream.destroy());
      if (this.#connections.isLost(session, stream.id ?? 0)) {
        stream.close(constants.NGHTTP2_REFUSED_STREAM);
        return;
      }
      collect(stream, (body, bodyBytes) => {
        if (this.#connections.isLost(session, stream.id ?? 0)) return;
        void this.#handle(stream, session, key, { headers, rawHeaders, body, bodyBytes });
      });
    });
  }

  async #handle(
    stream: ServerHttp2Stream,
    session: ServerHttp2Session,
    key: ConnectionKey,
    request: ApnsRequest,
  ): Promise<void> {
    const { record, faults, clock } = this.#options;
    const seen = this.#see(request);
    const fault = faults.take('apns');
    if (fault?.goaway) this.#connections.sayGoodbye(session, stream.id ?? 0, fault.reason ?? 'Shutdown');
    if (fault?.reset || fault?.stall) {
      record.add(seen, { status: null, reason: fault.reset ? 'reset' : 'stall', outcome: 'refused' });
      if (fault.reset) this.#connections.cut(session);
      return;
    }
    if (fault?.hold_ms !== undefined) await wait(fault.hold_ms, undefined, { ref: false });
    if (stream.destroyed) return;
    let answer: ApnsAnswer;
    if (fault?.status !== undefined) {
      answer = faultAnswer(fault, clock.nowMs());
      record.add(seen, { status: answer.status, reason: answer.reason, outcome: 'refused' });
    } else {
      answer = this.#take(seen, await this.#judge(request, key));
    }
    if (fault?.latency_ms !== undefined) await wait(fault.latency_ms, undefined, { ref: false });
    if (answer.status === 200) this.#open(session);
    respond(stream, this.#answerHeaders(answer), answer);
  }

  // Everything that may be wrong with a request, in order.
  async #judge(request: ApnsRequest, key: ConnectionKey): Promise<Judged> {
    const { environment, tokens, devices, clock } = this.#options;
    const judged: Judged = { reason: null, apnsId: null, holder: null, push: null };
    const head = checkHead(request);
    if (typeof head === 'string') return { ...judged, reason: head };
    judged.apnsId = head.apnsId;
    judged.holder = devices.findHolder(environment, head.deviceToken);
    const token = await tokens.check(textOf(request.headers['authorization']), environment, key);
    if (typeof token === 'string') return { ...judged, reason: token };
    const push = checkPush(request, token.account, clock.nowMs());
    if (typeof push === 'string') return { ...judged, reason: push };
    if (judged.holder === null) return { ...judged, reason: 'BadDeviceToken' };
    if (judged.holder.device.appId !== push.topic) return { ...judged, reason: 'DeviceTokenNotForTopic' };
    if (judged.holder.deadSinceMs !== null) return { ...judged, reason: 'Unregistered' };
    return { ...judged, push };
  }

  #take(seen: SeenRequest, { reason, apnsId, holder, push }: Judged): ApnsAnswer {
    const { record, devices } = this.#options;
    const device = holder?.device;
    const deviceId = device === undefined ? {} : { deviceId: device.id };
    if (reason !== null || device === undefined || push === null) {
      const status = reason === null ? 500 : apnsStatus(reason);
      record.add(seen, { ...deviceId, status, reason, outcome: 'refused' });
      const dead = reason === 'Unregistered' ? holder?.deadSinceMs : null;
      return { status, reason, apnsId, ...(typeof dead === 'number' ? { timestampMs: dead } : {}) };
    }
    const entry = record.add(seen, { ...deviceId, status: 200, outcome: 'answered' });
    devices.push(device, {
      entry,
      delivery: deliveryOf(push),
      collapseKey: push.collapseId,
      expiresAtMs: push.expiresAtMs,
      urgent: true,
    });
    return { status: 200, reason: null, apnsId };
  }

  // The new limit goes out ahead of the answer, so that whoever has seen the 200 has seen the limit too.
  #open(session: Http2Session): void {
    if (this.#opened.has(session) || session.destroyed) return;
    this.#opened.add(session);
    session.settings({ maxConcurrentStreams: this.#streamsAfterFirst });
  }

  #answerHeaders({ status, apnsId, retryAfter }: ApnsAnswer): OutgoingHttpHeaders {
    const { environment, random } = this.#options;
    const headers: OutgoingHttpHeaders = { ':status': status, 'apns-id': apnsId ?? randomUuid(random) };
    if (status === 200 && environment === 'sandbox') headers['apns-unique-id'] = randomUuid(random);
    if (retryAfter !== undefined) headers['retry-after'] = String(retryAfter);
    return headers;
  }

  #see({ headers, body }: ApnsRequest): SeenRequest {
    return {
      at: this.#options.clock.nowMs(),
      provider: 'apns',
      method: textOf(headers[':method']) ?? '',
      path: textOf(headers[':path']) ?? '',
      headers,
      body,
    };
  }
}

function collect(stream: ServerHttp2Stream, done: (body: string, bodyBytes: number) => void): void {
  const kept: Buffer[] = [];
  let bodyBytes = 0;
  stream.on('data', (chunk: Buffer) => {
    if (bodyBytes < apnsBodyBytesKept) kept.push(chunk.subarray(0, apnsBodyBytesKept - bodyBytes));
    bodyBytes += chunk.length;
  });
  stream.on('end', () => {
    if (!stream.aborted) done(Buffer.concat(kept).toString(), bodyBytes);
  });
}

function respond(
  stream: ServerHttp2Stream,
  headers: OutgoingHttpHeaders,
  { status, reason, timestampMs }: ApnsAnswer,
): void {
  if (stream.destroyed || stream.closed) return;
  if (status === 200 || reason === null) {
    stream.respond(headers, { endStream: true });
    return;
  }
  stream.respond({ ...headers, 'content-type': 'application/json; charset=utf-8' });
  stream.end(JSON.stringify({ reason, ...(timestampMs === undefined ? {} : { timestamp: timestampMs }) }));
}

function faultAnswer({ status, reason, retry_after }: Fault, nowMs: number): ApnsAnswer {
  return {
    status: status ?? 500,
    reason: reason ?? null,
    retryAfter: retry_after,
    ...(status === 410 ? { timestampMs: nowMs } : {}),
  };
}

function deliveryOf({ pushType, priority, collapseId, payload }: ApnsPush): object {
  return { platform: 'apns', push_type: pushType, priority, collapse_id: collapseId, payload };
}

function textOf(value: IncomingHttpHeaders[string]): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
