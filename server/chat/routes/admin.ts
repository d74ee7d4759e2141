// Routes of the administrator: users, sessions, channels (docs/chat-api.md).
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { ProblemError } from '../../../protocol/wire/problem.ts';
import { hashCredential, isCredential, parseBearer } from '../../credentials.ts';
import { writeChannel } from '../conversations.ts';
import { CHANNEL_MEMBERS_MAX, chatIdSchema, NAME_CHARACTERS_MAX, wellFormedSchema } from '../ids.ts';
import { createSession } from '../sessions.ts';
import { removeUser, writeUser } from '../users.ts';
import type { ChatContext } from './context.ts';

/** A channel of 20,000 members fits. */
const CHANNEL_BODY_BYTES_MAX = 1024 * 1024;

const nameSchema = wellFormedSchema(1, NAME_CHARACTERS_MAX);
const userSchema = z.strictObject({ user: chatIdSchema, name: nameSchema });
const userParameters = z.strictObject({ user: chatIdSchema });
const sessionSchema = z.strictObject({ user: chatIdSchema });
const channelSchema = z.strictObject({
  channel: chatIdSchema,
  name: nameSchema,
  members: z.array(chatIdSchema).max(CHANNEL_MEMBERS_MAX),
});

/** Adds the routes; they take the administrator's credential only. */
export function addAdminRoutes(app: FastifyInstance, { database, push, ...context }: ChatContext): void {
  const adminKeyHash = hashCredential(context.adminKey);
  void app.register(async (scope) => {
    scope.addHook('onRequest', async (request) => {
      const credential = parseBearer(request.headers.authorization);
      if (credential === null || !isCredential(credential, adminKeyHash)) {
        throw new ProblemError('not_authenticated');
      }
    });
    const routes = scope.withTypeProvider<ZodTypeProvider>();
    routes.post('/v1/chat/users', { schema: { body: userSchema } }, async ({ body }, reply) => {
      await writeUser(database, push, body.user, body.name);
      return reply.code(201).send({ user: body.user });
    });
    routes.delete('/v1/chat/users/:user', { schema: { params: userParameters } }, async (request, reply) => {
      await removeUser(database, push, request.params.user);
      return reply.code(204).send();
    });
    routes.post('/v1/chat/sessions', { schema: { body: sessionSchema } }, async ({ body }, reply) => {
      const { randomBytes, now } = context;
      const token = await createSession(database, body.user, randomBytes, now());
      return reply.code(201).send({ session_token: token });
    });
    routes.post(
      '/v1/chat/channels',
      { schema: { body: channelSchema }, bodyLimit: CHANNEL_BODY_BYTES_MAX },
      async ({ body }, reply) => {
        await writeChannel(database, body.channel, body.name, body.members);
        return reply.code(201).send({ channel: body.channel });
      },
    );
  });
}
