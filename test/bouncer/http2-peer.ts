// A provider's HTTP/2 server that a test scripts: it counts what it saw of every request that it answered.
import {
  createSecureServer,
  type Http2SecureServer,
  type Http2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo, Socket } from 'node:net';
import type { Outcome } from '../../bouncer/http2-pool/outcome.ts';
import { Http2Pool, type PoolOptions } from '../../bouncer/http2-pool/pool.ts';
import { createAuthority, issueCertificate } from '../../client-sim/certificates.ts';

export interface PeerScript {
  /** Streams that a new connection may have open. */
  readonly streams?: number;
  readonly onSession?: (session: Http2Session) => void;
  /** `n` counts the requests of the connection from 1, `connection` the connections. */
  readonly onRequest: (stream: ServerHttp2Stream, n: number, connection: number) => void;
}

export class Peer {
  readonly origin: string;
  readonly ca: string;
  /** Requests that reached a handler, by connection. */
  readonly seen: number[] = [];
  readonly sockets: Set<Socket> = new Set();
  readonly #server: Http2SecureServer;

  private constructor(server: Http2SecureServer, ca: string) {
    this.#server = server;
    this.ca = ca;
    this.origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async start(script: PeerScript): Promise<Peer> {
    const authority = await createAuthority();
    const leaf = await issueCertificate(authority, { hosts: ['127.0.0.1'] });
    const server = createSecureServer({
      cert: leaf.certPem,
      key: leaf.keyPem,
      settings: { maxConcurrentStreams: script.streams ?? 1_000 },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const peer = new Peer(server, authority.certPem);
    server.on('secureConnection', (socket: Socket) => peer.sockets.add(socket));
    server.on('session', (session) => {
      const connection = peer.seen.push(0) - 1;
      session.on('error', () => undefined);
      script.onSession?.(session);
      session.on('stream', (stream) => {
        stream.on('error', () => undefined);
        peer.seen[connection] = (peer.seen[connection] ?? 0) + 1;
        script.onRequest(stream, peer.seen[connection], connection + 1);
      });
    });
    return peer;
  }

  pool(changes: Partial<PoolOptions> = {}): Http2Pool {
    return new Http2Pool({ ...POOL, origin: this.origin, ca: this.ca, ...changes }, IGNORED);
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export const POOL: Omit<PoolOptions, 'origin' | 'ca'> = {
  canary: true,
  connectionsMax: 4,
  inFlightMax: 500,
  queueMax: 1_000,
  queueWaitMs: 3_000,
  connectTimeoutMs: 2_000,
  requestTimeoutMs: 2_000,
};
const IGNORED = { onUnreachable: () => undefined, onGoaway: () => undefined };

export async function sendMany(pool: Http2Pool, count: number): Promise<Outcome[]> {
  const request = { headers: { ':method': 'POST', ':path': '/3/device/00' }, body: '{}' };
  return await Promise.all(Array.from({ length: count }, () => pool.send(() => request)));
}

/** How many ended how: a status, or the kind of the outcome. */
export function countOutcomes(outcomes: readonly Outcome[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const outcome of outcomes) {
    const name = outcome.kind === 'answered' ? String(outcome.httpStatus) : outcome.kind;
    counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}
