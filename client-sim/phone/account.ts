// The account on this phone (SPEC.md sections 4 and 6): registers, reconciles at every start, answers the challenge,
// replaces its key, signs out. One thing happens at a time.
import type { Dispatcher } from 'undici';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { ATTEMPT_PENDING_SECONDS } from '../../protocol/wire/limits.ts';
import type { RegistrationStatus } from '../../protocol/wire/push-api.ts';
import { AccountState } from './account-state.ts';
import { currentAttempt } from './attempts.ts';
import type { ChallengeAnswer } from './challenge.ts';
import { pause } from './clock.ts';
import { isSealedKind, type PhoneConfig } from './config.ts';
import type { PhoneContext } from './context.ts';
import { discover } from './discovery.ts';
import { enrol, enrolBare, replaceKey } from './enrolment.ts';
import { CallError, codeOf } from './https-client.ts';
import { newestKey } from './keyring.ts';
import { sendRevocations } from './revocation.ts';
import type { ServerClient } from './server-client.ts';
import type { Registration } from './state.ts';

const BACKOFF_FIRST_MS = 250;
const BACKOFF_MAX_MS = 10_000;
const PENDING_GRACE_SECONDS = 5;
const SESSION_CHECK_MS = 3_600_000;

export interface AccountParts {
  readonly phone: PhoneContext;
  readonly config: PhoneConfig;
  readonly server: ServerClient;
  /** For the bouncer, to which no credential goes. */
  readonly dispatcher: Dispatcher;
  /** Files what pushes have lost. */
  readonly sync: (account: Registration) => Promise<void>;
}

export class Account {
  readonly #phone: PhoneContext;
  readonly #config: PhoneConfig;
  readonly #server: ServerClient;
  readonly #dispatcher: Dispatcher;
  readonly #state: AccountState;
  readonly #sync: AccountParts['sync'];
  #turn: Promise<void> = Promise.resolve();
  #cancelRecheck = (): void => undefined;
  #signedOut = false;

  constructor({ phone, config, server, dispatcher, sync }: AccountParts) {
    this.#phone = phone;
    this.#config = config;
    this.#server = server;
    this.#dispatcher = dispatcher;
    this.#state = new AccountState(phone, config);
    this.#sync = sync;
  }

  get registration(): Registration | null {
    return this.#state.registration;
  }

