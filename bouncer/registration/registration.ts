// Registration at the bouncer (SPEC.md section 5): a sealed push token becomes an attempt with a pending handle, the
// device's confirmation makes it active, and the app itself can end it.
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { confirmationMac, revocationMac } from '../../protocol/registration/challenge.ts';
import { type OpenedPushToken, openPushToken } from '../../protocol/registration/open/open-push-token.ts';
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import type {
  ConfirmationRequest,
  HandleAnswer,
  HandleRequest,
  RevocationRequest,
} from '../../protocol/wire/bouncer-api.ts';
import { equalConstantTime } from '../../protocol/wire/bytes.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import {
  ATTEMPT_AGE_SECONDS_MAX,
  ATTEMPT_PENDING_SECONDS,
  ATTEMPT_REMEMBERED_SECONDS,
  CHALLENGE_BYTES,
  CLOCK_TOLERANCE_SECONDS,
  HANDLE_BYTES,
} from '../../protocol/wire/limits.ts';
import { ProblemError } from '../../protocol/wire/problem.ts';
import type { AppConfig } from '../apps.ts';
import { openingKeys, type SealingKey } from '../sealing-keys.ts';
import { isChallengeAllowed, readAttempt } from '../store/attempts.ts';
import { type AttemptTable, type BouncerDatabase, type HandleTable, transact } from '../store/database.ts';
import { endHandles, handleState, readHandle } from '../store/handles.ts';
import type { Store } from '../store/open-store.ts';
import type { Caller } from '../store/servers.ts';
import { activate, type Rows, readRows } from './activation.ts';
import type { ChallengeSender } from './challenge-sender.ts';
import { checkTarget, isTokenOf } from './target.ts';

export interface RegistrationParts {
  readonly store: Store;
  readonly apps: ReadonlyMap<string, AppConfig>;
  readonly challenges: ChallengeSender;
  /** The sealing keys of this moment. */
  readonly sealingKeys: () => readonly SealingKey[];
}

export class Registration {
  readonly #parts: RegistrationParts;

  constructor(parts: RegistrationParts) {
    this.#parts = parts;
  }

  /**
   * POST /v1/handles.
   * @throws ProblemError `unknown_app`, `wrong_environment`, `push_token_refused`, `stale_request`, `attempt_conflict`
   */
  async request(caller: Caller, request: HandleRequest, nowSeconds: number): Promise<HandleAnswer> {
    const { store, apps } = this.#parts;
    checkTarget(apps, request);
    const blob = decodeBase64url(request.sealed_token);
    const opened = this.#open(caller, request, blob, nowSeconds);
    const blobHash = encodeBase64url(nativeBackend.sha256(blob));
    const rows = await transact(store.database, async (transaction) => {
      const known = await readRows(transaction, caller.origin, encodeBase64url(opened.push.attempt));
      if (known !== null) return asKnown(known, caller, blobHash);
      checkIssuedAt(opened.push.issuedAt, nowSeconds);
      return await this.#write(transaction, caller, request, opened, blobHash, nowSeconds);
    });
    const state = handleState(rows.handle, nowSeconds);
    if (state === 'pending' && rows.attempt.challenged === 1) this.#challenge(rows, opened);
    return buildAnswer(rows.handle, nowSeconds);
  }

  /**
   * POST /v1/handles/confirmation; a repeated confirmation gets the same answer.
   * @throws ProblemError `unknown_handle`, `confirmation_refused`
   */
  async confirm(caller: Caller, request: ConfirmationRequest, nowSeconds: number): Promise<HandleAnswer> {
    return await transact(this.#parts.store.database, async (transaction) => {
      const handle = await readHandle(transaction, request.handle);
      if (handle?.attempt == null || handle.origin !== caller.origin)
        throw new ProblemError('unknown_handle');
      const attempt = await readAttempt(transaction, handle.origin, handle.attempt);
      const state = handleState(handle, nowSeconds);
      if (attempt === null || state === 'ended') throw new ProblemError('unknown_handle');
      if (!this.#isConfirmed(attempt, request)) throw new ProblemError('confirmation_refused');
      if (state === 'pending') await activate(transaction, { attempt, handle }, nowSeconds);
      return { handle: handle.handle, state: 'active', pending_until: handle.pending_until };
    });
  }

