// The interface for apps (SPEC.md section 13): discovery without login, the rest with the session of the chat server.
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { registrationIdSchema } from '../../../protocol/wire/ids.ts';
import {
  confirmationBodySchema,
  deviceKeySchema,
  deviceListSchema,
  discoverySchema,
  legacyRegistrationRequestSchema,
  legacyRegistrationSchema,
  registrationRequestSchema,
  registrationStatusSchema,
  tokenAttemptSchema,
} from '../../../protocol/wire/push-api.ts';
import type { BouncerKeys } from '../bouncer-keys.ts';
import { unavailable } from '../bouncer-refusals.ts';
import type { Caller, Sessions } from '../caller.ts';
import type { NotifyContext } from '../context.ts';
import { readDeviceList } from '../device-list.ts';
import { endSessionRegistrations, removeRegistration } from '../end-registrations.ts';
import { registerLegacy } from '../legacy-registrations.ts';
import { confirm, readRegistration, replaceKey, replaceToken } from '../registration-changes.ts';
import { register } from '../registrations.ts';
import { secondsOf } from '../time.ts';

const parameters = z.strictObject({ registration_id: registrationIdSchema });
const status = { 200: registrationStatusSchema };
const ONE = '/v1/push/registrations/:registration_id';

export interface PushRouteOptions {
  readonly context: NotifyContext;
  readonly bouncerKeys: BouncerKeys;
  readonly sessions: Sessions;
  /** A handle was given back: the loop that tells the bouncer has something to do. */
  readonly wakeRemovals: () => void;
}

/** Adds the routes. */
export function addPushRoutes(app: FastifyInstance, options: PushRouteOptions): void {
  addDiscovery(app, options);
  void app.register(async (scope) => {
    const callers = new WeakMap<FastifyRequest, Caller>();
    const callerOf = (request: unknown): Caller => callers.get(request as FastifyRequest) as Caller;
    scope.addHook('onRequest', async (request) => {
      callers.set(request, await options.sessions.authenticate(request.headers.authorization));
    });
    addRegistrationRoutes(scope, options, callerOf);
    addAttemptRoutes(scope, options, callerOf);
  });
}

function addDiscovery(app: FastifyInstance, { context, bouncerKeys }: PushRouteOptions): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.get('/v1/push', { schema: { response: { 200: discoverySchema } } }, async () => {
    const { list } = bouncerKeys;
    if (list === null) throw unavailable(undefined);
    return {
      origin: context.origin,
      bouncer_origin: context.bouncer.origin,
      bouncer_keys: list,
      app_ids: context.appIds,
      keep_days_max: context.keepDaysMax,
      policy: context.policy,
      ...(context.movedTo !== null && { moved: context.movedTo }),
      server_time: secondsOf(context.now()),
    };
  });
}

type CallerOf = (request: unknown) => Caller;

function addRegistrationRoutes(scope: FastifyInstance, options: PushRouteOptions, callerOf: CallerOf): void {
  const { context, sessions, wakeRemovals } = options;
  const whileSignedIn = buildSessionGuard(options, callerOf);
  const routes = scope.withTypeProvider<ZodTypeProvider>();
  routes.post(
    '/v1/push/registrations',
    { schema: { body: registrationRequestSchema, response: status } },
    async (request) =>
      await whileSignedIn(request, async (caller) => await register(context, caller, request.body)),
  );
  routes.get(
    '/v1/push/registrations',
    { schema: { response: { 200: deviceListSchema } } },
    async (request) => await readDeviceList(context, callerOf(request)),
  );
  routes.get(
    ONE,
    { schema: { params: parameters, response: status } },
    async (request) => await readRegistration(context, callerOf(request), request.params.registration_id),
  );
  routes.delete(ONE, { schema: { params: parameters } }, async (request, reply) => {
    const { registration_id } = request.params;
    await removeRegistration(context, callerOf(request), registration_id, sessions.endSession);
    wakeRemovals();
    return await reply.code(204).send();
  });
  routes.post(
    '/v1/push/legacy-registrations',
    { schema: { body: legacyRegistrationRequestSchema, response: { 200: legacyRegistrationSchema } } },
    async (request) =>
      await whileSignedIn(request, async (caller) => await registerLegacy(context, caller, request.body)),
  );
}

/** The bouncer's answer takes a while: what a session made that has ended meanwhile must not outlive it. */
function buildSessionGuard({ context, sessions, wakeRemovals }: PushRouteOptions, callerOf: CallerOf) {
  return async <Made>(
    request: { headers: { authorization?: string | undefined } },
    make: (caller: Caller) => Promise<Made>,
  ): Promise<Made> => {
    const caller = callerOf(request);
    const made = await make(caller);
    try {
      await sessions.authenticate(request.headers.authorization);
    } catch (error) {
      await context.database
        .transaction()
        .execute(async (transaction) => await endSessionRegistrations(transaction, caller.session));
      wakeRemovals();
      throw error;
    }
    return made;
  };
}

function addAttemptRoutes(
  scope: FastifyInstance,
  { context, wakeRemovals }: PushRouteOptions,
  callerOf: CallerOf,
): void {
  const routes = scope.withTypeProvider<ZodTypeProvider>();
  routes.post(
    `${ONE}/keys`,
    { schema: { params: parameters, body: deviceKeySchema, response: status } },
    async (request) =>
      await replaceKey(context, callerOf(request), request.params.registration_id, request.body),
  );
  routes.post(
    `${ONE}/tokens`,
    { schema: { params: parameters, body: tokenAttemptSchema, response: status } },
    async (request) =>
      await replaceToken(context, callerOf(request), request.params.registration_id, request.body),
  );
  routes.post(
    `${ONE}/confirmations`,
    { schema: { params: parameters, body: confirmationBodySchema, response: status } },
    async (request) => {
      const { registration_id } = request.params;
      const answer = await confirm(context, callerOf(request), registration_id, request.body);
      // The handle before this one, if there was one, is given back.
      wakeRemovals();
      return answer;
    },
  );
}
