// Sessions: a bearer token of an id and a secret, of which only a hash is stored (docs/chat-api.md).
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { ProblemError } from '../../protocol/wire/problem.ts';
import { hashCredential, isCredential, parseBearer } from '../credentials.ts';
import type { PushService } from '../notify/push-service.ts';
import type { ChatDatabase } from './tables.ts';
import { requireUsers } from './users.ts';

const SESSION_ID_BYTES = 16;
const SECRET_BYTES = 32;
const TOKEN = /^([A-Za-z0-9_-]{22})\.([A-Za-z0-9_-]{43})$/;

/** Who a request comes from. */
export interface ChatSession {
  readonly user: string;
  readonly session: string;
}

/** A new session of a user; the token is shown this once. */
export async function createSession(
  database: ChatDatabase,
  user: string,
  randomBytes: (length: number) => Uint8Array,
  now: number,
): Promise<string> {
  const session = encodeBase64url(randomBytes(SESSION_ID_BYTES));
  const secret = encodeBase64url(randomBytes(SECRET_BYTES));
  // In one transaction: an account that is removed meanwhile gets none.
  await database.transaction().execute(async (transaction) => {
    await requireUsers(transaction, [user]);
    await transaction
      .insertInto('chat_sessions')
      .values({ session_id: session, user_id: user, secret_hash: hashCredential(secret), created_at: now })
      .execute();
  });
  return `${session}.${secret}`;
}

/** The session of an Authorization header. @throws ProblemError `not_authenticated` */
export async function authenticateSession(
  database: ChatDatabase,
  authorization: string | undefined,
): Promise<ChatSession> {
  const [, session = '', secret = ''] = TOKEN.exec(parseBearer(authorization) ?? '') ?? [];
  const row = await database
    .selectFrom('chat_sessions')
    .select(['user_id', 'secret_hash'])
    .where('session_id', '=', session)
    .executeTakeFirst();
  if (row === undefined || !isCredential(secret, row.secret_hash))
    throw new ProblemError('not_authenticated');
  return { user: row.user_id, session };
}

/** Ends all other sessions of a user: a phone that was lost, a password that others know. */
export async function endOtherSessions(
  database: ChatDatabase,
  push: PushService,
  { user, session }: ChatSession,
): Promise<void> {
  await database
    .transaction()
    .execute(async (transaction) => await revokeSessions(transaction, push, user, session));
  push.wake();
}

/** Ends the sessions of a user, but one. */
export async function revokeSessions(
  transaction: ChatDatabase,
  push: PushService,
  user: string,
  kept: string | null,
): Promise<void> {
  const ended = await transaction
    .deleteFrom('chat_sessions')
    .where('user_id', '=', user)
    .where('session_id', '!=', kept ?? '')
    .returning('session_id')
    .execute();
  for (const { session_id } of ended) await push.revokeSession(transaction, session_id);
}

/** Ends a session: what its devices hold of this server ends in the same transaction. */
export async function endSession(database: ChatDatabase, push: PushService, session: string): Promise<void> {
  await database.transaction().execute(async (transaction) => {
    await deleteSession(transaction, session);
    await push.signOut(transaction, session);
  });
  push.wake();
}

/** The session is no more. */
export async function deleteSession(transaction: ChatDatabase, session: string): Promise<void> {
  await transaction.deleteFrom('chat_sessions').where('session_id', '=', session).execute();
}
