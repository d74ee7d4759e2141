// Making a payload fit its bucket (SPEC.md section 9): text is a prefix of whole graphemes, and says that it was cut.
import { expect, test } from 'vitest';
import type { MessageBody } from '../../protocol/content/message.ts';
import { decodePayload, encodePayload, type Payload } from '../../protocol/content/payload.ts';
import { cutAtGrapheme, fitPayload } from '../../protocol/content/seal/fit.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { BUCKETS } from '../../protocol/wire/limits.ts';
import { hello, messageOf, payloadOf, SENT_AT } from './alice-phone.ts';

/** One grapheme each, and its UTF-8 bytes. */
const GRAPHEMES: readonly (readonly [string, string, number])[] = [
  ['a letter', 'a', 1],
  ['a letter with two combining marks', 'e\u0301\u0323', 5],
  ['a family joined by ZWJ', '👨‍👩‍👧‍👦', 25],
  ['a thumb with a skin tone', '👍🏽', 8],
  ['a rainbow flag', '🏳️‍🌈', 14],
  ['a flag of two regional indicators', '🇩🇪', 8],
  ['the flag of Wales, of tags', '🏴󠁧󠁢󠁷󠁬󠁳󠁿', 28],
  ['a keycap', '1️⃣', 7],
  ['a Hangul syllable of three jamo', '\u1112\u1161\u11ab', 9],
  ['Arabic with a vowel mark', 'بَ', 4],
  ['Devanagari with a vowel sign', 'नि', 6],
  ['a line break of two characters', '\r\n', 2],
];

test.each(GRAPHEMES)('%s is never divided', (_name, grapheme, bytes) => {
  expect(Buffer.byteLength(grapheme)).toBe(bytes);
  const text = `x${grapheme}y`;
  for (let room = 1; room < 1 + bytes; room += 1) expect(cutAtGrapheme(text, room)).toBe('x');
  expect(cutAtGrapheme(text, 1 + bytes)).toBe(`x${grapheme}`);
  expect(cutAtGrapheme(text, 2 + bytes)).toBe(text);
  expect(cutAtGrapheme(text, 0)).toBe('');
});

test.each(GRAPHEMES)(
  'a long row of %s is cut between two of them, and as late as possible',
  (_name, grapheme, bytes) => {
    const text = grapheme.repeat(200);
    for (const room of [bytes * 3 - 1, bytes * 3, bytes * 3 + 1, bytes * 99 + bytes - 1]) {
      expect(cutAtGrapheme(text, room)).toBe(grapheme.repeat(Math.floor(room / bytes)));
    }
  },
);

test('a mark that comes right after the last byte that fits takes its letter with it', () => {
  expect(cutAtGrapheme('abc\u0301', 3)).toBe('ab');
  expect(cutAtGrapheme('ab👍🏽', 6)).toBe('ab');
  expect(cutAtGrapheme('abc🏽d', 3)).toBe('ab');
});

test('one grapheme larger than the room leaves nothing', () => {
  expect(cutAtGrapheme(`a${'\u0301'.repeat(5000)}`, 2942)).toBe('');
});

const textOf = (payload: Payload): MessageBody => {
  if (payload.kind !== 'message') throw new Error('not a message');
  return payload.message;
};

test('what fits is left as it is', () => {
  const payload = messageOf({ text: 'hello' }, { unread: 3, removed: [1, 2] });
  expect(fitPayload(payload)).toEqual(payload);
  expect(textOf(fitPayload(payload)).truncated).toBe(undefined);
});

test.each(BUCKETS)('bucket %i: the longest text that fits is not cut, one byte more is', (bucket) => {
  const empty = encodePayload(messageOf({ text: 'a'.repeat(256) })).length - 256;
  const most = bucket - 2 - empty;
  const whole = fitPayload(messageOf({ text: 'a'.repeat(most) }), bucket);
  expect(encodePayload(whole).length).toBe(bucket - 2);
  expect(textOf(whole)).toEqual({ ...hello, text: 'a'.repeat(most) });
  const cut = fitPayload(messageOf({ text: 'a'.repeat(most + 1) }), bucket);
  expect(textOf(cut).truncated).toBe(true);
  expect(textOf(cut).text).toBe('a'.repeat(most - 2));
  expect(encodePayload(cut).length).toBe(bucket - 2);
});

test.each(GRAPHEMES)('10,000 times %s: a prefix, flagged, in every bucket [R-PAY-19]', (_name, grapheme) => {
  const text = grapheme.repeat(10_000);
  for (const bucket of BUCKETS) {
    const fitted = fitPayload(messageOf({ text }), bucket);
    const encoded = encodePayload(fitted);
    const cut = textOf(fitted);
    expect(encoded.length).toBeLessThanOrEqual(bucket - 2);
    expect(encoded.length).toBeGreaterThan(bucket - 2 - 30 - grapheme.length * 2);
    expect(cut.text).toBe(grapheme.repeat(cut.text.length / grapheme.length));
    expect(cut.text.length).toBeGreaterThan(0);
    expect(cut.truncated).toBe(true);
    expect(decodePayload(encoded)).toEqual(fitted);
  }
});

test('an empty text stays empty and is not flagged', () => {
  const fitted = fitPayload(messageOf({ text: '' }));
  expect(textOf(fitted)).toEqual({ ...hello, text: '' });
});

