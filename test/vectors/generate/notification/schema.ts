// Authentic envelopes around strict CBOR that is no payload: a field of another type, out of its range, or missing.
import { type CborMap, type CborValue, encodeCbor } from '../../../../protocol/wire/cbor.ts';
import type { NotificationCase } from '../../shape/notification.ts';
import type { PayloadForm } from '../../shape/payload.ts';
import type { Flag } from '../flags.ts';
import { message, payload, payloadMap } from '../payload-cbor.ts';
import { type Field, frame, refusedInside } from './field.ts';

/** An id, what is wrong, where (keys from the outermost map inwards), and the value there; undefined takes it out. */
type Fault = readonly [
  id: string,
  comment: string,
  path: readonly number[],
  value: CborValue | undefined,
  ...flags: Flag[],
];

const BODY = 5;
const REFERENCE = [BODY, 1];
const CONVERSATION = [BODY, 2];
const SENDER = [BODY, 3];
const BIG = Number.MAX_SAFE_INTEGER;
const AVATAR = [...SENDER, 2];

const HEAD_FAULTS: readonly Fault[] = [
  ['sent-at-missing', 'no sent_at', [1], undefined],
  ['sent-at-negative', 'sent_at −1', [1], -1],
  ['sent-at-text', 'sent_at as text', [1], '1795262400000'],
  ['sent-at-null', 'null as sent_at', [1], null],
  ['counter-missing', 'no counter', [2], undefined],
  ['counter-0', 'counter 0: it counts from 1', [2], 0, 'Limit'],
  ['counter-negative', 'counter −1', [2], -1],
  ['counter-text', 'counter as text', [2], '17'],
  ['ttl-missing', 'no ttl', [3], undefined],
  ['ttl-0', 'ttl 0', [3], 0, 'Limit'],
  ['ttl-above', 'ttl of 28 days and a second', [3], 2_419_201, 'Limit'],
  ['ttl-ms', 'ttl in milliseconds: 3 days are 259200000', [3], 259_200_000, 'SilentFork'],
  ['ttl-text', 'ttl as text', [3], '259200'],
  ['kind-missing', 'no kind', [4], undefined],
  ['kind-text', 'kind as text', [4], 'message', 'SilentFork'],
  ['kind-negative', 'kind −1', [4], -1],
  ['kind-true', 'kind true, which some languages take for 1', [4], true, 'SilentFork'],
  ['kind-null', 'null as kind', [4], null],
  ['sent-at-true', 'sent_at true, which some languages take for 1', [1], true, 'SilentFork'],
  ['counter-true', 'counter true, which some languages take for 1', [2], true, 'SilentFork'],
  ['ttl-true', 'ttl true, which some languages take for 1', [3], true, 'SilentFork'],
  ['unread-true', 'unread true, which some languages take for 1', [6], true, 'SilentFork'],
  ['body-missing', 'no body', [5], undefined],
  ['body-null', 'null as body', [5], null],
  ['body-array', 'an array as body', [5], []],
  ['body-bytes', 'a byte string as body', [5], Uint8Array.of(0xa0)],
  ['unread-null', 'null for an absent unread', [6], null],
  ['unread-negative', 'unread −1', [6], -1],
  ['unread-text', 'unread as text', [6], '2'],
  ['removed-null', 'null for an absent removed', [7], null],
  ['removed-empty', 'an empty removed', [7], [], 'Limit'],
  ['removed-33', '33 references in removed', [7], counted(33), 'Limit'],
  ['removed-text', 'a text in removed', [7], ['4702'], 'Reference'],
  ['removed-negative', 'a negative reference in removed', [7], [-1], 'Reference'],
  ['removed-integer', 'an integer as removed', [7], 4702],
  ['removed-map', 'a map as removed', [7], new Map([[1, 4702]])],
];

