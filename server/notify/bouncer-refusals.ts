// What an app is told when the bouncer did not do what was asked: what it may know, it is told; the rest is the
// server's own trouble with the bouncer.
import { type ProblemCode, ProblemError } from '../../protocol/wire/problem.ts';
import type { Reply } from './bouncer-client.ts';

const RETRY_AFTER_SECONDS_DEFAULT = 5;

/** Codes that are about what the app sent. */
const RELAYED: ReadonlySet<ProblemCode> = new Set<ProblemCode>([
  'unknown_app',
  'wrong_environment',
  'push_token_refused',
  'stale_request',
  'attempt_conflict',
  'confirmation_refused',
  'bare_tokens_refused',
  'rate_limited',
]);

/** The body of an answer. @throws ProblemError for everything else. */
export function requireAnswer<Body>(reply: Reply<Body>): Body {
  if (reply.kind === 'answer') return reply.body;
  if (reply.kind === 'unanswered') throw unavailable(undefined);
  if (RELAYED.has(reply.code)) {
    const asked = reply.retryAfterSeconds;
    throw new ProblemError(reply.code, {
      retry_after_seconds: reply.code === 'rate_limited' ? (asked ?? RETRY_AFTER_SECONDS_DEFAULT) : asked,
      bouncer_time: reply.bouncerTime,
    });
  }
  if (reply.status >= 500) throw unavailable(reply.retryAfterSeconds);
  throw new ProblemError('bouncer_refused');
}

/** 503 always says when to come again. */
export function unavailable(retryAfterSeconds: number | undefined): ProblemError {
  return new ProblemError('bouncer_unavailable', {
    retry_after_seconds: retryAfterSeconds ?? RETRY_AFTER_SECONDS_DEFAULT,
  });
}
