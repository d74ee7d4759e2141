// A tap on the wire between chat server and bouncer: it ends TLS in front of the bouncer, as a reverse proxy does, and
// keeps what came in. So what is said of the bouncer's view is what was really sent to it.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server, request as sendRequest } from 'node:https';
import type { AddressInfo } from 'node:net';

const EXCHANGES_MAX = 50_000;
const BODY_BYTES_MAX = 8 * 1024 * 1024;

/** One request to the bouncer and how it ended. */
export interface Exchange {
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** All but the server's credential. */
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  /** Null until an answer comes, and for ever if none does. */
  status: number | null;
  /** Whether the bouncer still has it. */
  open: boolean;
}

export interface TapOptions {
  readonly host: string;
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** Listens on a free port; forwards to `target`, which may change when the bouncer is started again. */
export class Tap {
  readonly exchanges: Exchange[] = [];
  target: string | null = null;
  readonly #server: Server;
  readonly #options: TapOptions;

  constructor(options: TapOptions) {
    this.#options = options;
    this.#server = createServer({ cert: options.cert, key: options.key }, (incoming, outgoing) => {
      void this.#forward(incoming, outgoing);
    });
  }

  /** The bouncer's origin, as the world sees it. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, this.#options.host, resolve));
    return `https://${this.#options.host}:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #forward(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readBody(incoming);
    if (body === null || this.target === null) {
      outgoing.destroy();
      return;
    }
    const exchange = this.#record(incoming, body);
    const forwarded = sendRequest(new URL(exchange.path, this.target), {
      method: exchange.method,
      headers: { ...incoming.headers, host: new URL(this.target).host },
      ca: this.#options.ca,
    });
    forwarded.on('error', () => outgoing.destroy());
    forwarded.on('close', () => {
      exchange.open = false;
    });
    forwarded.on('response', (answer) => {
      exchange.status = answer.statusCode ?? null;
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.on('error', () => outgoing.destroy());
      answer.pipe(outgoing);
    });
    forwarded.end(body);
  }

  #record(incoming: IncomingMessage, body: Buffer): Exchange {
    const { authorization: _, ...headers } = incoming.headers;
    const exchange: Exchange = {
      at: Date.now(),
      method: incoming.method ?? 'GET',
      path: incoming.url ?? '/',
      headers,
      body: body.toString('utf8'),
      status: null,
      open: true,
    };
    this.exchanges.push(exchange);
    if (this.exchanges.length > EXCHANGES_MAX) this.exchanges.shift();
    return exchange;
  }
}

/** Null if it is too long or breaks off. */
async function readBody(incoming: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of incoming as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > BODY_BYTES_MAX) return null;
      chunks.push(chunk);
    }
  } catch {
    return null;
  }
  return Buffer.concat(chunks);
}
