// The second try of a challenge (SPEC.md section 6.4): iOS may have missed the alert while the app was starting. It comes
// after 30 seconds, so this takes as long.
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Credential } from './call.ts';
import { type Attempt, Field } from './field.ts';

const RETRY_MS = 30_000;
let field: Field;
let chat: Credential;

beforeAll(async () => {
  field = await Field.prepare();
  await field.start();
  chat = await field.enrol('https://chat.example');
});
afterAll(async () => await field.close());

const challenges = async (attempt: Attempt) =>
  (await field.pushesTo(attempt.device)).map(({ body, headers }) => ({
    c: JSON.parse(body).c ?? JSON.parse(body).message?.data?.c,
    type: (headers as Record<string, string>)['apns-push-type'],
  }));

test('what an iPhone has not confirmed after 30 s is pushed once more, in the background', {
  timeout: 60_000,
}, async () => {
  const request = async (platform: 'apns' | 'fcm') => {
    const attempt = field.seal(await field.install(platform), chat.origin);
    await field.call('POST', '/v1/handles', { as: chat, body: attempt.body });
    await field.challengeOf(attempt);
    return attempt;
  };
  const { attempt: confirmed } = await field.register(chat, await field.install('apns'));
  const android = await request('fcm');
  const began = performance.now();
  const iphone = await request('apns');
  while ((await challenges(iphone)).length < 2) {
    expect(performance.now() - began).toBeLessThan(RETRY_MS + 10_000);
    await new Promise((wake) => setTimeout(wake, 250));
  }
  expect(performance.now() - began).toBeGreaterThan(RETRY_MS - 1000);
  const [first, second, ...more] = await challenges(iphone);
  expect(more).toEqual([]);
  expect([first?.type, second?.type]).toEqual(['alert', 'background']);
  expect(second?.c).toBe(first?.c);
  expect(await challenges(confirmed)).toHaveLength(1);
  expect(await challenges(android)).toHaveLength(1);
});
