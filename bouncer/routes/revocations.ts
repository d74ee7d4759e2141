// POST /v1/revocations (SPEC.md section 6): the app itself, without account. The answer never tells what came of it.
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { revocationRequestSchema } from '../../protocol/wire/bouncer-api.ts';
import type { RouteParts } from './routes.ts';

/** Anybody may send one; the largest has an origin of 255 bytes. */
const REVOCATION_BYTES_MAX = 1_024;

export function addRevocationRoute(app: FastifyInstance, parts: RouteParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.post(
    '/v1/revocations',
    { bodyLimit: REVOCATION_BYTES_MAX, schema: { body: revocationRequestSchema } },
    async (request, reply) => {
      await parts.registration.revoke(request.body, Math.floor(parts.now() / 1000));
      return await reply.code(204).send();
    },
  );
}
