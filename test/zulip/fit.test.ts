// Our payload in Zulip's words, and what of it fits a provider's limit (SPEC.md appendix C).
import { expect, test } from 'vitest';
import type { Payload } from '../../protocol/content/payload.ts';
import { fitZulipPayload } from '../../protocol/content/seal/zulip/fit.ts';
import { sealZulipNotification } from '../../protocol/content/seal/zulip/seal.ts';
import { translatePayload, type ZulipNames } from '../../protocol/content/seal/zulip/translate.ts';
import { encodeZulipPayload, type ZulipPayload } from '../../protocol/content/zulip/payload.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { APNS_PAYLOAD_BYTES_MAX, FCM_DATA_BYTES_MAX } from '../../protocol/wire/limits.ts';
import { hello, messageOf, payloadOf, SENT_AT } from '../content/alice-phone.ts';
import { account, message, open, openingKey, sealingKey } from './alice-phone.ts';
import { refusal } from './refusal.ts';

const names: ZulipNames = { account, senderId: 3, recipientUserIds: [7, 3] };
const number = { reference: 1001, conversation: { ...hello.conversation, id: 12 } };

const contentOf = (payload: ZulipPayload): string => {
  if (payload.type !== 'message') throw new Error('not a message');
  return payload.content;
};
const only = (payload: Payload): ZulipPayload => {
  const [first, ...others] = translatePayload(payload, names);
  expect(others).toEqual([]);
  return first as ZulipPayload;
};

/** Bytes of what the providers get, built as Zulip's bouncer does. */
const apnsBytes = (encrypted_data: string) =>
  Buffer.byteLength(
    JSON.stringify({
      aps: { 'mutable-content': 1, alert: { title: 'New notification' }, sound: 'default' },
      push_key_id: 4_294_967_295,
      encrypted_data,
    }),
  );
const fcmBytes = (encrypted_data: string) =>
  'push_key_id'.length + '4294967295'.length + 'encrypted_data'.length + encrypted_data.length;

test('a channel message, field by field', () => {
  expect(only(messageOf(number))).toEqual({
    ...message,
    time: SENT_AT / 1000,
    sender_avatar_url: 'https://chat.example.org/avatars/bob.png',
  });
});

test.each(['direct', 'group'] as const)('a %s message names everybody, ascending', (kind) => {
  const payload = only(messageOf({ ...number, conversation: { kind, id: 5 } }));
  expect(payload).toMatchObject({ recipient_type: 'direct', recipient_user_ids: [3, 7] });
  expect(payload).not.toHaveProperty('topic');
  expect(names.recipientUserIds).toEqual([7, 3]);
});

test('a channel without names has empty ones, and a sender without a picture Zulip’s path', () => {
  const bare = { conversation: { kind: 'channel' as const, id: 12 }, sender: { name: 'bob' } };
  expect(only(messageOf({ ...number, ...bare }))).toMatchObject({
    channel_name: '',
    topic: '',
    sender_avatar_url: 'https://chat.example.org/avatar/3',
  });
});

test('a cut text ends in an ellipsis; a group that is meant is named; other mentions and edits are lost', () => {
  const mentionedGroup = { id: 4, name: 'cooks' };
  const body = { ...number, truncated: true as const, edited: true as const };
  const [meant] = translatePayload(messageOf({ ...body, mention: 'group' }), { ...names, mentionedGroup });
  expect(meant).toMatchObject({
    content: 'hello…',
    mentioned_user_group_id: 4,
    mentioned_user_group_name: 'cooks',
  });
  for (const mention of ['personal', 'all'] as const) {
    const [payload] = translatePayload(messageOf({ ...body, mention }), { ...names, mentionedGroup });
    expect(Object.keys(payload as object).sort()).toEqual(Object.keys(message).sort());
  }
});

test('the head is lost but for the time, in whole seconds', () => {
  const head = { sentAt: 1_754_577_820_999, counter: 9, ttlSeconds: 60, unread: 4, removed: [1] };
  const fields = Object.keys(message).sort();
  const payload = only(messageOf(number, head));
  expect(payload).toMatchObject({ time: 1_754_577_820 });
  expect(Object.keys(payload).sort()).toEqual(fields);
  expect(only(payloadOf({ kind: 'test', nonce: new Uint8Array(16) }, head))).toEqual({
    ...account,
    type: 'test',
    time: 1_754_577_820,
  });
});

