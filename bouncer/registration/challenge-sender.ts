// Challenges on their way to devices (SPEC.md section 6). The answer to the server never waits for them, so that neither
// its content nor its time tells whether one was sent.
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { challengeMac, encodeChallenge } from '../../protocol/registration/challenge.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import type { Urgency } from '../../protocol/wire/bouncer-api.ts';
import type { Environment, Platform } from '../../protocol/wire/ids.ts';
import { configured, errorCode, errorPlace } from '../log/content-free.ts';
import type { Log } from '../log/log.ts';
import type { ProviderDirectory } from '../providers/directory.ts';
import type { Push } from '../providers/provider.ts';

/** All that one challenge needs. */
export interface ChallengeOrder {
  readonly handle: string;
  readonly appId: string;
  readonly platform: Platform;
  readonly environment: Environment;
  readonly token: Uint8Array;
  readonly attempt: Uint8Array;
  readonly challenge: Uint8Array;
  readonly confirmKey: Uint8Array;
  readonly infoHash: Uint8Array;
  /** Unix seconds. */
  readonly pendingUntil: number;
}

/** Whether a handle still waits for its confirmation. */
export type IsPending = (handle: string) => Promise<boolean>;

export interface ChallengeSenderParts {
  readonly providers: ProviderDirectory;
  readonly isPending: IsPending;
  readonly log: Log;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** iOS may have missed an alert while the app was starting. */
const BACKGROUND_RETRY_MS = 30_000;
/** Where the provider did not take it, it is tried again after these times. */
const RETRIES_MS = [2_000, 8_000, 60_000] as const;
/** Challenges that are remembered as sent; beyond, one more copy may be sent on a repeated request. */
const REMEMBERED_MAX = 100_000;
/** Second tries that wait; beyond, there is none. */
const TIMERS_MAX = 100_000;

export class ChallengeSender {
  readonly #parts: ChallengeSenderParts;
  readonly #timers = new Set<NodeJS.Timeout>();
  /** Handles whose challenge is on its way or has arrived at the provider, until they lapse: unix seconds. */
  readonly #underWay = new Map<string, number>();
  readonly #sending = new Set<Promise<void>>();

  constructor(parts: ChallengeSenderParts) {
    this.#parts = parts;
  }

  /** Sends in the background; a challenge that this process is sending or has sent is not sent again. */
  start(order: ChallengeOrder): void {
    if (this.#underWay.has(order.handle)) return;
    this.#remember(order);
    // After the answer has gone out. On Android nothing is shown, so nothing asks for high priority.
    setImmediate(() => this.#run(this.#try(order, order.platform === 'apns' ? 'alert' : 'background', 0)));
    if (order.platform === 'apns') {
      this.#later(BACKGROUND_RETRY_MS, () => this.#run(this.#try(order, 'background', RETRIES_MS.length)));
    }
  }

  /** Nothing is sent any more; what is on its way may arrive. */
  async close(): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    await Promise.all(this.#sending);
  }

  #remember(order: ChallengeOrder): void {
    if (this.#underWay.size >= REMEMBERED_MAX) {
      // In the order in which they lapse.
      for (const [handle, pendingUntil] of this.#underWay) {
        if (pendingUntil * 1000 > this.#parts.now()) break;
        this.#underWay.delete(handle);
      }
    }
    if (this.#underWay.size < REMEMBERED_MAX) this.#underWay.set(order.handle, order.pendingUntil);
  }

  async #try(order: ChallengeOrder, urgency: Urgency, tries: number): Promise<void> {
    const { providers, isPending, log } = this.#parts;
    const provider = providers.find(order.appId, order.platform, order.environment);
    if (provider === null || !(await isPending(order.handle))) return;
    const result = await provider.push(buildPush(order, urgency, this.#parts.now()));
    log('challenge_sent', { app: configured(order.appId), accepted: result.status === 'accepted' });
    const delay = RETRIES_MS[tries];
    if (result.status !== 'retry' || delay === undefined) return;
    this.#later(delay, () => this.#run(this.#try(order, urgency, tries + 1)));
  }

  #run(sending: Promise<void>): void {
    const done = sending
      .catch((error: unknown) => {
        this.#parts.log('internal_error', { code: errorCode(error), place: errorPlace(error) });
      })
      .finally(() => this.#sending.delete(done));
    this.#sending.add(done);
  }

  #later(delayMs: number, run: () => void): void {
    if (this.#timers.size >= TIMERS_MAX) return;
    const timer = setTimeout(
      () => {
        this.#timers.delete(timer);
        run();
      },
      Math.max(0, delayMs),
    );
    timer.unref();
    this.#timers.add(timer);
  }
}

function buildPush(order: ChallengeOrder, urgency: Urgency, nowMs: number): Push {
  const { attempt, challenge, confirmKey, infoHash } = order;
  const mac = challengeMac(nativeBackend, confirmKey, attempt, challenge, infoHash);
  return {
    token: order.token,
    content: { kind: 'challenge', challenge: encodeBase64url(encodeChallenge({ attempt, challenge, mac })) },
    urgency,
    expiresAt: order.pendingUntil,
    collapse: undefined,
    registeredAt: Math.floor(nowMs / 1000),
  };
}
