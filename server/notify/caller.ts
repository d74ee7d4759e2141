// Who a request of an app comes from. The chat server that uses the push side says so: it has the sessions.
import { ProblemError } from '../../protocol/wire/problem.ts';

export interface Caller {
  readonly user: string;
  readonly session: string;
}

/** The caller of an Authorization header. @throws ProblemError `not_authenticated` */
export type AuthenticateCaller = (authorization: string | undefined) => Promise<Caller>;

/** @throws ProblemError `registration_conflict` unless the registration is this session's. */
export function requireOwner(row: { user_id: string; session_id: string }, caller: Caller): void {
  if (row.user_id !== caller.user || row.session_id !== caller.session) {
    throw new ProblemError('registration_conflict');
  }
}
