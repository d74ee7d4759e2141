// One HTTP/2 connection of the pool: it awaits the peer's settings, sends one canary where the provider wants that,
// keeps to the peer's limit of streams as it changes, and says of every request how it ended.
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import { AMBIGUOUS, NOT_PROCESSED, type Outcome, type OutgoingRequest } from './outcome.ts';

/** How a connection is made and bounded. */
export interface ConnectionOptions {
  readonly origin: string;
  /** PEM certificates to trust instead of the system's. */
  readonly ca: string | undefined;
  /** One request at a time until the first 200. */
  readonly canary: boolean;
  readonly inFlightMax: number;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

/** What the pool hears of a connection. */
export interface ConnectionEvents {
  /** More requests may be sent now, or no more ever. */
  readonly onChange: () => void;
  /** It ended before it was ready; the error is absent where it took too long. */
  readonly onUnreachable: (error: unknown) => void;
  /** The peer says that it goes away, with its reason. */
  readonly onGoaway: (code: number, debugData: string) => void;
}

const RESPONSE_CHARACTERS_MAX = 16_384;
const GOAWAY_CHARACTERS_MAX = 1_024;

/** Its life: connecting → open → draining → closed. */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #events: ConnectionEvents;
  readonly #session: ClientHttp2Session;
  readonly #connectTimer: NodeJS.Timeout;
  #state: 'connecting' | 'open' | 'draining' | 'closed' = 'connecting';
  #proven: boolean;
  #inFlight = 0;
  #lastStreamId = Number.POSITIVE_INFINITY;
  #goawayCode: number = constants.NGHTTP2_NO_ERROR;
  #error: unknown;

  constructor(options: ConnectionOptions, events: ConnectionEvents) {
    this.#options = options;
    this.#events = events;
    this.#proven = !options.canary;
    this.#session = connect(options.origin, {
      ...(options.ca === undefined ? {} : { ca: options.ca }),
      rejectUnauthorized: true,
      settings: { enablePush: false },
    });
    this.#connectTimer = setTimeout(() => this.#session.destroy(), options.connectTimeoutMs);
    this.#session.on('remoteSettings', () => this.#onSettings());
    this.#session.on('goaway', (code, lastStreamId, data) => this.#onGoaway(code, lastStreamId, data));
    this.#session.on('error', (error) => {
      this.#error = error;
    });
    this.#session.on('close', () => this.#onClose());
  }

  get isConnecting(): boolean {
    return this.#state === 'connecting';
  }

  get isUsable(): boolean {
    return this.#state === 'connecting' || this.#state === 'open';
  }

  get isClosed(): boolean {
    return this.#state === 'closed';
  }

  /** Whether its first 200 has come, where one is awaited. */
  get isProven(): boolean {
    return this.#proven;
  }

  /** How many more requests it takes now. */
  get room(): number {
    if (this.#state !== 'open') return 0;
    const peerMax = this.#session.remoteSettings.maxConcurrentStreams ?? this.#options.inFlightMax;
    const limit = this.#proven ? Math.min(this.#options.inFlightMax, peerMax) : Math.min(1, peerMax);
    return Math.max(0, limit - this.#inFlight);
  }

  /**
   * Sends one request; only while there is room. Without a status, whatever is wrong here, the next request takes
   * another connection.
   */
  async send(request: OutgoingRequest): Promise<Outcome> {
    this.#inFlight += 1;
    const outcome = await this.#exchange(request);
    this.#inFlight -= 1;
    if (outcome.kind !== 'answered') this.retire();
    else if (outcome.httpStatus === constants.HTTP_STATUS_OK) this.#proven = true;
    this.#closeWhenDrained();
    this.#events.onChange();
    return outcome;
  }

  /** Takes no new requests; those in flight may finish. */
  retire(): void {
    if (!this.isUsable) return;
    this.#state = 'draining';
    this.#closeWhenDrained();
    this.#events.onChange();
  }

  /** Ends it now; what is in flight ends ambiguous. */
  destroy(): void {
    this.#session.destroy();
  }

  #exchange(request: OutgoingRequest): Promise<Outcome> {
    return new Promise((resolve) => {
      let stream: ClientHttp2Stream;
      try {
        stream = this.#session.request(request.headers);
      } catch {
        resolve(NOT_PROCESSED);
        return;
      }
      let httpStatus: number | undefined;
      let retryAfter: string | undefined;
      let body = '';
      const finish = () => {
        clearTimeout(timer);
        if (httpStatus === undefined) resolve(this.#unanswered(stream));
        else resolve({ kind: 'answered', httpStatus, retryAfter, body, retire: () => this.retire() });
      };
      // A dead socket would never let the stream close, so the timeout does not wait for that.
      const timer = setTimeout(() => {
        stream.close(constants.NGHTTP2_CANCEL);
        finish();
      }, this.#options.requestTimeoutMs);
      stream.setEncoding('utf8');
      stream.on('response', (headers) => {
        httpStatus = headers[':status'];
        retryAfter = headers['retry-after'];
      });
      stream.on('data', (text: string) => {
        if (body.length < RESPONSE_CHARACTERS_MAX) body += text;
      });
      // The close event follows and tells what happened.
      stream.on('error', () => undefined);
      stream.on('close', finish);
      stream.end(request.body);
    });
  }

  /** A stream closed without a status: `end` fires as well, so the codes decide. */
  #unanswered(stream: ClientHttp2Stream): Outcome {
    if (stream.id === undefined || stream.id > this.#lastStreamId) return NOT_PROCESSED;
    // A GOAWAY with an error ends every stream with that error as its code: it says nothing of this one.
    if (this.#goawayCode !== constants.NGHTTP2_NO_ERROR) return AMBIGUOUS;
    return stream.rstCode === constants.NGHTTP2_REFUSED_STREAM ? NOT_PROCESSED : AMBIGUOUS;
  }

  #onSettings(): void {
    if (this.#state === 'connecting') {
      clearTimeout(this.#connectTimer);
      this.#state = 'open';
    }
    this.#events.onChange();
  }

  #onGoaway(code: number, lastStreamId: number, data?: NodeJS.ArrayBufferView): void {
    this.#lastStreamId = lastStreamId;
    this.#goawayCode = code;
    const text =
      data === undefined ? '' : Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8');
    this.#events.onGoaway(code, text.slice(0, GOAWAY_CHARACTERS_MAX));
    this.retire();
  }

  #onClose(): void {
    clearTimeout(this.#connectTimer);
    const wasConnecting = this.#state === 'connecting';
    this.#state = 'closed';
    if (wasConnecting) this.#events.onUnreachable(this.#error);
    this.#events.onChange();
  }

  #closeWhenDrained(): void {
    if (this.#state === 'draining' && this.#inFlight === 0) this.#session.destroy();
  }
}