  /** POST /v1/revocations: the caller learns nothing, whatever comes of it. */
  async revoke(request: RevocationRequest, nowSeconds: number): Promise<void> {
    await transact(this.#parts.store.database, async (transaction) => {
      const rows = await readRows(transaction, request.origin, request.attempt);
      if (rows === null || rows.handle.state === 'ended') return;
      const confirmKey = this.#confirmKey(rows.attempt);
      const infoHash = decodeBase64url(rows.attempt.info_hash);
      const mac = revocationMac(nativeBackend, confirmKey, decodeBase64url(request.attempt), infoHash);
      if (!equalConstantTime(mac, decodeBase64url(request.mac))) return;
      await endHandles(transaction, [rows.handle], null, nowSeconds);
    });
  }

  #open(caller: Caller, request: HandleRequest, blob: Uint8Array, nowSeconds: number): OpenedPushToken {
    const { platform, environment } = request;
    const context = { origin: caller.origin, appId: request.app_id, platform, environment };
    try {
      const keys = openingKeys(this.#parts.sealingKeys(), nowSeconds);
      const opened = openPushToken(nativeBackend, keys, context, blob);
      if (isTokenOf(platform, opened.push.token)) return opened;
    } catch (error) {
      if (!(error instanceof ProtocolError)) throw error;
    }
    throw new ProblemError('push_token_refused');
  }

  async #write(
    transaction: BouncerDatabase,
    caller: Caller,
    request: HandleRequest,
    opened: OpenedPushToken,
    blobHash: string,
    nowSeconds: number,
  ): Promise<Rows> {
    const { storageKey } = this.#parts.store;
    const handleId = encodeBase64url(nativeBackend.randomBytes(HANDLE_BYTES));
    const attemptId = encodeBase64url(opened.push.attempt);
    const tokenMac = storageKey.tokenMac(request.platform, opened.push.token);
    const allowed = await isChallengeAllowed(transaction, caller.origin, tokenMac, nowSeconds);
    const forgetAt = nowSeconds + ATTEMPT_REMEMBERED_SECONDS;
    const handle: HandleTable = {
      handle: handleId,
      origin: caller.origin,
      kind: 'sealed',
      app_id: request.app_id,
      platform: request.platform,
      environment: request.environment,
      token: storageKey.seal('push token', handleId, opened.push.token),
      token_mac: tokenMac,
      state: 'pending',
      pending_until: nowSeconds + ATTEMPT_PENDING_SECONDS,
      activated_at: null,
      gone_since: null,
      used_day: 0,
      attempt: attemptId,
      forget_at: forgetAt,
    };
    const attempt: AttemptTable = {
      origin: caller.origin,
      attempt: attemptId,
      server_id: caller.serverId,
      blob_hash: blobHash,
      handle: handleId,
      token_mac: tokenMac,
      confirm_key: storageKey.seal(
        'confirm key',
        attemptRow(caller.origin, attemptId),
        opened.push.confirmKey,
      ),
      info_hash: encodeBase64url(opened.infoHash),
      challenge: encodeBase64url(nativeBackend.randomBytes(CHALLENGE_BYTES)),
      challenged: allowed ? 1 : 0,
      replaces: request.replaces ?? null,
      created_at: nowSeconds,
      confirmed_at: null,
      forget_at: forgetAt,
    };
    await transaction.insertInto('handles').values(handle).execute();
    await transaction.insertInto('attempts').values(attempt).execute();
    return { attempt, handle };
  }

  #challenge({ attempt, handle }: Rows, opened: OpenedPushToken): void {
    this.#parts.challenges.start({
      handle: handle.handle,
      appId: handle.app_id,
      platform: handle.platform,
      environment: handle.environment,
      token: opened.push.token,
      attempt: opened.push.attempt,
      challenge: decodeBase64url(attempt.challenge),
      confirmKey: opened.push.confirmKey,
      infoHash: opened.infoHash,
      pendingUntil: handle.pending_until,
    });
  }

  #isConfirmed(attempt: AttemptTable, request: ConfirmationRequest): boolean {
    const challenge = decodeBase64url(request.challenge);
    const mac = confirmationMac(
      nativeBackend,
      this.#confirmKey(attempt),
      decodeBase64url(attempt.attempt),
      challenge,
      decodeBase64url(attempt.info_hash),
    );
    const sameChallenge = equalConstantTime(challenge, decodeBase64url(attempt.challenge));
    const sameMac = equalConstantTime(mac, decodeBase64url(request.confirmation));
    return sameChallenge && sameMac;
  }

  #confirmKey(attempt: AttemptTable): Uint8Array {
    const row = attemptRow(attempt.origin, attempt.attempt);
    const confirmKey = this.#parts.store.storageKey.open('confirm key', row, attempt.confirm_key);
    if (confirmKey === null) throw new ProblemError('internal');
    return confirmKey;
  }
}

function attemptRow(origin: string, attempt: string): string {
  return `${origin} ${attempt}`;
}

/** The same account with the same bytes gets the same answer; everything else under a known attempt is a conflict. */
function asKnown(known: Rows, caller: Caller, blobHash: string): Rows {
  if (known.attempt.server_id !== caller.serverId || known.attempt.blob_hash !== blobHash) {
    throw new ProblemError('attempt_conflict');
  }
  return known;
}

function checkIssuedAt(issuedAt: number, nowSeconds: number): void {
  const tooOld = nowSeconds - issuedAt > ATTEMPT_AGE_SECONDS_MAX;
  const fromTheFuture = issuedAt - nowSeconds > CLOCK_TOLERANCE_SECONDS;
  if (tooOld || fromTheFuture) throw new ProblemError('stale_request', { bouncer_time: nowSeconds });
}

function buildAnswer(handle: HandleTable, nowSeconds: number): HandleAnswer {
  return {
    handle: handle.handle,
    state: handleState(handle, nowSeconds),
    pending_until: handle.pending_until,
  };
}
