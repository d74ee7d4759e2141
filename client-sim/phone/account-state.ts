// What the account does to the phone's state: keys and attempts are made, statuses taken over, everything forgotten.
// All of it in memory: who sends afterwards commits before.
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import type { RegistrationStatus } from '../../protocol/wire/push-api.ts';
import { activateAttempt, addAttempt, currentAttempt } from './attempts.ts';
import type { PhoneConfig } from './config.ts';
import { correctedNowMs, type PhoneContext } from './context.ts';
import { correctClock, type Discovered } from './discovery.ts';
import { addKey, makeKey, updateKey } from './keyring.ts';
import { moveChainTo } from './receipt.ts';
import { makeAttempt, makeRegistration } from './registration.ts';
import { queueRevocation } from './revocation.ts';
import {
  type Attempt,
  type HeldKey,
  type PhoneState,
  type Registration,
  updateRegistration,
} from './state.ts';

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

  makeKey({ registrationId }: Registration, keepDaysMax: number): HeldKey {
    const { file, backend } = this.#phone;
    const keepDays = Math.min(this.#config.keepDays, keepDaysMax);
    const key = makeKey(backend, file.state, keepDays, this.nowSeconds);
    this.change(registrationId, (registration) => addKey(registration, key));
    return key;
  }

  /** @throws ProtocolError `no_bouncer_key` */
  makeAttempt(registration: Registration, found: Discovered): Attempt {
    const { file, backend } = this.#phone;
    const attempt = makeAttempt(backend, registration, found, this.token, this.nowSeconds);
    file.update((state) => addAttempt(backend, state, registration, attempt));
    return attempt;
  }

  /** Takes over what a status says: the clock, that the server has the key, how far its chain has moved. */
  takeStatus(status: RegistrationStatus): void {
    const { backend } = this.#phone;
    this.takeClock(status.server_time);
    const { registration } = this;
    if (registration === null) return;
    const key = registration.keys.find((held) => encodeBase64url(held.kid) === status.kid);
    this.change(registration.registrationId, (changed) => {
      const accepted = { ...changed, accepted: true };
      if (key === undefined) return accepted;
      const registered = updateKey(accepted, key.kid, (held) => ({ ...held, registered: true }));
      return moveChainTo(backend, registered, { ...key, registered: true }, status.epoch);
    });
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
        registrations: queued.registrations.filter((known) => known !== registration),
        inbox: queued.inbox.filter((entry) => entry.registrationId !== id),
        center: queued.center.filter((entry) => entry.registrationId !== id),
        syncedTo: 0,
      };
    });
  }
}
