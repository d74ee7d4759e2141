// The HTTP side of the server: limits, strict JSON, problem answers, and the check of the origin it is reached under.
// Routes are added by chat/routes and notify/routes.
import { readFileSync } from 'node:fs';
import Fastify, {
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
} from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { textOf } from '../protocol/wire/bytes.ts';
import { BODY_BYTES_MAX } from '../protocol/wire/limits.ts';
import { ProblemError } from '../protocol/wire/problem.ts';
import type { Listening } from './config.ts';
import type { Log } from './log/log.ts';
import { answerBrokenSocket, answerProblems, problemOf, sendProblem } from './problem-answers.ts';
import { buildRouteTable } from './route-table.ts';

const REQUEST_MILLISECONDS_MAX = 30_000;
const IDLE_MILLISECONDS_MAX = 60_000;
const HEADER_BYTES_MAX = 8 * 1024;
const PARAMETER_CHARACTERS_MAX = 64;

export interface AppOptions {
  /** The origin of the discovery document; a request to another host is answered `wrong_origin`. */
  readonly origin: string;
  readonly listening: Listening;
  readonly log: Log;
}

/** An app without routes, not listening yet. */
export function buildApp({ origin, listening, log }: AppOptions): FastifyInstance {
  const http = { maxHeaderSize: HEADER_BYTES_MAX };
  const options = {
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MILLISECONDS_MAX,
    keepAliveTimeout: IDLE_MILLISECONDS_MAX,
    routerOptions: { maxParamLength: PARAMETER_CHARACTERS_MAX },
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    exposeHeadRoutes: false,
    clientErrorHandler: answerBrokenSocket,
    frameworkErrors: (error: FastifyError, _request: FastifyRequest, reply: FastifyReply) => {
      sendProblem(reply, problemOf(error));
    },
  } as const;
  const app: FastifyInstance =
    listening.kind === 'tls'
      ? (Fastify({ ...options, https: { ...http, ...tlsOptions(listening) } }) as unknown as FastifyInstance)
      : Fastify({ ...options, http });
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  takeStrictJson(app);
  answerProblems(app, buildRouteTable(app), log);
  checkHost(app, new URL(origin).host);
  return app;
}

/**
 * What TLS is spoken: 1.3 only, with the hybrid key exchange for every client that has it, also where it would rather
 * take another (chain values come this way). Read again when the files change.
 */
export function tlsOptions(listening: Extract<Listening, { kind: 'tls' }>): {
  cert: Buffer;
  key: Buffer;
  minVersion: 'TLSv1.3';
  ecdhCurve: string;
} {
  return {
    cert: readFileSync(listening.certFile),
    key: readFileSync(listening.keyFile),
    minVersion: 'TLSv1.3',
    // The slash ends the groups that a client with any of them is asked to take.
    ecdhCurve: 'X25519MLKEM768/X25519:P-256',
  };
}

/** JSON of valid UTF-8 only: a decoder that repairs would let two different bodies mean the same. */
function takeStrictJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    const text = typeof body === 'string' ? body : textOf(body);
    if (text === null || text === '') return done(new ProblemError('malformed_json'));
    parse(request, text, (error, value) => {
      if (error) done(new ProblemError('malformed_json'));
      else done(null, value);
    });
  });
}

/** A server that is reached under another name must not answer as if it were this one (SPEC.md section 5). */
function checkHost(app: FastifyInstance, host: string): void {
  app.addHook('onRequest', async (request) => {
    if (request.headers.host !== host) throw new ProblemError('wrong_origin');
  });
}
