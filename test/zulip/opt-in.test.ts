// 0x31 is never a fallback: no interface of the sealed path takes it, and a device that has a key keeps it.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { receiveOnAndroid } from '../../client-sim/phone/android.ts';
import { runExtension } from '../../client-sim/phone/ios-extension.ts';
import { openEnvelope } from '../../protocol/content/open/open.ts';
import { sealZulipNotification } from '../../protocol/content/seal/zulip/seal.ts';
import { parsePushKey, SECRETBOX_TAG } from '../../protocol/content/zulip/push-key.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { generateKeyPair, isPublicKey } from '../../protocol/crypto/key-pair.ts';
import { decodeSealedToken } from '../../protocol/registration/push-token.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { decodeEnvelope, envelopeOverhead } from '../../protocol/wire/envelope.ts';
import { findSuite, SUITE_X25519_PSK, SUITE_XWING_PSK } from '../../protocol/wire/suites.ts';
import { encodeBase64 } from '../../protocol/wire/zulip/base64.ts';
import { keyring, phoneKey } from '../content/alice-phone.ts';
import { apns, buildTestPhone, fcm } from '../phone/test-phone.ts';
import { APP_ID, Field, until } from '../server/field.ts';
import { id, Phone } from '../server/phone.ts';
import { message, PUSH_KEY_ID, sealingKey } from './alice-phone.ts';
import { bytesOf, KEY, MESSAGE, PUSH_KEY } from './known-answers.ts';
import { refusal } from './refusal.ts';

test('the registry does not know 0x31, in either use', () => {
  expect(refusal(() => findSuite(SECRETBOX_TAG, 'notification'))).toBe('suite_unknown');
  expect(refusal(() => findSuite(SECRETBOX_TAG, 'push-token'))).toBe('suite_unknown');
});

test('0x31 where a suite byte belongs is refused, at every length that an envelope or a sealed token has [R-SUI-07]', () => {
  for (const suite of [SUITE_X25519_PSK, SUITE_XWING_PSK]) {
    for (const bucket of suite.buckets) {
      const bytes = nativeBackend.randomBytes(envelopeOverhead(suite) + bucket);
      bytes[0] = SECRETBOX_TAG;
      bytes.set(phoneKey.kid, 1);
      expect(refusal(() => decodeEnvelope(bytes))).toBe('suite_unknown');
      expect(refusal(() => openEnvelope(nativeBackend, bytes, keyring(phoneKey)))).toBe('open_failed suite');
    }
  }
  for (const length of [565, 1653]) {
    const bytes = nativeBackend.randomBytes(length);
    bytes[0] = SECRETBOX_TAG;
    expect(refusal(() => decodeSealedToken(bytes))).toBe('suite_unknown');
  }
});

test('a secretbox is no envelope, and a tagged one neither', () => {
  const box = bytesOf(MESSAGE.encryptedData);
  for (const bytes of [box, Uint8Array.of(SECRETBOX_TAG, ...box)]) {
    expect(refusal(() => openEnvelope(nativeBackend, bytes, keyring(phoneKey)))).toMatch(/^open_failed /);
  }
});

test('the keys of a sealed registration are no push keys, whatever their history', () => {
  const history = { suitesUsed: [] };
  for (const suite of [SUITE_X25519_PSK, SUITE_XWING_PSK]) {
    const { publicKey, privateKey } = generateKeyPair(nativeBackend, suite);
    for (const key of [publicKey, privateKey, phoneKey.chain]) {
      expect(refusal(() => parsePushKey(encodeBase64(key), history))).toBe('key_malformed');
      const tagged = encodeBase64(Uint8Array.of(suite.id, ...key));
      expect(refusal(() => parsePushKey(tagged, history))).toMatch(/^(?:suite_unknown|key_malformed)$/);
    }
    expect(isPublicKey(nativeBackend, suite, Uint8Array.of(SECRETBOX_TAG, ...KEY))).toBe(false);
  }
});

