// The bouncer's own credentials: APNs provider tokens and Google's access tokens, seldom made and never too late.
import { generateKeyPairSync } from 'node:crypto';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApnsProviderToken } from '../../bouncer/providers/apns/provider-token.ts';
import type { Credential } from './call.ts';
import { Field } from './field.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const MINUTE = 60;
/** A border of the grid, in unix seconds. */
const BORDER = 45 * MINUTE * 700_000;

const makeToken = () => new ApnsProviderToken('TEAM123456', 'KEY1234567', privateKey);
const iatOf = async (token: ApnsProviderToken, now: number) => Number(decodeJwt(await token.read(now)).iat);

test('a provider token names team and key, and many processes sign the same time', async () => {
  const jwt = await makeToken().read(BORDER + 10 * MINUTE);
  expect(decodeProtectedHeader(jwt)).toEqual({ alg: 'ES256', kid: 'KEY1234567' });
  expect(decodeJwt(jwt)).toEqual({ iss: 'TEAM123456', iat: BORDER });
  expect(await iatOf(makeToken(), BORDER + 44 * MINUTE)).toBe(BORDER);
});

test('it is signed anew after 45 minutes, never older than an hour, never of the future', async () => {
  const token = makeToken();
  const ages = [];
  let signatures = 0;
  let last = '';
  for (let now = BORDER + 17 * MINUTE; now < BORDER + 600 * MINUTE; now += 30) {
    const jwt = await token.read(now);
    if (jwt !== last) signatures += 1;
    last = jwt;
    ages.push(now - Number(decodeJwt(jwt).iat));
  }
  expect(Math.max(...ages)).toBeLessThanOrEqual(46 * MINUTE);
  expect(Math.min(...ages)).toBeGreaterThanOrEqual(0);
  expect(signatures).toBe(14);
});

test('one that a clock ahead has signed is given up when the clock is set right', async () => {
  const token = makeToken();
  await token.read(BORDER + 1440 * MINUTE + 10 * MINUTE);
  expect(await iatOf(token, BORDER + 10 * MINUTE)).toBe(BORDER);
  expect(await iatOf(token, BORDER + 12 * MINUTE)).toBe(BORDER);
});

test('an expired one is signed anew, but not before it is 20 minutes old', async () => {
  const token = makeToken();
  const now = BORDER + 30 * MINUTE;
  const first = await token.read(now);
  expect(await token.renew(first, now)).toBe(true);
  const second = await token.read(now);
  expect(decodeJwt(second).iat).toBe(now);
  expect(await token.renew(second, now + 19 * MINUTE)).toBe(false);
  // Another request that still had the first one just takes the second.
  expect(await token.renew(first, now + MINUTE)).toBe(true);
  expect(await token.read(now + MINUTE)).toBe(second);
  expect(await token.renew(second, now + 20 * MINUTE)).toBe(true);
  // The next border lies too near to this one to be signed.
  const fresh = makeToken();
  await fresh.renew(await fresh.read(BORDER + 40 * MINUTE), BORDER + 40 * MINUTE);
  const iats = [];
  for (let later = BORDER + 40 * MINUTE; later < BORDER + 200 * MINUTE; later += MINUTE) {
    iats.push(await iatOf(fresh, later));
  }
  const updates = [...new Set(iats)];
  for (const [i, iat] of updates.entries()) {
    if (i > 0) expect(iat - Number(updates[i - 1])).toBeGreaterThanOrEqual(20 * MINUTE);
  }
});

let field: Field;
let chat: Credential;
beforeAll(async () => {
  field = await Field.prepare();
  chat = await field.enrol('https://chat.example');
  await field.start();
});
afterAll(() => field.close());

const bearerTokens = async (provider: 'apns' | 'fcm') =>
  new Set(
    (await field.record())
      .filter((entry) => entry.provider === provider)
      .map((entry) => (entry.headers as Record<string, string>)['authorization']),
  );
const oauthRequests = async () => (await field.record()).filter((entry) => entry.provider === 'oauth').length;

test('an hour of pushes: the tokens are refreshed in time and seldom, and APNs refuses none', async () => {
  const iphone = (await field.register(chat, await field.install('apns'))).handle;
  const android = (await field.register(chat, await field.install('fcm'))).handle;
  for (let minutes = 0; minutes < 120; minutes += 8) {
    const results = await field.notify(chat, [field.item(iphone), field.item(android)]);
    expect(results, `after ${minutes} minutes`).toEqual([{ status: 'accepted' }, { status: 'accepted' }]);
    field.advance(8 * MINUTE);
  }
  expect((await bearerTokens('apns')).size).toBeLessThanOrEqual(4);
  // 80 % of 3,599 s is 48 minutes: three in two hours.
  expect(await oauthRequests()).toBe(3);
});

test('an APNs that calls a token expired gets another one where that is allowed', async () => {
  const { handle } = await field.register(chat, await field.install('apns'));
  const expired = { provider: 'apns', status: 403, reason: 'ExpiredProviderToken' };
  // To a moment at which the token of the grid is 26 minutes old.
  field.advance((26 * MINUTE - (field.nowSeconds % (45 * MINUTE)) + 45 * MINUTE) % (45 * MINUTE));
  await field.control('POST', '/control/faults', { ...expired, times: 1 });
  expect(await field.notify(chat, [field.item(handle)])).toEqual([{ status: 'accepted' }]);
  // The last signature is young now: no third one, and the item waits for the operator.
  await field.control('POST', '/control/faults', { ...expired, times: 1 });
  const held = { status: 'retry', after_seconds: 600 };
  expect(await field.notify(chat, [field.item(handle)])).toEqual([held]);
});
