// The numbers in the sentences of SPEC.md: each that has a unit is a constant of the code, or is listed here as a fact that
// no code has. A changed number leaves its phrase missing; a new sentence with a number asks for a phrase.
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import * as limits from '../../protocol/wire/limits.ts';
import { SPEC_URL, tableRows } from './spec-text.ts';

const spec = readFileSync(SPEC_URL, 'utf8');

/** Sections 3 to 14, 16 and 17 without code. Section 15 is read by spec-limits.test.ts, appendix C by test/zulip. */
const prose: string = spec
  .slice(spec.indexOf('\n## 3. '), spec.indexOf('\n## 18. '))
  .replace(/^## 15\. [\s\S]*?(?=^## 16\. )/m, '')
  .replace(/^```[\s\S]*?^```/gm, '');

const MENTION =
  /\b\d+(?: (?:fresh )?(?:random )?(?:s|h|minutes|hours|days|bytes|characters|items|pairs|references|keys|handles|of them)\b| %)/g;

/** The first number of a constant that only one side has, as the table of section 15 quotes its source. */
function ofOneSide(constant: string): number {
  const row = tableRows(spec, 'constants of one side').find(([name]) => name === constant);
  return Number(row?.[1]?.match(/[\d_]+/)?.[0].replaceAll('_', ''));
}

function inBase64url(bytes: number): number {
  return Math.ceil((bytes * 4) / 3);
}

const DAY_SECONDS = 86_400;
const minutes = limits.CLOCK_TOLERANCE_SECONDS / 60;
const rememberedHours = limits.ATTEMPT_REMEMBERED_SECONDS / 3600;
const ttlDays = limits.TTL_SECONDS_MAX / DAY_SECONDS;
const largestBucket = Math.max(...limits.BUCKETS);
const INFO_BYTES_MAX: number =
  26 + 1 + 1 + limits.ORIGIN_BYTES_MAX + 1 + limits.APP_ID_BYTES_MAX + limits.REGISTRATION_ID_BYTES;
const CHALLENGE_PUSH_BYTES: number =
  limits.ATTEMPT_BYTES + limits.CHALLENGE_BYTES + limits.CHALLENGE_MAC_BYTES;
const shortest = limits.ENVELOPE_BYTES_MIN - Math.min(...limits.BUCKETS);

/** What the code says, in the words of SPEC.md. */
const SAID: readonly string[] = [
  `registration_id\` (${limits.REGISTRATION_ID_BYTES} random bytes)`,
  `\`kid\` (${limits.KID_BYTES} random bytes`,
  `\`chain[0]\` (${limits.CHAIN_BYTES} random bytes)`,
  `**Handle**: ${limits.HANDLE_BYTES} random bytes`,
  `lies behind its stored epoch for ${ofOneSide('BEHIND_DAYS_MAX')} days`,
  `jumped by more than ${ofOneSide('JUMP_DAYS_MAX')} days`,
  `under a key older than ${limits.KEY_AGE_DAYS_MAX} days`,
  `is replaced or is ${limits.KEY_AGE_DAYS_MAX} days old`,
  `at least ${limits.KEY_AGE_DAYS_MAX} days ahead, the longest that a key lives`,
  `silent for ${ofOneSide('SILENT_MILLISECONDS')} days`,
  `replaces a key every ${ofOneSide('KEY_LIFE_SECONDS')} days`,
  `a key that is ${ofOneSide('KEY_LIFE_SECONDS')} days old`,
  `hold at most ${limits.LIVE_KIDS_MAX} keys of a registration`,
  `nor, within ${limits.ATTEMPT_PENDING_SECONDS} s, \`pending\``,
  `not confirmed within ${limits.ATTEMPT_PENDING_SECONDS} s`,
  `gives the handle back ${ofOneSide('GRACE_MILLISECONDS')} minutes after`,
  `An origin has at most ${limits.ORIGIN_BYTES_MAX} bytes`,
  `An app id has 1 to ${limits.APP_ID_BYTES_MAX} bytes`,
  `become active for ${rememberedHours} h`,
  `handle lives, and ${rememberedHours} h after`,
  `answers \`gone\` for ${ofOneSide('GONE_REMEMBERED_SECONDS')} days`,
  `0 to ${limits.BOUNCER_KEYS_MAX} bouncer keys and at most ${limits.BOUNCER_KEY_LIST_BYTES_MAX} bytes`,
  `by at most ${limits.BOUNCER_KEY_LIST_LIFE_SECONDS_MAX / DAY_SECONDS} days`,
  `has ${limits.PUBLIC_KEY_BYTES_MIN} to ${limits.PUBLIC_KEY_BYTES_MAX} bytes`,
  `at most ${inBase64url(limits.BOUNCER_KEY_LIST_BYTES_MAX)} characters`,
  `later than ${limits.BOUNCER_KEY_OPEN_SECONDS / DAY_SECONDS} days after its not_after`,
  `opens for ${limits.BOUNCER_KEY_OPEN_SECONDS / DAY_SECONDS} days from the revocation`,
  `1 to ${limits.PUSH_TOKEN_BYTES_MAX} bytes in either form`,
  `attempt (${limits.ATTEMPT_BYTES} bytes) and confirm_key (${limits.CONFIRM_KEY_BYTES} bytes)`,
  `older than ${limits.ATTEMPT_AGE_SECONDS_MAX} s or more than ${limits.CLOCK_TOLERANCE_SECONDS} s in the future`,
  `revocation are whole, ${limits.MAC_BYTES} bytes`,
  `challenge is ${limits.CHALLENGE_BYTES} random bytes`,
  `as base64url (${inBase64url(CHALLENGE_PUSH_BYTES)} characters)`,
  `a challenge of ${limits.CHALLENGE_BYTES} fresh random bytes`,
  `at most ${limits.CHALLENGES_PER_ORIGIN_HOUR_MAX} of them per (origin, token) in an hour`,
  `at most ${limits.CHALLENGES_PER_TOKEN_DAY_MAX} of them per token in a day`,
  `Fewer than ${1 + limits.KID_BYTES + 2} bytes`,
  `Overhead: ${shortest} bytes in suite 0x01`,
  `the largest envelope has ${limits.ENVELOPE_BYTES_MAX} bytes, ${inBase64url(limits.ENVELOPE_BYTES_MAX)} characters`,
  `More than ${inBase64url(limits.ENVELOPE_BYTES_MAX)} characters are no envelope`,
  `less than ${limits.ENVELOPE_BYTES_MIN} or more than ${limits.ENVELOPE_BYTES_MAX} bytes`,
  `with ${limits.ENVELOPE_BYTES_MIN} to ${limits.ENVELOPE_BYTES_MAX} bytes`,
  `info has up to ${INFO_BYTES_MAX} bytes`,
  `exactly ${limits.FCM_DATA_BYTES_MAX} bytes`,
  `Apple's ${limits.APNS_PAYLOAD_BYTES_MAX} bytes`,
  `push token always has ${limits.PUSH_TOKEN_BUCKET} bytes`,
  `arrays of at most ${limits.CBOR_ITEMS_MAX} items`,
  `maps of at most ${limits.CBOR_ITEMS_MAX} pairs`,
  `more than ${minutes} minutes ahead of its clock`,
  `1 to ${limits.REMOVED_REFERENCES_MAX} references`,
  `the newest ${limits.REMOVED_REFERENCES_MAX} of them`,
  `byte string of 1 to ${limits.REFERENCE_BYTES_MAX} bytes`,
  `text of at most ${limits.NAME_BYTES_MAX} bytes`,
  `cut names to ${limits.NAME_BYTES_MAX} bytes`,
  `text, at most ${largestBucket} bytes`,
  `path on \`origin\`, at most ${limits.AVATAR_BYTES_MAX} bytes`,
  `1 to ${limits.REMOVE_REFERENCES_MAX} references`,
  `nonce, ${limits.TEST_NONCE_BYTES} fresh random bytes`,
  `per iOS device in ${ofOneSide('BACKGROUND_INTERVAL_MILLISECONDS_MAX')} minutes`,
  `keep_days) + ${minutes} minutes of tolerance`,
  `now + ${minutes} minutes`,
  `can no longer be loud: ${minutes} minutes`,
  `differ by at most ${ofOneSide('CLOCK_GRAIN_MS') / 1000} s`,
  `reaches ${limits.REPLAY_WINDOW_PAIRS} pairs back`,
  `at most ${limits.REPLAY_WINDOW_PAIRS / 2} items in one request`,
  `collapse, ${inBase64url(limits.COLLAPSE_BYTES)} characters`,
  `a body above ${limits.BODY_BYTES_MAX} bytes`,
  `1 to ${limits.HANDLES_PER_REMOVAL_MAX} handles`,
  `more than ${100 / ofOneSide('SHARE')} % of its devices`,
  `at most ${ttlDays} days`,
  `more than ${ttlDays} days and 2 hours ahead`,
];

/** Phrases with numbers that have no unit behind them, or that a plural stands away from. */
const SAID_WITHOUT_UNIT: readonly string[] = [
  `O ≤ e ≤ O + ${limits.EPOCHS_AHEAD_MAX}.`,
  `epoch > O + ${limits.EPOCHS_AHEAD_MAX}`,
  `(${limits.KEEP_DAYS_MIN} to ${limits.KEEP_DAYS_MAX}, ${limits.KEEP_DAYS_DEFAULT} by default`,
  `at most ${limits.ACTIVE_HANDLES_PER_TOKEN_MAX} active handles per (origin, token)`,
  `MUST use ${limits.DEFAULT_BUCKET} for every notification`,
  `is more than ${limits.REMOVE_REFERENCES_MAX}.`,
  `the newest ${limits.REPLAY_WINDOW_PAIRS} accepted pairs`,
  `\`/v1/legacy-notifications\` above ${limits.NOTIFICATIONS_BODY_BYTES_MAX}`,
  `1 to ${limits.NOTIFICATIONS_PER_REQUEST_MAX} notifications`,
  `\`badge\` is 0 to ${limits.BADGE_MAX}`,
  `at most ${limits.LEGACY_NOTIFICATIONS_PER_HOUR_MAX} redacted notifications an hour`,
  `| 1 … ${limits.TTL_SECONDS_MAX} |`,
];

/** What no constant of limits.ts says: sizes of the cryptography, which the vectors hold, and what is decided only. */
const FACTS: readonly string[] = [
  'has at most 255 bytes. ‖ joins',
  '`x[0..16]` is the first 16 bytes of x',
  'private key (32 bytes; in suite 0x02 the seed)',
  'after 7 days in which every call of the old one',
  'The labels have 23, 21 and 20 bytes',
  '32 bytes of shared_secret',
  'The private key is 32 bytes, the public key 32',
  'The ephemeral private key is 32 random bytes',
  'is the 32 bytes of section 7.3',
  'its user started within 10 minutes, or once a day',
  'sent_at in 8 bytes where there is none',
  'an alert that carried it is 1 h old',
];

test('every number with a unit in a sentence is what the code says, or a fact that no code has', () => {
  const phrases = [...SAID, ...FACTS];
  expect(phrases.filter((phrase) => !prose.includes(phrase))).toEqual([]);
  const rest = phrases.reduce((text, phrase) => text.replaceAll(phrase, ''), prose);
  expect([...rest.matchAll(MENTION)].map(({ index }) => rest.slice(index - 50, index + 30))).toEqual([]);
});

test.each(SAID_WITHOUT_UNIT)('SPEC.md says: %s', (phrase) => {
  expect(prose.includes(phrase)).toBe(true);
});
