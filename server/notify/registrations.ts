// Registrations: an account on a device, with its key and its sealed token (SPEC.md section 5). The bouncer is asked
// between two transactions; until it has answered, nothing is written, so that a repetition with the same bytes works.
import type { HandleAnswer } from '../../protocol/wire/bouncer-api.ts';
import { ProblemError } from '../../protocol/wire/problem.ts';
import type {
  ConfirmationBody,
  DeviceKey,
  RegistrationRequest,
  RegistrationStatus,
  TokenAttempt,
} from '../../protocol/wire/push-api.ts';
import { checkApp, requireRoom } from './admission.ts';
import { activateAttempt, isKnownAttempt, writeAttempt } from './attempts.ts';
import { requireAnswer } from './bouncer-refusals.ts';
import { type Caller, requireOwner } from './caller.ts';
import type { NotifyContext } from './context.ts';
import { checkKey, type KeyOutcome, lookUpKey, writeFirstAnswer, writeKey } from './keys.ts';
import { endBareOfSession } from './legacy-registrations.ts';
import { readOwnRegistration, readStatus } from './registration-status.ts';
import type { NotifyDatabase, NotifyTables } from './tables.ts';
import { secondsOf } from './time.ts';

/** POST /v1/push/registrations. @throws ProblemError */
export async function register(
  context: NotifyContext,
  caller: Caller,
  request: RegistrationRequest,
): Promise<RegistrationStatus> {
  checkApp(context, request);
  checkKey(context, request.key);
  const first = await applyRegistration(context, caller, request, null);
  if (first !== null) return first;
  const answer = await askForHandle(context, request, request.token);
  return (await applyRegistration(context, caller, request, answer)) as RegistrationStatus;
}

/** POST …/keys: a new key takes the place of the present one. @throws ProblemError */
export async function replaceKey(
  context: NotifyContext,
  caller: Caller,
  registrationId: string,
  key: DeviceKey,
): Promise<RegistrationStatus> {
  checkKey(context, key);
  return await context.database.transaction().execute(async (transaction) => {
    await readOwnRegistration(transaction, caller, registrationId);
    const outcome = await lookUpKey(transaction, caller, registrationId, key);
    return await applyKey(transaction, context, registrationId, key, outcome);
  });
}

/** POST …/tokens: another token, or the same one again after its handle went. @throws ProblemError */
export async function replaceToken(
  context: NotifyContext,
  caller: Caller,
  registrationId: string,
  token: TokenAttempt,
): Promise<RegistrationStatus> {
  const { database, now } = context;
  const registration = await readOwnRegistration(database, caller, registrationId);
  if (!(await isKnownAttempt(database, registrationId, token))) {
    const answer = await askForHandle(context, registration, token);
    await database.transaction().execute(async (transaction) => {
      await readOwnRegistration(transaction, caller, registrationId);
      if (await isKnownAttempt(transaction, registrationId, token)) return;
      await writeAttempt(transaction, context, registrationId, token, answer);
    });
  }
  return await readStatus(database, registration, now());
}

/** POST …/confirmations: the answer to the challenge goes on to the bouncer. @throws ProblemError */
export async function confirm(
  context: NotifyContext,
  caller: Caller,
  registrationId: string,
  { attempt, challenge, confirmation }: ConfirmationBody,
): Promise<RegistrationStatus> {
  const { database, bouncer, now } = context;
  const registration = await readOwnRegistration(database, caller, registrationId);
  const row = await database
    .selectFrom('push_attempts')
    .select(['handle', 'state'])
    .where('registration_id', '=', registrationId)
    .where('attempt', '=', attempt)
    .executeTakeFirst();
  if (row === undefined || row.state === 'gone' || row.state === 'refused') {
    throw new ProblemError('confirmation_refused');
  }
  if (row.state === 'pending') {
    const reply = await bouncer.confirmHandle({ handle: row.handle, challenge, confirmation });
    if (reply.kind === 'problem' && reply.code === 'unknown_handle') {
      await endAttempt(database, registrationId, attempt);
      throw new ProblemError('confirmation_refused');
    }
    if (requireAnswer(reply).state !== 'active') throw new ProblemError('confirmation_refused');
    await database.transaction().execute(async (transaction) => {
      await readOwnRegistration(transaction, caller, registrationId);
      await activateAttempt(transaction, context, registrationId, attempt);
    });
  }
  return await readStatus(database, registration, now());
}

/** GET …: the state at app start. @throws ProblemError `unknown_registration` */
export async function readRegistration(
  { database, now }: NotifyContext,
  caller: Caller,
  registrationId: string,
): Promise<RegistrationStatus> {
  const registration = await readOwnRegistration(database, caller, registrationId);
  return await readStatus(database, registration, now());
}