const MESSAGE_FAULTS: readonly Fault[] = [
  ['reference-missing', 'no reference', REFERENCE, undefined],
  ['reference-text', 'a reference as text', REFERENCE, '4711', 'Reference', 'SilentFork'],
  ['reference-negative', 'a negative reference', REFERENCE, -1, 'Reference'],
  ['reference-0-bytes', 'a reference of no bytes', REFERENCE, new Uint8Array(0), 'Reference', 'Limit'],
  [
    'reference-17-bytes',
    'a reference of 17 bytes',
    REFERENCE,
    new Uint8Array(17).fill(7),
    'Reference',
    'Limit',
  ],
  ['reference-null', 'null as reference', REFERENCE, null, 'Reference'],
  ['reference-array', 'an array as reference', REFERENCE, [4711], 'Reference'],
  [
    'reference-true',
    'true as reference, which some languages take for 1',
    REFERENCE,
    true,
    'Reference',
    'SilentFork',
  ],
  ['conversation-missing', 'no conversation', CONVERSATION, undefined],
  ['conversation-text', 'a conversation as text', CONVERSATION, 'general'],
  ['conversation-kind-missing', 'a conversation without kind', [...CONVERSATION, 1], undefined],
  ['conversation-kind-0', 'conversation kind 0', [...CONVERSATION, 1], 0, 'Limit'],
  ['conversation-kind-4', 'conversation kind 4', [...CONVERSATION, 1], 4, 'Limit'],
  ['conversation-kind-text', 'conversation kind as text', [...CONVERSATION, 1], 'channel', 'SilentFork'],
  ['conversation-id-missing', 'a conversation without id', [...CONVERSATION, 2], undefined],
  ['conversation-id-text', 'a conversation id as text', [...CONVERSATION, 2], '12', 'Reference'],
  [
    'conversation-id-17-bytes',
    'a conversation id of 17 bytes',
    [...CONVERSATION, 2],
    new Uint8Array(17),
    'Limit',
  ],
  ['name-129', 'a conversation name of 129 bytes', [...CONVERSATION, 3], 'n'.repeat(129), 'Limit'],
  [
    'name-129-utf8',
    'a conversation name of 43 characters and 129 bytes',
    [...CONVERSATION, 3],
    '€'.repeat(43),
    'Limit',
  ],
  ['name-null', 'null for an absent name', [...CONVERSATION, 3], null],
  ['name-bytes', 'a name as bytes', [...CONVERSATION, 3], Uint8Array.of(0x67)],
  ['topic-129', 'a topic of 129 bytes', [...CONVERSATION, 4], 't'.repeat(129), 'Limit'],
  ['topic-null', 'null for an absent topic', [...CONVERSATION, 4], null],
  ['sender-missing', 'no sender', SENDER, undefined],
  ['sender-text', 'a sender as text', SENDER, 'bob'],
  ['sender-name-missing', 'a sender without name', [...SENDER, 1], undefined],
  ['sender-name-129', 'a sender name of 129 bytes', [...SENDER, 1], 'b'.repeat(129), 'Limit'],
  ['sender-name-null', 'null as sender name', [...SENDER, 1], null],
  ['avatar-empty', 'an empty avatar', AVATAR, ''],
  ['avatar-relative', 'an avatar without a slash before it', AVATAR, 'avatar/2'],
  ['avatar-url', 'an avatar that is a URL', AVATAR, 'https://tracker.example.net/2'],
  [
    'avatar-two-slashes',
    'an avatar that begins with two slashes: another host',
    AVATAR,
    '//tracker.example.net/2',
  ],
  [
    'avatar-backslash',
    'an avatar with a backslash, which URL parsers take for a slash',
    AVATAR,
    '/\\tracker.example.net/2',
  ],
  ['avatar-space', 'an avatar with a space', AVATAR, '/avatar/2 3'],
  ['avatar-tab', 'an avatar with a tab, which URL parsers drop', AVATAR, '/\t/tracker.example.net/2'],
  ['avatar-newline', 'an avatar with a newline at its end', AVATAR, '/avatar/2\n'],
  ['avatar-nul', 'an avatar with U+0000', AVATAR, '/avatar/\u0000'],
  ['avatar-unit-separator', 'an avatar with U+001F', AVATAR, '/avatar/\u001f'],
  ['avatar-delete', 'an avatar with U+007F', AVATAR, '/avatar/\u007f'],
  ['avatar-256', 'an avatar of 256 bytes', AVATAR, `/${'a'.repeat(255)}`, 'Limit'],
  ['avatar-null', 'null for an absent avatar', AVATAR, null],
  ['text-missing', 'no text', [BODY, 4], undefined],
  ['text-null', 'null as text', [BODY, 4], null],
  ['text-bytes', 'text as bytes', [BODY, 4], Uint8Array.of(0x68, 0x69)],
  ['truncated-false', 'truncated false: a flag is true or absent', [BODY, 5], false],
  ['truncated-1', 'truncated 1', [BODY, 5], 1],
  ['truncated-null', 'null for an absent truncated', [BODY, 5], null],
  ['edited-false', 'edited false', [BODY, 6], false],
  ['edited-text', 'edited as text', [BODY, 6], 'yes'],
  ['mention-0', 'mention 0', [BODY, 7], 0, 'Limit'],
  ['mention-4', 'mention 4', [BODY, 7], 4, 'Limit'],
  ['mention-true', 'mention true, which some languages take for 1', [BODY, 7], true, 'SilentFork'],
  ['mention-text', 'mention as text', [BODY, 7], 'personal', 'SilentFork'],
  ['mention-null', 'null for an absent mention', [BODY, 7], null],
];

