// The pool of HTTP/2 connections to one provider origin, for APNs and FCM alike. Requests wait in one bounded queue,
// first in, first out, each with a deadline; a request that was not processed is tried once more, at once.
import { Connection } from './connection.ts';
import { NOT_PROCESSED, type Outcome, type OutgoingRequest } from './outcome.ts';

/** How a pool is made. Times in milliseconds. */
export interface PoolOptions {
  readonly origin: string;
  /** PEM certificates to trust instead of the system's. */
  readonly ca: string | undefined;
  /** One request at a time on a connection until its first 200: what APNs wants. */
  readonly canary: boolean;
  readonly connectionsMax: number;
  /** Requests in flight on one connection, if the peer allows as many. */
  readonly inFlightMax: number;
  readonly queueMax: number;
  readonly queueWaitMs: number;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

/** What happened to the connections, for the log. */
export interface PoolEvents {
  readonly onUnreachable: (error: unknown) => void;
  readonly onGoaway: (code: number, debugData: string) => void;
}

interface Entry {
  readonly build: () => OutgoingRequest;
  readonly resolve: (outcome: Outcome) => void;
  timer: NodeJS.Timeout | undefined;
  tries: number;
}

/** A request that was not processed is tried this often in all. */
const TRIES_MAX = 2;
const CLOSE_POLL_MS = 20;

export class Http2Pool {
  readonly #options: PoolOptions;
  readonly #events: PoolEvents;
  readonly #connections = new Set<Connection>();
  /** Sets keep the order of insertion, and forget an entry whose deadline has come at once. */
  readonly #again = new Set<Entry>();
  readonly #queue = new Set<Entry>();
  #closing = false;

  constructor(options: PoolOptions, events: PoolEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** How the request ended. `build` is called at the moment of sending, once per try. */
  send(build: () => OutgoingRequest): Promise<Outcome> {
    if (this.#closing || this.#waiting >= this.#options.queueMax) return Promise.resolve(NOT_PROCESSED);
    return new Promise((resolve) => {
      this.#wait(this.#queue, { build, resolve, timer: undefined, tries: 0 });
      this.#dispatch();
    });
  }

  /** Lets what is in flight finish, for at most this long; what waits is not processed. */
  async close(graceMs: number): Promise<void> {
    this.#closing = true;
    for (const queue of [this.#again, this.#queue]) {
      for (const entry of queue) this.#fail(queue, entry);
    }
    for (const connection of this.#connections) connection.retire();
    const deadline = Date.now() + graceMs;
    while (this.#connections.size > 0 && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, CLOSE_POLL_MS));
    }
    for (const connection of this.#connections) connection.destroy();
  }

  get #waiting(): number {
    return this.#queue.size + this.#again.size;
  }

  #dispatch(): void {
    for (const connection of this.#connections) {
      while (connection.room > 0) {
        const entry = this.#take();
        if (entry === undefined) return;
        void this.#sendOn(connection, entry);
      }
    }
    if (this.#waiting > 0 && this.#mayGrow()) this.#connect();
  }

  /** One connection comes up at a time, and only when those that exist have shown that they work and are full. */
  #mayGrow(): boolean {
    const usable = [...this.#connections].filter((connection) => connection.isUsable);
    if (usable.length >= this.#options.connectionsMax) return false;
    return usable.every(
      (connection) => !connection.isConnecting && connection.isProven && connection.room === 0,
    );
  }

  #connect(): void {
    let unreachable = false;
    const connection = new Connection(this.#options, {
      onChange: () => {
        if (connection.isClosed) {
          this.#connections.delete(connection);
          if (unreachable) this.#countFailedConnect();
          unreachable = false;
        }
        this.#dispatch();
      },
      onUnreachable: (error) => {
        unreachable = true;
        this.#events.onUnreachable(error);
      },
      onGoaway: this.#events.onGoaway,
    });
    this.#connections.add(connection);
  }

  async #sendOn(connection: Connection, entry: Entry): Promise<void> {
    entry.tries += 1;
    const outcome = await connection.send(entry.build());
    if (outcome.kind !== 'not-processed' || entry.tries >= TRIES_MAX || this.#closing) {
      entry.resolve(outcome);
      return;
    }
    this.#wait(this.#again, entry);
    this.#dispatch();
  }

  /** Puts an entry at the end of a queue, until its deadline. */
  #wait(queue: Set<Entry>, entry: Entry): void {
    entry.timer = setTimeout(() => {
      queue.delete(entry);
      entry.resolve(NOT_PROCESSED);
    }, this.#options.queueWaitMs);
    queue.add(entry);
  }

  #take(): Entry | undefined {
    for (const queue of [this.#again, this.#queue]) {
      for (const entry of queue) {
        queue.delete(entry);
        clearTimeout(entry.timer);
        return entry;
      }
    }
    return undefined;
  }

  /** A provider that cannot be reached is a try for everything that waits for it. */
  #countFailedConnect(): void {
    if ([...this.#connections].some((connection) => connection.isUsable)) return;
    for (const queue of [this.#again, this.#queue]) {
      for (const entry of queue) {
        entry.tries += 1;
        if (entry.tries >= TRIES_MAX) this.#fail(queue, entry);
      }
    }
  }

  #fail(queue: Set<Entry>, entry: Entry): void {
    queue.delete(entry);
    clearTimeout(entry.timer);
    entry.resolve(NOT_PROCESSED);
  }
}
