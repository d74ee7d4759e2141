// What opens: every kind, every bucket, the limits, and what a later version may add.
import type { OpeningKey } from '../../../../protocol/content/open/open.ts';
import { type CborValue, encodeCbor } from '../../../../protocol/wire/cbor.ts';
import { SUITE_X25519_PSK } from '../../../../protocol/wire/suites.ts';
import { unhex } from '../../device/unhex.ts';
import type { NotificationCase } from '../../shape/notification.ts';
import type { PayloadForm } from '../../shape/payload.ts';
import { withRawPair } from '../bad-cbor.ts';
import { draw } from '../draw.ts';
import { HELLO, message, payload, payloadCbor, payloadMap } from '../payload-cbor.ts';
import { everyThird, type Told } from '../told.ts';
import { type Choice, type Field, valid } from './field.ts';

const BIG = Number.MAX_SAFE_INTEGER;
const UNKNOWN_KEY = 99;
const LONG_NAME = 'n'.repeat(128);
const IDS_300 = Array.from({ length: 300 }, (_, index) => index + 1);

export function acceptedCases(field: Field): NotificationCase[] {
  const opens = (told: Told, form: PayloadForm, choice: Choice = {}): NotificationCase =>
    valid(field, told, form, choice);
  const fields = [...fieldCases(opens), ...unknownCases(opens)];
  return [
    ...kindCases(opens),
    ...bucketCases(field, opens),
    ...(field.suite.id === SUITE_X25519_PSK.id ? fields : everyThird(fields)),
    ...keyCases(field, opens),
  ];
}

type Opens = (told: Told, form: PayloadForm, choice?: Choice) => NotificationCase;

function kindCases(opens: Opens): NotificationCase[] {
  const least: PayloadForm = payload(1, {
    reference: 1,
    conversation: { kind: 1, id: 1 },
    sender: { name: 'bob' },
    text: 'hi',
  });
  const all = message(
    { truncated: true, edited: true, mention: 1 },
    { unread: 2, removed: [4702, '01020304', 0] },
  );
  return [
    opens(['kind-message', 'a message', 'payload', 'Kind'], message()),
    opens(['kind-message-least', 'a message with no optional field', 'payload', 'Kind'], least),
    opens(['kind-message-most', 'a message with every optional field', 'payload', 'Kind'], all),
    opens(
      ['kind-remove', 'a remove of an integer and of bytes', 'payload', 'Kind', 'Reference'],
      payload(2, { references: [4711, '01020304'] }),
    ),
    opens(
      ['kind-remove-300', 'a remove of 300 references', 'payload', 'Kind', 'Limit'],
      payload(2, { references: IDS_300 }),
      { bucket: 1024 },
    ),
    opens(['kind-badge', 'a badge', 'payload', 'Kind'], payload(3, {}, { unread: 5 })),
    opens(
      ['kind-badge-least', 'a badge without unread: only the epoch is news', 'payload', 'Kind'],
      payload(3),
    ),
    opens(
      ['kind-test', 'a test', 'payload', 'Kind'],
      payload(4, { nonce: 'a0a1a2a3a4a5a6a7a8a9aaabacadaeaf' }),
    ),
    opens(['kind-session', 'a session', 'payload', 'Kind'], payload(5)),
    opens(['kind-0', 'kind 0, which is unknown', 'payload', 'UnknownKind'], payload(0)),
    opens(['kind-6', 'kind 6, which is unknown', 'payload', 'UnknownKind'], payload(6)),
    opens(['kind-7', 'kind 7, which is reserved', 'payload', 'UnknownKind'], payload(7)),
    opens(['kind-8', 'kind 8, which is reserved', 'payload', 'UnknownKind'], payload(8)),
    opens(['kind-max', 'kind 2^53 − 1, which is unknown', 'payload', 'UnknownKind', 'Limit'], payload(BIG)),
  ];
}

