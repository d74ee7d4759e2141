// Every single-bit flip and every truncation of every valid vector, on one backend: none is taken.
import { expect, test } from 'vitest';
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { takenDamaged } from '../property/damage.ts';
import { validEnvelopes, validKeyLists, validMacs, validPushTokens } from '../property/vector-takers.ts';
import { validZulip } from '../property/zulip-takers.ts';

export function testEveryBit(backend: CryptoBackend): void {
  const vectors = [
    ...validMacs(),
    ...validEnvelopes('notification-01.json'),
    ...validPushTokens(),
    ...validEnvelopes('notification-02.json'),
    ...validKeyLists(),
    ...validZulip(),
  ];
  test.each(vectors)('$id', ({ bytes, taker }) => {
    const take = taker(backend);
    expect(take(bytes)).toBe(true);
    expect(takenDamaged(bytes, take)).toEqual([]);
  });
}
