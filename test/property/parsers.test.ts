// Every parser, given anything: a value, or a ProtocolError from the closed list; nothing else, and quickly.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { openEnvelope } from '../../protocol/content/open/open.ts';
import { decodePayload, encodePayload } from '../../protocol/content/payload.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { decodeChallenge } from '../../protocol/registration/challenge.ts';
import { decodeKeyList, encodeKeyList } from '../../protocol/registration/key-list.ts';
import { openPushToken } from '../../protocol/registration/open/open-push-token.ts';
import {
  decodePushToken,
  decodeSealedToken,
  encodePushToken,
} from '../../protocol/registration/push-token.ts';
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import { notificationItemSchema } from '../../protocol/wire/bouncer-api.ts';
import { decodeCbor, encodeCbor } from '../../protocol/wire/cbor.ts';
import { decodeEnvelope } from '../../protocol/wire/envelope.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { encodeAppId, encodeOrigin, isAppId, isOrigin } from '../../protocol/wire/origin.ts';
import { unpad } from '../../protocol/wire/padding.ts';
import { registrationRequestSchema } from '../../protocol/wire/push-api.ts';
import { messageOf, phoneKey } from '../content/alice-phone.ts';
import { apns, apnsToken, bouncerPrivateKey, keyList } from '../registration/push-bouncer.ts';
import { anyCbor } from './arbitraries.ts';

/** Fails unless the parser gives a value or throws a ProtocolError. */
function tame(parse: () => unknown): void {
  try {
    parse();
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
  }
}

/** Bytes that a parser has a reason to look at: random, of the lengths that count, valid with a change, valid CBOR. */
const VALID = [
  encodePayload(messageOf({}, { unread: 1, removed: [1, Uint8Array.of(2)] })),
  encodeKeyList(keyList),
  encodePushToken('apns', apnsToken),
];
const changed = fc
  .tuple(
    fc.constantFrom(...VALID),
    fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { maxLength: 4 }),
  )
  .map(([valid, changes]) => {
    const bytes = valid.slice();
    for (const [at, value] of changes) bytes[at % bytes.length] = value;
    return bytes;
  });
const framed = fc
  .tuple(
    fc.constantFrom(0x01, 0x02, 0x11, 0xc0),
    fc.constantFrom(566, 567, 565, 1079, 1911, 2999),
    fc.uint8Array(),
  )
  .map(([suite, length, noise]) => {
    const bytes = new Uint8Array(length);
    bytes.set(noise.subarray(0, length), 1);
    bytes[0] = suite;
    return bytes;
  });
const anyBytes = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc.uint8Array({ maxLength: 600 }),
  changed,
  framed,
  anyCbor.map(encodeCbor),
);

const PARSERS: readonly (readonly [string, (bytes: Uint8Array) => unknown])[] = [
  ['CBOR', decodeCbor],
  ['padding', unpad],
  ['envelope', decodeEnvelope],
  ['payload', decodePayload],
  ['opening an envelope', (bytes) => openEnvelope(nativeBackend, bytes, () => phoneKey)],
  ['sealed token', decodeSealedToken],
  ['push token for apns', (bytes) => decodePushToken('apns', bytes)],
  ['push token for fcm', (bytes) => decodePushToken('fcm', bytes)],
  ['opening a push token', (bytes) => openPushToken(nativeBackend, [bouncerPrivateKey], apns, bytes)],
  ['key list', decodeKeyList],
  ['challenge', decodeChallenge],
];

test.each(PARSERS)('%s: any bytes give a value or a ProtocolError', (_name, parse) => {
  fc.assert(
    fc.property(anyBytes, (bytes) => tame(() => parse(bytes))),
    { numRuns: 1500 },
  );
});

test('CBOR has one encoding: what is accepted is what the encoder writes', () => {
  fc.assert(
    fc.property(anyBytes, (bytes) => {
      let value: ReturnType<typeof decodeCbor>;
      try {
        value = decodeCbor(bytes);
      } catch {
        return;
      }
      expect(encodeCbor(value)).toEqual(bytes);
    }),
    { numRuns: 3000 },
  );
});

const anyText = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.webUrl(),
  fc.domain().map((domain) => `https://${domain}`),
  fc.ipV4Extended().map((address) => `https://${address}`),
  fc.ipV6().map((address) => `https://[${address}]`),
  fc.tuple(fc.domain(), fc.nat({ max: 70_000 })).map(([domain, port]) => `https://${domain}:${port}`),
  fc.stringMatching(/^https:\/\/[a-z0-9.:@/-]{0,40}$/),
);

test('an origin: any text gives an answer, never an exception', () => {
  fc.assert(
    fc.property(anyText, (text) => {
      const accepted = isOrigin(text);
      tame(() => encodeOrigin(text));
      tame(() => encodeAppId(text));
      expect(typeof isAppId(text)).toBe('boolean');
      if (!accepted) return;
      const url = new URL(text);
      expect(`${url.protocol}//${url.host}`).toBe(text);
      expect(url.origin).toBe(text);
      expect(encodeOrigin(text).length).toBeLessThanOrEqual(255);
    }),
    { numRuns: 5000 },
  );
});

test('base64url: any text gives bytes whose text it is, or a ProtocolError', () => {
  const anyBase64 = fc.oneof(anyText, fc.stringMatching(/^[A-Za-z0-9_-]{0,12}$/), fc.base64String());
  fc.assert(
    fc.property(anyBase64, (text) =>
      tame(() => {
        expect(encodeBase64url(decodeBase64url(text))).toBe(text);
      }),
    ),
    { numRuns: 3000 },
  );
});

test('base64url inverts itself', () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      expect(decodeBase64url(encodeBase64url(bytes))).toEqual(bytes);
    }),
  );
});

test('HTTP bodies: any JSON gives a verdict, never an exception', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (body) => {
      for (const schema of [notificationItemSchema, registrationRequestSchema]) {
        expect(schema.safeParse(body).success).toBe(false);
      }
    }),
    { numRuns: 500 },
  );
});
