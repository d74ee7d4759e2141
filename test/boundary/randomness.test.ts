// Where random bytes come from, in the sources and in what they give.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { portableBackend } from '../../protocol/crypto/backend-portable.ts';
import { hex } from '../../protocol/wire/bytes.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** Lines of the sources that hold a text, as `file: line`. */
function linesWith(text: string): string[] {
  return ['protocol', 'server', 'bouncer', 'client-sim'].flatMap((zone) =>
    readdirSync(join(ROOT, zone), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) =>
        readFileSync(join(ROOT, zone, name), 'utf8')
          .split('\n')
          .filter((line) => line.includes(text) && !line.trimStart().startsWith('//'))
          .map((line) => `${zone}/${name}: ${line.trim()}`),
      ),
  );
}

test('both backends draw from the operating system; Math.random shuffles batches and nothing else [R-ENC-03]', () => {
  for (const backend of [nativeBackend, portableBackend]) {
    const drawn = new Set(Array.from({ length: 200 }, () => hex(backend.randomBytes(4))));
    expect(drawn.size).toBeGreaterThan(195);
    const bits = backend
      .randomBytes(4096)
      .reduce((sum, byte) => sum + byte.toString(2).replaceAll('0', '').length, 0);
    expect(Math.abs(bits - 16_384)).toBeLessThan(1000);
  }
  expect(linesWith('Math.random')).toEqual(['server/service.ts: random: Math.random,']);
  expect(linesWith('globalThis.crypto.getRandomValues')).toHaveLength(1);
  const imports = linesWith('randomBytes').filter((line) => / from '/.test(line));
  for (const line of imports) expect(line).toMatch(/from 'node:crypto';$/);
});

test('randomness is injected by tests only [R-ENC-04]', () => {
  const made = linesWith('createPortableBackend(');
  expect(made.map((line) => line.split(':')[0])).toEqual([
    'protocol/crypto/backend-portable.ts',
    'protocol/crypto/backend-portable.ts',
  ]);
  expect(linesWith('randomBytes:').filter((line) => !line.includes('=> Uint8Array'))).toEqual([
    'protocol/crypto/backend-native.ts: randomBytes: (length) => bytesOf(randomBytes(length)),',
    'server/service.ts: const chat = { database: chatDatabase, push, adminKey, randomBytes: nativeBackend.randomBytes, now };',
  ]);
});