test('a single grapheme larger than the bucket leaves an empty text, flagged', () => {
  const fitted = fitPayload(messageOf({ text: `a${'\u0301'.repeat(5000)}` }));
  expect(textOf(fitted)).toEqual({ ...hello, text: '', truncated: true });
});

test('names are cut to 128 bytes, at a grapheme border [R-PAY-20]', () => {
  const long = '👍🏽'.repeat(40);
  const fitted = textOf(
    fitPayload(
      messageOf({
        conversation: { kind: 'group', id: 1, name: long, topic: `a${long}` },
        sender: { name: `ab${long}` },
      }),
    ),
  );
  expect(fitted.conversation.name).toBe('👍🏽'.repeat(16));
  expect(fitted.conversation.topic).toBe(`a${'👍🏽'.repeat(15)}`);
  expect(fitted.sender.name).toBe(`ab${'👍🏽'.repeat(15)}`);
});

test('half a surrogate pair becomes U+FFFD instead of an error', () => {
  const fitted = fitPayload(
    messageOf({
      text: 'a\ud83d',
      sender: { name: '\udc4d' },
      conversation: { kind: 'direct', id: 1, name: '\ud83d' },
    }),
  );
  expect(textOf(fitted)).toMatchObject({
    text: 'a\ufffd',
    sender: { name: '\ufffd' },
    conversation: { name: '\ufffd' },
  });
  expect(decodePayload(encodePayload(fitted))).toEqual(fitted);
});

const REMOVED = Array.from({ length: 32 }, (_, i) => new Uint8Array(16).fill(i));

test('the list of what was removed stays while there is text to cut', () => {
  const fitted = fitPayload(messageOf({ text: 'a'.repeat(5000) }, { removed: REMOVED }));
  expect(fitted.removed).toEqual(REMOVED);
  expect(textOf(fitted).text.length).toBeGreaterThan(1000);
});

test('the list is shortened from its end only when not even an empty text fits beside it [R-PAY-21]', () => {
  const fitted = fitPayload(messageOf({ text: 'a'.repeat(5000) }, { removed: REMOVED }), 512);
  expect(fitted.removed).toEqual(REMOVED.slice(0, 16));
  expect(encodePayload(fitted).length).toBeLessThanOrEqual(510);
  expect(textOf(fitted).text.length).toBeGreaterThan(0);
});

test('a payload without text loses the list, as much of it as must be', () => {
  const references = Array.from({ length: 28 }, (_, i) => new Uint8Array(16).fill(i));
  const fitted = fitPayload(payloadOf({ kind: 'remove', references }, { removed: REMOVED }), 512);
  expect(fitted).toEqual(payloadOf({ kind: 'remove', references }));
});

test('what cannot be shortened is refused', () => {
  const references = Array.from({ length: 300 }, (_, i) => new Uint8Array(16).fill(i));
  const run = () => fitPayload(payloadOf({ kind: 'remove', references }));
  expect(run).toThrow(new ProtocolError('payload_too_large'));
});

test('300 references by number fit the default bucket', () => {
  const references = Array.from({ length: 300 }, (_, i) => 100_000 + i);
  expect(encodePayload(fitPayload(payloadOf({ kind: 'remove', references }))).length).toBeLessThanOrEqual(
    1854,
  );
});

test('the head of a payload is never touched', () => {
  const fitted = fitPayload(messageOf({ text: 'a'.repeat(5000) }, { unread: 9, counter: 77 }));
  expect(fitted).toMatchObject({ sentAt: SENT_AT, counter: 77, ttlSeconds: 3600, unread: 9 });
});

test('a message without words keeps its lack of a flag while the list is shortened', () => {
  const removed = Array.from({ length: 32 }, () => new Uint8Array(16).fill(7));
  const fitted = fitPayload(messageOf({ text: '' }, { removed }), 512);
  expect(fitted.removed?.length).toBe(16);
  expect(fitted.kind === 'message' && fitted.message.truncated).toBe(undefined);
});

test('a conversation without a name gets none', () => {
  const conversation = { kind: 'direct', id: 7 } as const;
  const fitted = fitPayload(messageOf({ conversation, text: 'a'.repeat(5000) }), 512);
  expect(fitted.kind === 'message' && fitted.message.conversation).toEqual(conversation);
});

test('room for exactly no text is room: the list stays, the text goes', () => {
  const removed = [new Uint8Array(16).fill(1)];
  const emptied = (padding: number): Payload =>
    messageOf(
      {
        conversation: { kind: 'channel', id: 1, name: 'n'.repeat(128), topic: 't'.repeat(128) },
        sender: { name: 's'.repeat(100), avatar: `/${'a'.repeat(padding)}` },
        text: '',
        truncated: true,
      },
      { removed },
    );
  // The avatar fills the bucket up to the 2 bytes that a longer head of the text may take.
  const padding = 512 - 2 - 2 - encodePayload(emptied(40)).length + 40;
  const full = emptied(padding);
  expect(encodePayload(full).length).toBe(512 - 2 - 2);
  if (full.kind !== 'message') throw new Error('a message');
  const fitted = fitPayload({ ...full, message: { ...full.message, text: 'a'.repeat(900) } }, 512);
  expect(fitted.removed).toEqual(removed);
  expect(fitted.kind === 'message' && fitted.message.text).toBe('');
});
