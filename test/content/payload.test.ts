// The payload (SPEC.md section 9): each kind byte for byte, and every way of not being one.
import { expect, test } from 'vitest';
import { isAvatar, type MessageBody } from '../../protocol/content/message.ts';
import { alerts, decodePayload, encodePayload, type Payload } from '../../protocol/content/payload.ts';
import { hex, utf8 } from '../../protocol/wire/bytes.ts';
import { type CborValue, encodeCbor } from '../../protocol/wire/cbor.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { hello, messageOf, payloadOf } from './alice-phone.ts';

const NONCE = new Uint8Array(16).fill(0x99);
const HEAD = '011b000001a0c4506c00020103190e10';
const EXAMPLES: readonly (readonly [string, Payload, string])[] = [
  [
    'a message',
    messageOf(),
    `a5${HEAD}0401` +
      '05a5' +
      '01191267' +
      '02a401030243010203036667617264656e0468746f6d61746f6573' +
      '03a20163626f6202702f617661746172732f626f622e706e67' +
      '046568656c6c6f' +
      '0701',
  ],
  [
    'the least message',
    messageOf({
      reference: Uint8Array.of(7),
      conversation: { kind: 'direct', id: 0 },
      sender: { name: 'bob' },
      text: '',
      mention: 'all',
    }),
    `a5${HEAD}040105a501410702a20101020003a10163626f6204600703`,
  ],
  ['remove', payloadOf({ kind: 'remove', references: [1, Uint8Array.of(2)] }), `a5${HEAD}040205a10182014102`],
  ['badge', payloadOf({ kind: 'badge' }, { unread: 0 }), `a6${HEAD}040305a00600`],
  ['test', payloadOf({ kind: 'test', nonce: NONCE }), `a5${HEAD}040405a10150${'99'.repeat(16)}`],
  ['session', payloadOf({ kind: 'session' }, { removed: [5] }), `a6${HEAD}040505a0078105`],
];

test.each(EXAMPLES)('%s, byte for byte', (_name, payload, expected) => {
  expect(hex(encodePayload(payload))).toBe(expected);
  expect(decodePayload(new Uint8Array(Buffer.from(expected, 'hex')))).toEqual(payload);
});

type Fields = Record<number, CborValue>;
const mapOf = (fields: Fields): Map<number, CborValue> =>
  new Map(Object.entries(fields).map(([key, value]) => [Number(key), value]));
const bytesOf = (fields: Fields): Uint8Array => encodeCbor(mapOf(fields));

const CONVERSATION: Fields = { 1: 3, 2: 1 };
const SENDER: Fields = { 1: 'bob' };
const MESSAGE: Fields = { 1: 4711, 2: mapOf(CONVERSATION), 3: mapOf(SENDER), 4: 'hello' };
const PAYLOAD: Fields = { 1: 1_790_000_000_000, 2: 1, 3: 3600, 4: 1, 5: mapOf(MESSAGE) };
const withBody = (kind: number, body: Fields): Fields => ({ ...PAYLOAD, 4: kind, 5: mapOf(body) });
const withMessage = (change: Fields): Fields => withBody(1, { ...MESSAGE, ...change });
const withConversation = (change: Fields): Fields =>
  withMessage({ 2: mapOf({ ...CONVERSATION, ...change }) });
const withSender = (change: Fields): Fields => withMessage({ 3: mapOf({ ...SENDER, ...change }) });
const references = (count: number): CborValue[] => Array.from({ length: count }, (_, index) => index);

