// Notifications in Zulip's form that open to something wrong: a field missing, null, of another type or beyond a border;
// another account; a type of a later version.
import { utf8 } from '../../../../protocol/wire/bytes.ts';
import type { JsonObject, ZulipCase } from '../../shape/zulip-secretbox.ts';
import type { Flag } from '../flags.ts';
import { base64, box, DIRECT, json, MESSAGE, opens, REMOVE, received, stops, TEST } from './field.ts';

const CHARACTERS_MAX = 4048;
const BOX_BYTES_MAX = (CHARACTERS_MAX / 4) * 3;
const BOX_OVERHEAD_BYTES = 40;
const GROUP = { ...MESSAGE, mentioned_user_group_id: 5, mentioned_user_group_name: 'cooks' };

/** A name, what is wrong, a good payload, the field, and its value; undefined takes it out. */
type Fault = readonly [
  id: string,
  comment: string,
  of: JsonObject,
  field: string,
  value: unknown,
  flag?: Flag,
];

const FAULTS: readonly Fault[] = [
  ...Object.keys(MESSAGE).flatMap((field): Fault[] => [
    [`missing-${dashed(field)}`, `a message without ${field}`, MESSAGE, field, undefined],
    [`null-${dashed(field)}`, `a message with null as ${field}`, MESSAGE, field, null],
    [
      `type-${dashed(field)}`,
      `a message with ${field} of another type`,
      MESSAGE,
      field,
      otherType(MESSAGE[field]),
    ],
  ]),
  [
    'missing-recipient-user-ids',
    'a direct message without recipient_user_ids',
    DIRECT,
    'recipient_user_ids',
    undefined,
  ],
  ['null-recipient-user-ids', 'null as recipient_user_ids', DIRECT, 'recipient_user_ids', null],
  ['type-recipient-user-ids', 'recipient_user_ids as texts', DIRECT, 'recipient_user_ids', ['3', '7']],
  [
    'negative-recipient-user-ids',
    'a negative id in recipient_user_ids',
    DIRECT,
    'recipient_user_ids',
    [-3, 7],
  ],
  ['recipient-type-group', 'a recipient_type that there is not', MESSAGE, 'recipient_type', 'group'],
  ['group-id-null', 'null for an absent mentioned_user_group_id', GROUP, 'mentioned_user_group_id', null],
  ['group-id-text', 'mentioned_user_group_id as text', GROUP, 'mentioned_user_group_id', '5'],
  [
    'group-name-null',
    'null for an absent mentioned_user_group_name',
    GROUP,
    'mentioned_user_group_name',
    null,
  ],
  ['missing-message-ids', 'a removal without message_ids', REMOVE, 'message_ids', undefined],
  ['null-message-ids', 'null as message_ids', REMOVE, 'message_ids', null],
  ['message-ids-text', 'message_ids as texts', REMOVE, 'message_ids', ['31']],
  ['message-ids-integer', 'message_ids as an integer', REMOVE, 'message_ids', 31],
  ['message-ids-negative', 'a negative id in message_ids', REMOVE, 'message_ids', [-1]],
  ['message-ids-fraction', 'an id with a fraction in message_ids', REMOVE, 'message_ids', [1.5]],
  ['message-ids-201', 'a removal of 201', REMOVE, 'message_ids', counted(201), 'Limit'],
  ['test-missing-time', 'a test without time', TEST, 'time', undefined],
  ['time-null', 'a test with null as time', TEST, 'time', null],
  ['time-negative', 'time −1', TEST, 'time', -1, 'Limit'],
  ['time-fraction', 'time with a fraction', TEST, 'time', 1.5],
  ['time-2-53', 'time 2^53', TEST, 'time', 2 ** 53, 'Limit'],
  ['user-id-text', 'user_id as text', TEST, 'user_id', '7'],
  ['user-id-negative', 'user_id −1', TEST, 'user_id', -1, 'Limit'],
  ['realm-url-empty', 'an empty realm_url', TEST, 'realm_url', ''],
  ['realm-url-host', 'a realm_url without scheme', TEST, 'realm_url', 'chat.example.org'],
  ['realm-url-path', 'a realm_url that is a path', TEST, 'realm_url', '/chat'],
  ['realm-url-ftp', 'a realm_url of another scheme', TEST, 'realm_url', 'ftp://chat.example.org'],
  ['realm-url-javascript', 'a realm_url that is a script', TEST, 'realm_url', 'javascript:alert(1)'],
  ['avatar-data', 'a sender_avatar_url of another scheme', MESSAGE, 'sender_avatar_url', 'data:,x'],
  ['avatar-path', 'a sender_avatar_url that is a path', MESSAGE, 'sender_avatar_url', '/avatar/3'],
];

