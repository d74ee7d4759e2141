// One app on one virtual phone: online while somebody reads its deliveries, else what comes is kept.
import { ApnsMailbox, FcmMailbox, type Mailbox, type Push, type Settle } from './mailbox.ts';

/** Where a token lives: a token of one realm means nothing in another. */
export type Realm = 'production' | 'sandbox' | 'fcm';

/** The open end of a connection to the phone. `write` is false when the phone is gone. */
export interface DeliverySink {
  write(line: string): boolean;
  end(): void;
}

export interface DeviceOptions {
  id: string;
  realm: Realm;
  appId: string;
  token: string;
  settle: Settle;
  nextDeliveryId: () => number;
}

export class Device {
  readonly id: string;
  readonly realm: Realm;
  readonly appId: string;
  token: string;
  readonly #settle: Settle;
  readonly #nextDeliveryId: () => number;
  readonly #mailbox: Mailbox;
  #sink: DeliverySink | null = null;
  #dozing = false;

  constructor({ id, realm, appId, token, settle, nextDeliveryId }: DeviceOptions) {
    this.id = id;
    this.realm = realm;
    this.appId = appId;
    this.token = token;
    this.#settle = settle;
    this.#nextDeliveryId = nextDeliveryId;
    this.#mailbox = realm === 'fcm' ? new FcmMailbox(settle) : new ApnsMailbox(settle);
  }

  get storedCount(): number {
    return this.#mailbox.size;
  }

  /** Delivers, keeps or gives up an accepted push, and settles what became of it. */
  push(push: Push, nowMs: number): void {
    if (push.expiresAtMs !== null && push.expiresAtMs <= nowMs) this.#settle(push.entry, 'expired');
    else if (this.#isReady(push) && this.#deliver(push)) this.#settle(push.entry, 'delivered');
    else if (push.expiresAtMs === null) this.#settle(push.entry, 'dropped');
    else {
      this.#mailbox.expire(nowMs);
      this.#mailbox.keep(push);
    }
  }

  /** Goes online; an earlier connection ends. What was kept comes first. */
  attach(sink: DeliverySink, nowMs: number): void {
    this.#sink?.end();
    this.#sink = sink;
    this.#flush(nowMs);
  }

  /** Goes offline, unless another connection has taken over. */
  detach(sink: DeliverySink): void {
    if (this.#sink === sink) this.#sink = null;
  }

  /** Doze: online, but only urgent messages come through. */
  doze(dozing: boolean, nowMs: number): void {
    this.#dozing = dozing;
    this.#flush(nowMs);
  }

  expire(nowMs: number): void {
    this.#mailbox.expire(nowMs);
  }

  /** The app is gone, and with it whatever waited for it. */
  shut(): void {
    this.#mailbox.drop();
    this.#sink?.end();
    this.#sink = null;
  }

  #flush(nowMs: number): void {
    this.#mailbox.expire(nowMs);
    if (this.#sink === null) return;
    if (this.#mailbox.takeDeleted()) this.#writeDelivery({ platform: 'fcm', deleted_messages: true }, nowMs);
    for (const push of this.#mailbox.take((kept) => this.#isReady(kept))) {
      if (this.#deliver(push)) this.#settle(push.entry, 'delivered');
      else this.#mailbox.keep(push);
    }
  }

  #isReady(push: Push): boolean {
    return this.#sink !== null && (push.urgent || !this.#dozing);
  }

  #deliver(push: Push): boolean {
    return this.#writeDelivery(push.delivery, push.entry.at);
  }

  #writeDelivery(delivery: object, sentAtMs: number): boolean {
    const line = { ...delivery, delivery_id: this.#nextDeliveryId(), sent_at: sentAtMs };
    return this.#sink?.write(`${JSON.stringify(line)}\n`) ?? false;
  }
}
