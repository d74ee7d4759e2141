// The connections of one HTTP/2 listener, and the rough ways in which a provider ends them: GOAWAY with a JSON
// reason, and a socket that dies without a word (A5).
import { constants, type Http2SecureServer, type Http2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';

/** Time for a GOAWAY to leave before its socket dies. */
const flushMs = 10;

export class Connections {
  readonly #sockets = new Set<TLSSocket>();
  readonly #sessions = new Map<Http2Session, TLSSocket | null>();
  readonly #lastStreamIds = new WeakMap<Http2Session, number>();

  constructor(server: Http2SecureServer) {
    let arriving: TLSSocket | null = null;
    // First of all listeners: the server makes its session from the socket within the same event.
    server.prependListener('secureConnection', (socket: TLSSocket) => {
      arriving = socket;
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.once('close', () => this.#sockets.delete(socket));
    });
    server.on('session', (session) => {
      this.#sessions.set(session, arriving);
      session.on('error', () => session.destroy());
      session.once('close', () => this.#sessions.delete(session));
    });
  }

  /**
   * GOAWAY: streams up to the given one are served to their end, later ones were never processed. The client
   * closes the connection when it has its answers.
   */
  sayGoodbye(session: Http2Session, lastStreamId: number, reason: string): void {
    if (session.destroyed || this.#lastStreamIds.has(session)) return;
    this.#lastStreamIds.set(session, lastStreamId);
    session.goaway(constants.NGHTTP2_NO_ERROR, lastStreamId, Buffer.from(JSON.stringify({ reason })));
  }

  /** Whether a stream came too late to be served: after GOAWAY, or on a socket that is dead. */
  isLost(session: Http2Session | undefined, streamId: number): boolean {
    const last = session === undefined ? undefined : this.#lastStreamIds.get(session);
    return last !== undefined && streamId > last;
  }

  /** The socket dies without another word; what was said before gets out. */
  cut(session: Http2Session): void {
    const said = this.#lastStreamIds.has(session);
    this.#lastStreamIds.set(session, 0);
    const destroy = (): unknown => this.#sessions.get(session)?.destroy();
    if (said) setTimeout(destroy, flushMs).unref();
    else destroy();
  }

  openSessions(): Iterable<Http2Session> {
    return this.#sessions.keys();
  }

  closeAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }
}
