// What holds for every payload that fits: opening gives back what was sealed, and the length is one of the buckets.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openEnvelope } from '../../protocol/content/open/open.ts';
import { decodePayload, encodePayload, type Payload } from '../../protocol/content/payload.ts';
import { cutAtGrapheme, fitPayload } from '../../protocol/content/seal/fit.ts';
import { prepareSealingKey, sealNotification } from '../../protocol/content/seal/seal.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { generateKeyPair } from '../../protocol/crypto/key-pair.ts';
import { openPushToken } from '../../protocol/registration/open/open-push-token.ts';
import { sealPushToken } from '../../protocol/registration/seal/seal-push-token.ts';
import { envelopeOverhead } from '../../protocol/wire/envelope.ts';
import { BUCKETS } from '../../protocol/wire/limits.ts';
import { pad, unpad } from '../../protocol/wire/padding.ts';
import {
  SUITE_X25519_BASE,
  SUITE_X25519_PSK,
  SUITE_XWING_BASE,
  SUITE_XWING_PSK,
} from '../../protocol/wire/suites.ts';
import { keyring, messageOf, phoneKey, serverKey } from '../content/alice-phone.ts';
import { PAIRS } from '../crypto/backends.ts';
import { apns, apnsToken, bouncerKey, bouncerPrivateKey } from '../registration/push-bouncer.ts';
import { anyPayload } from './arbitraries.ts';

const anyBucket = fc.constantFrom(...BUCKETS);
/** Text with what makes graphemes long: joiners, marks, flags, surrogates of either half. */
const anyText = fc
  .array(
    fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 20 }),
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom(
        '\u0301',
        '\u200d',
        '👨‍👩‍👧‍👦',
        '🇩🇪',
        '🏽',
        '\ud83d',
        '\udc4d',
        '\u1112\u1161\u11ab',
        'بَ',
        '\r\n',
      ),
    ),
    { maxLength: 400, size: 'max' },
  )
  .map((parts) => parts.join(''));
const graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });

test('a payload is what it was before it was encoded', () => {
  fc.assert(
    fc.property(anyPayload, (payload) => {
      expect(decodePayload(encodePayload(payload))).toEqual(payload);
    }),
    { numRuns: 500 },
  );
});

describe.each([SUITE_X25519_PSK, SUITE_XWING_PSK])('suite $name', (suite) => {
  const pair = generateKeyPair(nativeBackend, suite);
  const opening = { ...phoneKey, suite, privateKey: pair.privateKey };
  const sealing = (epoch: number) => ({ ...serverKey(epoch), suite, publicKey: pair.publicKey });
  const overhead = envelopeOverhead(suite);

  test.each(PAIRS)('%s: open inverts seal, and the length is one of the buckets', (_name, sealer, opener) => {
    const isPortable = sealer !== nativeBackend || opener !== nativeBackend;
    fc.assert(
      fc.property(
        anyPayload,
        fc.nat({ max: 30 }),
        fc.constantFrom(...suite.buckets),
        (payload, ahead, bucket) => {
          const key = prepareSealingKey(sealer, sealing(phoneKey.epoch + ahead));
          fc.pre(encodePayload(payload).length <= bucket - 2);
          const envelope = sealNotification(sealer, key, payload, bucket);
          expect(envelope.length).toBe(bucket + overhead);
          const opened = openEnvelope(opener, envelope, () => opening);
          expect(opened?.payload).toEqual(payload);
          expect(opened?.advanced.epoch).toBe(phoneKey.epoch + Math.max(0, ahead - phoneKey.keepDays - 1));
        },
      ),
      { numRuns: isPortable ? 40 : 200 },
    );
  });
});

