// What a chat server can say of a message, and what of it reaches the phone (SPEC.md section 9, kind `message`).
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MessageEvent } from '../../server/notify/push-service.ts';
import { DAY, type Device, PushField } from './push-field.ts';

let field: PushField;
let phone: Device;

beforeEach(async () => {
  field = await PushField.lay();
  phone = await field.addDevice('alice');
});
afterEach(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

test('every field of a message arrives', async () => {
  const audience = [{ user: 'alice', level: 'all', mention: 'group', unread: 7 }] as const;
  const event = field.message(['alice'], {
    reference: 'AQID',
    conversation: { kind: 'channel', id: 9, name: 'The garden', topic: 'roses' },
    sender: { user: 'bob', name: 'Bob', avatar: '/avatars/bob?s=64' },
    edited: true,
    audience,
  });
  await field.run(event);
  expect(field.payloads(phone)).toEqual([
    {
      kind: 'message',
      sentAt: field.now,
      counter: 1,
      ttlSeconds: (3 * DAY) / 1000,
      unread: 7,
      message: {
        reference: new Uint8Array([1, 2, 3]),
        conversation: { kind: 'channel', id: 9, name: 'The garden', topic: 'roses' },
        sender: { name: 'Bob', avatar: '/avatars/bob?s=64' },
        text: event.text,
        edited: true,
        mention: 'group',
      },
    },
  ]);
});

test('an edit comes under the reference and the collapse id of what it replaces, and under no other', async () => {
  await field.run(field.message(['alice'], { reference: 5, text: 'Soup or sallad?' }));
  await field.run(field.message(['alice'], { reference: 5, text: 'Soup or salad?', edited: true }));
  await field.run(field.message(['alice'], { reference: 6 }));
  const [first, edit, other] = field.bouncer.received.map(({ item }) => item.collapse);
  expect(edit).toBe(first);
  expect(other).not.toBe(first);
  const [before, after] = field.payloads(phone);
  expect(after).toMatchObject({ message: { reference: 5, text: 'Soup or salad?', edited: true } });
  expect(after?.sentAt).toBeGreaterThan(before?.sentAt as number);
});

test.each<[string, Partial<MessageEvent>]>([
  ['an avatar on another host', { sender: { user: 'bob', name: 'Bob', avatar: '//evil.example/bob' } }],
  ['an avatar that is no path', { sender: { user: 'bob', name: 'Bob', avatar: 'https://chat.example/bob' } }],
  ['an avatar with half a surrogate pair', { sender: { user: 'bob', name: 'Bob', avatar: '/bob\ud83c' } }],
  ['an avatar of 256 bytes', { sender: { user: 'bob', name: 'Bob', avatar: `/${'b'.repeat(255)}` } }],
  ['an edit that is none', { edited: false as never }],
])('%s is refused with its caller’s transaction', async (_case, changes) => {
  await expect(field.run(field.message(['alice'], changes))).rejects.toThrow('documented form');
  await field.run();
  expect(field.bouncer.received).toEqual([]);
});

test('what was edited is taken back once, by `removed` and by a removal', async () => {
  const tablet = await field.addDevice('alice', 'apns');
  await field.run(
    field.message(['alice'], { reference: 5 }),
    field.message(['alice'], { reference: 5, edited: true }),
  );
  await field.run({ kind: 'read', id: 'read:1', user: 'alice', references: [5], unread: 0 });
  await field.run(field.message(['alice'], { reference: 6 }));
  for (const device of [phone, tablet]) {
    const payloads = field.payloads(device);
    expect(payloads.map(({ kind }) => kind)).toEqual(['message', 'message', 'remove', 'message']);
    expect(payloads[2]).toMatchObject({ references: [5] });
    expect(payloads[3]?.removed).toEqual([5]);
  }
  field.now += 61 * 60_000;
  await field.run(field.message(['alice'], { reference: 7 }));
  expect(field.payloads(phone).at(-1)).not.toHaveProperty('removed');
});