const REMOVE_FAULTS: readonly Fault[] = [
  ['remove-missing', 'a remove without references', REFERENCE, undefined],
  ['remove-empty', 'a remove with no reference', REFERENCE, [], 'Limit'],
  ['remove-301', 'a remove with 301 references', REFERENCE, counted(301), 'Limit'],
  ['remove-integer', 'a remove with an integer for the list', REFERENCE, 4711],
  ['remove-text', 'a remove with a reference as text', REFERENCE, ['4711'], 'Reference'],
  [
    'remove-17-bytes',
    'a remove with a reference of 17 bytes',
    REFERENCE,
    [4711, new Uint8Array(17)],
    'Reference',
  ],
];

const TEST_FAULTS: readonly Fault[] = [
  ['nonce-missing', 'a test without nonce', REFERENCE, undefined],
  ['nonce-15', 'a nonce of 15 bytes', REFERENCE, new Uint8Array(15), 'Limit'],
  ['nonce-17', 'a nonce of 17 bytes', REFERENCE, new Uint8Array(17), 'Limit'],
  ['nonce-text', 'a nonce as text of 16 characters', REFERENCE, 'a0a1a2a3a4a5a6a7'],
  ['nonce-integer', 'a nonce as an integer', REFERENCE, BIG],
];

/** Kinds whose body has no field, and one that is not known: the body is a map all the same. */
const EMPTY_BODIES = [3, 5, 9].flatMap((kind) =>
  (
    [
      ['null', null],
      ['array', []],
      ['missing', undefined],
    ] as const
  ).map(([name, value]) => ({ kind, name, value })),
);

const NO_MAPS: readonly (readonly [id: string, comment: string, value: CborValue])[] = [
  ['no-map-array', 'the payload is an array', [1, 2, 3]],
  ['no-map-integer', 'the payload is an integer', 7],
  ['no-map-bytes', 'the payload is a byte string around CBOR', Uint8Array.of(0xa0)],
  ['no-map-null', 'the payload is null', null],
  ['no-map-empty', 'the payload is an empty map', new Map()],
];

export function schemaCases(field: Field): NotificationCase[] {
  const faulty =
    (form: PayloadForm) =>
    ([id, comment, path, value, ...flags]: Fault): NotificationCase =>
      around(field, id, comment, changed(payloadMap(form), path, value), flags);
  return [
    ...HEAD_FAULTS.map(faulty(message())),
    ...MESSAGE_FAULTS.map(faulty(message())),
    ...REMOVE_FAULTS.map(faulty(payload(2, { references: [4711] }))),
    ...TEST_FAULTS.map(faulty(payload(4, { nonce: 'a0'.repeat(16) }))),
    ...EMPTY_BODIES.map(({ kind, name, value }) =>
      faulty(payload(kind))([
        `body-${name}-kind-${kind}`,
        `kind ${kind} with a body that is ${name}`,
        [5],
        value === undefined ? undefined : (value as CborValue),
      ]),
    ),
    ...NO_MAPS.map(([id, comment, value]) => around(field, id, comment, value, [])),
  ];
}

function around(
  field: Field,
  id: string,
  comment: string,
  value: CborValue,
  flags: readonly Flag[],
): NotificationCase {
  const cbor = encodeCbor(value);
  const bucket = [512, 1024, 1856, 2944].find((size) => cbor.length <= size - 2) ?? 2944;
  return refusedInside(field, [`schema-${id}`, comment, 'payload', 'Schema', ...flags], 'schema', {
    cbor,
    plaintext: frame(cbor, bucket),
  });
}

/** The map with the value at a path replaced, or taken out. */
function changed(map: CborMap, path: readonly number[], value: CborValue | undefined): CborMap {
  const [key, ...rest] = path as [number, ...number[]];
  const inner = map.get(key);
  if (rest.length > 0 && inner instanceof Map) changed(inner, rest, value);
  else if (value === undefined) map.delete(key);
  else map.set(key, value);
  return map;
}

function counted(length: number): number[] {
  return Array.from({ length }, (_, index) => index + 1);
}
