// Who a request of an app comes from. The chat server that uses the push side says so: it has the sessions.
import { ProblemError } from '../../protocol/wire/problem.ts';
import type { NotifyDatabase } from './tables.ts';

export interface Caller {
  readonly user: string;
  readonly session: string;
}

/** The caller of an Authorization header. @throws ProblemError `not_authenticated` */
export type AuthenticateCaller = (authorization: string | undefined) => Promise<Caller>;

/** Ends a session, in the transaction in which its devices end. */
export type EndSession = (transaction: NotifyDatabase, session: string) => Promise<void>;

/** What the push side asks of the chat server that uses it. */
export interface Sessions {
  readonly authenticate: AuthenticateCaller;
  readonly endSession: EndSession;
}

/**
 * A registration is its session's alone. Of another user's nothing is said, not even that it exists.
 * @throws ProblemError `unknown_registration`, `registration_conflict`
 */
export function requireOwner(row: { user_id: string; session_id: string }, caller: Caller): void {
  if (row.user_id !== caller.user) throw new ProblemError('unknown_registration');
  if (row.session_id !== caller.session) throw new ProblemError('registration_conflict');
}
