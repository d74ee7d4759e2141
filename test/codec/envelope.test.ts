// Envelope framing (SPEC.md section 7): suite ‖ kid ‖ epoch ‖ enc ‖ ciphertext, checked without a key.
import { expect, test } from 'vitest';
import { hex } from '../../protocol/wire/bytes.ts';
import {
  decodeEnvelope,
  encodeEnvelope,
  envelopeOverhead,
  HEADER_BYTES,
} from '../../protocol/wire/envelope.ts';
import { ProtocolError, type ProtocolErrorCode } from '../../protocol/wire/errors.ts';
import { BUCKETS, ENVELOPE_BYTES_MAX, ENVELOPE_BYTES_MIN } from '../../protocol/wire/limits.ts';
import { findSuite, SUITE_X25519_BASE, SUITE_X25519_PSK } from '../../protocol/wire/suites.ts';

const OVERHEAD = 55;

function envelopeOf(length: number, suite = 0x01): Uint8Array {
  const bytes = new Uint8Array(length);
  if (length > 0) bytes[0] = suite;
  return bytes;
}

function codeOf(run: () => unknown): ProtocolErrorCode | 'nothing' | 'another error' {
  try {
    run();
    return 'nothing';
  } catch (error) {
    return error instanceof ProtocolError ? error.code : 'another error';
  }
}

test('the layout, byte for byte', () => {
  const kid = Uint8Array.of(0xa1, 0xa2, 0xa3, 0xa4);
  const enc = new Uint8Array(32).fill(0xee);
  const ciphertext = new Uint8Array(512 + 16).fill(0xcc);
  const bytes = encodeEnvelope(SUITE_X25519_PSK, kid, 0x0102, enc, ciphertext);
  expect(hex(bytes)).toBe(`01a1a2a3a40102${'ee'.repeat(32)}${'cc'.repeat(528)}`);
  expect(decodeEnvelope(bytes)).toEqual({
    suite: SUITE_X25519_PSK,
    kid,
    epoch: 0x0102,
    enc,
    ciphertext,
    bucket: 512,
  });
});

test('the overhead is 55 bytes, and the limits follow from it', () => {
  expect(envelopeOverhead(SUITE_X25519_PSK)).toBe(OVERHEAD);
  expect(HEADER_BYTES).toBe(7);
  expect(ENVELOPE_BYTES_MIN).toBe(OVERHEAD + 512);
  expect(ENVELOPE_BYTES_MAX).toBe(OVERHEAD + 2944);
});

test('of all lengths to 3,100 exactly the four of the buckets are accepted [R-PAD-02]', () => {
  const accepted: number[] = [];
  for (let length = 0; length <= 3100; length += 1) {
    const code = codeOf(() => decodeEnvelope(envelopeOf(length)));
    if (code === 'nothing') accepted.push(length);
    else expect(code).toBe('envelope_malformed');
  }
  expect(accepted).toEqual([567, 1079, 1911, 2999]);
});

test.each(BUCKETS)('bucket %i: its length is accepted, one byte less or more is not', (bucket) => {
  const length = bucket + OVERHEAD;
  expect(decodeEnvelope(envelopeOf(length)).bucket).toBe(bucket);
  expect(codeOf(() => decodeEnvelope(envelopeOf(length - 1)))).toBe('envelope_malformed');
  expect(codeOf(() => decodeEnvelope(envelopeOf(length + 1)))).toBe('envelope_malformed');
});

test('of all 256 suites two are for notifications, and two for push tokens [R-SUI-05]', () => {
  const ids = Array.from({ length: 256 }, (_, id) => id);
  expect(ids.filter((id) => codeOf(() => findSuite(id, 'notification')) === 'nothing')).toEqual([0x01, 0x02]);
  expect(ids.filter((id) => codeOf(() => findSuite(id, 'push-token')) === 'nothing')).toEqual([0x11, 0x12]);
});

/** Nobody's, another use's, Zulip's, private use, greased. */
const UNKNOWN_SUITES = [0x00, 0x03, 0x10, 0x12, 0x31, 0x7f, 0x80, 0xbf, 0xc0, 0xe5, 0xff];

test.each(UNKNOWN_SUITES.map((suite) => [hex(Uint8Array.of(suite)), suite] as const))(
  'suite 0x%s is unknown, whatever the length [R-SUI-06] [R-SUI-07]',
  (_name, suite) => {
    for (const length of [7, 566, 567, 1911]) {
      expect(codeOf(() => decodeEnvelope(envelopeOf(length, suite)))).toBe('suite_unknown');
    }
  },
);

test('0x11 is a suite, but not one of a notification', () => {
  expect(codeOf(() => decodeEnvelope(envelopeOf(567, 0x11)))).toBe('suite_unknown');
  expect(findSuite(0x11, 'push-token')).toBe(SUITE_X25519_BASE);
});

test.each([0, 1, 255, 256, 65_535])('epoch %i survives', (epoch) => {
  const bytes = encodeEnvelope(
    SUITE_X25519_PSK,
    new Uint8Array(4),
    epoch,
    new Uint8Array(32),
    new Uint8Array(528),
  );
  expect(decodeEnvelope(bytes).epoch).toBe(epoch);
});

test.each([-1, 65_536, 1.5, Number.NaN])('epoch %d is out of range', (epoch) => {
  const run = () =>
    encodeEnvelope(SUITE_X25519_PSK, new Uint8Array(4), epoch, new Uint8Array(32), new Uint8Array(528));
  expect(codeOf(run)).toBe('epoch_out_of_range');
});

test.each([
  ['a kid of 3 bytes', 3, 32],
  ['a kid of 5 bytes', 5, 32],
  ['an enc of 31 bytes', 4, 31],
  ['an enc of 33 bytes', 4, 33],
])('%s is not encoded', (_name, kidBytes, encBytes) => {
  const run = () =>
    encodeEnvelope(
      SUITE_X25519_PSK,
      new Uint8Array(kidBytes),
      0,
      new Uint8Array(encBytes),
      new Uint8Array(528),
    );
  expect(codeOf(run)).toBe('envelope_malformed');
});
