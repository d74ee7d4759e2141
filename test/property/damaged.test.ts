// Valid vectors with a bit flipped or cut short. Here: all of one envelope of 0x01 on the native backend, the small forms
// whole, a sample of the rest on both. `npm run test:long` looks at every bit of every vector.
import { describe, expect, test } from 'vitest';
import { BACKENDS, NATIVE } from '../crypto/backends.ts';
import { takenDamaged } from './damage.ts';
import {
  type ValidVector,
  validEnvelopes,
  validKeyLists,
  validMacs,
  validPushTokens,
} from './vector-takers.ts';
import { validZulip } from './zulip-takers.ts';

const envelopes01 = validEnvelopes('notification-01.json');
const envelopes02 = validEnvelopes('notification-02.json');
const [first] = envelopes01.filter(({ bytes }) => bytes.length === 512 + 55);
/** Primes, so that every bit of a byte and every part of an input has its turn. */
const SAMPLE_NATIVE = 401;
const SAMPLE_PORTABLE = 2003;

test('0x01, bucket 512: every bit and every truncation, on the native backend', () => {
  if (first === undefined) throw new Error('there is no valid envelope of bucket 512');
  const take = first.taker(NATIVE.backend);
  expect(take(first.bytes)).toBe(true);
  expect(takenDamaged(first.bytes, take)).toEqual([]);
});

const SAMPLED: readonly (readonly [string, readonly ValidVector[]])[] = [
  ['envelopes of 0x01', envelopes01],
  ['envelopes of 0x02', envelopes02],
  ['push tokens', validPushTokens()],
  ['Zulip’s form', validZulip()],
  ['short key lists', validKeyLists().filter(({ bytes }) => bytes.length < 2000)],
];

describe.each(BACKENDS)('$name', ({ name, backend }) => {
  test.each(SAMPLED)('%s: all are taken whole; of the damaged ones, a sample of none', (_name, vectors) => {
    const sample = name === 'native' ? SAMPLE_NATIVE : SAMPLE_PORTABLE;
    expect(vectors.length).toBeGreaterThan(0);
    for (const { id, bytes, taker } of vectors) {
      const take = taker(backend);
      expect(take(bytes), id).toBe(true);
      expect(takenDamaged(bytes, take, sample), id).toEqual([]);
    }
  });

  test('challenges, confirmations and revocations: every bit and every truncation', () => {
    for (const { id, bytes, taker } of validMacs()) {
      const take = taker(backend);
      expect(take(bytes), id).toBe(true);
      expect(takenDamaged(bytes, take), id).toEqual([]);
    }
  });
});
