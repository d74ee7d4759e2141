// Attempts: sealed push tokens on their way to a handle that notifications can be sent to (SPEC.md section 5). The
// handle of the registration changes only when an attempt has become active.
import { createHash } from 'node:crypto';
import type { HandleAnswer } from '../../protocol/wire/bouncer-api.ts';
import { equalConstantTime } from '../../protocol/wire/bytes.ts';
import { ATTEMPTS_REMEMBERED_MAX } from '../../protocol/wire/limits.ts';
import { ProblemError } from '../../protocol/wire/problem.ts';
import type { RegistrationRequest, TokenAttempt } from '../../protocol/wire/push-api.ts';
import { joinable } from '../log/content-free.ts';
import { requireAnswer } from './bouncer-refusals.ts';
import type { NotifyContext } from './context.ts';
import { cancelRemoval, queueRemovals } from './handle-removal.ts';
import { endBareOfSession } from './legacy-registrations.ts';
import type { NotifyDatabase } from './tables.ts';
import { secondsOf } from './time.ts';

/** Whether the registration knows an attempt already. @throws ProblemError `attempt_conflict` */
export async function isKnownAttempt(
  transaction: NotifyDatabase,
  registrationId: string,
  token: TokenAttempt,
): Promise<boolean> {
  const known = await transaction
    .selectFrom('push_attempts')
    .select('digest')
    .where('registration_id', '=', registrationId)
    .where('attempt', '=', token.attempt)
    .executeTakeFirst();
  if (known === undefined) return false;
  if (!equalConstantTime(known.digest, digestOf(token))) throw new ProblemError('attempt_conflict');
  return true;
}

/**
 * Remembers a new attempt with the handle that the bouncer made of it.
 * @throws ProblemError `attempt_conflict` if the sealed token is another attempt's: who copied it never answered the
 * challenge of its handle
 */
export async function writeAttempt(
  transaction: NotifyDatabase,
  context: NotifyContext,
  registrationId: string,
  token: TokenAttempt,
  answer: HandleAnswer,
): Promise<void> {
  await requireFreeHandle(transaction, answer.handle);
  await pruneAttempts(transaction, registrationId);
  await transaction
    .insertInto('push_attempts')
    .values({
      registration_id: registrationId,
      attempt: token.attempt,
      digest: digestOf(token),
      handle: answer.handle,
      state: answer.state === 'ended' ? 'gone' : 'pending',
      pending_until: answer.pending_until,
      created_at: context.now(),
    })
    .execute();
  await transaction
    .updateTable('push_registrations')
    .set({ attempt: token.attempt })
    .where('registration_id', '=', registrationId)
    .execute();
  if (answer.state === 'active') await activateAttempt(transaction, context, registrationId, token.attempt);
}

/**
 * A sealed handle belongs to one attempt of one registration, also after its end, until the bouncer has it back.
 * @throws ProblemError `attempt_conflict`
 */
async function requireFreeHandle(transaction: NotifyDatabase, handle: string): Promise<void> {
  const attempt = await transaction
    .selectFrom('push_attempts')
    .select('handle')
    .where('handle', '=', handle)
    .executeTakeFirst();
  const registration = await transaction
    .selectFrom('push_registrations')
    .select('handle')
    .where('handle', '=', handle)
    .executeTakeFirst();
  if (attempt !== undefined || registration !== undefined) throw new ProblemError('attempt_conflict');
  const removal = await transaction
    .selectFrom('push_handle_removals')
    .select('handle')
    .where('handle', '=', handle)
    .executeTakeFirst();
  if (removal !== undefined) throw new ProblemError('attempt_conflict');
}

/** From now on notifications go to the attempt's handle; the handle before it is given back. */
export async function activateAttempt(
  transaction: NotifyDatabase,
  { now, log }: NotifyContext,
  registrationId: string,
  attempt: string,
): Promise<void> {
  const { handle } = await transaction
    .updateTable('push_attempts')
    .set({ state: 'active' })
    .where('registration_id', '=', registrationId)
    .where('attempt', '=', attempt)
    .returning('handle')
    .executeTakeFirstOrThrow();
  const { handle: before, ...owner } = await transaction
    .selectFrom('push_registrations')
    .select(['handle', 'user_id', 'session_id'])
    .where('registration_id', '=', registrationId)
    .executeTakeFirstOrThrow();
  await endBareOfSession(transaction, owner);
  if (before === handle) return;
  await cancelRemoval(transaction, handle);
  await transaction
    .updateTable('push_registrations')
    .set({ handle, handle_state: 'active', handle_since: secondsOf(now()) })
    .where('registration_id', '=', registrationId)
    .execute();
  await transaction
    .updateTable('push_attempts')
    .set({ state: 'gone' })
    .where('registration_id', '=', registrationId)
    .where('attempt', '!=', attempt)
    .where('state', '=', 'active')
    .execute();
  if (before !== null) await queueRemovals(transaction, [before]);
  log.write('registration_active', { device: joinable(registrationId) });
}

/** The bouncer's handle for a sealed token. @throws ProblemError */
export async function askForHandle(
  { bouncer }: NotifyContext,
  app: Pick<RegistrationRequest, 'app_id' | 'platform' | 'environment'>,
  token: TokenAttempt,
): Promise<HandleAnswer> {
  const reply = await bouncer.makeHandle({
    platform: app.platform,
    environment: app.environment,
    app_id: app.app_id,
    sealed_token: token.sealed_token,
    ...(token.replaces !== undefined && { replaces: token.replaces }),
  });
  return requireAnswer(reply);
}

/** The bouncer knows nothing of this attempt's handle any more. */
export async function endAttempt(
  database: NotifyDatabase,
  registrationId: string,
  attempt: string,
): Promise<void> {
  await database
    .updateTable('push_attempts')
    .set({ state: 'gone' })
    .where('registration_id', '=', registrationId)
    .where('attempt', '=', attempt)
    .execute();
}

/** Attempts are remembered for their repetition, but not without bound. */
async function pruneAttempts(transaction: NotifyDatabase, registrationId: string): Promise<void> {
  const surplus = await transaction
    .selectFrom('push_attempts')
    .select('attempt')
    .where('registration_id', '=', registrationId)
    .where('state', '!=', 'active')
    .orderBy('created_at', 'desc')
    .orderBy('attempt')
    .limit(1000)
    .offset(ATTEMPTS_REMEMBERED_MAX)
    .execute();
  if (surplus.length === 0) return;
  await transaction
    .deleteFrom('push_attempts')
    .where('registration_id', '=', registrationId)
    .where(
      'attempt',
      'in',
      surplus.map(({ attempt }) => attempt),
    )
    .execute();
}

function digestOf(token: TokenAttempt): Uint8Array {
  return createHash('sha256').update(token.sealed_token).digest();
}
