// Sealing and opening (SPEC.md sections 7 and 10): what an envelope is bound to, and what moves once it has opened.
import { expect, test } from 'vitest';
import { encodeInfo, encodePskId } from '../../protocol/content/info.ts';
import { advanceKey, type OpeningKey, openEnvelope } from '../../protocol/content/open/open.ts';
import { encodePayload, type Payload } from '../../protocol/content/payload.ts';
import { prepareSealingKey, type SealingKey, sealNotification } from '../../protocol/content/seal/seal.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { prepareSender, sealHpke } from '../../protocol/crypto/hpke.ts';
import { generateKeyPair } from '../../protocol/crypto/key-pair.ts';
import { derivePsk, stepChain } from '../../protocol/crypto/ratchet.ts';
import { concat, hex, utf8 } from '../../protocol/wire/bytes.ts';
import { encodeEnvelope } from '../../protocol/wire/envelope.ts';
import { type OpenStep, ProtocolError, type ProtocolErrorCode } from '../../protocol/wire/errors.ts';
import { BUCKETS, type Bucket } from '../../protocol/wire/limits.ts';
import { pad } from '../../protocol/wire/padding.ts';
import { SUITE_X25519_BASE, SUITE_X25519_PSK } from '../../protocol/wire/suites.ts';
import { CHAIN, keyring, messageOf, payloadOf, phoneKey, serverKey } from './alice-phone.ts';

const payload = messageOf();
const seal = (key: SealingKey, bucket?: Bucket, content: Payload = payload) =>
  sealNotification(nativeBackend, prepareSealingKey(nativeBackend, key), content, bucket);
const open = (envelope: Uint8Array, key: OpeningKey = phoneKey) =>
  openEnvelope(nativeBackend, envelope, keyring(key));

/** Where opening stopped: the code is always `open_failed`. */
function stepOf(run: () => unknown): OpenStep | 'opened' | 'another error' | undefined {
  try {
    run();
    return 'opened';
  } catch (error) {
    return error instanceof ProtocolError && error.code === 'open_failed' ? error.step : 'another error';
  }
}

test('alice reads what was sealed to her, in suite 0x01 [R-SUI-02]', () => {
  const opened = open(seal(serverKey()));
  expect(opened?.payload).toEqual(payload);
  expect(opened?.failure).toBe(null);
  expect(opened?.epoch).toBe(10);
  expect(opened?.key).toBe(phoneKey);
});

test.each(BUCKETS)('bucket %i: the envelope has 55 bytes more', (bucket) => {
  const envelope = seal(serverKey(), bucket);
  expect(envelope.length).toBe(bucket + 55);
  expect(open(envelope)?.payload).toEqual(payload);
});

test('the default bucket is 1856 [R-PAD-01]', () => {
  expect(seal(serverKey()).length).toBe(1856 + 55);
});

test('the header names suite, kid and epoch', () => {
  expect(hex(seal(serverKey(0x0102)).subarray(0, 7))).toBe('01a1a2a3a40102');
});

test('the same payload is never sealed to the same bytes, nor with the same encapsulation [R-ENV-03]', () => {
  const prepared = prepareSealingKey(nativeBackend, serverKey());
  const encs = Array.from({ length: 20 }, () =>
    hex(sealNotification(nativeBackend, prepared, payload).subarray(7, 39)),
  );
  expect(new Set(encs).size).toBe(20);
});

test('info and psk_id, byte for byte', () => {
  const info = concat(
    utf8('sealed-push/1 notification'),
    Uint8Array.of(0x01, 24),
    utf8('https://chat.example.org'),
    Uint8Array.of(16),
    utf8('org.example.chat'),
    new Uint8Array(16).fill(0x1d),
  );
  expect(hex(encodeInfo(phoneKey))).toBe(hex(info));
  expect(hex(encodePskId(phoneKey.kid, 0x0102))).toBe('a1a2a3a40102');
});

test('the longest info has 555 bytes [R-ENV-02]', () => {
  const label = 'a'.repeat(63);
  const origin = `https://${label}.${label}.${label}.${'a'.repeat(55)}`;
  expect(encodeInfo({ ...phoneKey, origin, appId: 'a'.repeat(255) }).length).toBe(555);
});

test('a kid that is not ours is no error', () => {
  expect(openEnvelope(nativeBackend, seal(serverKey()), () => null)).toBe(null);
});

