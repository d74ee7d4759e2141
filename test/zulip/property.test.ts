// What holds for every payload of suite 0x31, and for every input that is none.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fitZulipPayload } from '../../protocol/content/seal/zulip/fit.ts';
import { sealZulipNotification } from '../../protocol/content/seal/zulip/seal.ts';
import {
  decodeZulipPayload,
  encodeZulipPayload,
  type ZulipPayload,
} from '../../protocol/content/zulip/payload.ts';
import { parsePushKey } from '../../protocol/content/zulip/push-key.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { openZulipRegistration } from '../../protocol/registration/open/zulip/open-registration.ts';
import { sealZulipRegistration } from '../../protocol/registration/seal/zulip/seal-registration.ts';
import { type ZulipRegistration, zulipTokenId } from '../../protocol/registration/zulip/registration.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { decodeBase64, encodeBase64 } from '../../protocol/wire/zulip/base64.ts';
import { parseZulipNotification } from '../../protocol/wire/zulip/notification.ts';
import { account, boxAround, NO_HISTORY, open, openingKey, sealingKey } from './alice-phone.ts';
import { BOUNCER_PRIVATE_KEY, BOUNCER_PUBLIC_KEY, bytesOf } from './known-answers.ts';

const id = fc.nat({ max: 2 ** 31 - 1 });
const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 400 }),
  fc.string({ unit: 'binary', maxLength: 4000, size: 'max' }),
  fc.string({
    unit: fc.constantFrom('"', '\\', '\n', '\u0301', '🏽', '👍', '\ud83d'),
    maxLength: 4000,
    size: 'max',
  }),
);
const message = {
  ...Object.fromEntries(Object.entries(account).map(([name, value]) => [name, fc.constant(value)])),
  type: fc.constant('message'),
  sender_id: id,
  message_id: id,
  time: id,
  content: text,
  sender_full_name: text,
  sender_avatar_url: fc.webUrl({ validSchemes: ['http', 'https'] }).map((url) => url.slice(0, 300)),
};
const anyMessage = fc.oneof(
  fc.record({
    ...message,
    recipient_type: fc.constant('channel'),
    channel_name: text,
    channel_id: id,
    topic: text,
  }),
  fc.record({
    ...message,
    recipient_type: fc.constant('direct'),
    recipient_user_ids: fc.array(id, { maxLength: 100 }),
  }),
) as unknown as fc.Arbitrary<ZulipPayload>;
const anyPayload: fc.Arbitrary<ZulipPayload> = fc.oneof(
  { weight: 6, arbitrary: anyMessage },
  fc
    .array(id, { maxLength: 200 })
    .map((message_ids) => ({ ...account, type: 'remove' as const, message_ids })),
  id.map((time) => ({ ...account, type: 'test' as const, time })),
);

/** Long texts shrink slowly: a counterexample is shown after this time, as small as it is then. */
const LONG_MILLISECONDS = 15_000;

/** Null, a value or a ProtocolError: nothing else may come out. */
function runGuarded(run: () => unknown): void {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(ProtocolError);
  }
}

test('open inverts seal for whatever fit makes of a payload, and it has at most 3964 characters', () => {
  fc.assert(
    fc.property(anyPayload, (payload) => {
      const fitted = fitZulipPayload(payload);
      const { encryptedData } = sealZulipNotification(nativeBackend, sealingKey, fitted);
      expect(encryptedData.length).toBeLessThanOrEqual(3964);
      expect(open(encryptedData)).toEqual({
        outcome: 'opened',
        key: openingKey,
        payload: decodeZulipPayload(encodeZulipPayload(fitted)),
      });
    }),
    { numRuns: 300, interruptAfterTimeLimit: LONG_MILLISECONDS },
  );
});

test('what was cut is a prefix, and what was fitted once stays', () => {
  fc.assert(
    fc.property(anyMessage, (payload) => {
      const fitted = fitZulipPayload(payload);
      if (fitted.type !== 'message' || payload.type !== 'message') throw new Error('not a message');
      const whole = payload.content.toWellFormed();
      const kept = fitted.content.toWellFormed();
      expect(kept === whole || whole.startsWith(kept.slice(0, -1))).toBe(true);
      expect(fitZulipPayload(fitted)).toEqual(fitted);
    }),
    { numRuns: 300, interruptAfterTimeLimit: LONG_MILLISECONDS },
  );
});

test('any text gives null, a value or ProtocolError', () => {
  const anyText = fc.oneof(fc.string({ maxLength: 200 }), fc.base64String({ maxLength: 200 }));
  fc.assert(
    fc.property(anyText, (drawn) => {
      runGuarded(() => open(drawn));
      runGuarded(() => parsePushKey(drawn, NO_HISTORY));
      const bytes = decodeBase64(drawn);
      if (bytes !== null) expect(encodeBase64(bytes)).toBe(drawn);
      const key = { publicKey: bytesOf(BOUNCER_PUBLIC_KEY), privateKey: BOUNCER_PRIVATE_KEY };
      const sealed = {
        bouncerPublicKey: BOUNCER_PUBLIC_KEY,
        encryptedPushRegistration: drawn,
        tokenId: drawn,
      };
      runGuarded(() => openZulipRegistration(nativeBackend, [key], sealed));
    }),
    { numRuns: 1000 },
  );
});

test('any authenticated bytes and any JSON give null, a value or ProtocolError', () => {
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.json({ maxDepth: 3 })), (plaintext) => {
      runGuarded(() => open(boxAround(plaintext)));
    }),
    { numRuns: 1000 },
  );
});

test('anything that a provider may deliver gives null or a notification', () => {
  const anything = fc.anything();
  const close = fc.record({ push_key_id: anything, encrypted_data: fc.oneof(fc.string(), anything) });
  fc.assert(
    fc.property(fc.oneof(anything, close), (received) => {
      const parsed = parseZulipNotification(received);
      if (parsed !== null) expect(parsed.pushKeyId).toBeLessThanOrEqual(0xffff_ffff);
    }),
    { numRuns: 1000 },
  );
});

test('a registration comes out of its sealed box as it went in', () => {
  const timestamp = fc.nat();
  const anyRegistration: fc.Arbitrary<ZulipRegistration> = fc.oneof(
    fc.record({
      token: fc
        .uint8Array({ minLength: 1, maxLength: 100 })
        .map((bytes) => Buffer.from(bytes).toString('hex')),
      token_kind: fc.constant('apns' as const),
      ios_app_id: fc.stringMatching(/^[.a-zA-Z0-9-]{1,60}$/),
      timestamp,
    }),
    fc.record({
      token: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 500 }),
      token_kind: fc.constant('fcm' as const),
      timestamp,
    }),
  );
  const key = { publicKey: bytesOf(BOUNCER_PUBLIC_KEY), privateKey: BOUNCER_PRIVATE_KEY };
  fc.assert(
    fc.property(anyRegistration, (registration) => {
      const sealed = {
        bouncerPublicKey: BOUNCER_PUBLIC_KEY,
        encryptedPushRegistration: sealZulipRegistration(nativeBackend, key.publicKey, registration),
        tokenId: zulipTokenId(nativeBackend, registration.token),
      };
      expect(openZulipRegistration(nativeBackend, [key], sealed)).toEqual(registration);
    }),
    { numRuns: 200 },
  );
});