  /** As at app start, until the server has answered; a refusal ends it, and so does a sign-out. */
  async start(): Promise<void> {
    this.#signedOut = false;
    for (let delayMs = BACKOFF_FIRST_MS; !this.#signedOut; delayMs = Math.min(delayMs * 2, BACKOFF_MAX_MS)) {
      try {
        return await this.reconcile();
      } catch (error) {
        if (!(error instanceof CallError && error.retryable)) return this.#fail('start', error);
        await pause(this.#phone.clock, delayMs);
      }
    }
  }

  /**
   * As at app start, once. Whoever the server tells that its session is over is signed out.
   * @throws CallError, ProtocolError
   */
  reconcile(): Promise<void> {
    return this.#inTurn(async () => {
      try {
        await this.#reconcile();
      } catch (error) {
        if (error instanceof CallError && error.code === 'not_authenticated') await this.#endSession();
        throw error;
      }
    });
  }

  async #reconcile(): Promise<void> {
    const found = await discover(this.#phone, this.#config, this.#server);
    if (found.moved !== null) this.#phone.emit({ event: 'moved', origin: found.moved });
    // What is not answered now stays queued.
    await sendRevocations(this.#phone.file, this.#dispatcher).catch(() => undefined);
    if (!isSealedKind(this.#config.kind)) {
      await enrolBare(this.#state, this.#server);
      return this.#tellReady();
    }
    const { status, skipped } = await enrol(this.#state, this.#server, found);
    await this.#settle(status);
    if (skipped > 0) await this.#fetchSkipped(skipped);
  }

  /** Sends the answer to a challenge through the session that sent the blob, until it is answered or lapses. */
  async confirm({ registrationId, attempt, challenge, confirmation }: ChallengeAnswer): Promise<void> {
    const body = {
      attempt: encodeBase64url(attempt),
      challenge: encodeBase64url(challenge),
      confirmation: encodeBase64url(confirmation),
    };
    for (let delayMs = BACKOFF_FIRST_MS; this.#state.isPending(attempt); delayMs *= 2) {
      try {
        return await this.#inTurn(async () => {
          if (!this.#state.isPending(attempt)) return;
          await this.#settle(await this.#server.confirm(encodeBase64url(registrationId), body));
        });
      } catch (error) {
        if (!(error instanceof CallError && error.retryable)) return this.#fail('confirm', error);
        await pause(this.#phone.clock, Math.min(delayMs, BACKOFF_MAX_MS));
      }
    }
  }

  /** @throws CallError */
  rotateKey(): Promise<void> {
    return this.#inTurn(async () => {
      const { registration } = this.#state;
      if (registration === null || !registration.accepted) throw new CallError('unknown_registration', false);
      this.#state.dropOutdatedKey(registration);
      const newest = newestKey(this.#state.registration ?? registration);
      // A key that the server has not answered is sent again: making more would push the live ones out.
      const key =
        newest?.registered === false
          ? newest
          : this.#state.makeKey(registration, newest?.keepDays ?? this.#config.keepDays);
      await replaceKey(this.#state, this.#server, registration, key);
      await this.#state.commit();
    });
  }

  /**
   * Keys and revocation first, durably, then the bouncer, then the server.
   * @throws CallError if somebody did not answer; a revocation stays queued then
   */
  signOut(): Promise<void> {
    return this.#inTurn(async () => {
      const { registration } = this.#state;
      await this.#forget();
      const outcomes = await Promise.allSettled([
        sendRevocations(this.#phone.file, this.#dispatcher),
        this.#leave(registration),
      ]);
      const failed = outcomes.find((outcome) => outcome.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    });
  }

  /** A hint that the session has ended: asks the server before it signs out, at most once an hour. */
  async checkSession(registrationId: string): Promise<void> {
    const { registration } = this.#state;
    const isOurs = registration !== null && encodeBase64url(registration.registrationId) === registrationId;
    if (!isOurs || !this.#state.mayAskSession(SESSION_CHECK_MS)) return;
    await this.#state.commit();
    await this.reconcile().catch((error: unknown) => this.#fail('check_session', error));
  }

  stop(): void {
    this.#cancelRecheck();
  }

  /** Active: the phone is ready. Pending: the challenge is on its way, and the time is looked after. */
  async #settle(status: RegistrationStatus): Promise<void> {
    this.#cancelRecheck();
    const active = this.#state.activate(status);
    await this.#state.commit();
    if (active) return this.#tellReady();
    const { registration } = this.#state;
    const issuedAt = registration === null ? 0 : (currentAttempt(registration)?.issuedAt ?? 0);
    const lapsesInSeconds = Math.max(0, issuedAt + ATTEMPT_PENDING_SECONDS - this.#state.nowSeconds);
    this.#cancelRecheck = this.#phone.clock.after(
      (lapsesInSeconds + PENDING_GRACE_SECONDS) * 1000,
      () => void this.start(),
    );
  }

  /** What is lost is fetched, not registered anew; where that fails, the next start tries again. */
  async #fetchSkipped(skipped: number): Promise<void> {
    this.#phone.emit({ event: 'sync_hint', skipped });
    const { registration } = this.#state;
    if (registration !== null) await this.#sync(registration).catch((error) => this.#fail('sync', error));
  }

  /** The server has said over TLS that the session is over. */
  async #endSession(): Promise<void> {
    if (this.#state.registration === null) return;
    await this.#forget();
    await sendRevocations(this.#phone.file, this.#dispatcher).catch(() => undefined);
  }

  async #forget(): Promise<void> {
    this.#signedOut = true;
    this.#cancelRecheck();
    this.#state.forget();
    await this.#state.commit();
    this.#phone.emit({ event: 'signed_out' });
  }

  async #leave(registration: Registration | null): Promise<void> {
    if (registration?.accepted === true) {
      await this.#server.remove(encodeBase64url(registration.registrationId)).catch(ignoreUnknown);
    }
    await this.#server.endSession();
  }

  #tellReady(): void {
    const { registration } = this.#state;
    if (registration === null) return;
    const key = newestKey(registration);
    this.#phone.emit({
      event: 'ready',
      name: this.#config.name,
      kind: this.#config.kind,
      registration_id: encodeBase64url(registration.registrationId),
      ...(key !== null && { kid: encodeBase64url(key.kid) }),
    });
  }

  #fail(op: string, error: unknown): void {
    this.#phone.emit({ event: 'failed', op, code: codeOf(error) });
  }

  /** Runs after what runs now. */
  #inTurn(work: () => Promise<void>): Promise<void> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

function ignoreUnknown(error: unknown): void {
  const isGone = error instanceof CallError && ['unknown_registration', 'not_found'].includes(error.code);
  if (!isGone) throw error;
}
