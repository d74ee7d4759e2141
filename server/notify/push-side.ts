// The push side as one thing with a life time: the service that a chat server calls, the routes for apps, and the
// loops between them.
import type { FastifyInstance } from 'fastify';
import { readNextBackground, sealBackground } from './background.ts';
import { BouncerKeys } from './bouncer-keys.ts';
import type { Sessions } from './caller.ts';
import type { NotifyContext } from './context.ts';
import { Delivery } from './delivery.ts';
import { endSessionRegistrations, endUser, revokeSessionRegistrations } from './end-registrations.ts';
import { writeEndedSession } from './ended-sessions.ts';
import { EventReader, writeEvent } from './events.ts';
import { removeHandles } from './handle-removal.ts';
import { checkStorageKey, keepHouse } from './housekeeping.ts';
import { Loop } from './loop.ts';
import { releaseClaims } from './outbox.ts';
import type { CallerTransaction, PushEvent, PushService, PushUser } from './push-service.ts';
import { addPushRoutes } from './routes/push-routes.ts';
import { sealEvents } from './seal-events.ts';
import { joinTransaction } from './tables.ts';
import { sealTest } from './test-notifications.ts';

/** However a wake was lost, an event waits no longer than this. */
const SEAL_IDLE_MILLISECONDS = 1000;
const USERS_PER_INSERT_MAX = 1000;

export class PushSide implements PushService {
  readonly #context: NotifyContext;
  readonly #bouncerKeys: BouncerKeys;
  readonly #reader: EventReader = new EventReader();
  readonly #delivery: Delivery;
  readonly #sealing: Loop;
  readonly #delivering: Loop;
  readonly #removing: Loop;
  readonly #loops: readonly Loop[];

  constructor(context: NotifyContext) {
    const { log } = context;
    this.#context = context;
    this.#bouncerKeys = new BouncerKeys(context);
    this.#delivery = new Delivery(context, () => this.#delivering.wake());
    this.#sealing = new Loop(() => this.#seal(), log);
    this.#delivering = new Loop(() => this.#delivery.run(), log);
    this.#removing = new Loop(() => removeHandles(context), log);
    this.#loops = [
      new Loop(() => keepHouse(context), log),
      new Loop(() => this.#bouncerKeys.refresh(), log),
      this.#sealing,
      this.#delivering,
      this.#removing,
    ];
  }

  /** Takes up what an earlier process left, and starts to work. @throws StorageKeyMismatchError */
  async start(acceptLostKeys: boolean): Promise<void> {
    await checkStorageKey(this.#context, acceptLostKeys);
    await this.#bouncerKeys.restore();
    await releaseClaims(this.#context.database, this.#context.now());
    for (const loop of this.#loops) loop.start();
  }

  /** Ends what is being done; what is in flight may take as long as a request. */
  async stop(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()));
    await this.#delivery.drain();
  }

  /** Adds the routes for apps. */
  addRoutes(app: FastifyInstance, sessions: Sessions): void {
    addPushRoutes(app, {
      context: this.#context,
      bouncerKeys: this.#bouncerKeys,
      sessions,
      wakeRemovals: () => this.#removing.wake(),
    });
  }

  async upsertUsers(transaction: CallerTransaction, users: readonly PushUser[]): Promise<void> {
    for (let start = 0; start < users.length; start += USERS_PER_INSERT_MAX) {
      const rows = users
        .slice(start, start + USERS_PER_INSERT_MAX)
        .map(({ user }) => ({ user_id: user, e2ee_since: null }));
      await joinTransaction(transaction)
        .insertInto('push_users')
        .values(rows)
        .onConflict((conflict) => conflict.column('user_id').doNothing())
        .execute();
    }
  }

  async recordEvent(transaction: CallerTransaction, event: PushEvent): Promise<void> {
    await writeEvent(joinTransaction(transaction), event, this.#context.now());
  }

  async signOut(transaction: CallerTransaction, session: string): Promise<void> {
    const joined = joinTransaction(transaction);
    await writeEndedSession(joined, session, this.#context.now());
    await endSessionRegistrations(joined, session);
  }

  async revokeSession(transaction: CallerTransaction, session: string): Promise<void> {
    const joined = joinTransaction(transaction);
    await writeEndedSession(joined, session, this.#context.now());
    await revokeSessionRegistrations(joined, this.#context, session);
  }

  async removeUser(transaction: CallerTransaction, user: string): Promise<void> {
    await endUser(joinTransaction(transaction), user);
  }

  async sendTest(transaction: CallerTransaction, user: string, registrationId: string): Promise<boolean> {
    return await sealTest(joinTransaction(transaction), this.#context, user, registrationId);
  }

  wake(): void {
    this.#sealing.wake();
    this.#removing.wake();
  }

  async #seal(): Promise<number> {
    const more = await sealEvents(this.#context, this.#reader);
    // Events come first: a background notification can wait for them, an alert cannot wait for it.
    const moreBackground = !more && (await sealBackground(this.#context));
    this.#delivering.wake();
    if (more || moreBackground) return 0;
    const due = await readNextBackground(this.#context.database);
    const wait = due === null ? SEAL_IDLE_MILLISECONDS : Math.max(0, due - this.#context.now());
    return Math.min(SEAL_IDLE_MILLISECONDS, wait);
  }
}
