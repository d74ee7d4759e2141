// Discovery and the TLS in front of it (SPEC.md sections 4.1 and 5): what is told, what is not, and by which key exchange.
import { connect, type EphemeralKeyInfo } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { discoverySchema } from '../../protocol/wire/push-api.ts';
import { Field, until } from './field.ts';

let field: Field;

beforeAll(async () => {
  field = await Field.lay();
});
afterAll(async () => await field.clear());

async function discovery(): Promise<Record<string, unknown>> {
  await until(async () => (await field.call('GET', '/v1/push')).status === 200, 'the list');
  return (await field.call('GET', '/v1/push')).json;
}

const FIELDS = [
  'origin',
  'bouncer_origin',
  'bouncer_keys',
  'app_ids',
  'keep_days_max',
  'policy',
  'server_time',
];

test('discovery tells these things and no more: no suites, no versions to choose among [R-DIS-01]', async () => {
  await field.start();
  expect(Object.keys(await discovery()).sort()).toEqual(FIELDS.toSorted());
  await field.stop();
});

test('without another choice of its operator a server redacts [R-RED-09]', async () => {
  await field.start();
  expect((await discovery())['policy']).toBe('redact');
  await field.stop();
  await field.start({ SERVER_POLICY: 'require_e2ee' });
  expect((await discovery())['policy']).toBe('require_e2ee');
  await field.stop();
});

test('a server that has moved says so, under its own origin as before', async () => {
  await field.start({ SERVER_MOVED_TO: 'https://chat.example.net' });
  const told = await discovery();
  expect(Object.keys(told).sort()).toEqual([...FIELDS, 'moved'].sort());
  expect(discoverySchema.parse(told)).toMatchObject({
    origin: 'https://chat.example',
    moved: 'https://chat.example.net',
  });
  // Whoever was signed in is so still: nothing is redirected.
  const session = await field.addUser('alice');
  expect((await field.call('GET', '/v1/chat/unread', { token: session })).status).toBe(200);
  await field.stop();
});

test('the hybrid key exchange is spoken, and taken where a client has both', async () => {
  await field.start({
    SERVER_PROXY: undefined,
    SERVER_TLS_CERT_FILE: field.write('cert.pem', field.certificate.certPem),
    SERVER_TLS_KEY_FILE: field.write('key.pem', field.certificate.keyPem),
  });
  const { hostname, port } = new URL(field.address);
  const exchange = async (groups: string): Promise<string | undefined> =>
    await new Promise((resolve, reject) => {
      const options = { host: hostname, port: Number(port), ca: field.authority.certPem, ecdhCurve: groups };
      const socket = connect(options, () => {
        resolve((socket.getEphemeralKeyInfo() as EphemeralKeyInfo).name);
        socket.destroy();
      });
      socket.on('error', reject);
    });
  expect(await exchange('X25519MLKEM768')).toBe('X25519MLKEM768');
  expect(await exchange('X25519MLKEM768:X25519')).toBe('X25519MLKEM768');
  // A client that would rather take another has one more round trip.
  expect(await exchange('X25519:X25519MLKEM768')).toBe('X25519MLKEM768');
  expect(await exchange('X25519')).toBe('X25519');
  await field.stop();
});