test.each([SUITE_X25519_PSK, SUITE_XWING_PSK])(
  'a device that ever had a key of $name gets no push key [R-ZUL-01]',
  ({ id }) => {
    expect(refusal(() => parsePushKey(PUSH_KEY, { suitesUsed: [id] }))).toBe('suite_unknown');
    expect(refusal(() => parsePushKey(PUSH_KEY, { suitesUsed: [SECRETBOX_TAG, id] }))).toBe('suite_unknown');
  },
);

describe('a phone with a sealed registration', () => {
  const box = sealZulipNotification(nativeBackend, sealingKey, { ...message, content: 'soup' });
  const wire = { push_key_id: String(PUSH_KEY_ID), encrypted_data: box.encryptedData };

  test('ignores a secretbox on Android', async () => {
    const phone = await buildTestPhone();
    await receiveOnAndroid(phone.context, fcm(wire));
    expect(phone.events).toMatchObject([{ event: 'ignored' }]);
    expect(phone.context.file.state.center).toEqual([]);
  });

  test('shows the placeholder for it on iOS, as for everything that is no envelope', async () => {
    const phone = await buildTestPhone();
    const aps = { alert: { title: 'New notification' }, sound: 'default', 'mutable-content': 1 };
    await runExtension(phone.context, apns({ aps, ...wire, push_key_id: PUSH_KEY_ID }, 'alert', null));
    expect(phone.events).toMatchObject([{ event: 'placeholder', diagnostic: 'length' }]);
    expect(JSON.stringify(phone.context.file.state.center)).not.toContain('soup');
  });

  test('does not open one that comes under the key of envelopes', async () => {
    const phone = await buildTestPhone();
    const e = encodeBase64url(bytesOf(box.encryptedData));
    await receiveOnAndroid(phone.context, fcm({ e }));
    expect(phone.events).toMatchObject([{ event: 'placeholder' }]);
  });
});

describe('a chat server', () => {
  let field: Field;
  beforeAll(async () => {
    field = await Field.lay();
    await field.start();
  });
  afterAll(async () => {
    expect(field.bouncer.violations).toEqual([]);
    await field.clear();
  });

  test('takes no push key in the place of a key, before or after; the sealed one stays and is used [R-ZUL-02]', async () => {
    const session = await field.addUser('alice', 'Alice');
    const bob = await field.addUser('bob', 'Bob');
    const zulip = {
      kid: id(4),
      suite: SECRETBOX_TAG,
      public_key: encodeBase64url(KEY),
      chain: id(32),
      keep_days: 3,
    };
    const fresh = new Phone(field, session);
    fresh.request = { ...fresh.request, key: zulip };
    expect((await fresh.register()).json.code).toBe('suite_refused');
    const phone = await Phone.active(field, session);
    for (const key of [zulip, { ...zulip, public_key: encodeBase64url(bytesOf(PUSH_KEY)) }]) {
      expect((await phone.call('POST', '/keys', key)).json.code).toBe('suite_refused');
    }
    expect((await phone.status()).json).toMatchObject({ suite: 0x01, kid: phone.request.key.kid });
    await field.send(bob, { direct: ['alice'] }, 'soup');
    await until(() => phone.envelopes.length === 1, 'the message');
    expect(phone.payloads).toMatchObject([{ kind: 'message', message: { text: 'soup' } }]);
    expect(Object.keys(phone.envelopes[0] as object).sort()).toEqual(
      ['collapse', 'envelope', 'expires_at', 'handle', 'urgency'].sort(),
    );
  });

  test('has no field for a push key [R-ZUL-02]', async () => {
    const session = await field.addUser('carol', 'Carol');
    const { request } = new Phone(field, session);
    const zulip = { push_key: PUSH_KEY, push_key_id: PUSH_KEY_ID };
    const bodies = [
      ['/v1/push/registrations', { ...request, ...zulip }],
      ['/v1/push/registrations', { ...request, key: zulip }],
      [
        '/v1/push/legacy-registrations',
        {
          registration_id: id(16),
          app_id: APP_ID,
          platform: 'fcm',
          environment: '',
          token: id(100),
          ...zulip,
        },
      ],
    ] as const;
    for (const [path, body] of bodies) {
      expect((await field.call('POST', path, { token: session, body })).json.code).toBe('malformed_request');
    }
  });
});
