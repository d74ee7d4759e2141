// What anybody may ask: versions, the signed list of keys, and whether the process is well (SPEC.md section 13).
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { sql } from 'kysely';
import { z } from 'zod';
import { bouncerVersionsSchema, signedKeyListSchema } from '../../protocol/wire/bouncer-api.ts';
import type { RouteParts } from './routes.ts';

const statusSchema = z.object({ status: z.literal('ok') });

export function addAboutRoutes(app: FastifyInstance, parts: RouteParts): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.get('/v1', { schema: { response: { 200: bouncerVersionsSchema } } }, async () => ({
    versions: [{ version: 1, end_of_life: null }],
    bouncer_time: Math.floor(parts.now() / 1000),
  }));
  routes.get('/v1/bouncer-keys', { schema: { response: { 200: signedKeyListSchema } } }, async () => {
    return parts.keys().signedList;
  });
  routes.get('/livez', { schema: { response: { 200: statusSchema } } }, async () => ({
    status: 'ok' as const,
  }));
  routes.get('/readyz', { schema: { response: { 200: statusSchema } } }, async () => {
    await sql`select 1`.execute(parts.batch.store.database);
    return { status: 'ok' as const };
  });
}
