// The hand behind the stage, for tests and the demonstration: what the providers saw, and faults to order.
import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import { deviceParams, sendUnknownDevice } from './device-routes.ts';
import type { Devices } from './devices.ts';
import { type Faults, faultSchema } from './faults.ts';
import type { AccessTokens } from './fcm-oauth.ts';
import { accessTokenSecondsMax, apnsStreamsMax, clockAdvanceMsMax } from './limits.ts';
import type { ProviderRecord } from './record.ts';

export interface ControlRoutesOptions {
  clock: Clock;
  devices: Devices;
  record: ProviderRecord;
  faults: Faults;
  accessTokens: AccessTokens;
  allowStreams: (count: number) => void;
}

const recordQuery = z.strictObject({ after: z.coerce.number().int().min(0).default(0) });
const streamsBody = z.strictObject({ after_first: z.int().min(1).max(apnsStreamsMax) });
const clockBody = z.strictObject({ advance_ms: z.int().min(0).max(clockAdvanceMsMax) });
const dozeBody = z.strictObject({ dozing: z.boolean() });
const oauthBody = z.strictObject({
  expires_in: z.int().min(1).max(accessTokenSecondsMax).optional(),
  revoke: z.literal(true).optional(),
});

export function addControlRoutes(app: FastifyInstance, options: ControlRoutesOptions): void {
  const { clock, devices, record, faults, accessTokens, allowStreams } = options;
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.get('/control/record', { schema: { querystring: recordQuery } }, (request, reply) => {
    devices.expire();
    return reply.send({ entries: record.read(request.query.after) });
  });

  routes.get('/control/outcomes', (_request, reply) => {
    devices.expire();
    return reply.send(record.counts());
  });

  routes.post('/control/faults', { schema: { body: faultSchema } }, (request, reply) => {
    if (!faults.add(request.body)) return reply.code(507).send({ error: 'too_many_faults' });
    return reply.code(201).send({});
  });

  routes.delete('/control/faults', (_request, reply) => {
    faults.clear();
    return reply.code(204).send();
  });

  routes.post('/control/streams', { schema: { body: streamsBody } }, (request, reply) => {
    allowStreams(request.body.after_first);
    return reply.code(204).send();
  });

  routes.post('/control/clock', { schema: { body: clockBody } }, (request, reply) => {
    clock.advance(request.body.advance_ms);
    devices.expire();
    return reply.send({ now: clock.nowMs() });
  });

  routes.post('/control/oauth', { schema: { body: oauthBody } }, (request, reply) => {
    const { expires_in, revoke } = request.body;
    if (expires_in !== undefined) accessTokens.setLife(expires_in);
    if (revoke) accessTokens.revokeAll();
    return reply.code(204).send();
  });

  const dozeSchema = { params: deviceParams, body: dozeBody };
  routes.post('/control/devices/:deviceId/doze', { schema: dozeSchema }, (request, reply) => {
    const device = devices.read(request.params.deviceId);
    if (device === null) return sendUnknownDevice(reply);
    device.doze(request.body.dozing, clock.nowMs());
    return reply.code(204).send();
  });
}