export function badZulipContent(): ZulipCase[] {
  const around =
    (step: 'schema' | 'type' | 'account') =>
    (id: string, comment: string, plaintext: Uint8Array, flag: Flag = 'Schema'): ZulipCase =>
      stops([id, comment, 'zulipOpen', flag], step, received(box(id, plaintext)));
  const schema = around('schema');
  const account = around('account');
  return [
    ...FAULTS.map(([id, comment, of, field, value, flag]) =>
      schema(id, comment, json({ ...of, [field]: value }), flag),
    ),
    schema('not-json', 'no JSON', utf8('hello')),
    schema('not-utf8', 'no UTF-8', Uint8Array.of(0x22, 0xff, 0x22)),
    schema('array', 'an array', json([MESSAGE])),
    schema('null', 'null', json(null)),
    schema('integer', 'an integer of one byte', json(7), 'Limit'),
    schema('empty-plaintext', 'nothing', new Uint8Array(0), 'Limit'),
    schema(
      'two-values',
      'two payloads, one behind the other',
      utf8(JSON.stringify(TEST) + JSON.stringify(TEST)),
    ),
    around('type')(
      'type-later',
      'a type of a later version: dropped',
      json({ ...TEST, type: 'call' }),
      'UnknownKind',
    ),
    around('type')(
      'type-case',
      'a type with a capital letter: another one',
      json({ ...TEST, type: 'Test' }),
      'UnknownKind',
    ),
    account('account-user', 'of another user', json({ ...TEST, user_id: 8 }), 'Binding'),
    account(
      'account-realm',
      'of another realm',
      json({ ...TEST, realm_url: 'https://chat.example.net' }),
      'Binding',
    ),
    account(
      'account-port',
      'of another port of the realm',
      json({ ...TEST, realm_url: 'https://chat.example.org:8443' }),
      'Binding',
    ),
    account(
      'account-scheme',
      'of the realm over http',
      json({ ...TEST, realm_url: 'http://chat.example.org' }),
      'Binding',
    ),
    opens(['account-path', 'realm_url with a slash: the same origin', 'zulipOpen', 'Binding'], {
      ...TEST,
      realm_url: 'https://chat.example.org/',
    }),
    ...lengthCases(),
  ];
}

/** The longest encrypted_data that is looked at, and the next. */
function lengthCases(): ZulipCase[] {
  const least = json({ ...TEST, filler: '' }).length;
  const filled = (bytes: number): JsonObject => ({ ...TEST, filler: 'f'.repeat(bytes - least) });
  const long = box('length-4052', json(filled(BOX_BYTES_MAX + 3 - BOX_OVERHEAD_BYTES)));
  return [
    opens(
      ['length-4048', '4,048 characters', 'zulipOpen', 'Limit'],
      TEST,
      filled(BOX_BYTES_MAX - BOX_OVERHEAD_BYTES),
    ),
    stops(
      ['length-4052', '4,052 characters', 'zulipOpen', 'Limit', 'Length'],
      'length',
      received(base64(long)),
    ),
  ];
}

function otherType(value: unknown): unknown {
  return typeof value === 'number' ? `${value}` : 7;
}

function dashed(field: string): string {
  return field.replaceAll('_', '-');
}

function counted(length: number): number[] {
  return Array.from({ length }, (_, index) => index);
}