function bucketCases(field: Field, opens: Opens): NotificationCase[] {
  return field.suite.buckets.flatMap((bucket) => {
    const room = bucket - 2 - payloadCbor(message({ text: '' })).length;
    // The head of a text has 1 byte up to 23 bytes, 2 up to 255, 3 above: the empty one has 1.
    const full = message({ text: 't'.repeat(room - 2) });
    return [
      opens([`bucket-${bucket}`, `a bucket of ${bucket}`, 'padding', 'Bucket'], message(), { bucket }),
      opens(
        [`bucket-${bucket}-full`, `a bucket of ${bucket} without padding`, 'padding', 'Bucket', 'Limit'],
        full,
        { bucket },
      ),
    ];
  });
}

function fieldCases(opens: Opens): NotificationCase[] {
  const { conversation } = HELLO;
  const kinds = [1, 2, 3].map((kind) =>
    opens(
      [`conversation-kind-${kind}`, `conversation kind ${kind}`, 'payload', 'Kind'],
      message({ conversation: { ...conversation, kind } }),
    ),
  );
  const mentions = [1, 2, 3].map((mention) =>
    opens([`mention-${mention}`, `mention ${mention}`, 'payload', 'Kind'], message({ mention })),
  );
  return [
    ...kinds,
    ...mentions,
    opens(['reference-0', 'reference 0', 'payload', 'Reference', 'Limit'], message({ reference: 0 })),
    opens(
      ['reference-max', 'reference 2^53 − 1', 'payload', 'Reference', 'Limit'],
      message({ reference: BIG }),
    ),
    opens(
      [
        'reference-1-byte',
        'a reference of the byte 07, which is not the integer 7',
        'payload',
        'Reference',
        'SilentFork',
      ],
      message({ reference: '07' }),
    ),
    opens(
      ['reference-16-bytes', 'a reference of 16 bytes', 'payload', 'Reference', 'Limit'],
      message({ reference: '00112233445566778899aabbccddeeff' }),
    ),
    opens(
      ['conversation-id-bytes', 'a conversation id of bytes', 'payload', 'Reference'],
      message({ conversation: { ...conversation, id: 'c0ffee' } }),
    ),
    opens(
      ['text-empty', 'an empty text: sender and conversation are shown', 'payload', 'Text', 'Limit'],
      message({ text: '' }),
    ),
    opens(
      ['text-emoji', 'a family of four and a flag, each one grapheme', 'payload', 'Text'],
      message({ text: '👨‍👩‍👧‍👦🏴󠁧󠁢󠁷󠁬󠁳󠁿' }),
    ),
    opens(
      ['text-scripts', 'a text of many scripts', 'payload', 'Text'],
      message({ text: 'שלום مرحبا नमस्ते 你好 สวัสดี e\u0301' }),
    ),
    opens(
      ['text-control', 'a text with U+0000, a newline and a byte order mark, which stay', 'payload', 'Text'],
      message({ text: '\ufeffa\u0000b\n' }),
    ),
    opens(
      ['text-cut', 'a text that was cut between two graphemes', 'payload', 'Text'],
      message({ text: 'Soup or ', truncated: true }),
    ),
    opens(['edited', 'an edited message', 'payload', 'Kind'], message({ edited: true })),
    opens(
      ['names-128', 'names and topic of 128 bytes, an avatar of 255', 'payload', 'Limit'],
      message({
        conversation: { ...conversation, name: LONG_NAME, topic: LONG_NAME },
        sender: { name: LONG_NAME, avatar: `/${'a'.repeat(254)}` },
      }),
      { bucket: 1024 },
    ),
    opens(
      ['names-empty', 'empty names and an avatar of one slash', 'payload', 'Limit'],
      message({ conversation: { ...conversation, name: '', topic: '' }, sender: { name: '', avatar: '/' } }),
    ),
    opens(
      ['avatar-utf8', 'an avatar with letters beyond ASCII', 'payload', 'Text'],
      message({ sender: { name: 'bob', avatar: '/avatar/böb' } }),
    ),
    opens(
      ['removed-32', '32 references in removed', 'payload', 'Limit'],
      message({}, { removed: IDS_300.slice(0, 32) }),
    ),
    opens(
      ['integers-max', 'sent_at, counter and unread of 2^53 − 1, ttl of 28 days', 'payload', 'Limit'],
      message({}, { sent_at: BIG, counter: BIG, ttl: 2_419_200, unread: BIG }),
    ),
    opens(
      ['integers-min', 'sent_at 0, counter 1, ttl 1, unread 0', 'payload', 'Limit'],
      message({}, { sent_at: 0, counter: 1, ttl: 1, unread: 0 }),
    ),
  ];
}

