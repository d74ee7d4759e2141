// Reproducible bytes for tokens and ids: a run with the same seed and the same requests gives the same record.
// No secret of anybody rests on them.
import { hash } from 'node:crypto';

export type RandomBytes = (count: number) => Buffer;

export function buildRandom(seed: number): RandomBytes {
  let block = 0;
  let pool: Buffer = Buffer.alloc(0);
  return (count) => {
    while (pool.length < count) {
      pool = Buffer.concat([pool, hash('sha256', `sealed-push providers ${seed} ${block}`, 'buffer')]);
      block += 1;
    }
    const taken = pool.subarray(0, count);
    pool = pool.subarray(count);
    return taken;
  };
}

/** A version 4 UUID in lower case, the form of `apns-id`. */
export function randomUuid(random: RandomBytes): string {
  const hex = random(16).toString('hex');
  const variant = '89ab'.charAt(Number.parseInt(hex.charAt(16), 16) % 4);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
}
