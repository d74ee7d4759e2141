// The end of registrations: keys first, then what waits, then the handles, which are given back to the bouncer.
import { ProblemError } from '../../protocol/wire/problem.ts';
import { joinable } from '../log/content-free.ts';
import type { Caller, EndSession } from './caller.ts';
import type { NotifyContext } from './context.ts';
import { writeEndedSession } from './ended-sessions.ts';
import { postponeRemoval, queueRemovals } from './handle-removal.ts';
import { sealLastWords } from './last-words.ts';
import type { NotifyDatabase } from './tables.ts';

/**
 * DELETE …: a user may end any of their devices, a lost one above all. Another session than the caller's ends with its
 * device, which would register again otherwise. @throws ProblemError `unknown_registration`
 */
export async function removeRegistration(
  context: NotifyContext,
  caller: Caller,
  registrationId: string,
  endSession: EndSession,
): Promise<void> {
  const { database, log, now } = context;
  await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .selectFrom('push_registrations')
      .select('session_id')
      .where('registration_id', '=', registrationId)
      .where('user_id', '=', caller.user)
      .executeTakeFirst();
    if (row === undefined) throw new ProblemError('unknown_registration');
    if (row.session_id === caller.session) await endRegistrations(transaction, [registrationId]);
    else {
      await endSession(transaction, row.session_id);
      await writeEndedSession(transaction, row.session_id, now());
      await revokeSessionRegistrations(transaction, context, row.session_id);
    }
    // The user's own word: this device may be registered without E2EE again.
    await transaction
      .deleteFrom('push_e2ee_devices')
      .where('user_id', '=', caller.user)
      .where('registration_id', '=', registrationId)
      .execute();
  });
  log.write('registration_ended', { device: joinable(registrationId) });
}

/** Ends what a session registered. That its device had a key is not forgotten. */
export async function endSessionRegistrations(transaction: NotifyDatabase, session: string): Promise<void> {
  const rows = await transaction
    .selectFrom('push_registrations')
    .select('registration_id')
    .where('session_id', '=', session)
    .execute();
  await endRegistrations(
    transaction,
    rows.map(({ registration_id }) => registration_id),
  );
}

/**
 * Ends what a session registered that somebody else has ended: its device is told to ask. The keys go in this
 * transaction, the handles when there was time to tell.
 */
export async function revokeSessionRegistrations(
  transaction: NotifyDatabase,
  context: NotifyContext,
  session: string,
): Promise<void> {
  const registrations = await transaction
    .selectFrom('push_registrations')
    .selectAll()
    .where('session_id', '=', session)
    .execute();
  const told = await sealLastWords(transaction, context, registrations);
  await endRegistrations(
    transaction,
    registrations.map(({ registration_id }) => registration_id),
  );
  for (const { handle, until } of told) await postponeRemoval(transaction, handle, until);
}

/** Ends everything of an account, and forgets it. Sessions that ended with it are revoked before. */
export async function endUser(transaction: NotifyDatabase, user: string): Promise<void> {
  const rows = await transaction
    .selectFrom('push_registrations')
    .select('registration_id')
    .where('user_id', '=', user)
    .execute();
  await endRegistrations(
    transaction,
    rows.map(({ registration_id }) => registration_id),
  );
  await transaction.deleteFrom('push_e2ee_devices').where('user_id', '=', user).execute();
  await transaction.deleteFrom('push_users').where('user_id', '=', user).execute();
}

/** Ends registrations with all that belongs to them. */
export async function endRegistrations(transaction: NotifyDatabase, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await transaction.deleteFrom('push_keys').where('registration_id', 'in', ids).execute();
  await transaction
    .deleteFrom('push_outbox')
    .where('registration_id', 'in', ids)
    .where('last_handle', 'is', null)
    .execute();
  await transaction.deleteFrom('push_tests').where('registration_id', 'in', ids).execute();
  const attempts = await transaction
    .deleteFrom('push_attempts')
    .where('registration_id', 'in', ids)
    .returning(['handle', 'state'])
    .execute();
  const registrations = await transaction
    .deleteFrom('push_registrations')
    .where('registration_id', 'in', ids)
    .returning('handle')
    .execute();
  const handles = new Set<string>();
  for (const { handle, state } of attempts) if (state !== 'gone') handles.add(handle);
  for (const { handle } of registrations) if (handle !== null) handles.add(handle);
  await queueRemovals(transaction, [...handles]);
}
