// Appendix C of SPEC.md says what the code says: its numbers, its fields, its expression.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { decodeZulipPayload } from '../../protocol/content/zulip/payload.ts';
import { SECRETBOX_TAG } from '../../protocol/content/zulip/push-key.ts';
import { utf8 } from '../../protocol/wire/bytes.ts';
import { APP_ID_BYTES_MAX, CLOCK_TOLERANCE_SECONDS } from '../../protocol/wire/limits.ts';
import * as limits from '../../protocol/wire/zulip/limits.ts';
import { SPEC_URL } from '../docs/spec-text.ts';
import { message } from './alice-phone.ts';
import { MESSAGE, PUSH_KEY, REMOVE, TEST } from './known-answers.ts';
import { refusal } from './refusal.ts';

const spec = readFileSync(SPEC_URL, 'utf8');
const start = spec.indexOf("## Appendix C. Mapping to Zulip's format");
const appendix = spec.slice(start, spec.indexOf('\n## ', start + 1));

/** Every limit, and the words in which the appendix has it. */
const WORDS: Record<keyof typeof limits, (value: number) => string> = {
  SECRETBOX_OVERHEAD_BYTES: (value) => `XSalsa20-Poly1305, ${value} bytes over the plaintext`,
  SEALED_BOX_OVERHEAD_BYTES: (value) => `${value} bytes over the JSON`,
  PUSH_KEY_BYTES: (value) => `exactly ${value} bytes in standard Base64`,
  PUSH_KEY_ID_MAX: (value) => `{"aps":{…},"push_key_id":${value},`,
  ZULIP_PLAINTEXT_BYTES_MAX: (value) => `compact JSON in UTF-8, of at most ${value} bytes`,
  ZULIP_ENCRYPTED_DATA_CHARACTERS_MAX: (value) => `at most ${value} characters of canonical`,
  ZULIP_MESSAGE_IDS_MAX: (value) => `at most ${value} unsigned integers`,
  ZULIP_NAME_BYTES_MAX: (value) => `names are cut to ${value} bytes of JSON`,
  ZULIP_TOKEN_CHARACTERS_MAX: (value) => `"token": text of 1 … ${value}`,
  TOKEN_ID_BYTES: (value) => `SHA-256(UTF-8 of the token)[0..${value}]`,
  ZULIP_SEALED_REGISTRATION_CHARACTERS_MAX: (value) => `at most ${value} characters`,
  ZULIP_REGISTRATION_AGE_SECONDS_MAX: (value) => `Older than ${value} seconds is expired`,
};

test('appendix C has every limit of the code', () => {
  expect(Object.keys(WORDS).sort()).toEqual(Object.keys(limits).sort());
  for (const [name, value] of Object.entries(limits)) {
    expect(appendix, name).toContain(WORDS[name as keyof typeof limits](value));
  }
  expect(appendix).toContain(`more than ${CLOCK_TOLERANCE_SECONDS} seconds ahead`);
  expect(appendix).toContain(`at most ${APP_ID_BYTES_MAX};`);
  expect(appendix).toContain(`base64(0x${SECRETBOX_TAG.toString(16)} ‖ 32 random bytes)`);
  expect(appendix).toContain(`${PUSH_KEY.length} characters, made by the app`);
});

/** The fields of the table, with the types of payload that have them. */
const ROWS = [...appendix.matchAll(/^\| (`[a-z_`, ]+) \| .* \| (all|message.*|remove) \|$/gm)].flatMap(
  (match) =>
    (match[1] as string)
      .replaceAll('`', '')
      .split(', ')
      .map((field) => ({ field, of: match[2] as string })),
);
const fieldsOf = (...kinds: string[]) =>
  ROWS.filter(({ of }) => ['all', ...kinds].includes(of))
    .map(({ field }) => field)
    .sort();
const keysOf = (value: object) => Object.keys(value).sort();

test('the table of fields is complete, for every type', () => {
  const {
    channel_name: _,
    channel_id: __,
    topic: ___,
    ...rest
  } = message as unknown as Record<string, unknown>;
  const mentioned = { mentioned_user_group_id: 4, mentioned_user_group_name: 'cooks' };
  const direct = { ...rest, ...mentioned, recipient_type: 'direct', recipient_user_ids: [3, 7] };
  const decode = (value: object) => decodeZulipPayload(utf8(JSON.stringify(value))) as object;
  expect(keysOf(decode({ ...JSON.parse(MESSAGE.plaintext), ...mentioned }))).toEqual(
    fieldsOf('message', 'message, test', 'message, channel'),
  );
  expect(keysOf(decode(direct))).toEqual(fieldsOf('message', 'message, test', 'message, direct'));
  expect(keysOf(decode(JSON.parse(REMOVE.plaintext)))).toEqual(fieldsOf('remove'));
  expect(keysOf(decode(JSON.parse(TEST.plaintext)))).toEqual(fieldsOf('message, test'));
  expect(refusal(() => decode(rest))).toBe('payload_malformed');
});

test('the sizes at the providers are those of the longest plaintext', () => {
  const text = 4 * Math.ceil((limits.ZULIP_PLAINTEXT_BYTES_MAX + limits.SECRETBOX_OVERHEAD_BYTES) / 3);
  const aps = { 'mutable-content': 1, alert: { title: 'New notification' }, sound: 'default' };
  const apns = JSON.stringify({ aps, push_key_id: limits.PUSH_KEY_ID_MAX, encrypted_data: 'a'.repeat(text) });
  const fcm = `push_key_id${limits.PUSH_KEY_ID_MAX}encrypted_data`.length + text;
  expect(appendix).toContain(`at most ${apns.length} bytes, FCM data ${fcm}.`);
});
