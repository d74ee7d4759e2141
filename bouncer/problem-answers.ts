// Errors as callers see them (SPEC.md section 11): one table, problem+json, a fixed text, nothing of the input.
import type { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import {
  buildProblem,
  PROBLEM_MEDIA_TYPE,
  type ProblemCode,
  ProblemError,
  type ProblemExtras,
} from '../protocol/wire/problem.ts';
import { errorCode, errorPlace } from './log/content-free.ts';
import type { Log } from './log/log.ts';

const AUTHENTICATE = 'Basic realm="bouncer", charset="UTF-8"';

/** Codes of fastify's own errors; what is not here is `internal`. */
const FASTIFY_CODES: Readonly<Record<string, ProblemCode>> = {
  FST_ERR_VALIDATION: 'malformed_request',
  FST_ERR_BAD_URL: 'malformed_request',
  FST_ERR_CTP_INVALID_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'malformed_json',
  FST_ERR_CTP_BODY_TOO_LARGE: 'body_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'malformed_request',
  FST_ERR_MAX_PARAM_LENGTH: 'malformed_request',
};

/** Answers with the problem that an error stands for. What is nobody's fault but ours is logged. */
export function answerProblem(log: Log, error: unknown, reply: FastifyReply): FastifyReply {
  if (error instanceof ProblemError) return send(reply, error.code, error.extras);
  const code = FASTIFY_CODES[errorCode(error)] ?? 'internal';
  if (code === 'internal') log('internal_error', { code: errorCode(error), place: errorPlace(error) });
  return send(reply, code, {});
}

function send(reply: FastifyReply, code: ProblemCode, extras: ProblemExtras): FastifyReply {
  const problem = buildProblem(code, extras);
  if (code === 'not_authenticated') reply.header('www-authenticate', AUTHENTICATE);
  if (problem.retry_after_seconds !== undefined) reply.header('retry-after', problem.retry_after_seconds);
  // Serialized here: the schemas of the routes are for successes.
  return reply.code(problem.status).type(PROBLEM_MEDIA_TYPE).serializer(JSON.stringify).send(problem);
}

const PARSER_CODES: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'headers_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
};

/** What is no HTTP request never reaches a route: it is answered on the socket. */
export function refuseBrokenRequest(error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const problem = buildProblem(PARSER_CODES[error.code ?? ''] ?? 'malformed_request');
  const body = JSON.stringify(problem);
  const head = [
    `HTTP/1.1 ${problem.status} ${REASON_PHRASE}`,
    `content-type: ${PROBLEM_MEDIA_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

const REASON_PHRASE = 'Refused';