const OTHER_KEYS: readonly (readonly [string, Partial<OpeningKey>])[] = [
  ['another origin', { origin: 'https://chat.example.com' }],
  ['another port', { origin: 'https://chat.example.org:8443' }],
  ['another app id', { appId: 'org.example.Chat' }],
  ['another registration id', { registrationId: new Uint8Array(16).fill(0x1e) }],
  ['the chain of another day', { chain: stepChain(nativeBackend, CHAIN, 1) }],
  ['another chain', { chain: new Uint8Array(32) }],
  ['another day for the same chain', { epoch: 9 }],
  ["another device's key", { privateKey: generateKeyPair(nativeBackend, SUITE_X25519_PSK).privateKey }],
  [
    'origin and app id with the border moved',
    { origin: 'https://chat.example', appId: 'orgorg.example.chat' },
  ],
];

test.each(OTHER_KEYS)('with %s it does not open', (_name, change) => {
  expect(stepOf(() => open(seal(serverKey()), { ...phoneKey, ...change }))).toBe('aead');
});

test('under another kid, with everything else the same, it does not open', () => {
  const other = { ...phoneKey, kid: Uint8Array.of(0xa1, 0xa2, 0xa3, 0xa5) };
  const envelope = seal({ ...serverKey(), kid: other.kid });
  envelope[4] = 0xa4;
  expect(stepOf(() => open(envelope))).toBe('aead');
});

test('a key of another suite does not open it [R-ENV-04]', () => {
  const key = { ...phoneKey, suite: { ...SUITE_X25519_PSK, id: 0x02 } };
  expect(stepOf(() => open(seal(serverKey()), key))).toBe('suite');
});

test.each([0x00, 0x03, 0x11, 0x12, 0x31, 0x80, 0xc0, 0xff])('suite byte %i stops at the suite', (suite) => {
  const envelope = seal(serverKey());
  envelope[0] = suite;
  expect(stepOf(() => open(envelope))).toBe('suite');
});

test('epochs: not before O, and at most 1023 ahead [R-RAT-11]', () => {
  expect(stepOf(() => open(seal({ ...serverKey(), epoch: 9 })))).toBe('epoch');
  expect(stepOf(() => open(seal({ ...serverKey(), epoch: 0 })))).toBe('epoch');
  expect(stepOf(() => open(seal(serverKey(10))))).toBe('opened');
  expect(stepOf(() => open(seal(serverKey(10 + 1023))))).toBe('opened');
  expect(stepOf(() => open(seal(serverKey(10 + 1024))))).toBe('epoch');
  expect(stepOf(() => open(seal({ ...serverKey(), epoch: 65_535 })))).toBe('epoch');
});

test('the last epoch of all opens', () => {
  const key = { ...phoneKey, epoch: 65_535 };
  expect(open(seal({ ...serverKey(), epoch: 65_535 }), key)?.epoch).toBe(65_535);
});

test.each([
  [10, 10],
  [13, 10],
  [14, 10],
  [15, 11],
  [20, 16],
  [1033, 1029],
])('an envelope of day %i moves O to %i: keep_days is 3 [R-RAT-12]', (epoch, oldest) => {
  const advanced = open(seal(serverKey(epoch)))?.advanced;
  expect(advanced?.epoch).toBe(oldest);
  expect(advanced?.chain).toEqual(stepChain(nativeBackend, CHAIN, oldest - 10));
  if (oldest === 10) expect(advanced).toBe(phoneKey);
});

test('after O has moved, days before it are closed and the others open', () => {
  const advanced = open(seal(serverKey(20)))?.advanced ?? phoneKey;
  expect(stepOf(() => open(seal(serverKey(15)), advanced))).toBe('epoch');
  expect(open(seal(serverKey(16)), advanced)?.payload).toEqual(payload);
  expect(open(seal(serverKey(21)), advanced)?.payload).toEqual(payload);
});

test('a key never moves back', () => {
  expect(advanceKey(nativeBackend, phoneKey, 9)).toBe(phoneKey);
  expect(advanceKey(nativeBackend, phoneKey, 10)).toBe(phoneKey);
  expect(advanceKey(nativeBackend, phoneKey, 12)).toEqual({
    ...phoneKey,
    epoch: 12,
    chain: stepChain(nativeBackend, CHAIN, 2),
  });
});

