// What an app does with its registration after it was made (SPEC.md sections 4.3, 4.4 and 6): another key, another token,
// the answer to the challenge, the question at its start.
import { ProblemError } from '../../protocol/wire/problem.ts';
import type {
  ConfirmationBody,
  DeviceKey,
  RegistrationStatus,
  TokenAttempt,
} from '../../protocol/wire/push-api.ts';
import { activateAttempt, askForHandle, endAttempt, isKnownAttempt, writeAttempt } from './attempts.ts';
import { requireAnswer } from './bouncer-refusals.ts';
import type { Caller } from './caller.ts';
import type { NotifyContext } from './context.ts';
import { applyKey } from './key-answers.ts';
import { checkKey, lookUpKey } from './keys.ts';
import { readOwnRegistration, readStatus } from './registration-status.ts';

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
