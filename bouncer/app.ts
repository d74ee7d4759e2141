// The bouncer's HTTP interface (SPEC.md section 13), wired: limits on what comes in, one way out for errors, the routes.
import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { BODY_BYTES_MAX } from '../protocol/wire/limits.ts';
import { ProblemError } from '../protocol/wire/problem.ts';
import { configured } from './log/content-free.ts';
import type { Log } from './log/log.ts';
import { answerProblem, refuseBrokenRequest } from './problem-answers.ts';
import { addRoutes, type RouteParts } from './routes/routes.ts';
import type { TlsFiles } from './tls-files.ts';

/** Whole request within this time; headers within less. Milliseconds. */
const REQUEST_MS = 30_000;
const HEADERS_MS = 10_000;
/** How often Node looks for requests that are too slow. */
const TIMEOUTS_CHECKED_MS = 2_000;
const KEEP_ALIVE_MS = 72_000;
const HEADER_BYTES_MAX = 16_384;
const PARAMETER_CHARACTERS_MAX = 100;

export interface AppParts extends RouteParts {
  readonly log: Log;
  /** TLS with this certificate; null for plain HTTP behind a proxy. */
  readonly tls: TlsFiles | null;
  /** Whether the process is about to stop: new requests go elsewhere. */
  readonly isStopping: () => boolean;
}

export function buildApp(parts: AppParts): FastifyInstance {
  const app = fastify(buildOptions(parts)) as FastifyInstance;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.removeContentTypeParser('text/plain');
  app.setErrorHandler((error, _request, reply) => answerProblem(parts.log, error, reply));
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0] ?? '';
    const others = ['GET', 'POST'].filter((method) => app.hasRoute({ method, url: path }));
    if (others.length > 0) reply.header('allow', others.join(', '));
    return answerProblem(
      parts.log,
      new ProblemError(others.length > 0 ? 'method_not_allowed' : 'not_found'),
      reply,
    );
  });
  app.addHook('onRequest', async (_request, reply) => {
    reply.header('cache-control', 'no-store');
    if (parts.isStopping()) throw new ProblemError('shutting_down');
  });
  app.addHook('onSend', async (_request, reply) => {
    // A connection that is kept alive would hold up the stop.
    if (parts.isStopping()) reply.header('connection', 'close');
  });
  app.addHook('onResponse', async (request, reply) => {
    parts.log('answered', {
      route: configured(request.routeOptions.url ?? 'none'),
      http_status: reply.statusCode,
      duration_ms: Math.round(reply.elapsedTime),
    });
  });
  addRoutes(app, parts);
  return app;
}

function buildOptions(parts: AppParts): FastifyServerOptions {
  const server = {
    maxHeaderSize: HEADER_BYTES_MAX,
    headersTimeout: HEADERS_MS,
    connectionsCheckingInterval: TIMEOUTS_CHECKED_MS,
  };
  const options: FastifyServerOptions = {
    logger: false,
    bodyLimit: BODY_BYTES_MAX,
    requestTimeout: REQUEST_MS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    routerOptions: { maxParamLength: PARAMETER_CHARACTERS_MAX },
    exposeHeadRoutes: false,
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    clientErrorHandler: refuseBrokenRequest,
    frameworkErrors: (error, _request, reply) => answerProblem(parts.log, error, reply),
  };
  const { tls } = parts;
  const secure = tls === null ? { http: server } : { https: { ...server, ...tls, minVersion: 'TLSv1.2' } };
  return { ...options, ...secure } as FastifyServerOptions;
}
