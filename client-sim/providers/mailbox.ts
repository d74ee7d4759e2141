// What a provider keeps for a phone that is offline. APNs keeps the newest push per app and device; FCM keeps
// up to 100 and then throws all away. Facts: 2.3 and 3.4 of the providers page.
import { fcmCollapseKeysMax, fcmStoredMax } from './limits.ts';
import type { Outcome, RecordEntry } from './record.ts';

/** An accepted push on its way to a device. */
export interface Push {
  entry: RecordEntry;
  /** The delivery as the phone gets it, but for its number. */
  delivery: object;
  collapseKey: string | null;
  /** Unix time in milliseconds; null: one attempt, never kept. */
  expiresAtMs: number | null;
  /** Whether it wakes a phone in Doze. */
  urgent: boolean;
}

export type Settle = (entry: RecordEntry, outcome: Outcome) => void;

export interface Mailbox {
  readonly size: number;
  keep(push: Push): void;
  /** Takes out, oldest first, what `ready` lets through. */
  take(ready: (push: Push) => boolean): Push[];
  /** Whether messages were thrown away since the last call. */
  takeDeleted(): boolean;
  expire(nowMs: number): void;
  drop(): void;
}

export class ApnsMailbox implements Mailbox {
  readonly #settle: Settle;
  #newest: Push | null = null;

  constructor(settle: Settle) {
    this.#settle = settle;
  }

  get size(): number {
    return this.#newest === null ? 0 : 1;
  }

  keep(push: Push): void {
    if (this.#newest !== null) this.#settle(this.#newest.entry, 'superseded');
    this.#newest = push;
    this.#settle(push.entry, 'stored');
  }

  take(ready: (push: Push) => boolean): Push[] {
    const newest = this.#newest;
    if (newest === null || !ready(newest)) return [];
    this.#newest = null;
    return [newest];
  }

  takeDeleted(): boolean {
    return false;
  }

  expire(nowMs: number): void {
    if (this.#newest === null || !isExpired(this.#newest, nowMs)) return;
    this.#settle(this.#newest.entry, 'expired');
    this.#newest = null;
  }

  drop(): void {
    if (this.#newest !== null) this.#settle(this.#newest.entry, 'dropped');
    this.#newest = null;
  }
}

export class FcmMailbox implements Mailbox {
  readonly #settle: Settle;
  #kept: Push[] = [];
  #deleted = false;

  constructor(settle: Settle) {
    this.#settle = settle;
  }

  get size(): number {
    return this.#kept.length;
  }

  keep(push: Push): void {
    if (push.collapseKey !== null) this.#makeRoomFor(push.collapseKey);
    if (this.#kept.length >= fcmStoredMax) {
      this.drop();
      this.#deleted = true;
      this.#settle(push.entry, 'dropped');
      return;
    }
    this.#kept.push(push);
    this.#settle(push.entry, 'stored');
  }

  take(ready: (push: Push) => boolean): Push[] {
    const taken = this.#kept.filter(ready);
    this.#kept = this.#kept.filter((push) => !ready(push));
    return taken;
  }

  takeDeleted(): boolean {
    const deleted = this.#deleted;
    this.#deleted = false;
    return deleted;
  }

  expire(nowMs: number): void {
    for (const push of this.take((kept) => isExpired(kept, nowMs))) this.#settle(push.entry, 'expired');
  }

  drop(): void {
    for (const push of this.take(() => true)) this.#settle(push.entry, 'dropped');
  }

  // A message replaces the one of its key; a fifth key drives out the key longest unused.
  #makeRoomFor(key: string): void {
    for (const push of this.take((kept) => kept.collapseKey === key)) this.#settle(push.entry, 'superseded');
    const collapsible = this.#kept.filter((kept) => kept.collapseKey !== null);
    if (collapsible.length < fcmCollapseKeysMax) return;
    for (const push of this.take((kept) => kept === collapsible[0])) this.#settle(push.entry, 'dropped');
  }
}

function isExpired(push: Push, nowMs: number): boolean {
  return push.expiresAtMs !== null && push.expiresAtMs <= nowMs;
}