test('badge, session and what is not known have no form there', () => {
  for (const body of [{ kind: 'badge' }, { kind: 'session' }, { kind: 'unknown', id: 9 }] as const) {
    expect(translatePayload(payloadOf(body), names)).toEqual([]);
  }
});

test.each([1, 150, 151, 300])('%i removed references are all named, in removals that fit', (count) => {
  const references = Array.from({ length: count }, (_, index) => Number.MAX_SAFE_INTEGER - index);
  const payloads = translatePayload(payloadOf({ kind: 'remove', references }), names);
  expect(payloads.length).toBe(Math.ceil(count / 150));
  expect(payloads.flatMap((payload) => (payload.type === 'remove' ? payload.message_ids : []))).toEqual(
    references,
  );
  for (const payload of payloads) {
    expect(fitZulipPayload(payload)).toEqual(payload);
    expect(encodeZulipPayload(payload).length).toBeLessThan(2933);
  }
});

test.each([
  ['a message', messageOf({ ...number, reference: Uint8Array.of(1) })],
  ['a channel', messageOf({ ...number, conversation: { kind: 'channel', id: Uint8Array.of(1) } })],
  ['a removal', payloadOf({ kind: 'remove', references: [1, Uint8Array.of(1)] })],
])('a reference of bytes cannot be said: %s [R-ZUL-11]', (_name, payload) => {
  expect(refusal(() => translatePayload(payload, names))).toBe('payload_malformed');
});

const GRAPHEMES = [
  'a',
  '"',
  '\\',
  '\u0001',
  '\n',
  '\r\n',
  'é',
  'e\u0301\u0323',
  '日',
  '🚀',
  '👨‍👩‍👧‍👦',
  '👍🏽',
  '🏴󠁧󠁢󠁷󠁬󠁳󠁿',
  '\u2028',
];

test.each(GRAPHEMES)(
  '10,000 times %j fit: whole graphemes, as many as there is room for [R-ZUL-05]',
  (grapheme) => {
    const fitted = fitZulipPayload({ ...message, content: grapheme.repeat(10_000) });
    const content = contentOf(fitted);
    const length = encodeZulipPayload(fitted).length;
    const kept = content.slice(0, -1);
    expect(content.at(-1)).toBe('…');
    expect(kept).toBe(grapheme.repeat(kept.length / grapheme.length));
    expect(length).toBeLessThanOrEqual(2933);
    const one = Buffer.byteLength(JSON.stringify(grapheme)) - 2;
    expect(length + one).toBeGreaterThan(2933);
    const { encryptedData } = sealZulipNotification(nativeBackend, sealingKey, fitted);
    expect(apnsBytes(encryptedData)).toBeLessThanOrEqual(APNS_PAYLOAD_BYTES_MAX);
    expect(fcmBytes(encryptedData)).toBeLessThanOrEqual(FCM_DATA_BYTES_MAX);
    expect(open(encryptedData)).toEqual({ outcome: 'opened', key: openingKey, payload: fitted });
  },
);

test('the longest that fits is left as it is; one byte more is cut, and without cutting does not seal [R-ZUL-05]', () => {
  const room = 2933 - encodeZulipPayload({ ...message, content: '' }).length;
  const whole: ZulipPayload = { ...message, content: 'a'.repeat(room) };
  expect(fitZulipPayload(whole)).toEqual(whole);
  const { encryptedData } = sealZulipNotification(nativeBackend, sealingKey, whole);
  expect(encryptedData.length).toBe(3964);
  expect(apnsBytes(encryptedData)).toBe(4093);
  expect(fcmBytes(encryptedData)).toBe(3999);
  const longer: ZulipPayload = { ...message, content: 'a'.repeat(room + 1) };
  expect(contentOf(fitZulipPayload(longer))).toBe(`${'a'.repeat(room - 3)}…`);
  expect(refusal(() => sealZulipNotification(nativeBackend, sealingKey, longer))).toBe('payload_too_large');
});

