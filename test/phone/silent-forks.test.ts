// Where two implementations disagree and both seem to work until they meet (SPEC.md appendix D.4): what this phone does
// at each of them.
import { expect, test } from 'vitest';
import { judgeChallenge } from '../../client-sim/phone/challenge.ts';
import { runExtension } from '../../client-sim/phone/ios-extension.ts';
import { makeAttempt } from '../../client-sim/phone/registration.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { confirmationMac, encodeChallenge } from '../../protocol/registration/challenge.ts';
import { openPushToken } from '../../protocol/registration/open/open-push-token.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { utf8 } from '../../protocol/wire/bytes.ts';
import { type CborMap, type CborValue, encodeCbor } from '../../protocol/wire/cbor.ts';
import type { Platform } from '../../protocol/wire/ids.ts';
import { pad } from '../../protocol/wire/padding.ts';
import { confirmationBodySchema } from '../../protocol/wire/push-api.ts';
import { BouncerKeys } from './bouncer-keys.ts';
import { apnsAlert, buildTestPhone, message, NOW_MS, prepareFor, sealBytes, sealFor } from './test-phone.ts';

const BOUNCER = 'https://push.example.net';
const SECONDS = NOW_MS / 1000;

/** A message as CBOR fields, one of them of another form. */
function fieldsOf(changes: readonly (readonly [number, CborValue])[] = []): CborMap {
  const body: CborMap = new Map<number, CborValue>([
    [1, 7],
    [
      2,
      new Map<number, CborValue>([
        [1, 3],
        [2, 12],
      ]),
    ],
    [3, new Map<number, CborValue>([[1, 'bob']])],
    [4, 'tea is ready'],
  ]);
  return new Map<number, CborValue>([[1, NOW_MS], [2, 1], [3, 259_200], [4, 1], [5, body], ...changes]);
}

test.each<readonly [string, readonly (readonly [number, CborValue])[], object]>([
  ['every field in its form', [], { event: 'shown', body: 'tea is ready', sound: true }],
  ['the kind as text', [[4, 'message']], { event: 'placeholder', diagnostic: 'schema' }],
  ['the kind as a digit in text', [[4, '1']], { event: 'placeholder', diagnostic: 'schema' }],
  ['the ttl in milliseconds', [[3, 259_200_000]], { event: 'placeholder', diagnostic: 'schema' }],
])('%s', async (_name, changes, expected) => {
  const phone = await buildTestPhone();
  const envelope = sealBytes(prepareFor(phone), pad(encodeCbor(fieldsOf(changes)), 1856));
  await runExtension(phone.context, apnsAlert(envelope));
  expect(phone.events).toMatchObject([expected]);
});

test.each([
  ['the integer 7 is not the byte 07', 7, Uint8Array.of(7)],
  ['the byte 07 is not the integer 7', Uint8Array.of(7), 7],
  ['the integer 7 is not the text "7" as bytes', 7, utf8('7')],
])('%s: it is neither removed nor buried by the other', async (_name, reference, other) => {
  const phone = await buildTestPhone();
  const sentAt = phone.clock.nowMs();
  await runExtension(
    phone.context,
    apnsAlert(sealFor(phone, message('here', { reference }), { sentAt }), 'a'),
  );
  const remove = sealFor(phone, { kind: 'remove', references: [other] }, { sentAt: sentAt + 2, counter: 2 });
  await runExtension(phone.context, apnsAlert(remove, 'b'));
  const late = sealFor(phone, message('late', { reference }), { sentAt: sentAt + 1, counter: 3 });
  await runExtension(phone.context, apnsAlert(late, 'c'));
  expect(phone.events).toMatchObject([
    { event: 'shown', body: 'here' },
    { event: 'placeholder', diagnostic: 'kind' },
    { event: 'shown', body: 'late', sound: true },
  ]);
});

test.each<readonly [Platform, string, Uint8Array]>([
  ['apns', 'c0ffee00', Uint8Array.of(0xc0, 0xff, 0xee, 0x00)],
  ['fcm', 'c0ffee00', utf8('c0ffee00')],
])('%s: the sealed token is what the platform means, bytes or text', async (platform, token, bytes) => {
  const phone = await buildTestPhone();
  const registration = {
    ...phone.registration,
    platform,
    environment: platform === 'apns' ? 'production' : '',
  } as const;
  const bouncer = new BouncerKeys();
  const keys = bouncer.list(BOUNCER);
  const found = { bouncerOrigin: BOUNCER, keys, keysNow: keys.issuedAt };
  const { blob } = makeAttempt(nativeBackend, registration, found, token, SECONDS);
  expect(openPushToken(nativeBackend, bouncer.held, registration, blob).push.token).toEqual(bytes);
});

async function buildChallenged() {
  const phone = await buildTestPhone();
  const keys = new BouncerKeys().list(BOUNCER);
  const found = { bouncerOrigin: BOUNCER, keys, keysNow: keys.issuedAt };
  const attempt = makeAttempt(nativeBackend, phone.registration, found, 'c0ffee00', SECONDS);
  const state = {
    ...phone.context.file.state,
    registrations: [{ ...phone.registration, attempts: [attempt] }],
  };
  const challenge = nativeBackend.randomBytes(16);
  const judge = (mac: Uint8Array) =>
    judgeChallenge(
      nativeBackend,
      state,
      encodeBase64url(encodeChallenge({ attempt: attempt.attempt, challenge, mac: mac.subarray(0, 16) })),
    );
  return { attempt, challenge, judge };
}

test('the MAC of a challenge is over raw bytes, not over their text', async () => {
  const { attempt, challenge, judge } = await buildChallenged();
  const { confirmKey, infoHash } = attempt;
  const label = utf8('sealed-push/1 challenge');
  const parts = [attempt.attempt, challenge, infoHash];
  const [asText, asHex] = [encodeBase64url, (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')].map(
    (write) => nativeBackend.hmacSha256(confirmKey, label, ...parts.map((part) => utf8(write(part)))),
  );
  const keyAsText = nativeBackend.hmacSha256(utf8(encodeBase64url(confirmKey)), label, ...parts);
  for (const mac of [asText, asHex, keyAsText]) {
    expect(judge(mac as Uint8Array)).toEqual({ kind: 'refused' });
  }
  expect(judge(nativeBackend.hmacSha256(confirmKey, label, ...parts)).kind).toBe('answer');
});

test('a confirmation is a whole HMAC of 32 bytes; one that is cut to 16 is not even a body', async () => {
  const { attempt, challenge, judge } = await buildChallenged();
  const { confirmKey, infoHash } = attempt;
  const label = utf8('sealed-push/1 challenge');
  const verdict = judge(nativeBackend.hmacSha256(confirmKey, label, attempt.attempt, challenge, infoHash));
  const confirmation = verdict.kind === 'answer' ? verdict.answer.confirmation : new Uint8Array();
  expect(confirmation).toEqual(
    confirmationMac(nativeBackend, confirmKey, attempt.attempt, challenge, infoHash),
  );
  expect(confirmation).toHaveLength(32);
  const accepts = (bytes: Uint8Array) =>
    confirmationBodySchema.safeParse({
      attempt: encodeBase64url(attempt.attempt),
      challenge: encodeBase64url(challenge),
      confirmation: encodeBase64url(bytes),
    }).success;
  expect([accepts(confirmation), accepts(confirmation.subarray(0, 16))]).toEqual([true, false]);
});