test('whatever the text, it fits, as a prefix of whole graphemes that says whether it was cut', () => {
  fc.assert(
    fc.property(anyText, anyBucket, (text, bucket) => {
      const fitted = fitPayload(messageOf({ text }), bucket);
      expect(encodePayload(fitted).length).toBeLessThanOrEqual(bucket - 2);
      const cut = messageTextOf(fitted);
      const whole = text.toWellFormed();
      expect(whole.startsWith(cut.text)).toBe(true);
      expect(cut.truncated === true).toBe(cut.text !== whole);
      expect(isGraphemeBorder(whole, cut.text.length)).toBe(true);
      expect(decodePayload(encodePayload(fitted))).toEqual(fitted);
    }),
    { numRuns: 150 },
  );
});

test('a cut is the longest prefix of whole graphemes', () => {
  fc.assert(
    fc.property(anyText, fc.nat({ max: 300 }), (text, room) => {
      let expected = '';
      for (const { segment } of graphemes.segment(text)) {
        if (Buffer.byteLength(expected + segment) > room) break;
        expected += segment;
      }
      expect(cutAtGrapheme(text, room)).toBe(expected);
    }),
    { numRuns: 500 },
  );
});

test('unpad inverts pad', () => {
  fc.assert(
    fc.property(anyBucket, fc.uint8Array({ minLength: 1, maxLength: 510 }), (bucket, content) => {
      expect(unpad(pad(content, bucket))).toEqual(content);
    }),
  );
});

describe.each([SUITE_X25519_BASE, SUITE_XWING_BASE])('suite $name', (suite) => {
  const pair = generateKeyPair(nativeBackend, suite);
  const sealing = { ...bouncerKey, suite: suite.id, key: pair.publicKey };
  const opening = { ...bouncerPrivateKey, suite, privateKey: pair.privateKey };
  const anyPush = fc.record({
    token: fc.uint8Array({ minLength: 1, maxLength: 300 }),
    issuedAt: fc.maxSafeNat(),
    attempt: fc.uint8Array({ minLength: 16, maxLength: 16 }),
    confirmKey: fc.uint8Array({ minLength: 32, maxLength: 32 }),
  });

  test.each(PAIRS)('%s: every token opens, and all have one length', (_name, sealer, opener) => {
    fc.assert(
      fc.property(anyPush, (push) => {
        const { blob, infoHash } = sealPushToken(sealer, sealing, apns, push);
        expect(blob.length).toBe(5 + suite.encBytes + 512 + 16);
        expect(openPushToken(opener, [opening], apns, blob)).toEqual({ push, infoHash });
      }),
      { numRuns: 30 },
    );
  });
});

test('no envelope opens after a byte of it has changed', () => {
  const envelope = sealNotification(
    nativeBackend,
    prepareSealingKey(nativeBackend, serverKey()),
    messageOf(),
    512,
  );
  fc.assert(
    fc.property(fc.nat({ max: envelope.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = envelope.slice();
      changed[at] = (changed[at] as number) ^ change;
      const isKid = at >= 1 && at <= 4;
      const open = () => openEnvelope(nativeBackend, changed, keyring(phoneKey));
      if (isKid) expect(open()).toBe(null);
      else expect(open).toThrow('could not be opened');
    }),
    { numRuns: 300 },
  );
});

test('no token opens after a byte of it has changed', () => {
  const { blob } = sealPushToken(nativeBackend, bouncerKey, apns, apnsToken);
  fc.assert(
    fc.property(fc.nat({ max: blob.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const changed = blob.slice();
      changed[at] = (changed[at] as number) ^ change;
      const open = () => openPushToken(nativeBackend, [bouncerPrivateKey], apns, changed);
      expect(open).toThrow('could not be opened');
    }),
    { numRuns: 300 },
  );
});

function messageTextOf(payload: Payload): { text: string; truncated?: true } {
  if (payload.kind !== 'message') throw new Error('not a message');
  return payload.message;
}

function isGraphemeBorder(text: string, at: number): boolean {
  if (at === 0 || at === text.length) return true;
  return graphemes.segment(text).containing(at)?.index === at;
}
