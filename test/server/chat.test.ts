// The small chat, from a message to the phone that opens it (docs/chat-api.md).
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ADMIN_KEY, Field, until } from './field.ts';
import { Phone } from './phone.ts';

let field: Field;
let alice: string;
let bob: string;
let carol: string;
let alicePhone: Phone;
let bobPhone: Phone;

beforeAll(async () => {
  field = await Field.lay();
  await field.start();
  alice = await field.addUser('alice', 'Alice');
  bob = await field.addUser('bob', 'Bob');
  carol = await field.addUser('carol', 'Carol');
  await field.call('POST', '/v1/chat/channels', {
    token: ADMIN_KEY,
    body: { channel: 'garden', name: 'The garden', members: ['alice', 'bob'] },
  });
  alicePhone = await Phone.active(field, alice);
  bobPhone = await Phone.active(field, bob, 'apns');
});
afterAll(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

test('a direct message is sealed to the phone of who it is for, and to no one else', async () => {
  const before = bobPhone.envelopes.length;
  const id = await field.send(alice, { direct: ['bob'] }, 'are you at home?');
  await until(() => bobPhone.envelopes.length === before + 1, 'the message at bob-phone');
  const item = bobPhone.envelopes.at(-1);
  expect(bobPhone.payloads.at(-1)).toMatchObject({
    kind: 'message',
    counter: before + 1,
    unread: 1,
    ttlSeconds: 3 * 86_400,
    message: {
      reference: id,
      conversation: { kind: 'direct' },
      sender: { name: 'Alice' },
      text: 'are you at home?',
    },
  });
  expect(item?.urgency).toBe('alert');
  expect(() => alicePhone.open(item?.envelope as string)).toThrow();
  expect(alicePhone.envelopes).toEqual([]);
});

test('a channel notifies by level and by mention, with its name and topic', async () => {
  const before = bobPhone.envelopes.length;
  const quiet = await field.send(alice, { channel: 'garden', topic: 'roses' }, 'nothing for anybody');
  await field.send(alice, { channel: 'garden', topic: 'roses' }, 'look, @bob!');
  await field.send(alice, { channel: 'garden', topic: 'roses' }, 'dinner, @all');
  const level = async (name: string) =>
    await field.call('PUT', '/v1/chat/channels/garden/notifications', { token: bob, body: { level: name } });
  expect((await level('all')).status).toBe(204);
  await field.send(alice, { channel: 'garden', topic: 'tulips' }, 'bob@example.org is no mention');
  await level('none');
  await field.send(alice, { channel: 'garden', topic: 'tulips' }, 'not even @bob');
  await level('mentions');
  const last = await field.send(alice, { direct: ['bob'] }, 'the last one');
  const messages = () =>
    bobPhone.payloads
      .slice(before)
      .toSorted((a, b) => a.counter - b.counter)
      .flatMap((payload) => (payload.kind === 'message' ? [payload.message] : []));
  await until(() => messages().some(({ reference }) => reference === last), 'the last message');
  expect(messages().map(({ text, mention }) => [text, mention])).toEqual([
    ['look, @bob!', 'personal'],
    ['dinner, @all', 'all'],
    ['bob@example.org is no mention', undefined],
    ['the last one', undefined],
  ]);
  expect(messages()[0]?.conversation).toMatchObject({ kind: 'channel', name: 'The garden', topic: 'roses' });
  const page = await field.call('GET', `/v1/chat/messages?after=${quiet - 1}&limit=2`, { token: bob });
  expect(page.json.messages.map(({ text }: { text: string }) => text)).toEqual([
    'nothing for anybody',
    'look, @bob!',
  ]);
  expect(page.json.messages[0]).toMatchObject({
    message_id: quiet,
    conversation: { channel: 'garden', topic: 'roses' },
    sender: 'alice',
    read: false,
  });
});

test('a group is one conversation whoever writes', async () => {
  const before = alicePhone.envelopes.length;
  await field.send(bob, { direct: ['alice', 'carol'] }, 'the three of us');
  await field.send(carol, { direct: ['bob', 'alice', 'alice'] }, 'yes');
  await until(() => alicePhone.envelopes.length === before + 2, 'both at alice-phone');
  const [first, second] = alicePhone.payloads.slice(before);
  expect(first).toMatchObject({ message: { conversation: { kind: 'group' }, sender: { name: 'Bob' } } });
  if (first?.kind !== 'message' || second?.kind !== 'message') throw new Error('no messages');
  expect(second.message.conversation.id).toBe(first.message.conversation.id);
});

test('the same client_message_id is one message', async () => {
  const body = { conversation: { direct: ['bob'] }, text: 'once', client_message_id: 'c-1' };
  const before = bobPhone.envelopes.length;
  const [one, two] = await Promise.all([
    field.call('POST', '/v1/chat/messages', { token: alice, body }),
    field.call('POST', '/v1/chat/messages', { token: alice, body }),
  ]);
  const three = await field.call('POST', '/v1/chat/messages', {
    token: alice,
    body: { ...body, text: 'else' },
  });
  expect([one.status, two.status, three.status]).toEqual([201, 201, 201]);
  expect(two.json).toEqual(one.json);
  expect(three.json).toEqual(one.json);
  const last = await field.send(alice, { direct: ['bob'] }, 'after it');
  await until(
    () => bobPhone.payloads.some((p) => p.kind === 'message' && p.message.reference === last),
    'it',
  );
  expect(bobPhone.envelopes.length).toBe(before + 2);
});

test('unread counts go up with messages and down with read marks', async () => {
  const count = async () => (await field.call('GET', '/v1/chat/unread', { token: carol })).json.count;
  const before = await count();
  const ids = [
    await field.send(alice, { direct: ['carol'] }, 'one'),
    await field.send(bob, { direct: ['carol'] }, ''),
  ];
  expect(await count()).toBe(before + 2);
  const read = { token: carol, body: { message_ids: [...ids, ...ids, 999_999] } };
  expect((await field.call('POST', '/v1/chat/read', read)).status).toBe(204);
  expect((await field.call('POST', '/v1/chat/read', read)).status).toBe(204);
  expect(await count()).toBe(before);
  const page = await field.call('GET', `/v1/chat/messages?after=${(ids[0] as number) - 1}`, { token: carol });
  expect(page.json.messages.map(({ read: mark }: { read: boolean }) => mark)).toEqual([true, true]);
});

test('a text of 20,000 characters arrives as a prefix that is flagged, an empty one as it is', async () => {
  const text = '🌷 and ἄνθη '.repeat(2000).slice(0, 20_000);
  const before = bobPhone.envelopes.length;
  await field.send(alice, { direct: ['bob'] }, text);
  await field.send(alice, { direct: ['bob'] }, '');
  await until(() => bobPhone.envelopes.length === before + 2, 'both');
  const [long, empty] = bobPhone.payloads.slice(before).toSorted((a, b) => a.counter - b.counter);
  if (long?.kind !== 'message' || empty?.kind !== 'message') throw new Error('no messages');
  expect(long.message.truncated).toBe(true);
  expect(text.startsWith(long.message.text)).toBe(true);
  expect(long.message.text.length).toBeGreaterThan(500);
  expect(empty.message).toMatchObject({ text: '', sender: { name: 'Alice' } });
  expect(empty.message.truncated).toBeUndefined();
});

test('signing out erases the keys at once and gives the handle back', async () => {
  const session = await field.logIn('carol');
  const phone = await Phone.active(field, session);
  const last = field.bouncer.removed.length;
  expect((await field.call('DELETE', '/v1/chat/session', { token: session })).status).toBe(204);
  expect((await field.call('GET', '/v1/chat/unread', { token: session })).status).toBe(401);
  await until(() => field.bouncer.removed.length > last, 'the handle given back');
  await field.send(alice, { direct: ['carol'] }, 'nobody hears this');
  const heard = await field.send(alice, { direct: ['bob'] }, 'bob hears this');
  await until(
    () => bobPhone.payloads.some((p) => p.kind === 'message' && p.message.reference === heard),
    'it',
  );
  expect(phone.envelopes).toEqual([]);
  expect((await field.call('GET', '/v1/push/registrations', { token: carol })).json).toEqual({ devices: [] });
});

test('what is not there or not theirs is refused', async () => {
  const send = async (conversation: unknown, token = alice) =>
    (await field.call('POST', '/v1/chat/messages', { token, body: { conversation, text: 'x' } })).json.code;
  expect(await send({ direct: ['mallory'] })).toBe('not_found');
  expect(await send({ channel: 'nowhere', topic: 'x' })).toBe('not_found');
  expect(await send({ channel: 'garden', topic: 'x' }, carol)).toBe('not_permitted');
  const users = { body: { user: 'eve', name: 'Eve' } };
  expect((await field.call('POST', '/v1/chat/users', { ...users, token: alice })).json.code).toBe(
    'not_authenticated',
  );
  expect((await field.call('GET', '/v1/chat/unread', { token: ADMIN_KEY })).json.code).toBe(
    'not_authenticated',
  );
  expect((await field.call('GET', '/v1/chat/unread')).headers['www-authenticate']).toBe('Bearer');
});
