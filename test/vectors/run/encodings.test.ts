// base64url.json, cbor.json, origin.json and ratchet.json through the library.
import { expect, test } from 'vitest';
import { derivePsk, stepChain } from '../../../protocol/crypto/ratchet.ts';
import { decodeBase64url, encodeBase64url } from '../../../protocol/wire/base64url.ts';
import { hex } from '../../../protocol/wire/bytes.ts';
import { type CborValue, decodeCbor, encodeCbor } from '../../../protocol/wire/cbor.ts';
import { ProtocolError } from '../../../protocol/wire/errors.ts';
import { isAppId, isOrigin } from '../../../protocol/wire/origin.ts';
import { unhex } from '../device/unhex.ts';
import { base64urlFile, type CborForm, cborFile, originFile, ratchetFile } from '../shape/encodings.ts';
import { BACKENDS, readVectors } from './read.ts';

function cborFormOf(value: CborValue): CborForm {
  if (value instanceof Uint8Array) return { bytes: hex(value) };
  if (value instanceof Map) return { map: [...value].map(([key, inner]) => [key, cborFormOf(inner)]) };
  return Array.isArray(value) ? value.map(cborFormOf) : value;
}

/** What a decoder gives, or that it refuses with this code. */
function outcome(decode: () => object, code: string): object {
  try {
    return { result: 'valid', ...decode() };
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== code) throw error;
    return { result: 'refused' };
  }
}

test('every text of base64url.json decodes, or not, as its case says, and is what its bytes are written as', () => {
  for (const known of readVectors('base64url.json', base64urlFile).cases) {
    const got = outcome(() => ({ bytes: hex(decodeBase64url(known.text)) }), 'base64url_malformed');
    expect(known, known.id).toMatchObject(got);
    if (known.result === 'valid') expect(encodeBase64url(unhex(known.bytes)), known.id).toBe(known.text);
  }
});

test('every item of cbor.json decodes, or not, as its case says, and is what its value is written as', () => {
  for (const known of readVectors('cbor.json', cborFile).cases) {
    const bytes = unhex(known.bytes);
    const got = outcome(() => ({ value: cborFormOf(decodeCbor(bytes)) }), 'cbor_malformed');
    expect(known, known.id).toMatchObject(got);
    if (known.result === 'valid') expect(hex(encodeCbor(decodeCbor(bytes))), known.id).toBe(known.bytes);
  }
});

test('every origin and app id of origin.json is one, or not, as its case says', () => {
  for (const { id, of, text, result } of readVectors('origin.json', originFile).cases) {
    expect(of === 'origin' ? isOrigin(text) : isAppId(text), id).toBe(result === 'valid');
  }
});

test.each(BACKENDS)('every chain value of ratchet.json is reached, on the %s backend', (_, backend) => {
  for (const known of readVectors('ratchet.json', ratchetFile).cases) {
    const chain = stepChain(backend, unhex(known.chain), known.epoch - known.chain_epoch);
    expect(hex(chain), known.id).toBe(known.expected_chain);
    expect(hex(derivePsk(backend, chain)), known.id).toBe(known.expected_psk);
  }
});
