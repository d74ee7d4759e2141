// Appendix A of SPEC.md and the code accept and refuse the same, but for what the appendix says that CDDL cannot say.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isAvatar } from '../../protocol/content/message.ts';
import { decodePayload, encodePayload } from '../../protocol/content/payload.ts';
import { decodeKeyList, encodeKeyList } from '../../protocol/registration/key-list.ts';
import { decodePushToken, encodePushToken } from '../../protocol/registration/push-token.ts';
import { type CborMap, type CborValue, decodeCbor, encodeCbor } from '../../protocol/wire/cbor.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import * as limits from '../../protocol/wire/limits.ts';
import { pad, unpad } from '../../protocol/wire/padding.ts';
import { anyCbor, anyPayload } from '../property/arbitraries.ts';
import { matches, parseCddl } from './cddl.ts';
import { REFUSED, refusedAt } from './receiver-cases.ts';
import { SPEC_URL } from './spec-text.ts';
import { FCM_TOKEN, KEY_LIST, PAYLOADS, PUSH_TOKEN } from './worked-example.ts';

const [, cddl = ''] = readFileSync(SPEC_URL, 'utf8').match(/^```cddl\n([\s\S]*?)^```$/m) ?? [];
const rules = parseCddl(cddl);

function isTaken(run: () => unknown): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (error instanceof ProtocolError) return false;
    throw error;
  }
}
const takesPayload = (value: CborValue): boolean => isTaken(() => decodePayload(encodeCbor(value)));
const takesToken = (value: CborValue): boolean => {
  const padded = pad(encodeCbor(value), limits.PUSH_TOKEN_BUCKET);
  return isTaken(() => decodePushToken('apns', padded)) || isTaken(() => decodePushToken('fcm', padded));
};
const takesList = (value: CborValue): boolean => isTaken(() => decodeKeyList(encodeCbor(value)));

/** The sender's avatar of a message, where one stands. */
function avatarOf(value: CborValue): CborValue | undefined {
  const body = value instanceof Map ? value.get(5) : undefined;
  const sender = body instanceof Map && (value as CborMap).get(4) === 1 ? body.get(3) : undefined;
  return sender instanceof Map ? sender.get(2) : undefined;
}

/** Whether the two agree; an avatar that is a text and no path is the code's to refuse. */
function expectAgreement(value: CborValue): void {
  const avatar = avatarOf(value);
  const isPath = typeof avatar !== 'string' || isAvatar(avatar);
  expect(takesPayload(value)).toBe(matches(rules, 'payload', value) && isPath);
}

/** Every value with one member, at any depth, taken out or replaced, or one added. */
function* variations(value: CborValue, replacement: CborValue): Generator<CborValue> {
  yield replacement;
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      yield value.toSpliced(index, 1);
      for (const changed of variations(item, replacement)) yield value.with(index, changed);
    }
    yield [...value, replacement];
  }
  if (value instanceof Map) {
    for (const [key, member] of value) {
      yield new Map([...value].filter(([other]) => other !== key));
      for (const changed of variations(member, replacement)) yield new Map(value).set(key, changed);
    }
    for (const key of [0, 2, 5, 6, 7, 9, 99]) yield new Map(value).set(key, replacement);
  }
}

const REPLACEMENTS: readonly CborValue[] = [
  ...[0, 1, 2, 3, 4, 5, 6, -1, limits.TTL_SECONDS_MAX, limits.TTL_SECONDS_MAX + 1, Number.MAX_SAFE_INTEGER],
  ...[
    '',
    '/a',
    'x'.repeat(128),
    'é'.repeat(65),
    '/'.padEnd(255, 'a'),
    '/'.padEnd(256, 'a'),
    'x'.repeat(2945),
  ],
  ...[0, 1, 4, 15, 16, 17, 32].map((length) => new Uint8Array(length)),
  ...[true, false, null],
  ...[
    [],
    [1],
    [new Uint8Array(1)],
    [''],
    Array(32).fill(1),
    Array(33).fill(1),
    Array(300).fill(1),
    Array(301).fill(1),
  ],
  new Map(),
  new Map([[1, 1]]),
];

test('every example payload is of the rules, with every member changed in turn both say the same', () => {
  let compared = 0;
  for (const payload of Object.values(PAYLOADS)) {
    const value = decodeCbor(encodePayload(payload));
    expect(matches(rules, 'payload', value)).toBe(true);
    for (const replacement of REPLACEMENTS) {
      for (const changed of variations(value, replacement)) {
        expectAgreement(changed);
        compared += 1;
      }
    }
  }
  expect(compared).toBeGreaterThan(3000);
});

