// HPKE against the published vectors: KEM, key schedule and AEAD with their intermediate values.
import { expect, test } from 'vitest';
import { z } from 'zod';
import { AEAD_CHACHA20_POLY1305 } from '../../protocol/crypto/backend.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { labeledExtract } from '../../protocol/crypto/hkdf.ts';
import { openHpke, type Psk, scheduleContext, scheduleKey } from '../../protocol/crypto/hpke.ts';
import { decapsulate, prepareRecipient } from '../../protocol/crypto/kem.ts';
import { KEM_X25519 } from '../../protocol/crypto/kem-x25519.ts';
import { concat, u8, u16, utf8 } from '../../protocol/wire/bytes.ts';
import { SUITE_X25519_BASE, SUITE_X25519_PSK } from '../../protocol/wire/suites.ts';
import { fixedBackend } from './fixed-backend.ts';
import { hexSchema, isVectorsDirSet, NEEDS_VECTORS, readVectors } from './published.ts';

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
const encryptionSchema = z.object({ pt: hexSchema, aad: hexSchema, nonce: hexSchema, ct: hexSchema });
const fileSchema = z.object({
  vectors: z.array(z.object({ setup: setupSchema, encryptions: z.array(encryptionSchema) })),
});
type Setup = z.infer<typeof setupSchema>;

const MODES = [
  ['base', '0', SUITE_X25519_BASE],
  ['PSK', '1', SUITE_X25519_PSK],
] as const;
const EMPTY = new Uint8Array(0);
const SUITE_ID = concat(utf8('HPKE'), u16(0x0020), u16(0x0001), u16(0x0003));

function vectorOf(mode: string): { setup: Setup; encryptions: z.infer<typeof encryptionSchema>[] } {
  const vector = readVectors('hpke-x25519-chacha.json', fileSchema).vectors.find(
    (v) => v.setup.mode === mode,
  );
  if (vector === undefined) throw new Error('the file has no vector of this mode');
  return vector;
}

function pskOf(setup: Setup): Psk | null {
  return setup.psk === undefined ? null : { psk: setup.psk, pskId: setup.psk_id ?? EMPTY };
}

test.skipIf(!isVectorsDirSet).each(MODES)(`%s mode: KEM, both directions${NEEDS_VECTORS}`, (_name, mode) => {
  const { setup } = vectorOf(mode);
  const sent = prepareRecipient(fixedBackend(setup.skEm), KEM_X25519, setup.pkRm)?.encapsulate();
  expect(sent).toEqual({ enc: setup.enc, sharedSecret: setup.shared_secret });
  expect(decapsulate(nativeBackend, KEM_X25519, setup.skRm, setup.enc)).toEqual(setup.shared_secret);
  expect(nativeBackend.x25519PublicKey(setup.skRm)).toEqual(setup.pkRm);
});

test.skipIf(!isVectorsDirSet).each(MODES)(`%s mode: key schedule${NEEDS_VECTORS}`, (_name, mode, suite) => {
  const { setup } = vectorOf(mode);
  const psk = pskOf(setup);
  const extract = (salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array =>
    labeledExtract(nativeBackend, SUITE_ID, salt, label, ikm);
  const context = concat(
    u8(Number(mode)),
    extract(EMPTY, 'psk_id_hash', psk?.pskId ?? EMPTY),
    extract(EMPTY, 'info_hash', setup.info),
  );
  expect(context).toEqual(setup.key_schedule_context);
  expect(scheduleContext(nativeBackend, suite, setup.info, psk)).toEqual(context);
  expect(extract(setup.shared_secret, 'secret', psk?.psk ?? EMPTY)).toEqual(setup.secret);
  expect(scheduleKey(nativeBackend, suite, setup.shared_secret, context, psk)).toEqual({
    key: setup.key,
    nonce: setup.base_nonce,
  });
});

test.skipIf(!isVectorsDirSet).each(MODES)(`%s mode: every encryption${NEEDS_VECTORS}`, (_name, mode) => {
  const { setup, encryptions } = vectorOf(mode);
  expect(encryptions.length).toBeGreaterThan(0);
  for (const { pt, aad, nonce, ct } of encryptions) {
    expect(nativeBackend.aeadSeal(AEAD_CHACHA20_POLY1305, setup.key, nonce, pt, aad)).toEqual(ct);
    expect(nativeBackend.aeadOpen(AEAD_CHACHA20_POLY1305, setup.key, nonce, ct, aad)).toEqual(pt);
  }
});

test.skipIf(!isVectorsDirSet).each(MODES)(
  `%s mode: a message of the vector's sender opens${NEEDS_VECTORS}`,
  (_name, mode, suite) => {
    const { setup, encryptions } = vectorOf(mode);
    const text = encryptions[0]?.pt ?? EMPTY;
    const nonce = setup.base_nonce;
    const ciphertext = nativeBackend.aeadSeal(AEAD_CHACHA20_POLY1305, setup.key, nonce, text, EMPTY);
    const sealed = { enc: setup.enc, ciphertext };
    expect(openHpke(nativeBackend, suite, setup.skRm, setup.info, pskOf(setup), sealed)).toEqual(text);
  },
);
