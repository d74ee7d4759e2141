// What becomes of an error on its way out (SPEC.md section 11): one table from errors to problem codes. What it does
// not know becomes `internal`, and nothing of the error reaches the caller.
import type { Socket } from 'node:net';
import type { FastifyError, FastifyInstance, FastifyReply } from 'fastify';
import {
  buildProblem,
  PROBLEM_MEDIA_TYPE,
  type ProblemCode,
  ProblemError,
} from '../protocol/wire/problem.ts';
import { errorFields } from './log/content-free.ts';
import type { Log } from './log/log.ts';
import type { RouteTable } from './route-table.ts';

const FASTIFY_CODES: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  FST_ERR_VALIDATION: 'malformed_request',
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'malformed_request',
};

const SOCKET_CODES: Readonly<Record<string, ProblemCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  HPE_HEADER_OVERFLOW: 'headers_too_large',
};

/** Sets what is answered to failures of every kind. */
export function answerProblems(app: FastifyInstance, routes: RouteTable, log: Log): void {
  app.setErrorHandler((error: FastifyError, _request, reply) => {
    const problem = problemOf(error);
    if (problem.code === 'internal') log.write('request_failed', errorFields(error));
    return sendProblem(reply, problem);
  });
  app.setNotFoundHandler((request, reply) => {
    const methods = routes.methodsOf(request.url);
    if (methods.length === 0) return sendProblem(reply, new ProblemError('not_found'));
    return sendProblem(reply.header('allow', methods.join(', ')), new ProblemError('method_not_allowed'));
  });
}

/** The answer to bytes that are no HTTP request: there is no request object to answer through. */
export function answerBrokenSocket(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable || socket.destroyed) return;
  const problem = buildProblem(SOCKET_CODES[error.code ?? ''] ?? 'malformed_request');
  const body = JSON.stringify(problem);
  socket.end(
    `HTTP/1.1 ${problem.status} Refused\r\ncontent-type: ${PROBLEM_MEDIA_TYPE}\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

/** Answers with a problem. */
export function sendProblem(reply: FastifyReply, error: ProblemError): FastifyReply {
  const problem = buildProblem(error.code, error.extras);
  if (problem.code === 'not_authenticated') reply.header('www-authenticate', 'Bearer');
  if (problem.retry_after_seconds !== undefined) reply.header('retry-after', problem.retry_after_seconds);
  return reply
    .code(problem.status)
    .header('content-type', PROBLEM_MEDIA_TYPE)
    .serializer(JSON.stringify)
    .send(problem);
}

/** The problem that an error is told as. */
export function problemOf(error: FastifyError): ProblemError {
  if (error instanceof ProblemError) return error;
  if (error.validation !== undefined) return new ProblemError('malformed_request');
  return new ProblemError(FASTIFY_CODES[error.code] ?? 'internal');
}
