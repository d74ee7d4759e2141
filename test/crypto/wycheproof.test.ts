// Wycheproof: X25519, ChaCha20-Poly1305 and HKDF-SHA256 on both backends, the invalid cases among them.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { AEAD_CHACHA20_POLY1305 } from '../../protocol/crypto/backend.ts';
import { expand, extract } from '../../protocol/crypto/hkdf.ts';
import { concat, hex } from '../../protocol/wire/bytes.ts';
import { BACKENDS } from './backends.ts';
import { hexSchema, isVectorsDirSet, NEEDS_VECTORS, readVectors } from './published.ts';

const RESULT = z.enum(['valid', 'invalid', 'acceptable']);

function casesOf<Case extends { tcId: number }>(file: string, caseSchema: z.ZodType<Case>): readonly Case[] {
  const schema = z.object({
    numberOfTests: z.number(),
    testGroups: z.array(z.object({ tests: z.array(caseSchema) })),
  });
  const { numberOfTests, testGroups } = readVectors(file, schema);
  const cases = testGroups.flatMap((group) => group.tests);
  expect(cases.length).toBe(numberOfTests);
  return cases;
}

/** What a function gives, in hexadecimal, or null if it refuses, by value or by exception. */
function outcome(run: () => Uint8Array | null): string | null {
  try {
    const bytes = run();
    return bytes === null ? null : hex(bytes);
  } catch {
    return null;
  }
}

test.skipIf(!isVectorsDirSet).each(BACKENDS)(`$name: X25519, 518 cases${NEEDS_VECTORS}`, ({ backend }) => {
  const caseSchema = z.object({
    tcId: z.number(),
    flags: z.array(z.string()),
    public: hexSchema,
    private: hexSchema,
    shared: hexSchema,
    result: RESULT,
  });
  const cases = casesOf('wycheproof-x25519_test.json', caseSchema);
  const wrong = cases.filter((vector) => {
    // An all-zero result is a failure here; the other acceptable cases are results like any other.
    const expected = vector.flags.includes('ZeroSharedSecret') ? null : hex(vector.shared);
    return outcome(() => backend.x25519SharedSecret(vector.private, vector.public)) !== expected;
  });
  expect(wrong.map((vector) => vector.tcId)).toEqual([]);
  expect(cases.filter((vector) => vector.flags.includes('ZeroSharedSecret')).length).toBe(31);
});

test.skipIf(!isVectorsDirSet).each(BACKENDS)(
  `$name: ChaCha20-Poly1305, 325 cases${NEEDS_VECTORS}`,
  ({ backend }) => {
    const caseSchema = z.object({
      tcId: z.number(),
      key: hexSchema,
      iv: hexSchema,
      aad: hexSchema,
      msg: hexSchema,
      ct: hexSchema,
      tag: hexSchema,
      result: RESULT,
    });
    const wrong = casesOf('wycheproof-chacha20_poly1305_test.json', caseSchema).filter((vector) => {
      const { key, iv, aad, msg } = vector;
      const ciphertext = concat(vector.ct, vector.tag);
      const opened = outcome(() => backend.aeadOpen(AEAD_CHACHA20_POLY1305, key, iv, ciphertext, aad));
      if (vector.result !== 'valid') return opened !== null;
      const sealed = outcome(() => backend.aeadSeal(AEAD_CHACHA20_POLY1305, key, iv, msg, aad));
      return opened !== hex(msg) || sealed !== hex(ciphertext);
    });
    expect(wrong.map((vector) => vector.tcId)).toEqual([]);
  },
);

test.skipIf(!isVectorsDirSet).each(BACKENDS)(
  `$name: HKDF-SHA256, 86 cases${NEEDS_VECTORS}`,
  ({ backend }) => {
    const caseSchema = z.object({
      tcId: z.number(),
      ikm: hexSchema,
      salt: hexSchema,
      info: hexSchema,
      size: z.number(),
      okm: hexSchema,
      result: RESULT,
    });
    const wrong = casesOf('wycheproof-hkdf_sha256_test.json', caseSchema).filter((vector) => {
      const derived = outcome(() => {
        const prk = extract(backend, vector.salt, vector.ikm);
        return expand(backend, prk, vector.info, vector.size);
      });
      return derived !== (vector.result === 'valid' ? hex(vector.okm) : null);
    });
    expect(wrong.map((vector) => vector.tcId)).toEqual([]);
  },
);
