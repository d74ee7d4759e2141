// Delivery with a bouncer that says no, later, or nothing (SPEC.md section 13): what is sent again, what ends, what is
// taken back.
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { LegacyNotificationItem } from '../../protocol/wire/bouncer-api.ts';
import { APP_ID, Field, until } from './field.ts';
import { id, Phone } from './phone.ts';
import type { Received } from './strict-bouncer.ts';

let field: Field;
let bob: string;
let users = 0;

beforeAll(async () => {
  field = await Field.lay();
  await field.start();
  bob = await field.addUser('bob', 'Bob');
});
afterEach(() => {
  field.bouncer.weather = { kind: 'fair' };
  field.bouncer.hold = undefined;
  field.bouncer.judge = () => ({ status: 'accepted' });
});
afterAll(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

/** A user of this test alone, with a phone. */
async function alice(platform: 'apns' | 'fcm' = 'fcm') {
  users += 1;
  const user = `alice-${users}`;
  const session = await field.addUser(user, 'Alice');
  return { user, session, phone: await Phone.active(field, session, platform) };
}

test('what is to be retried or unanswered is sent again with the same bytes [R-NOT-11] [R-NOT-12]', async () => {
  const { user, phone } = await alice();
  const answers = ['retry', 'cut', 'problem', 'accepted'];
  const seen: Received[] = [];
  field.bouncer.judge = (received) => {
    seen.push(received);
    const answer = answers[seen.length - 1];
    if (answer === 'retry') return { status: 'retry', after_seconds: 0 };
    return { status: 'accepted' };
  };
  await field.send(bob, { direct: [user] }, 'stubborn');
  await until(() => seen.length === 1, 'the first try');
  field.bouncer.weather = { kind: 'cut' };
  const tries = () => field.bouncer.paths.filter((path) => path === 'POST /v1/notifications').length;
  const before = tries();
  await until(() => tries() > before, 'the try that is cut');
  field.bouncer.weather = { kind: 'problem', code: 'internal' };
  const cut = tries();
  await until(() => tries() > cut, 'the try that is answered with 500');
  field.bouncer.weather = { kind: 'fair' };
  await until(() => seen.length === 2, 'the last try');
  expect(seen[1]?.item).toEqual(seen[0]?.item);
  expect(phone.payloads.length).toBe(2);
  // Accepted is accepted: there is no third.
  await field.send(bob, { direct: [user] }, 'another');
  await until(() => seen.length === 3, 'another');
  expect(phone.open(phone.envelopes[2]?.envelope as string)).toMatchObject({ message: { text: 'another' } });
});

test('nothing is sent before the time that the bouncer asked for', async () => {
  const { user, phone } = await alice();
  field.bouncer.weather = { kind: 'problem', code: 'rate_limited', retryAfter: 2 };
  const tries = () => field.bouncer.paths.filter((path) => path === 'POST /v1/notifications').length;
  const before = tries();
  await field.send(bob, { direct: [user] }, 'patience');
  await until(() => tries() === before + 1, 'the first try');
  const refusedAt = Date.now();
  field.bouncer.weather = { kind: 'fair' };
  await until(() => phone.envelopes.length === 1, 'the second try');
  expect(Date.now() - refusedAt).toBeGreaterThan(1800);
});

test('an item that is refused ends, and its neighbours do not', async () => {
  const { user, phone } = await alice();
  const other = await alice();
  field.bouncer.judge = ({ handle }) =>
    phone.envelopes.length > 0 &&
    field.bouncer.receivedBy(phone.request.token.sealed_token)[0]?.handle === handle
      ? { status: 'refused', code: 'provider_refused' }
      : { status: 'accepted' };
  await field.send(bob, { direct: [user, other.user] }, 'one of two');
  await until(() => other.phone.envelopes.length === 1, 'the neighbour');
  const last = await field.send(bob, { direct: [other.user] }, 'after');
  await until(() => other.phone.envelopes.length === 2, 'after');
  expect(last).toBeGreaterThan(0);
  expect(phone.envelopes.length).toBe(1);
  expect((await phone.status()).json.attempt_state).toBe('active');
});

test('gone clears the handle and never the key; the app heals with a new token [R-NOT-05] [R-NOT-06]', async () => {
  const { user, session, phone } = await alice();
  field.bouncer.judge = () => ({ status: 'gone', since: Math.floor(Date.now() / 86_400_000) * 86_400 });
  await field.send(bob, { direct: [user] }, 'to nowhere');
  await until(async () => (await phone.status()).json.attempt_state === 'gone', 'gone');
  expect((await phone.status()).json).toMatchObject({ kid: phone.request.key.kid, key_state: 'live' });
  const list = await field.call('GET', '/v1/push/registrations', { token: session });
  expect(list.json.devices[0].state).toBe('gone');
  field.bouncer.judge = () => ({ status: 'accepted' });
  await field.send(bob, { direct: [user] }, 'nobody is told');
  const legacy = {
    registration_id: id(16),
    app_id: APP_ID,
    platform: 'fcm',
    environment: '',
    token: id(100),
  };
  const refused = await field.call('POST', '/v1/push/legacy-registrations', { token: session, body: legacy });
  expect(refused.json.code).toBe('e2ee_required');
  const token = new Phone(field, session).request.token;
  await phone.call('POST', '/tokens', token);
  expect((await phone.confirm(token)).json.attempt_state).toBe('active');
  await field.send(bob, { direct: [user] }, 'well again');
  await until(() => field.bouncer.receivedBy(token.sealed_token).length === 1, 'the message');
  expect(phone.envelopes.length).toBe(1);
});

test('gone since before the activation is not believed [R-NOT-07]', async () => {
  const { user, phone } = await alice();
  let told = 0;
  field.bouncer.judge = () => {
    told += 1;
    return told === 1
      ? { status: 'gone', since: Math.floor(Date.now() / 1000) - 3 * 86_400 }
      : { status: 'accepted' };
  };
  await field.send(bob, { direct: [user] }, 'still here');
  await until(() => phone.envelopes.length === 2, 'the second try');
  expect(phone.envelopes[1]).toEqual(phone.envelopes[0]);
  expect((await phone.status()).json.attempt_state).toBe('active');
});

test('a handle that the bouncer does not know asks the app for a new token', async () => {
  const { user, phone } = await alice();
  field.bouncer.endHandle(phone.request.token.sealed_token);
  await field.send(bob, { direct: [user] }, 'unknown');
  await until(async () => (await phone.status()).json.attempt_state === 'refused', 'refused');
  expect((await phone.status()).json.key_state).toBe('live');
});

test('read elsewhere: a message not sent yet is cancelled, one that was sent is taken back', async () => {
  const { user, session, phone } = await alice('apns');
  const tablet = await Phone.active(field, await field.logIn(user), 'apns');
  const sent = await field.send(bob, { direct: [user] }, 'sent');
  await until(() => phone.envelopes.length === 1 && tablet.envelopes.length === 1, 'the first message');

  field.bouncer.weather = { kind: 'problem', code: 'rate_limited', retryAfter: 1 };
  const tries = field.bouncer.paths.length;
  await field.send(bob, { direct: [user] }, 'holds the line');
  await until(() => field.bouncer.paths.length > tries, 'the pause');
  const waiting = await field.send(bob, { direct: [user] }, 'never sent');
  // Read on the phone, while the second is still in the outbox.
  const read = { token: session, body: { message_ids: [sent, waiting] } };
  await field.call('POST', '/v1/chat/read', read);
  field.bouncer.weather = { kind: 'fair' };
  const later = await field.send(bob, { direct: [user] }, 'later');
  const references = (device: Phone) =>
    device.payloads.flatMap((payload) => (payload.kind === 'message' ? [payload.message.reference] : []));
  await until(() => references(phone).includes(later) && references(tablet).includes(later), 'the later one');
  expect(references(phone)).not.toContain(waiting);
  expect(references(tablet)).not.toContain(waiting);

  await until(() => tablet.payloads.some(({ kind }) => kind === 'remove'), 'the removal');
  const index = tablet.payloads.findIndex(({ kind }) => kind === 'remove');
  expect(tablet.payloads[index]).toMatchObject({ kind: 'remove', references: [sent] });
  expect(tablet.envelopes[index]?.urgency).toBe('background');
  // The phone that read is told nothing, not even in its next alert.
  expect(phone.payloads.every(({ kind, removed }) => kind === 'message' && removed === undefined)).toBe(true);
  const alert = tablet.payloads.find((p) => p.kind === 'message' && p.message.reference === later);
  expect(alert?.removed).toEqual([sent]);
});

test('removals of one iPhone are 20 minutes apart; what was read meanwhile rides in the next alert', async () => {
  const { user, session } = await alice('apns');
  const tablet = await Phone.active(field, await field.logIn(user), 'apns');
  const ids: number[] = [];
  for (const text of ['one', 'two', 'three']) ids.push(await field.send(bob, { direct: [user] }, text));
  await until(() => tablet.envelopes.length === 3, 'three messages');
  const read = async (message: number | undefined) =>
    await field.call('POST', '/v1/chat/read', { token: session, body: { message_ids: [message] } });
  await read(ids[0]);
  await until(() => tablet.payloads.some(({ kind }) => kind === 'remove'), 'the first removal');
  await read(ids[1]);
  await read(ids[2]);
  await field.send(bob, { direct: [user] }, 'four');
  await until(() => tablet.envelopes.length === 5, 'the alert');
  expect(tablet.payloads.filter(({ kind }) => kind === 'remove').length).toBe(1);
  expect(tablet.payloads.at(-1)).toMatchObject({ kind: 'message', unread: 1, removed: ids.toReversed() });
});

test('a device without E2EE is sent a template and a count, and no word of the message', async () => {
  users += 1;
  const user = `alice-${users}`;
  const session = await field.addUser(user, 'Alice');
  const token = id(100);
  await field.call('POST', '/v1/push/legacy-registrations', {
    token: session,
    body: { registration_id: id(16), app_id: APP_ID, platform: 'fcm', environment: '', token },
  });
  const first = await field.send(bob, { direct: [user] }, 'a very secret word');
  await until(() => field.bouncer.receivedBy(token).length === 1, 'the template');
  const [received] = field.bouncer.receivedBy(token) as [Received];
  const item = received.item as LegacyNotificationItem;
  expect(received.route).toBe('bare');
  expect(Object.keys(item).sort()).toEqual(['badge', 'collapse', 'expires_at', 'handle', 'template']);
  expect(item).toMatchObject({ template: 'direct_message', badge: 1 });
  expect(JSON.stringify(item)).not.toContain('secret');
  // Read elsewhere: the count goes down.
  const other = await field.logIn(user);
  await field.call('POST', '/v1/chat/read', { token: other, body: { message_ids: [first] } });
  await until(() => field.bouncer.receivedBy(token).length === 2, 'the removal');
  expect(field.bouncer.receivedBy(token)[1]?.item).toMatchObject({ template: 'removed', badge: 0 });
});

test('50 devices of one user: each its own envelope, shuffled, none twice', async () => {
  users += 1;
  const user = `alice-${users}`;
  const session = await field.addUser(user, 'Alice');
  const phones: Phone[] = [];
  for (let i = 0; i < 50; i += 1) phones.push(await Phone.active(field, session));
  const before = field.bouncer.received.length;
  await field.send(bob, { direct: [user] }, 'to all of you');
  await until(() => phones.every(({ envelopes }) => envelopes.length > 0), 'all 50');
  const received = field.bouncer.received.slice(before);
  expect(received.length).toBe(50);
  expect(new Set(received.map(({ item }) => 'envelope' in item && item.envelope)).size).toBe(50);
  expect(new Set(received.map(({ item }) => item.collapse)).size).toBe(50);
  for (const phone of phones) expect(phone.payloads[0]).toMatchObject({ message: { text: 'to all of you' } });
  const order = received.map(({ handle }) => handle);
  expect(order).not.toEqual(order.toSorted());
});
