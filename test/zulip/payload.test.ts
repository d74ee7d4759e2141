// Zulip's JSON: what it must have, what is ignored, and in which order it is written.
import { expect, test } from 'vitest';
import {
  decodeZulipPayload,
  encodeZulipPayload,
  type ZulipPayload,
} from '../../protocol/content/zulip/payload.ts';
import { textOf, utf8 } from '../../protocol/wire/bytes.ts';
import { account, message } from './alice-phone.ts';
import { MESSAGE, REMOVE, TEST } from './known-answers.ts';
import { refusal } from './refusal.ts';

const decode = (value: unknown) => decodeZulipPayload(utf8(JSON.stringify(value)));

test.each([REMOVE, TEST, MESSAGE])('$name is written as Zulip writes it', ({ plaintext }) => {
  const payload = decodeZulipPayload(utf8(plaintext)) as ZulipPayload;
  expect(textOf(encodeZulipPayload(payload))).toBe(plaintext);
  // Whatever order the fields were given in.
  const reversed = Object.fromEntries(Object.entries(payload).reverse()) as unknown as ZulipPayload;
  expect(textOf(encodeZulipPayload(reversed))).toBe(plaintext);
});

const {
  channel_name: _,
  channel_id: __,
  topic: ___,
  ...rest
} = message as unknown as Record<string, unknown>;
const direct = { ...rest, recipient_type: 'direct', recipient_user_ids: [3, 7] } as unknown as ZulipPayload;
const removal: ZulipPayload = { ...account, type: 'remove', message_ids: [31, 32] };
const probe: ZulipPayload = { ...account, type: 'test', time: 1_754_577_820 };

test.each([
  ['a channel message', message],
  [
    'with a group that is meant',
    { ...message, mentioned_user_group_id: 4, mentioned_user_group_name: 'cooks' },
  ],
  ['a direct message', direct],
  ['a removal', removal],
  ['a removal of nothing', { ...removal, message_ids: [] }],
  ['a test', probe],
] as const)('%s is what it was', (_name, payload) => {
  expect(decodeZulipPayload(encodeZulipPayload(payload as ZulipPayload))).toEqual(payload);
});

test.each([
  ['message', message],
  ['direct message', direct],
  ['remove', removal],
  ['test', probe],
])('every field of a %s is required, and of its type [R-ZUL-08]', (_name, payload) => {
  for (const name of Object.keys(payload)) {
    const { [name]: value, ...without } = payload as unknown as Record<string, unknown>;
    expect(
      refusal(() => decode(without)),
      `without ${name}`,
    ).toBe('payload_malformed');
    for (const wrong of [null, true, { a: 1 }, typeof value === 'string' ? 7 : '7']) {
      expect(
        refusal(() => decode({ ...without, [name]: wrong })),
        `${name} ${wrong}`,
      ).toBe('payload_malformed');
    }
  }
});

test('unknown fields are ignored, in every type', () => {
  for (const payload of [message, direct, removal, probe]) {
    expect(decode({ ...payload, edited: true, realm_uri: 'x', nested: [{}] })).toEqual(payload);
  }
  expect(decodeZulipPayload(utf8(`{"__proto__":{"type":"test"},${JSON.stringify(probe).slice(1)}`))).toEqual(
    probe,
  );
});

test('an unknown type is no error, whatever else it has', () => {
  expect(decode({ type: 'reaction' })).toBe(null);
  expect(decode({ ...message, type: 'Message' })).toBe(null);
});

test.each([
  ['an id below zero', { ...message, message_id: -1 }],
  ['a fraction', { ...message, sender_id: 1.5 }],
  ['an id that no number holds', { ...message, message_id: 2 ** 53 }],
  ['a third kind of recipient', { ...message, recipient_type: 'stream' }],
  ['a direct message with the fields of a channel', { ...message, recipient_type: 'direct' }],
  ['an avatar of another scheme', { ...message, sender_avatar_url: 'javascript:alert(1)' }],
  ['an avatar that is a path', { ...message, sender_avatar_url: '/avatar/3' }],
  ['a realm of another scheme', { ...message, realm_url: 'file:///etc' }],
  ['a realm without a scheme', { ...message, realm_url: 'chat.example.org' }],
  ['201 ids', { ...removal, message_ids: Array(201).fill(1) }],
  ['an id in text', { ...removal, message_ids: ['1'] }],
])('refused: %s [R-ZUL-08]', (_name, value) => {
  expect(refusal(() => decode(value))).toBe('payload_malformed');
});

test('200 ids are taken', () => {
  const message_ids = Array.from({ length: 200 }, (_, index) => index);
  expect(decode({ ...removal, message_ids })).toEqual({ ...removal, message_ids });
});

test('half a surrogate pair becomes U+FFFD', () => {
  const written = textOf(
    encodeZulipPayload({ ...message, content: 'a\ud83d', channel_name: '\udc4d' } as ZulipPayload),
  );
  expect(written).toContain('"content":"a\ufffd"');
  expect(written).toContain('"channel_name":"\ufffd"');
});