const REFUSED: readonly (readonly [string, Fields])[] = [
  ['sent_at −1', { ...PAYLOAD, 1: -1 }],
  ['sent_at as text', { ...PAYLOAD, 1: '1790000000000' }],
  ['sent_at null', { ...PAYLOAD, 1: null }],
  ['counter 0', { ...PAYLOAD, 2: 0 }],
  ['counter as bytes', { ...PAYLOAD, 2: Uint8Array.of(1) }],
  ['ttl 0', { ...PAYLOAD, 3: 0 }],
  ['a ttl of 28 days and a second', { ...PAYLOAD, 3: 28 * 86_400 + 1 }],
  ['a ttl in milliseconds', { ...PAYLOAD, 3: 3_600_000 }],
  ['kind as text', { ...PAYLOAD, 4: 'message' }],
  ['kind −1', { ...PAYLOAD, 4: -1 }],
  ['kind true', { ...PAYLOAD, 4: true }],
  ['body as an array', { ...PAYLOAD, 5: [] }],
  ['body null', { ...PAYLOAD, 5: null }],
  ['body of an unknown kind as text', { ...PAYLOAD, 4: 9, 5: '' }],
  ['unread −1', { ...PAYLOAD, 6: -1 }],
  ['unread null', { ...PAYLOAD, 6: null }],
  ['removed as one reference', { ...PAYLOAD, 7: 1 }],
  ['removed empty', { ...PAYLOAD, 7: [] }],
  ['removed of 33', { ...PAYLOAD, 7: references(33) }],
  ['removed with text', { ...PAYLOAD, 7: ['1'] }],
  ['removed with a negative number', { ...PAYLOAD, 7: [-1] }],
  ['removed with 17 bytes', { ...PAYLOAD, 7: [new Uint8Array(17)] }],
  ['removed with no bytes', { ...PAYLOAD, 7: [new Uint8Array(0)] }],
  ['a reference as text', withMessage({ 1: '4711' })],
  ['a reference of 17 bytes', withMessage({ 1: new Uint8Array(17) })],
  ['a reference of no bytes', withMessage({ 1: new Uint8Array(0) })],
  ['a negative reference', withMessage({ 1: -1 })],
  ['a conversation as text', withMessage({ 2: 'garden' })],
  ['conversation kind 0', withConversation({ 1: 0 })],
  ['conversation kind 4', withConversation({ 1: 4 })],
  ['conversation kind as text', withConversation({ 1: 'channel' })],
  ['conversation id as text', withConversation({ 2: 'garden' })],
  ['a conversation name of 129 bytes', withConversation({ 3: 'a'.repeat(129) })],
  ['a conversation name of 129 bytes in 43 characters', withConversation({ 3: '€'.repeat(43) })],
  ['a conversation name as bytes', withConversation({ 3: Uint8Array.of(97) })],
  ['a topic of 129 bytes', withConversation({ 4: 'a'.repeat(129) })],
  ['a sender as text', withMessage({ 3: 'bob' })],
  ['a sender name of 129 bytes', withSender({ 1: 'a'.repeat(129) })],
  ['a sender name null', withSender({ 1: null })],
  ['an avatar on another host', withSender({ 2: 'https://evil.example/a.png' })],
  ['an avatar on another host, without scheme', withSender({ 2: '//evil.example/a.png' })],
  ['an avatar that begins with a slash and a backslash', withSender({ 2: '/\\evil.example/a.png' })],
  ['an avatar with a tab, which a URL parser drops', withSender({ 2: '/\t/evil.example/a.png' })],
  ['an avatar with a line break', withSender({ 2: '/\n/evil.example/a.png' })],
  ['an avatar without a slash', withSender({ 2: 'a.png' })],
  ['an empty avatar', withSender({ 2: '' })],
  ['an avatar of 256 bytes', withSender({ 2: `/${'a'.repeat(255)}` })],
  ['text as bytes', withMessage({ 4: Uint8Array.of(97) })],
  ['text null', withMessage({ 4: null })],
  ['text longer than any bucket', withMessage({ 4: 'a'.repeat(2945) })],
  ['truncated false', withMessage({ 5: false })],
  ['truncated 1', withMessage({ 5: 1 })],
  ['edited null', withMessage({ 6: null })],
  ['mention 0', withMessage({ 7: 0 })],
  ['mention 4', withMessage({ 7: 4 })],
  ['mention true', withMessage({ 7: true })],
  ['remove without references', withBody(2, {})],
  ['remove with no references', withBody(2, { 1: [] })],
  ['remove of 301', withBody(2, { 1: references(301) })],
  ['remove with a map', withBody(2, { 1: mapOf({ 1: 1 }) })],
  ['a test without a nonce', withBody(4, {})],
  ['a nonce of 15 bytes', withBody(4, { 1: new Uint8Array(15) })],
  ['a nonce of 17 bytes', withBody(4, { 1: new Uint8Array(17) })],
  ['a nonce as text', withBody(4, { 1: 'a'.repeat(16) })],
];

test.each(REFUSED)('refuses %s [R-PAY-02]', (_name, fields) => {
  expect(() => decodePayload(bytesOf(fields))).toThrow(new ProtocolError('payload_malformed'));
});

test.each([
  ['the payload', PAYLOAD, (fields: Fields) => fields],
  ['the message', MESSAGE, (fields: Fields) => withBody(1, fields)],
  ['the conversation', CONVERSATION, (fields: Fields) => withMessage({ 2: mapOf(fields) })],
  ['the sender', SENDER, (fields: Fields) => withMessage({ 3: mapOf(fields) })],
])('%s lacks nothing that it must have [R-PAY-02]', (_name, complete, wrap) => {
  expect(() => decodePayload(bytesOf(wrap(complete)))).not.toThrow();
  for (const key of Object.keys(complete)) {
    const { [Number(key)]: _, ...rest } = complete;
    const run = () => decodePayload(bytesOf(wrap(rest)));
    expect(run, `without ${key}`).toThrow(new ProtocolError('payload_malformed'));
  }
});

test.each([
  ['an integer', encodeCbor(1)],
  ['an array', encodeCbor([])],
  ['text', encodeCbor('hello')],
  ['null', encodeCbor(null)],
])('%s is no payload', (_name, bytes) => {
  expect(() => decodePayload(bytes)).toThrow(new ProtocolError('payload_malformed'));
});