test('generated payloads are of the rules; with any value in any place both say the same', () => {
  fc.assert(
    fc.property(anyPayload, anyCbor, fc.nat(400), (payload, other, pick) => {
      const value = decodeCbor(encodePayload(payload));
      expect(matches(rules, 'payload', value)).toBe(true);
      const changed = [...variations(value, shallow(other))];
      expectAgreement(changed[pick % changed.length] as CborValue);
    }),
    { numRuns: 1500, seed: 7 },
  );
});

/** Kept at two levels, so that a value fits wherever it is put. */
function shallow(value: CborValue): CborValue {
  if (Array.isArray(value)) return value.filter((item) => !Array.isArray(item) && !(item instanceof Map));
  if (value instanceof Map)
    return new Map([...value].filter(([, item]) => !Array.isArray(item) && !(item instanceof Map)));
  return value;
}

test('what appendix B lists as refused by the schema, the rules refuse', () => {
  const wrongForm = ['an avatar on another host', 'an avatar with a newline at its end'];
  const listed = REFUSED.filter(([bytes]) => refusedAt(Buffer.from(bytes, 'hex')) === 'schema');
  expect(listed.length).toBeGreaterThan(10);
  for (const [bytes, why] of listed) {
    const value = decodeCbor(new Uint8Array(Buffer.from(bytes, 'hex')));
    expect(matches(rules, 'payload', value), why).toBe(wrongForm.includes(why));
  }
});

test('push tokens: the rules and the code take the same', () => {
  for (const [platform, push] of [
    ['apns', PUSH_TOKEN],
    ['fcm', FCM_TOKEN],
  ] as const) {
    const value = decodeCbor(unpad(encodePushToken(platform, push)) as Uint8Array);
    expect(matches(rules, 'push-token', value)).toBe(true);
    for (const replacement of [...REPLACEMENTS, 'x'.repeat(300), new Uint8Array(300), new Uint8Array(301)]) {
      for (const changed of variations(value, replacement)) {
        if (encodeCbor(changed).length > limits.PUSH_TOKEN_BUCKET - 2) continue;
        expect(takesToken(changed)).toBe(matches(rules, 'push-token', changed));
      }
    }
  }
});

test('key lists: what the code takes is of the rules, and the rest of it but for origin, life and bkids', () => {
  const value = decodeCbor(encodeKeyList(KEY_LIST));
  expect(matches(rules, 'key-list', value)).toBe(true);
  let refused = 0;
  for (const replacement of [
    ...REPLACEMENTS,
    new Uint8Array(31),
    new Uint8Array(1216),
    new Uint8Array(1217),
  ]) {
    for (const changed of variations(value, replacement)) {
      const isOfRules = matches(rules, 'key-list', changed);
      if (takesList(changed)) expect(isOfRules).toBe(true);
      else if (isOfRules) expect(isRefusedOutsideCddl(changed as CborMap)).toBe(true);
      else refused += 1;
    }
  }
  expect(refused).toBeGreaterThan(100);
});

/** The three things that appendix A leaves to the text. */
function isRefusedOutsideCddl(list: CborMap): boolean {
  const [issuedAt, validUntil] = [list.get(2), list.get(3)] as [number, number];
  const life = validUntil - issuedAt;
  const bkids = (list.get(5) as CborValue[][]).map(([bkid]) =>
    Buffer.from(bkid as Uint8Array).toString('hex'),
  );
  return (
    life <= 0 ||
    life > limits.BOUNCER_KEY_LIST_LIFE_SECONDS_MAX ||
    new Set(bkids).size !== bkids.length ||
    list.get(4) !== KEY_LIST.bouncerOrigin
  );
}

test('the numbers in the rules are those of limits.ts', () => {
  for (const [rule, number] of [
    ['removed', limits.REMOVED_REFERENCES_MAX],
    ['remove = ', limits.REMOVE_REFERENCES_MAX],
    ['ttl', limits.TTL_SECONDS_MAX],
    ['nonce', limits.TEST_NONCE_BYTES],
    ['name = ', limits.NAME_BYTES_MAX],
    ['avatar = ', limits.AVATAR_BYTES_MAX],
    ['reference = ', limits.REFERENCE_BYTES_MAX],
    ['; key', limits.PUBLIC_KEY_BYTES_MAX],
    ['; bkid', limits.BKID_BYTES],
    ['bouncer-key]', limits.BOUNCER_KEYS_MAX],
    ['bytes for apns', limits.PUSH_TOKEN_BYTES_MAX],
  ] as const) {
    const lines = cddl.split('\n').filter((line) => line.includes(rule));
    expect(lines.join('\n'), rule).toMatch(new RegExp(`\\b${number}\\b`));
  }
});

test.each([
  ['a rule twice', 'a = any\na = true', 'a'],
  ['a rule that is not there', 'a = b', 'a'],
  ['a form that is not read', 'a = ~b', 'a'],
])('%s is an error of the appendix, not a refusal', (_name, text, rule) => {
  expect(() => matches(parseCddl(text), rule, 1)).toThrow(SyntaxError);
});
