// Routes of a user's session: messages, read marks, levels, sign-out (docs/chat-api.md).
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { writeLevel } from '../conversations.ts';
import {
  CLIENT_MESSAGE_ID_CHARACTERS_MAX,
  chatIdSchema,
  DIRECT_MEMBERS_MAX,
  MESSAGES_PER_PAGE_MAX,
  MESSAGES_PER_READ_MAX,
  NAME_CHARACTERS_MAX,
  TEXT_CHARACTERS_MAX,
  wellFormedSchema,
} from '../ids.ts';
import { readMessages } from '../inbox.ts';
import { acceptMessage } from '../messages.ts';
import { markRead } from '../read-marks.ts';
import { authenticateSession, type ChatSession, endOtherSessions, endSession } from '../sessions.ts';
import { readUnread } from '../users.ts';
import type { ChatContext } from './context.ts';

/** 20,000 characters in their longest JSON form, and 2,000 members, fit. */
const MESSAGE_BODY_BYTES_MAX = 512 * 1024;
const MESSAGES_PER_PAGE_DEFAULT = 100;

const messageSchema = z.strictObject({
  conversation: z.union([
    z.strictObject({ direct: z.array(chatIdSchema).min(1).max(DIRECT_MEMBERS_MAX) }),
    z.strictObject({ channel: chatIdSchema, topic: wellFormedSchema(0, NAME_CHARACTERS_MAX) }),
  ]),
  text: wellFormedSchema(0, TEXT_CHARACTERS_MAX),
  client_message_id: wellFormedSchema(1, CLIENT_MESSAGE_ID_CHARACTERS_MAX).optional(),
});
const pageSchema = z.strictObject({
  after: wholeNumber(0, Number.MAX_SAFE_INTEGER).default(0),
  limit: wholeNumber(1, MESSAGES_PER_PAGE_MAX).default(MESSAGES_PER_PAGE_DEFAULT),
});
const readSchema = z.strictObject({
  message_ids: z.array(z.int().min(1)).min(1).max(MESSAGES_PER_READ_MAX),
});
const levelSchema = z.strictObject({ level: z.enum(['all', 'mentions', 'none']) });
const channelParameters = z.strictObject({ channel: chatIdSchema });

/** Adds the routes; they take a session's token only. */
export function addSessionRoutes(app: FastifyInstance, { database, push, now }: ChatContext): void {
  void app.register(async (scope) => {
    const sessions = new WeakMap<FastifyRequest, ChatSession>();
    const sessionOf = (request: unknown): ChatSession =>
      sessions.get(request as FastifyRequest) as ChatSession;
    scope.addHook('onRequest', async (request) => {
      sessions.set(request, await authenticateSession(database, request.headers.authorization));
    });
    const routes = scope.withTypeProvider<ZodTypeProvider>();
    routes.post(
      '/v1/chat/messages',
      { schema: { body: messageSchema }, bodyLimit: MESSAGE_BODY_BYTES_MAX },
      async (request, reply) => {
        const id = await acceptMessage(database, push, sessionOf(request), request.body, now());
        return reply.code(201).send({ message_id: id });
      },
    );
    routes.get('/v1/chat/messages', { schema: { querystring: pageSchema } }, async (request) => {
      const { after, limit } = request.query;
      return { messages: await readMessages(database, sessionOf(request).user, after, limit) };
    });
    routes.post('/v1/chat/read', { schema: { body: readSchema } }, async (request, reply) => {
      await markRead(database, push, sessionOf(request), request.body.message_ids, now());
      return reply.code(204).send();
    });
    routes.get('/v1/chat/unread', async (request) => ({
      count: await readUnread(database, sessionOf(request).user),
    }));
    routes.put(
      '/v1/chat/channels/:channel/notifications',
      { schema: { params: channelParameters, body: levelSchema } },
      async (request, reply) => {
        const { user } = sessionOf(request);
        await writeLevel(database, request.params.channel, user, request.body.level);
        return reply.code(204).send();
      },
    );
    routes.delete('/v1/chat/sessions', async (request, reply) => {
      await endOtherSessions(database, push, sessionOf(request));
      return reply.code(204).send();
    });
    routes.delete('/v1/chat/session', async (request, reply) => {
      await endSession(database, push, sessionOf(request).session);
      return reply.code(204).send();
    });
  });
}

/** A whole number in a query string. */
function wholeNumber(min: number, max: number) {
  return z
    .string()
    .regex(/^[0-9]{1,16}$/)
    .transform(Number)
    .pipe(z.int().min(min).max(max));
}