test('what is not CBOR is called so', () => {
  expect(() => decodePayload(Uint8Array.of(0xff))).toThrow(new ProtocolError('cbor_malformed'));
});

test('unknown keys are ignored, at every level [R-PAY-01]', () => {
  const extra: Fields = { 8: 'later', 99: mapOf({ 1: 1 }) };
  const conversation = mapOf({ ...CONVERSATION, ...extra });
  const body = { ...MESSAGE, ...extra, 2: conversation, 3: mapOf({ ...SENDER, ...extra }) };
  const plain = decodePayload(bytesOf(PAYLOAD));
  expect(decodePayload(bytesOf({ ...withBody(1, body), ...extra }))).toEqual(plain);
});

test.each([0, 6, 7, 8, 99, Number.MAX_SAFE_INTEGER])(
  'kind %i is of a later version, and passes [R-PAY-17]',
  (kind) => {
    const payload = decodePayload(bytesOf(withBody(kind, { 1: 'anything' })));
    expect(payload).toMatchObject({ kind: 'unknown', id: kind, counter: 1 });
  },
);

test('the borders of every range are inside', () => {
  const most = bytesOf({
    ...withMessage({
      1: new Uint8Array(16),
      2: mapOf({ 1: 1, 2: 0, 3: '€'.repeat(42), 4: 'a'.repeat(128) }),
    }),
    1: Number.MAX_SAFE_INTEGER,
    2: Number.MAX_SAFE_INTEGER,
    3: 28 * 86_400,
    6: Number.MAX_SAFE_INTEGER,
    7: references(32),
  });
  expect(decodePayload(most).removed?.length).toBe(32);
  expect(decodePayload(bytesOf({ ...PAYLOAD, 1: 0, 3: 1, 6: 0, 7: [0] })).unread).toBe(0);
  expect(decodePayload(bytesOf(withSender({ 2: `/${'a'.repeat(254)}` }))).kind).toBe('message');
  expect(decodePayload(bytesOf(withBody(2, { 1: references(300) }))).kind).toBe('remove');
});

test.each(['/a', '/avatars/bob.png?size=64#1', '/ä/🎉.png', '/a%2fb', '/a//b', '/'])(
  'the avatar "%s" is a path',
  (avatar) => {
    const payload = decodePayload(bytesOf(withSender({ 2: avatar })));
    expect(payload).toMatchObject({ message: { sender: { avatar } } });
    expect(new URL(avatar, 'https://chat.example.org').host).toBe('chat.example.org');
  },
);

test('a reference is a number or bytes, and stays what it was', () => {
  for (const reference of [0, Number.MAX_SAFE_INTEGER, Uint8Array.of(0), new Uint8Array(16).fill(255)]) {
    const decoded = decodePayload(encodePayload(messageOf({ reference })));
    expect(decoded).toMatchObject({ message: { reference } });
  }
});

test('only messages and tests alert', () => {
  expect(alerts({ kind: 'message', message: hello })).toBe(true);
  expect(alerts({ kind: 'test', nonce: NONCE })).toBe(true);
  expect(alerts({ kind: 'remove', references: [1] })).toBe(false);
  expect(alerts({ kind: 'badge' })).toBe(false);
  expect(alerts({ kind: 'session' })).toBe(false);
  expect(alerts({ kind: 'unknown', id: 9 })).toBe(false);
});

test('what a message says besides is written only where it is so', () => {
  const bytesWith = (message: Partial<MessageBody>): string => hex(encodePayload(messageOf(message)));
  const { mention: _, ...plain } = hello;
  const unsaid = hex(encodePayload(payloadOf({ kind: 'message', message: plain })));
  // The body is the last of the map: a field more is a byte 05, 06 or 07 and its value at its end.
  expect(unsaid.endsWith(hex(utf8('hello')))).toBe(true);
  expect(bytesWith({}).endsWith('0701')).toBe(true);
  expect(bytesWith({ edited: true }).endsWith('06f50701')).toBe(true);
  expect(bytesWith({ truncated: true, edited: true, mention: 'all' }).endsWith('05f506f50703')).toBe(true);
});

test('a payload of a later version is written with its own kind', () => {
  const later = payloadOf({ kind: 'unknown', id: 99 });
  expect(decodePayload(encodePayload(later))).toEqual(later);
});

test('an avatar is a path of 1 to 255 bytes', () => {
  expect(isAvatar('/a')).toBe(true);
  expect(isAvatar(`/${'a'.repeat(254)}`)).toBe(true);
  expect(isAvatar(`/${'a'.repeat(255)}`)).toBe(false);
  expect(isAvatar(`/${'ä'.repeat(128)}`)).toBe(false);
  expect(isAvatar('//host')).toBe(false);
  expect(isAvatar('')).toBe(false);
});
