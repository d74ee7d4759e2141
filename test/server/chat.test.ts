// The small chat, from a message to the phone that opens it (docs/chat-api.md).
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Field, until } from './field.ts';
import { Phone } from './phone.ts';

let field: Field;
let alice: string;
let bob: string;

beforeAll(async () => {
  field = await Field.lay();
  await field.start();
  alice = await field.addUser('alice', 'Alice');
  bob = await field.addUser('bob', 'Bob');
});
afterAll(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

test('a direct message is sealed to the phone of who it is for, and to no one else', async () => {
  const alicePhone = await Phone.active(field, alice);
  const bobPhone = await Phone.active(field, bob, 'apns');
  const id = await field.send(alice, { direct: ['bob'] }, 'are you at home?');
  await until(() => bobPhone.envelopes.length === 1, 'the message at bob-phone');
  const [payload] = bobPhone.payloads;
  expect(payload).toMatchObject({
    kind: 'message',
    counter: 1,
    unread: 1,
    ttlSeconds: 3 * 86_400,
    message: {
      reference: id,
      conversation: { kind: 'direct' },
      sender: { name: 'Alice' },
      text: 'are you at home?',
    },
  });
  expect(bobPhone.envelopes[0]?.urgency).toBe('alert');
  expect(() => alicePhone.open(bobPhone.envelopes[0]?.envelope as string)).toThrow();
  expect(alicePhone.envelopes).toEqual([]);
});