function unknownCases(opens: Opens): NotificationCase[] {
  const anything = new Map<number, CborValue>([[0, [true, null, -BIG, 'text', Uint8Array.of(1)]]]);
  const added = (id: string, says: string, path: readonly number[], value: CborValue): NotificationCase => {
    const map = payloadMap(message());
    let place = map;
    for (const key of path) place = place.get(key) as typeof map;
    place.set(UNKNOWN_KEY, value);
    return opens([`unknown-${id}`, `an unknown key in ${says}`, 'payload', 'UnknownField'], message(), {
      cbor: encodeCbor(map),
    });
  };
  const small = payloadCbor(message());
  const deep = unhex('81818100');
  const long = unhex(`990200${'00'.repeat(512)}`);
  const farKey = encodeCbor(payloadMap(message()).set(BIG, 1));
  const kindBody = encodeCbor(
    payloadMap(payload(9)).set(5, new Map<number, CborValue>([[1, 'a field of a later version']])),
  );
  const told = (id: string, says: string): Told => [
    `unknown-${id}`,
    says,
    'payload',
    'UnknownField',
    'Limit',
  ];
  return [
    added('in-payload', 'the payload', [], anything),
    added('in-body', 'the body', [5], anything),
    added('in-conversation', 'the conversation', [5, 2], true),
    added('in-sender', 'the sender', [5, 3], -1),
    opens(told('depth-4', 'an unknown key with arrays to depth 4'), message(), {
      cbor: withRawPair(small, UNKNOWN_KEY, deep),
    }),
    opens(told('array-512', 'an unknown key with an array of 512 items'), message(), {
      cbor: withRawPair(small, UNKNOWN_KEY, long),
      bucket: 1024,
    }),
    opens(told('key-max', 'the unknown key 2^53 − 1'), message(), { cbor: farKey }),
    opens(
      ['unknown-key-0', 'the unknown key 0, before all others', 'payload', 'UnknownField', 'Limit'],
      message(),
      { cbor: encodeCbor(payloadMap(message()).set(0, 'zero')) },
    ),
    opens(
      [
        'unknown-kind-body',
        'an unknown kind with a body of its own',
        'payload',
        'UnknownKind',
        'UnknownField',
      ],
      payload(9),
      { cbor: kindBody },
    ),
  ];
}

function keyCases(field: Field, opens: Opens): NotificationCase[] {
  const { phone } = field;
  const label = 'a'.repeat(63);
  const longest: OpeningKey = {
    ...phone,
    origin: `https://${label}.${label}.${label}.${'b'.repeat(49)}:65535`,
    appId: 'A'.repeat(255),
  };
  const other: OpeningKey = {
    ...phone,
    kid: draw(`${field.prefix} other kid`, 4),
    privateKey: draw(`${field.prefix} other key`, 32),
  };
  return [
    opens(
      ['info-longest', 'origin and app id of 255 bytes each: info has 555', 'binding', 'Limit', 'Binding'],
      message(),
      { key: longest },
    ),
    opens(
      ['info-shortest', 'an origin and an app id of one letter', 'binding', 'Limit', 'Binding'],
      message(),
      { key: { ...phone, origin: 'https://a', appId: 'b' } },
    ),
    opens(['origin-ipv4', 'an IPv4 address as origin', 'origins', 'Origin'], message(), {
      key: { ...phone, origin: 'https://192.0.2.1:8443' },
    }),
    valid(
      field,
      ['keys-second', 'two live keys: the kid names the second', 'replacement', 'Binding'],
      message(),
      {},
      [other, phone],
    ),
    valid(
      field,
      ['keys-first', 'two live keys: the kid names the first', 'replacement', 'Binding'],
      message(),
      {},
      [phone, other],
    ),
  ];
}