test('every bit of header and enc, and one in every byte of the ciphertext, counts [R-ENV-01]', () => {
  const envelope = seal(serverKey(), 512);
  const positions = Array.from({ length: envelope.length }, (_, at) =>
    at < 39 ? [0, 1, 2, 3, 4, 5, 6, 7].map((bit) => [at, bit]) : [[at, at % 8]],
  ).flat() as [number, number][];
  expect(positions.length).toBe(39 * 8 + 528);
  for (const [at, bit] of positions) {
    const flipped = envelope.slice();
    flipped[at] = (flipped[at] as number) ^ (1 << bit);
    const isKid = at >= 1 && at <= 4;
    if (isKid) expect(open(flipped), `byte ${at}`).toBe(null);
    else
      expect(
        stepOf(() => open(flipped)),
        `byte ${at} bit ${bit}`,
      ).toMatch(/^(suite|epoch|aead)$/);
  }
});

test('every truncation is refused, and so is one byte more', () => {
  const envelope = seal(serverKey(), 1024);
  for (let length = 0; length < envelope.length; length += 1) {
    const expected = length === 567 ? 'aead' : 'length';
    expect(
      stepOf(() => open(envelope.subarray(0, length))),
      `${length} bytes`,
    ).toBe(expected);
  }
  expect(stepOf(() => open(concat(envelope, Uint8Array.of(0))))).toBe('length');
});

/** An authentic envelope with this padded plaintext. */
function sealRaw(padded: Uint8Array, epoch = 20): Uint8Array {
  const key = serverKey(epoch);
  const psk = { psk: derivePsk(nativeBackend, key.chain), pskId: encodePskId(key.kid, epoch) };
  const sealed = sealHpke(
    nativeBackend,
    prepareSender(nativeBackend, key.suite, key.publicKey, encodeInfo(key), psk),
    padded,
  );
  return encodeEnvelope(key.suite, key.kid, epoch, sealed.enc, sealed.ciphertext);
}

function dirtyPadding(): Uint8Array {
  const padded = pad(encodePayload(payload), 512);
  padded[511] = 1;
  return padded;
}

test.each([
  ['padding that is not zero', dirtyPadding(), 'padding'],
  ['length 0', new Uint8Array(512), 'padding'],
  ['a length beyond the bucket', new Uint8Array(512).fill(0xff), 'padding'],
  ['bytes that are no CBOR', pad(Uint8Array.of(0xff), 512), 'cbor'],
  ['CBOR with a trailing byte', pad(concat(encodePayload(payload), Uint8Array.of(0)), 512), 'cbor'],
  ['CBOR of another shape', pad(Uint8Array.of(0x01), 512), 'schema'],
  ['a payload without its fields', pad(Uint8Array.of(0xa0), 512), 'schema'],
])('authentic, but %s: no payload, and O moves all the same [R-RAT-13]', (_name, padded, failure) => {
  const opened = open(sealRaw(padded));
  expect(opened?.payload).toBe(null);
  expect(opened?.failure).toBe(failure);
  expect(opened?.advanced.epoch).toBe(16);
});

test.each<readonly [string, ProtocolErrorCode, () => unknown]>([
  ['a suite of another use', 'suite_unknown', () => seal({ ...serverKey(), suite: SUITE_X25519_BASE }, 512)],
  [
    'a bucket that the suite has not',
    'suite_unknown',
    () => seal({ ...serverKey(), suite: { ...SUITE_X25519_PSK, buckets: [512] } }, 2944),
  ],
  [
    'a public key of 31 bytes',
    'key_malformed',
    () => seal({ ...serverKey(), publicKey: new Uint8Array(31) }),
  ],
  [
    'a public key of small order',
    'key_malformed',
    () => seal({ ...serverKey(), publicKey: new Uint8Array(32) }),
  ],
  [
    'an origin in another form',
    'origin_malformed',
    () => seal({ ...serverKey(), origin: 'https://Chat.example' }),
  ],
  ['an app id in another form', 'app_id_malformed', () => seal({ ...serverKey(), appId: '' })],
  ['epoch 65536', 'epoch_out_of_range', () => seal({ ...serverKey(), epoch: 65_536 })],
  ['epoch −1', 'epoch_out_of_range', () => seal({ ...serverKey(), epoch: -1 })],
  ['a kid of 3 bytes', 'envelope_malformed', () => seal({ ...serverKey(), kid: new Uint8Array(3) })],
  [
    'a payload larger than the bucket',
    'payload_too_large',
    () => seal(serverKey(), 512, messageOf({ text: 'a'.repeat(600) })),
  ],
  [
    'a time that is a fraction',
    'cbor_unencodable',
    () => seal(serverKey(), 1856, payloadOf({ kind: 'badge' }, { sentAt: 0.5 })),
  ],
])('does not seal with %s', (_name, code, run) => {
  expect(run).toThrow(new ProtocolError(code));
});
