// Registrations: an account on a device, with its key and its sealed token (SPEC.md section 5). The bouncer is asked
// between two transactions; until it has answered, nothing is written, so that a repetition with the same bytes works.
import type { HandleAnswer } from '../../protocol/wire/bouncer-api.ts';
import { ProblemError } from '../../protocol/wire/problem.ts';
import type { RegistrationRequest, RegistrationStatus } from '../../protocol/wire/push-api.ts';
import { checkApp, requireRoom } from './admission.ts';
import { askForHandle, isKnownAttempt, writeAttempt } from './attempts.ts';
import { type Caller, requireOwner } from './caller.ts';
import type { NotifyContext } from './context.ts';
import { hasEnded } from './ended-sessions.ts';
import { applyKey } from './key-answers.ts';
import { checkKey, lookUpKey } from './keys.ts';
import { moveBareAside } from './legacy-registrations.ts';
import type { NotifyDatabase, NotifyTables } from './tables.ts';

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
  const second = await applyRegistration(context, caller, request, answer);
  if (second === null) throw new ProblemError('not_authenticated');
  return second;
}

/** Writes it all, or answers null if a handle is needed first, or if the session has ended since. */
async function applyRegistration(
  context: NotifyContext,
  caller: Caller,
  request: RegistrationRequest,
  answer: HandleAnswer | null,
): Promise<RegistrationStatus | null> {
  const id = request.registration_id;
  return await context.database.transaction().execute(async (transaction) => {
    if (answer !== null && (await hasEnded(transaction, caller.session, answer.handle))) return null;
    const known = await readKnown(transaction, caller, request);
    const outcome = await lookUpKey(transaction, caller, id, request.key);
    if (outcome.kind === 'replaced') return await applyKey(transaction, context, id, request.key, outcome);
    const needsHandle = !(known && (await isKnownAttempt(transaction, id, request.token)));
    if (needsHandle && answer === null) return null;
    if (!known) await writeRegistration(transaction, context, caller, request);
    await rememberE2ee(transaction, context, caller, request);
    if (needsHandle && answer !== null) await writeAttempt(transaction, context, id, request.token, answer);
    return await applyKey(transaction, context, id, request.key, outcome);
  });
}

/** Whether it exists. @throws ProblemError `unknown_registration`, `registration_conflict`, `too_many_devices` */
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
  context: NotifyContext,
  caller: Caller,
  request: RegistrationRequest,
): Promise<void> {
  await moveBareAside(transaction, context, request.registration_id);
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
    created_at: context.now(),
  };
  await transaction.insertInto('push_registrations').values(row).execute();
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
