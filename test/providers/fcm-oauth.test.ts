// The token endpoint: what it refuses, in Google's words, and how long an access token is good.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type AssertionChanges, type Field, startField } from './field.ts';

let field: Field;
beforeAll(async () => {
  field = await startField();
});
afterAll(() => field.close());

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

interface Case {
  name: string;
  error: string;
  description: RegExp;
  changes?: (now: number) => AssertionChanges;
}

const cases: Case[] = [
  {
    name: 'an unknown account',
    error: 'invalid_grant',
    description: /account not found/,
    changes: () => ({ claims: { iss: 'nobody@project-one.example' } }),
  },
  {
    name: 'the key of another account',
    error: 'invalid_grant',
    description: /Invalid JWT Signature/,
    changes: () => ({ privateKey: field.keys.otherProject.privateKey }),
  },
  {
    name: 'another algorithm',
    error: 'invalid_grant',
    description: /Invalid JWT Signature/,
    changes: () => ({ alg: 'RS512' }),
  },
  {
    name: 'another audience',
    error: 'invalid_grant',
    description: /audience/,
    changes: () => ({ claims: { aud: 'https://127.0.0.1:1/token' } }),
  },
  {
    name: 'an assertion that has expired',
    error: 'invalid_grant',
    description: /short-lived/,
    changes: (now) => ({ claims: { iat: now - 3700, exp: now - 100 } }),
  },
  {
    name: 'a life of more than an hour',
    error: 'invalid_grant',
    description: /short-lived/,
    changes: (now) => ({ claims: { exp: now + 3601 } }),
  },
  {
    name: 'an assertion of the future',
    error: 'invalid_grant',
    description: /short-lived/,
    changes: (now) => ({ claims: { iat: now + 600, exp: now + 1200 } }),
  },
  {
    name: 'no exp',
    error: 'invalid_grant',
    description: /well-formed/,
    changes: () => ({ claims: { exp: undefined } }),
  },
  {
    name: 'another scope',
    error: 'invalid_scope',
    description: /scope/,
    changes: () => ({ claims: { scope: 'https://www.googleapis.com/auth/drive' } }),
  },
  {
    name: 'no scope',
    error: 'invalid_scope',
    description: /scope/,
    changes: () => ({ claims: { scope: undefined } }),
  },
];

test.each(cases)('$name: $error', async ({ error, description, changes }) => {
  const assertion = await field.assertion(field.keys.project, changes?.(field.nowSeconds));
  const before = (await field.record()).length;
  const answer = await field.postForm({ grant_type: jwtBearer, assertion });
  expect(answer).toMatchObject({
    status: 400,
    body: { error, error_description: expect.stringMatching(description) },
  });
  const entry = (await field.record())[before];
  expect(entry).toMatchObject({ provider: 'oauth', status: 400, reason: error, outcome: 'refused' });
});

test('the form itself must be right', async () => {
  const assertion = await field.assertion(field.keys.project);
  const errors = [
    await field.postForm({ grant_type: 'password', assertion }),
    await field.postForm({ assertion }),
    await field.postForm({ grant_type: jwtBearer }),
    await field.postForm({ grant_type: jwtBearer, assertion: 'abc' }),
    await field.postForm({ grant_type: jwtBearer, assertion }, 'application/json'),
  ].map(({ status, body }) => [status, (body as { error: string }).error]);
  expect(errors).toEqual([
    [400, 'unsupported_grant_type'],
    [400, 'invalid_request'],
    [400, 'invalid_request'],
    [400, 'invalid_grant'],
    [400, 'invalid_request'],
  ]);
});

test('a good assertion becomes an access token of 3,599 seconds', async () => {
  const assertion = await field.assertion(field.keys.project);
  const before = (await field.record()).length;
  const answer = await field.postForm({ grant_type: jwtBearer, assertion });
  expect(answer).toMatchObject({
    status: 200,
    body: { access_token: expect.stringMatching(/^ya29\./), expires_in: 3599, token_type: 'Bearer' },
  });
  expect((await field.record())[before]).toMatchObject({
    provider: 'oauth',
    status: 200,
    outcome: 'answered',
  });
});

test('an access token ends by time, by revocation, and earlier when told to', async () => {
  const { token } = await field.install('fcm');
  const message = { message: { token, data: { e: 'x' } } };
  const status = async (access: string) => (await field.send(access, message)).status;

  const first = await field.accessToken(field.keys.project);
  expect(await status(first)).toBe(200);
  field.advance(3_598_000);
  expect(await status(first)).toBe(200);
  field.advance(1_000);
  expect(await status(first)).toBe(401);

  const second = await field.accessToken(field.keys.project);
  expect((await field.call('POST', '/control/oauth', { revoke: true })).status).toBe(204);
  expect(await status(second)).toBe(401);

  await field.call('POST', '/control/oauth', { expires_in: 10 });
  const third = await field.accessToken(field.keys.project);
  field.advance(9_000);
  expect(await status(third)).toBe(200);
  field.advance(1_000);
  expect(await status(third)).toBe(401);
  await field.call('POST', '/control/oauth', { expires_in: 3599 });
});
