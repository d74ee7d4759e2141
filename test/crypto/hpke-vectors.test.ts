// HPKE and X-Wing against the published vectors, on both backends: KEM, key schedule and AEAD with every intermediate
// value that the files give. Only the portable backend can be told its randomness.
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { labeledExtract } from '../../protocol/crypto/hkdf.ts';
import { openHpke, type Psk, scheduleContext, scheduleKey } from '../../protocol/crypto/hpke.ts';
import { decapsulate, prepareRecipient, publicKeyOf } from '../../protocol/crypto/kem.ts';
import { KEM_XWING } from '../../protocol/crypto/kem-xwing.ts';
import { concat, u8, u16, utf8 } from '../../protocol/wire/bytes.ts';
import {
  SUITE_X25519_BASE,
  SUITE_X25519_PSK,
  SUITE_XWING_BASE,
  type Suite,
} from '../../protocol/wire/suites.ts';
import { BACKENDS } from './backends.ts';
import { fixedBackend } from './fixed-backend.ts';
import { hexSchema, isVectorsDirSet, NEEDS_VECTORS, readVectors } from './published.ts';

const encryptionSchema = z.object({ pt: hexSchema, aad: hexSchema, nonce: hexSchema, ct: hexSchema });
const setupSchema = z.object({
  mode: z.enum(['0', '1']),
  info: hexSchema,
  skEm: hexSchema,
  skRm: hexSchema,
  pkRm: hexSchema,
  psk: hexSchema.optional(),
  psk_id: hexSchema.optional(),
  enc: hexSchema,
  shared_secret: hexSchema,
  key_schedule_context: hexSchema,
  secret: hexSchema,
  key: hexSchema,
  base_nonce: hexSchema,
});
const classicFileSchema = z.object({
  vectors: z.array(z.object({ setup: setupSchema, encryptions: z.array(encryptionSchema) })),
});
const postQuantumFileSchema = z.array(
  z.object({
    mode: z.number(),
    kem_id: z.number(),
    kdf_id: z.number(),
    aead_id: z.number(),
    info: hexSchema,
    ikmE: hexSchema,
    skRm: hexSchema,
    pkRm: hexSchema,
    enc: hexSchema,
    shared_secret: hexSchema,
    suite_id: hexSchema,
    key: hexSchema,
    base_nonce: hexSchema,
    encryptions: z.array(encryptionSchema),
  }),
);
const kemFileSchema = z.array(
  z.object({ eseed: hexSchema, sk: hexSchema, pk: hexSchema, ct: hexSchema, ss: hexSchema }),
);

/** One published set-up, whichever file it is from. */
interface Published {
  readonly suite: Suite;
  readonly info: Uint8Array;
  readonly psk: Psk | null;
  /** What the sender drew, in the order in which it is drawn. */
  readonly drawn: readonly Uint8Array[];
  readonly skRm: Uint8Array;
  readonly pkRm: Uint8Array;
  readonly enc: Uint8Array;
  readonly sharedSecret: Uint8Array;
  readonly key: Uint8Array;
  readonly baseNonce: Uint8Array;
  /** Of the files of one curve only. */
  readonly context?: { readonly keyScheduleContext: Uint8Array; readonly secret: Uint8Array };
  readonly encryptions: readonly z.infer<typeof encryptionSchema>[];
}

const SETUPS: readonly (readonly [string, () => Published])[] = [
  ['X25519 in base mode', () => readClassic('0', SUITE_X25519_BASE)],
  ['X25519 in PSK mode', () => readClassic('1', SUITE_X25519_PSK)],
  ['X-Wing with ChaCha20-Poly1305 in base mode', readXWing],
];
const EMPTY = new Uint8Array(0);

