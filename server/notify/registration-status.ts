// What an app is told of its registration (SPEC.md section 5), at its start and after every change.
import type { Selectable } from 'kysely';
import { KEY_AGE_DAYS_MAX } from '../../protocol/wire/limits.ts';
import { ProblemError } from '../../protocol/wire/problem.ts';
import type { AttemptState, RegistrationStatus } from '../../protocol/wire/push-api.ts';
import { type Caller, requireOwner } from './caller.ts';
import type { KeyState, NotifyDatabase, NotifyTables } from './tables.ts';
import { dayOf, secondsOf } from './time.ts';

type Registration = Selectable<NotifyTables['push_registrations']>;

/** The caller's own registration with a key. @throws ProblemError `unknown_registration`, `registration_conflict` */
export async function readOwnRegistration(
  transaction: NotifyDatabase,
  caller: Caller,
  registrationId: string,
): Promise<Registration> {
  const row = await transaction
    .selectFrom('push_registrations')
    .selectAll()
    .where('registration_id', '=', registrationId)
    .where('kind', '=', 'sealed')
    .executeTakeFirst();
  if (row === undefined) throw new ProblemError('unknown_registration');
  requireOwner(row, caller);
  return row;
}

/** The present state. */
export async function readStatus(
  transaction: NotifyDatabase,
  registration: Pick<Registration, 'registration_id'>,
  now: number,
): Promise<RegistrationStatus> {
  const { registration_id } = registration;
  const row = await transaction
    .selectFrom('push_registrations as r')
    .innerJoin('push_keys as k', (join) =>
      join.onRef('k.registration_id', '=', 'r.registration_id').onRef('k.kid', '=', 'r.kid'),
    )
    .innerJoin('push_attempts as a', (join) =>
      join.onRef('a.registration_id', '=', 'r.registration_id').onRef('a.attempt', '=', 'r.attempt'),
    )
    .select(['r.attempt', 'r.kid', 'r.counter', 'r.last_sent_at', 'k.suite', 'k.epoch'])
    .select(['k.state as key_state', 'k.day_zero', 'a.state as attempt_state', 'a.pending_until'])
    .where('r.registration_id', '=', registration_id)
    .executeTakeFirstOrThrow();
  return {
    registration_id,
    attempt: row.attempt,
    attempt_state: attemptState(row.attempt_state, row.pending_until, secondsOf(now)),
    key_state: keyState(row.key_state, dayOf(now) - row.day_zero),
    kid: row.kid,
    suite: row.suite,
    epoch: row.epoch,
    counter: row.counter,
    // Under this kid: the times go on over a replacement, but nothing was sealed under the new key yet.
    sent_at: row.counter === 0 ? 0 : row.last_sent_at,
    server_time: secondsOf(now),
  };
}

/** Nothing is sealed under a key that is too old, so the device is asked for another. */
function keyState(state: KeyState, ageDays: number): RegistrationStatus['key_state'] {
  if (state === 'lost') return state;
  return state !== 'live' || ageDays > KEY_AGE_DAYS_MAX ? 'replace' : 'live';
}

/** A pending attempt lapses by itself. */
function attemptState(state: AttemptState, pendingUntil: number, nowSeconds: number): AttemptState {
  return state === 'pending' && nowSeconds > pendingUntil ? 'gone' : state;
}
