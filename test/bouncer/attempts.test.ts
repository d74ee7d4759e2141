// Attempts over time: what is remembered for how long, what a wrong confirmation leaves, and that nobody waits for the
// challenge (SPEC.md sections 5.4, 6.1 and 6.4).
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isOpening } from '../../bouncer/sealing-keys.ts';
import { openDatabase } from '../../bouncer/store/database.ts';
import { deleteForgotten } from '../../bouncer/store/handles.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import type { Credential } from './call.ts';
import { type Attempt, Field, until } from './field.ts';

const DAY_SECONDS = 86_400;
let field: Field;
let chat: Credential;

beforeAll(async () => {
  field = await Field.prepare();
  chat = await field.enrol('https://chat.example');
  await field.start();
});
afterAll(() => field.close());

const request = async (attempt: Attempt) =>
  await field.call('POST', '/v1/handles', { as: chat, body: attempt.body });
const confirm = async (body: unknown) =>
  await field.call('POST', '/v1/handles/confirmation', { as: chat, body });

async function forget(): Promise<void> {
  const database = openDatabase(field.environment['BOUNCER_DATABASE_FILE'] as string);
  await deleteForgotten(database, field.nowSeconds);
  await database.destroy();
}

test('a wrong confirmation leaves the handle pending: the right one still makes it active [R-HND-09]', async () => {
  const attempt = field.seal(await field.install('fcm'), chat.origin);
  const { handle } = (await request(attempt)).body;
  const right = field.confirmation(handle, attempt, await field.challengeOf(attempt));
  const wrong = await confirm({ ...right, confirmation: encodeBase64url(new Uint8Array(32)) });
  expect(wrong.body.code).toBe('confirmation_refused');
  expect((await request(attempt)).body.state).toBe('pending');
  expect((await confirm(right)).body.state).toBe('active');
});

test('every attempt has a challenge and a handle of its own, also for the same token [R-CHA-01] [R-HND-01]', async () => {
  const device = await field.install('fcm');
  const attempts = [field.seal(device, chat.origin), field.seal(device, chat.origin)];
  const handles = [];
  for (const attempt of attempts) handles.push((await request(attempt)).body.handle);
  const challenges = await Promise.all(attempts.map((attempt) => field.challengeOf(attempt)));
  const [first, second] = challenges.map(({ challenge }) => challenge);
  expect(first).toHaveLength(16);
  expect(first).not.toEqual(second);
  expect(handles[0]).not.toBe(handles[1]);
});

test('the answer comes before the challenge: a provider that does not answer holds nothing up [R-CHA-02]', async () => {
  await field.control('POST', '/control/faults', { provider: 'fcm', hold_ms: 1500, times: 1 });
  const device = await field.install('fcm');
  const attempt = field.seal(device, chat.origin);
  expect((await request(attempt)).body.state).toBe('pending');
  expect(await field.findChallenge(attempt)).toBeUndefined();
  await until(async () => (await field.findChallenge(attempt)) !== undefined, 'the challenge');
});

test('an active attempt answers the same blob as long as its handle lives, however old it is [R-HND-04] [R-HND-07]', async () => {
  const { handle, attempt } = await field.register(chat, await field.install('fcm'));
  field.advance(3 * DAY_SECONDS);
  await forget();
  expect((await request(attempt)).body).toMatchObject({ handle, state: 'active' });
});

test('one that did not become active is remembered for 25 hours, and then too old [R-HND-07]', async () => {
  const attempt = field.seal(await field.install('fcm'), chat.origin);
  const { handle } = (await request(attempt)).body;
  field.advance(90_000 - 10);
  await forget();
  expect((await request(attempt)).body).toMatchObject({ handle, state: 'ended' });
  field.advance(20);
  await forget();
  expect((await request(attempt)).body.code).toBe('stale_request');
});

test('a sealing key opens for 90 days after its not_after, and not a second longer [R-LST-12]', async () => {
  const notAfter = 1_800_000_000;
  expect(isOpening(notAfter, notAfter + 90 * DAY_SECONDS - 1)).toBe(true);
  expect(isOpening(notAfter, notAfter + 90 * DAY_SECONDS)).toBe(false);
  const last = field.sealingKey.notAfter + 90 * DAY_SECONDS;
  field.advance(last - field.nowSeconds + 5);
  const late = field.seal(await field.install('fcm'), chat.origin);
  expect((await request(late)).body.code).toBe('push_token_refused');
});
