// POST /v1/notifications, /v1/legacy-notifications and /v1/cleartext-notifications (SPEC.md sections 13 and 14).
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import {
  type NotificationResult,
  type NotificationsAnswer,
  notificationsAnswerSchema,
  notificationsRequestSchema,
} from '../../protocol/wire/bouncer-api.ts';
import { NOTIFICATIONS_BODY_BYTES_MAX } from '../../protocol/wire/limits.ts';
import { ProblemError } from '../../protocol/wire/problem.ts';
import { type ContentFreeText, joinable, literal } from '../log/content-free.ts';
import { sendBatch } from '../notify/batch.ts';
import { type ParseOrder, parseLegacyOrder, parseSealedOrder } from '../notify/order.ts';
import { addCaller, callerOf } from './caller.ts';
import type { RouteParts } from './routes.ts';

export function addNotificationRoutes(app: FastifyInstance, parts: RouteParts): void {
  addBatchRoute(app, parts, '/v1/notifications', literal('notifications'), parseSealedOrder);
  addBatchRoute(app, parts, '/v1/legacy-notifications', literal('legacy-notifications'), parseLegacyOrder);
  app.post('/v1/cleartext-notifications', { onRequest: addCaller(parts.batch.store.database) }, async () => {
    throw new ProblemError('cleartext_disabled');
  });
}

function addBatchRoute(
  app: FastifyInstance,
  parts: RouteParts,
  path: string,
  route: ContentFreeText,
  parse: ParseOrder,
): void {
  const { batch } = parts;
  app.withTypeProvider<ZodTypeProvider>().post(
    path,
    {
      onRequest: addCaller(batch.store.database),
      bodyLimit: NOTIFICATIONS_BODY_BYTES_MAX,
      schema: { body: notificationsRequestSchema, response: { 200: notificationsAnswerSchema } },
    },
    async (request): Promise<NotificationsAnswer> => {
      const caller = callerOf(request);
      const results = await sendBatch(batch, caller, request.body.notifications, parse);
      batch.log('notified', { route, server: joinable(caller.serverId), ...countResults(results) });
      return { results };
    },
  );
}

function countResults(results: readonly NotificationResult[]): Record<NotificationResult['status'], number> {
  const counts = { accepted: 0, gone: 0, retry: 0, refused: 0 };
  for (const { status } of results) counts[status] += 1;
  return counts;
}
