// The search itself: a text is found in every encoding and at every alignment, and not where it is not.
import { randomBytes } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { type Encoding, findSecret } from '../../client-sim/find-secret.ts';

const SECRETS = [
  'the key is under the blue pot',
  'ключ под горшком',
  'Schlüssel unterm Topf',
  '🍜 um zwölf 🔑🪴',
];

const HIDDEN: Record<Encoding, (secret: string) => Buffer | null> = {
  utf8: (secret) => Buffer.from(`before ${secret} after`),
  latin1: (secret) => (/^[\0-\xff]*$/.test(secret) ? Buffer.from(`before ${secret} after`, 'latin1') : null),
  utf16le: (secret) => Buffer.from(`before ${secret} after`, 'utf16le'),
  base64: (secret) => Buffer.from(Buffer.from(`be ${secret} after`).toString('base64')),
  base64url: (secret) => Buffer.from(Buffer.from(`be ${secret} after`).toString('base64url')),
  hex: (secret) => Buffer.from(Buffer.from(`be ${secret} after`).toString('hex')),
  json: (secret) =>
    Buffer.from(
      secret.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
    ),
};

describe.each(SECRETS)('%s', (secret) => {
  test.each(Object.keys(HIDDEN) as Encoding[])('is found in %s', (encoding) => {
    const haystack = HIDDEN[encoding](secret);
    if (haystack !== null) expect(findSecret(haystack, secret)).toContain(encoding);
  });

  test.each([0, 1, 2])('is found in base64 after %i bytes', (offset) => {
    const bytes = Buffer.concat([randomBytes(offset), Buffer.from(secret), randomBytes(5)]);
    expect(findSecret(Buffer.from(bytes.toString('base64url')), secret)).toContain('base64url');
    expect(findSecret(Buffer.from(bytes.toString('base64')), secret)).toContain('base64');
  });

  test('is not found in noise', () => {
    expect(findSecret(randomBytes(1 << 20), secret)).toEqual([]);
    expect(findSecret(Buffer.from(randomBytes(1 << 20).toString('base64')), secret)).toEqual([]);
  });
});
