// One stream until the first accepted push: what a burst meets, and what it meets after the first 200.
import type { ClientHttp2Session } from 'node:http2';
import { connect as connectTls } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { connectTo, sendPush } from './apns-client.ts';
import { type Field, startField } from './field.ts';

let field: Field;
let session: ClientHttp2Session;
let token: string;
let jwt: string;
beforeAll(async () => {
  field = await startField();
  jwt = await field.providerToken(field.keys.main);
});
afterAll(() => field.close());
beforeEach(async () => {
  token = (await field.install('apns')).token;
  session = connectTo(field.addresses.apns, field.ca);
});
afterEach(() => session.destroy());

const burst = () => Promise.all(Array.from({ length: 100 }, () => sendPush(session, { token, jwt })));

async function settings(): Promise<number | undefined> {
  const current = session.remoteSettings?.maxConcurrentStreams;
  return (
    current ??
    new Promise((resolve) => session.once('remoteSettings', (s) => resolve(s.maxConcurrentStreams)))
  );
}

test('a burst before the first 200 is refused but for one', async () => {
  const before = (await field.record()).length;
  // A connection of its own: the burst goes out before the settings have come in.
  session.destroy();
  session = connectTo(field.addresses.apns, field.ca);
  const outcomes = await burst();
  expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(outcomes.filter(({ closed }) => closed === 'REFUSED_STREAM')).toHaveLength(99);
  // The refused ones never reached the service.
  expect((await field.record()).length - before).toBe(1);
});

test('after the first 200 a burst of 100 passes whole', async () => {
  expect(await settings()).toBe(1);
  expect(await sendPush(session, { token, jwt })).toMatchObject({ status: 200 });
  expect(session.remoteSettings.maxConcurrentStreams).toBe(1000);
  const outcomes = await burst();
  expect(outcomes.filter(({ status }) => status === 200)).toHaveLength(100);
});

test('a refused push does not open the connection', async () => {
  expect(await sendPush(session, { token: 'ab'.repeat(32), jwt })).toMatchObject({ status: 400 });
  expect(await sendPush(session, { token, jwt: 'abc' })).toMatchObject({ status: 403 });
  expect(session.remoteSettings.maxConcurrentStreams).toBe(1);
});

test('the limit after the first push is a setting, and reaches open connections', async () => {
  expect((await field.call('POST', '/control/streams', { after_first: 7 })).status).toBe(204);
  await sendPush(session, { token, jwt });
  expect(session.remoteSettings.maxConcurrentStreams).toBe(7);
  const changed = new Promise((resolve) => session.once('remoteSettings', resolve));
  await field.call('POST', '/control/streams', { after_first: 1000 });
  await changed;
  expect(session.remoteSettings.maxConcurrentStreams).toBe(1000);
});

test('a client that does not offer h2 is not served', async () => {
  const { hostname, port } = new URL(field.addresses.apns);
  const socket = connectTls({
    host: hostname,
    port: Number(port),
    ca: field.ca,
    ALPNProtocols: ['http/1.1'],
  });
  const end = await new Promise((resolve) => {
    socket.on('error', () => resolve('refused'));
    socket.on('data', () => resolve('served'));
    socket.on('close', () => resolve('refused'));
    socket.write('POST /3/device/00 HTTP/1.1\r\nhost: x\r\ncontent-length: 0\r\n\r\n');
  });
  expect(end).toBe('refused');
});