describe.skipIf(!isVectorsDirSet).each(SETUPS)(`%s${NEEDS_VECTORS}`, (_name, read) => {
  test('the portable backend, told what to draw, makes the secret and the enc of the vector', () => {
    const { suite, drawn, pkRm, enc, sharedSecret } = read();
    const sent = prepareRecipient(fixedBackend(...drawn), suite.kemId, pkRm)?.encapsulate();
    expect(sent).toEqual({ enc, sharedSecret });
  });

  test.each(BACKENDS)('$name: KEM', ({ backend }) => {
    const { suite, skRm, pkRm, enc, sharedSecret } = read();
    expect(publicKeyOf(backend, suite.kemId, skRm)).toEqual(pkRm);
    expect(decapsulate(backend, suite.kemId, skRm, enc)).toEqual(sharedSecret);
  });

  test.each(BACKENDS)('$name: key schedule', ({ backend }) => {
    const { suite, info, psk, sharedSecret, key, baseNonce, context } = read();
    const suiteId = concat(utf8('HPKE'), u16(suite.kemId), u16(suite.kdfId), u16(suite.aeadId));
    const extract = (salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array =>
      labeledExtract(backend, suiteId, salt, label, ikm);
    const scheduled = concat(
      u8(psk === null ? 0 : 1),
      extract(EMPTY, 'psk_id_hash', psk?.pskId ?? EMPTY),
      extract(EMPTY, 'info_hash', info),
    );
    expect(scheduleContext(backend, suite, info, psk)).toEqual(scheduled);
    expect(scheduleKey(backend, suite, sharedSecret, scheduled, psk)).toEqual({ key, nonce: baseNonce });
    if (context === undefined) return;
    expect(scheduled).toEqual(context.keyScheduleContext);
    expect(extract(sharedSecret, 'secret', psk?.psk ?? EMPTY)).toEqual(context.secret);
  });

  test.each(BACKENDS)('$name: every encryption', ({ backend }) => {
    const { suite, key, encryptions } = read();
    expect(encryptions.length).toBeGreaterThan(0);
    for (const { pt, aad, nonce, ct } of encryptions) {
      expect(backend.aeadSeal(suite.aeadId, key, nonce, pt, aad)).toEqual(ct);
      expect(backend.aeadOpen(suite.aeadId, key, nonce, ct, aad)).toEqual(pt);
    }
  });

  test.each(BACKENDS)("$name: a message of the vector's sender opens", ({ backend }) => {
    const { suite, info, psk, skRm, enc, key, baseNonce, encryptions } = read();
    const text = encryptions[0]?.pt ?? EMPTY;
    const ciphertext = backend.aeadSeal(suite.aeadId, key, baseNonce, text, EMPTY);
    expect(openHpke(backend, suite, skRm, info, psk, { enc, ciphertext })).toEqual(text);
  });
});

describe.skipIf(!isVectorsDirSet)(`the X-Wing KEM${NEEDS_VECTORS}`, () => {
  test('the portable backend, told what to draw, encapsulates as the vectors do', () => {
    for (const { eseed, pk, ct, ss } of readKem()) {
      const backend = fixedBackend(eseed.subarray(0, 32), eseed.subarray(32));
      const sent = prepareRecipient(backend, KEM_XWING, pk)?.encapsulate();
      expect(sent).toEqual({ enc: ct, sharedSecret: ss });
    }
  });

  test.each(BACKENDS)('$name: key generation and decapsulation, 3 vectors', ({ backend }) => {
    const vectors = readKem();
    expect(vectors.length).toBe(3);
    for (const { sk, pk, ct, ss } of vectors) {
      expect(publicKeyOf(backend, KEM_XWING, sk)).toEqual(pk);
      expect(decapsulate(backend, KEM_XWING, sk, ct)).toEqual(ss);
    }
  });
});

function readClassic(mode: string, suite: Suite): Published {
  const { vectors } = readVectors('hpke-x25519-chacha.json', classicFileSchema);
  const vector = vectors.find((candidate) => candidate.setup.mode === mode);
  if (vector === undefined) throw new Error('the file has no vector of this mode');
  const { setup, encryptions } = vector;
  const { info, skRm, pkRm, enc, key } = setup;
  return {
    suite,
    info,
    psk: setup.psk === undefined ? null : { psk: setup.psk, pskId: setup.psk_id ?? EMPTY },
    drawn: [setup.skEm],
    skRm,
    pkRm,
    enc,
    sharedSecret: setup.shared_secret,
    key,
    baseNonce: setup.base_nonce,
    context: { keyScheduleContext: setup.key_schedule_context, secret: setup.secret },
    encryptions,
  };
}

/** X-Wing was published with ChaCha20-Poly1305 and HKDF-SHA256, in base mode: our schedule with another AEAD. */
function readXWing(): Published {
  const vector = readVectors('hpke-pq.json', postQuantumFileSchema).find(
    (candidate) => candidate.kem_id === KEM_XWING && candidate.kdf_id === 1 && candidate.aead_id === 3,
  );
  if (vector === undefined) throw new Error('the file has no vector of this suite');
  const { info, ikmE, skRm, pkRm, enc, key, encryptions } = vector;
  return {
    suite: { ...SUITE_XWING_BASE, aeadId: vector.aead_id },
    info,
    psk: null,
    drawn: [ikmE.subarray(0, 32), ikmE.subarray(32)],
    skRm,
    pkRm,
    enc,
    sharedSecret: vector.shared_secret,
    key,
    baseNonce: vector.base_nonce,
    encryptions,
  };
}

function readKem(): z.infer<typeof kemFileSchema> {
  return readVectors('xwing-kem.json', kemFileSchema);
}
