// What the account does to the phone's state: keys and attempts are made, statuses taken over, everything forgotten.
// All of it in memory: who sends afterwards commits before.
import { advanceKey } from '../../protocol/content/open/open.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { EPOCHS_AHEAD_MAX } from '../../protocol/wire/limits.ts';
import type { RegistrationStatus } from '../../protocol/wire/push-api.ts';
import { activateAttempt, addAttempt, currentAttempt } from './attempts.ts';
import type { PhoneConfig } from './config.ts';
import { correctedNowMs, type PhoneContext } from './context.ts';
import { correctClock, type Discovered } from './discovery.ts';
import {
  addKey,
  buildOpeningKey,
  dropKey,
  makeKey,
  moveKey,
  newestKey,
  retireKeys,
  updateKey,
} from './keyring.ts';
import { isSameKey, type Present } from './reconcile.ts';
import { makeAttempt, makeRegistration } from './registration.ts';
import { queueRevocation } from './revocation.ts';
import {
  type Attempt,
  type HeldKey,
  type PhoneState,
  type Registration,
  updateRegistration,
} from './state.ts';
import { chooseSuite, raiseSuiteFloor } from './suite-floor.ts';

export class AccountState {
  readonly #phone: PhoneContext;
  readonly #config: PhoneConfig;

  constructor(phone: PhoneContext, config: PhoneConfig) {
    this.#phone = phone;
    this.#config = config;
  }

  get registration(): Registration | null {
    const isOurs = ({ origin, appId }: Registration): boolean =>
      origin === this.#config.serverOrigin && appId === this.#config.appId;
    return this.#phone.file.state.registrations.find(isOurs) ?? null;
  }

  /** The device's push token. */
  get token(): string {
    return this.#phone.file.state.device?.token ?? '';
  }

  get nowSeconds(): number {
    return Math.floor(correctedNowMs(this.#phone) / 1000);
  }

  get present(): Present {
    const { serverOrigin, suiteId, appBuild } = this.#config;
    return {
      token: this.token,
      suiteId: chooseSuite(this.#phone.file.state, serverOrigin, suiteId),
      appBuild,
      now: this.nowSeconds,
    };
  }

  commit(): Promise<void> {
    return this.#phone.file.commit();
  }

  change(registrationId: Uint8Array, change: (registration: Registration) => Registration): void {
    this.#phone.file.update((state) => updateRegistration(state, registrationId, change));
  }

  makeRegistration(e2ee: boolean): Registration {
    const made = makeRegistration(this.#phone.backend, this.#config, e2ee);
    this.#phone.file.update((state) => ({ ...state, registrations: [...state.registrations, made] }));
    return made;
  }

  makeKey({ registrationId, origin }: Registration, keepDaysMax: number): HeldKey {
    const { file, backend } = this.#phone;
    const { suiteId, appBuild, now } = this.present;
    const keepDays = Math.min(this.#config.keepDays, keepDaysMax);
    const key = makeKey(backend, file.state, { suiteId, keepDays, appBuild }, now);
    this.change(registrationId, (registration) => addKey(registration, key));
    file.update((state) => raiseSuiteFloor(state, origin, suiteId));
    return key;
  }

  /** Drops a key that was never answered and that this app would not register any more. */
  dropOutdatedKey(registration: Registration): void {
    const key = newestKey(registration);
    if (key === null || key.registered || key.suiteId >= this.present.suiteId) return;
    this.change(registration.registrationId, (changed) => dropKey(changed, key.kid));
  }

  /** @throws ProtocolError `no_bouncer_key` */
  makeAttempt(registration: Registration, found: Discovered): Attempt {
    const { file, backend } = this.#phone;
    const attempt = makeAttempt(backend, registration, found, this.token, this.nowSeconds);
    file.update((state) => addAttempt(backend, state, registration, attempt));
    return attempt;
  }

  /**
   * Takes over what a status says: the clock, that the server has the newest key, how far its chain has moved, and so which
   * older keys nothing is sealed to any more.
   */
  takeStatus(status: RegistrationStatus): void {
    this.takeClock(status.server_time);
    const { registration } = this;
    if (registration === null) return;
    this.change(registration.registrationId, (changed) => ({ ...changed, accepted: true }));
    const key = newestKey(registration);
    // What is said of another key says nothing of this one.
    if (key === null || !isSameKey(key, status)) return;
    const { kid, keepDays } = key;
    const opening = buildOpeningKey(registration, key);
    // A day that is out of reach is believed of nobody: the key is replaced, and what is on its way to it still opens.
    const isInReach = status.epoch <= key.epoch + EPOCHS_AHEAD_MAX;
    const reached = isInReach ? status.epoch : key.epoch;
    const advanced = advanceKey(this.#phone.backend, opening, reached - keepDays - 1);
    this.change(registration.registrationId, (changed) => {
      const registered = updateKey(changed, kid, (held) => ({ ...held, registered: true }));
      return retireKeys(moveKey(registered, advanced), kid, reached);
    });
  }

  /** Whether a hint may make the app ask for its session now, at most once in so long; if so, it is noted. */
  mayAskSession(intervalMs: number): boolean {
    const nowMs = this.#phone.clock.nowMs();
    const { registration } = this;
    // A moment that lies ahead was noted by a clock that was wrong.
    const waited = Math.abs(nowMs - (registration?.sessionAskedAt ?? nowMs)) >= intervalMs;
    if (registration === null || !waited) return false;
    this.change(registration.registrationId, (changed) => ({ ...changed, sessionAskedAt: nowMs }));
    return true;
  }

  /** Unix seconds of a TLS answer. */
  takeClock(serverTime: number): void {
    const { file, clock } = this.#phone;
    file.update((state) => correctClock(state, serverTime, clock.nowMs()));
  }

  /** The current attempt is active if a status says so; answers whether it is. */
  activate(status: RegistrationStatus): boolean {
    const { file, backend } = this.#phone;
    const { registration } = this;
    const current = registration === null ? null : currentAttempt(registration);
    if (registration === null || current === null) return false;
    const isCurrent = status.attempt === encodeBase64url(current.attempt);
    if (!isCurrent || status.attempt_state !== 'active') return false;
    file.update((state) => activateAttempt(backend, state, registration));
    return true;
  }

  isPending(attempt: Uint8Array): boolean {
    const attempts = this.registration?.attempts ?? [];
    return attempts.some(
      (known) => known.state === 'pending' && Buffer.compare(known.attempt, attempt) === 0,
    );
  }

  /** Erases keys, messages and notifications, and queues the revocation of every attempt. */
  forget(): void {
    const { file, backend } = this.#phone;
    const { registration } = this;
    if (registration === null) return;
    const id = encodeBase64url(registration.registrationId);
    file.update((state) => {
      const queued = registration.attempts.reduce<PhoneState>(
        (queue, attempt) => queueRevocation(backend, queue, registration, attempt),
        state,
      );
      return {
        ...queued,
        registrations: queued.registrations.filter((known) => encodeBase64url(known.registrationId) !== id),
        inbox: queued.inbox.filter((entry) => entry.registrationId !== id),
        center: queued.center.filter((entry) => entry.registrationId !== id),
      };
    });
  }
}