test('long names lose their ends, at a grapheme border, and leave room for text', () => {
  const long = '👍🏽'.repeat(1000);
  const fitted = fitZulipPayload({
    ...message,
    realm_name: long,
    channel_name: long,
    topic: `a${long}`,
    sender_full_name: '"'.repeat(1000),
    mentioned_user_group_id: 4,
    mentioned_user_group_name: long,
    content: long,
  } as ZulipPayload);
  expect(fitted).toMatchObject({
    realm_name: '👍🏽'.repeat(50),
    channel_name: '👍🏽'.repeat(50),
    topic: `a${'👍🏽'.repeat(49)}`,
    sender_full_name: '"'.repeat(200),
    mentioned_user_group_name: '👍🏽'.repeat(50),
  });
  expect(contentOf(fitted)).toMatch(/^(?:👍🏽)+…$/u);
  expect(encodeZulipPayload(fitted).length).toBeLessThanOrEqual(2933);
});

test('half a surrogate pair is cut as the U+FFFD that it becomes', () => {
  const fitted = fitZulipPayload({ ...message, content: '\ud83d'.repeat(10_000) });
  expect(contentOf(fitted)).toMatch(/^\ufffd+…$/);
  expect(encodeZulipPayload(fitted).length).toBeGreaterThan(2930);
});

test('Zulip’s longest names are not touched', () => {
  const named = {
    ...message,
    channel_name: '🚀'.repeat(60),
    topic: '🚀'.repeat(60),
    sender_full_name: '🚀'.repeat(100),
  };
  expect(fitZulipPayload(named as ZulipPayload)).toEqual(named);
});

test('a direct conversation of 300 loses text; one of 500 cannot be said [R-ZUL-06]', () => {
  const {
    channel_name: _,
    channel_id: __,
    topic: ___,
    ...rest
  } = message as unknown as Record<string, unknown>;
  const crowd = (count: number) =>
    ({
      ...rest,
      recipient_type: 'direct',
      recipient_user_ids: Array.from({ length: count }, (_, index) => 1_000_000 + index),
      content: 'a'.repeat(1000),
    }) as unknown as ZulipPayload;
  const fitted = fitZulipPayload(crowd(300));
  expect(encodeZulipPayload(fitted).length).toBe(2933);
  expect(contentOf(fitted)).toMatch(/^a+…$/);
  expect(refusal(() => fitZulipPayload(crowd(500)))).toBe('payload_too_large');
});

test('a removal is never cut', () => {
  const message_ids = Array.from({ length: 200 }, (_, index) => 1_000_000_000 + index);
  const removal: ZulipPayload = { ...account, type: 'remove', message_ids };
  expect(fitZulipPayload(removal)).toEqual(removal);
  const huge: ZulipPayload = { ...account, type: 'remove', message_ids: Array(200).fill(10 ** 15) };
  expect(refusal(() => fitZulipPayload(huge))).toBe('payload_too_large');
});

test('a group that was meant, but which nobody names, is not named', () => {
  const payload = only(messageOf({ ...number, mention: 'group' }));
  expect(payload).not.toHaveProperty('mentioned_user_group_id');
  expect(payload).not.toHaveProperty('mentioned_user_group_name');
});

test('room for nothing but the ellipsis is room', () => {
  const ids = (count: number): number[] => Array.from({ length: count }, (_, id) => 1000 + id);
  const direct = (topicLess: number, content: string): ZulipPayload => ({
    ...message,
    realm_name: 'r'.repeat(topicLess),
    recipient_type: 'direct',
    recipient_user_ids: ids(480),
    content,
  });
  // The realm's name, at most 400 bytes, fills what the ids leave.
  const left = 2933 - encodeZulipPayload(direct(0, '…')).length;
  expect(left).toBeGreaterThan(0);
  expect(left).toBeLessThan(400);
  expect(fitZulipPayload(direct(left, 'hello'.repeat(100)))).toEqual(direct(left, '…'));
  expect(refusal(() => fitZulipPayload(direct(left + 1, 'hello'.repeat(100))))).toBe('payload_too_large');
});
