// The authenticated caller of a request. It is known before the body is read, so that nobody else can make us read one.
import type { FastifyRequest, onRequestAsyncHookHandler } from 'fastify';
import { ProblemError } from '../../protocol/wire/problem.ts';
import { authenticate } from '../authentication.ts';
import type { BouncerDatabase } from '../store/database.ts';
import type { Caller } from '../store/servers.ts';

const CALLERS = new WeakMap<FastifyRequest, Caller>();

/** The hook that authenticates. */
export function addCaller(database: BouncerDatabase): onRequestAsyncHookHandler {
  return async (request) => {
    CALLERS.set(request, await authenticate(database, request));
  };
}

/** Fails closed: a route without the hook has no caller. @throws ProblemError `not_authenticated` */
export function callerOf(request: FastifyRequest): Caller {
  const caller = CALLERS.get(request);
  if (caller === undefined) throw new ProblemError('not_authenticated');
  return caller;
}