/** Writes it all, or answers null if a handle is needed first. */
async function applyRegistration(
  context: NotifyContext,
  caller: Caller,
  request: RegistrationRequest,
  answer: HandleAnswer | null,
): Promise<RegistrationStatus | null> {
  const id = request.registration_id;
  return await context.database.transaction().execute(async (transaction) => {
    const known = await readKnown(transaction, caller, request);
    const outcome = await lookUpKey(transaction, caller, id, request.key);
    if (outcome.kind === 'replaced') return await applyKey(transaction, context, id, request.key, outcome);
    const needsHandle = !(known && (await isKnownAttempt(transaction, id, request.token)));
    if (needsHandle && answer === null) return null;
    if (!known) await writeRegistration(transaction, context, caller, request);
    if (needsHandle && answer !== null) await writeAttempt(transaction, context, id, request.token, answer);
    await rememberE2ee(transaction, context, caller, request);
    return await applyKey(transaction, context, id, request.key, outcome);
  });
}

/** Whether it exists. @throws ProblemError `unknown_registration`, `registration_conflict`, `rate_limited` */
async function readKnown(
  transaction: NotifyDatabase,
  caller: Caller,
  request: RegistrationRequest,
): Promise<boolean> {
  const row = await transaction
    .selectFrom('push_registrations')
    .selectAll()
    .where('registration_id', '=', request.registration_id)
    .executeTakeFirst();
  if (row !== undefined) {
    requireOwner(row, caller);
    if (row.kind === 'bare') return false;
    const same =
      row.app_id === request.app_id &&
      row.platform === request.platform &&
      row.environment === request.environment;
    if (!same) throw new ProblemError('registration_conflict');
    return true;
  }
  await requireRoom(transaction, caller.user);
  return false;
}

async function writeRegistration(
  transaction: NotifyDatabase,
  { now }: NotifyContext,
  caller: Caller,
  request: RegistrationRequest,
): Promise<void> {
  await endBareOfSession(transaction, caller);
  const row: NotifyTables['push_registrations'] = {
    registration_id: request.registration_id,
    user_id: caller.user,
    session_id: caller.session,
    kind: 'sealed',
    app_id: request.app_id,
    platform: request.platform,
    environment: request.environment,
    attempt: request.token.attempt,
    handle: null,
    handle_state: 'none',
    handle_since: 0,
    kid: request.key.kid,
    counter: 0,
    last_sent_at: 0,
    unread: 0,
    last_background_at: 0,
    background_due_at: null,
    created_at: now(),
  };
  await transaction.insertInto('push_registrations').values(row).execute();
}

async function applyKey(
  transaction: NotifyDatabase,
  context: NotifyContext,
  registrationId: string,
  key: DeviceKey,
  outcome: KeyOutcome,
): Promise<RegistrationStatus> {
  const now = context.now();
  if (outcome.kind === 'replaced') {
    // The time is not part of what is repeated: apps set their clocks by it.
    return { ...outcome.firstAnswer, server_time: secondsOf(now) };
  }
  if (outcome.kind === 'new') await writeKey(transaction, context, registrationId, key);
  const status = await readStatus(transaction, { registration_id: registrationId }, now);
  if (outcome.kind === 'new') await writeFirstAnswer(transaction, status);
  return status;
}

/** A device that had a key is never sent a redacted notification again, unless it says so or its user removes it. */
async function rememberE2ee(
  transaction: NotifyDatabase,
  { now }: NotifyContext,
  caller: Caller,
  request: RegistrationRequest,
): Promise<void> {
  const required = request.e2ee_required ? 1 : 0;
  await transaction
    .insertInto('push_e2ee_devices')
    .values({
      user_id: caller.user,
      registration_id: request.registration_id,
      session_id: caller.session,
      e2ee_required: required,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['user_id', 'registration_id'])
        .doUpdateSet({ session_id: caller.session, e2ee_required: required }),
    )
    .execute();
  await transaction
    .insertInto('push_users')
    .values({ user_id: caller.user, e2ee_since: now() })
    .onConflict((conflict) =>
      conflict.column('user_id').doUpdateSet((column) => ({
        e2ee_since: column.fn.coalesce('push_users.e2ee_since', 'excluded.e2ee_since'),
      })),
    )
    .execute();
}

async function askForHandle(
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

async function endAttempt(database: NotifyDatabase, registrationId: string, attempt: string): Promise<void> {
  await database
    .updateTable('push_attempts')
    .set({ state: 'gone' })
    .where('registration_id', '=', registrationId)
    .where('attempt', '=', attempt)
    .execute();
}
