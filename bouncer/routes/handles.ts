// POST /v1/handles, /v1/handles/confirmation, /v1/handles/removal, /v1/bare-handles (SPEC.md section 13).
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import {
  bareHandleAnswerSchema,
  bareHandleRequestSchema,
  confirmationRequestSchema,
  handleAnswerSchema,
  handleRequestSchema,
  removalRequestSchema,
} from '../../protocol/wire/bouncer-api.ts';
import { requestBareHandle } from '../registration/bare-handles.ts';
import { removeHandles } from '../store/handles.ts';
import { addCaller, callerOf } from './caller.ts';
import type { RouteParts } from './routes.ts';

export function addHandleRoutes(app: FastifyInstance, parts: RouteParts): void {
  const { registration, apps, batch } = parts;
  const nowSeconds = () => Math.floor(parts.now() / 1000);
  const routes = app.withTypeProvider<ZodTypeProvider>();
  const onRequest = addCaller(batch.store.database);
  routes.post(
    '/v1/handles',
    { onRequest, schema: { body: handleRequestSchema, response: { 200: handleAnswerSchema } } },
    async (request) => await registration.request(callerOf(request), request.body, nowSeconds()),
  );
  routes.post(
    '/v1/handles/confirmation',
    { onRequest, schema: { body: confirmationRequestSchema, response: { 200: handleAnswerSchema } } },
    async (request) => await registration.confirm(callerOf(request), request.body, nowSeconds()),
  );
  routes.post(
    '/v1/handles/removal',
    { onRequest, schema: { body: removalRequestSchema } },
    async (request, reply) => {
      await removeHandles(batch.store.database, callerOf(request).origin, request.body.handles, nowSeconds());
      return await reply.code(204).send();
    },
  );
  routes.post(
    '/v1/bare-handles',
    { onRequest, schema: { body: bareHandleRequestSchema, response: { 200: bareHandleAnswerSchema } } },
    async (request) =>
      await requestBareHandle(batch.store, apps, callerOf(request), request.body, nowSeconds()),
  );
}
