// The connections of the app (SPEC.md section 4.1): chain[0] travels in them.
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TlsOptions } from 'node:tls';
import { expect, onTestFinished, test } from 'vitest';
import { createAuthority, issueCertificate } from '../../client-sim/certificates.ts';
import { callHttps, createAgent } from '../../client-sim/phone/https-client.ts';
import { buildProblem } from '../../protocol/wire/problem.ts';

/** What the app makes of a server that speaks like this. */
async function call(
  options: TlsOptions,
  listener: RequestListener = (_request, response) => void response.end('{"a":1}'),
): Promise<unknown> {
  const authority = await createAuthority();
  const { certPem, keyPem } = await issueCertificate(authority, { hosts: ['127.0.0.1'] });
  const server = createServer({ cert: certPem, key: keyPem, ...options }, listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const agent = createAgent(authority.certPem);
  onTestFinished(async () => {
    await agent.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return callHttps(agent, { method: 'GET', url, credential: 'session' });
}

test('TLS 1.3, and nothing older [R-KEY-01]', async () => {
  expect(await call({ minVersion: 'TLSv1.3' })).toEqual({ a: 1 });
  await expect(call({ maxVersion: 'TLSv1.2' })).rejects.toMatchObject({ code: 'unreachable' });
});

test('X25519MLKEM768 is offered; a server without it is spoken to all the same', async () => {
  expect(await call({ ecdhCurve: 'X25519MLKEM768' })).toEqual({ a: 1 });
  expect(await call({ ecdhCurve: 'X25519' })).toEqual({ a: 1 });
});

test.each([301, 302, 307, 308])('%i is not followed: a credential goes to one origin', async (status) => {
  let calls = 0;
  const redirect = call({}, (_request, response) => {
    calls += 1;
    response.writeHead(status, { location: '/elsewhere' }).end();
  });
  await expect(redirect).rejects.toMatchObject({ code: 'answer_malformed', retryable: false });
  expect(calls).toBe(1);
});

test('wrong_origin is told as it is [R-ORI-05]', async () => {
  const answer = call({}, (_request, response) => {
    response.writeHead(421).end(JSON.stringify(buildProblem('wrong_origin')));
  });
  await expect(answer).rejects.toMatchObject({ code: 'wrong_origin', retryable: false });
});
