// What the operating system of a phone would give to the app: a push token, and whatever arrives for it.
import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Clock } from './clock.ts';
import type { DeliverySink, Device } from './device.ts';
import type { Devices } from './devices.ts';
import { deliveryBacklogBytesMax } from './limits.ts';

export interface DeviceRoutesOptions {
  clock: Clock;
  devices: Devices;
}

const appId = z.string().regex(/^[A-Za-z0-9._-]{1,255}$/);

const installSchema = z.discriminatedUnion('platform', [
  z.strictObject({
    platform: z.literal('apns'),
    environment: z.enum(['production', 'sandbox']),
    app_id: appId,
  }),
  z.strictObject({ platform: z.literal('fcm'), environment: z.literal(''), app_id: appId }),
]);

export function addDeviceRoutes(app: FastifyInstance, { clock, devices }: DeviceRoutesOptions): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();

  routes.post('/devices', { schema: { body: installSchema } }, (request, reply) => {
    const { platform, environment, app_id } = request.body;
    const device = devices.install(platform === 'fcm' ? 'fcm' : environment, app_id);
    if (device === null) return reply.code(507).send({ error: 'too_many_devices' });
    return reply.code(201).send({ device_id: device.id, token: device.token });
  });

  routes.get('/devices/:deviceId/deliveries', { schema: { params: deviceParams } }, (request, reply) => {
    const device = devices.read(request.params.deviceId);
    if (device === null) return sendUnknownDevice(reply);
    reply.hijack();
    stream(reply.raw, device, clock);
    return reply;
  });

  routes.delete('/devices/:deviceId', { schema: { params: deviceParams } }, (request, reply) => {
    const device = devices.read(request.params.deviceId);
    if (device === null) return sendUnknownDevice(reply);
    devices.uninstall(device);
    return reply.code(204).send();
  });

  routes.post('/devices/:deviceId/token', { schema: { params: deviceParams } }, (request, reply) => {
    const device = devices.read(request.params.deviceId);
    if (device === null) return sendUnknownDevice(reply);
    if (!devices.rotateToken(device)) return reply.code(507).send({ error: 'too_many_devices' });
    return reply.send({ token: device.token });
  });
}

export const deviceParams: z.ZodType<{ deviceId: string }> = z.strictObject({
  deviceId: z.string().min(1).max(64),
});

export function sendUnknownDevice(reply: FastifyReply): FastifyReply {
  return reply.code(404).send({ error: 'unknown_device' });
}

// The phone is online for as long as this response is open.
function stream(response: ServerResponse, device: Device, clock: Clock): void {
  const sink: DeliverySink = {
    write(line) {
      if (response.destroyed || response.writableEnded) return false;
      if (response.writableLength > deliveryBacklogBytesMax) {
        response.destroy();
        return false;
      }
      response.write(line);
      return true;
    },
    end: () => response.end(),
  };
  response.writeHead(200, { 'content-type': 'application/x-ndjson', 'cache-control': 'no-store' });
  response.flushHeaders();
  response.on('error', () => response.destroy());
  response.once('close', () => device.detach(sink));
  device.attach(sink, clock.nowMs());
}
