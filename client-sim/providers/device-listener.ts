// The listener for phones and for control: HTTPS, JSON, bounded bodies, errors that are one word.
import Fastify, { type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import type { TlsFiles } from './apns-listener.ts';
import { addControlRoutes, type ControlRoutesOptions } from './control-routes.ts';
import { addDeviceRoutes } from './device-routes.ts';
import { controlBodyBytesMax } from './limits.ts';

export function buildDeviceListener(tls: TlsFiles, options: ControlRoutesOptions): FastifyInstance {
  const app = Fastify({
    https: tls,
    bodyLimit: controlBodyBytesMax,
    forceCloseConnections: true,
  }) as unknown as FastifyInstance;
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setNotFoundHandler((_request, reply) => reply.code(404).send({ error: 'not_found' }));
  app.setErrorHandler((error: { statusCode?: number }, _request, reply) => {
    const status = error.statusCode ?? 500;
    return reply.code(status).send({ error: errorWords.get(status) ?? 'internal' });
  });
  addDeviceRoutes(app, options);
  addControlRoutes(app, options);
  return app;
}

const errorWords: ReadonlyMap<number, string> = new Map([
  [400, 'invalid_request'],
  [413, 'too_large'],
  [415, 'unsupported_media_type'],
]);
