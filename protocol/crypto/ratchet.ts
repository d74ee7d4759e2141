// The daily ratchet (SPEC.md section 4). Both sides store chain values only; a PSK is derived when it is used.
//
//   psk[e]     = HKDF-Expand(SHA-256, chain[e], "sealed-push/1 psk",   32)
//   chain[e+1] = HKDF-Expand(SHA-256, chain[e], "sealed-push/1 chain", 32)
import { utf8 } from '../wire/bytes.ts';
import type { CryptoBackend } from './backend.ts';
import { expand } from './hkdf.ts';

const PSK_BYTES = 32;
const PSK_LABEL = utf8('sealed-push/1 psk');
const CHAIN_LABEL = utf8('sealed-push/1 chain');

/** psk[e] of chain[e]; 32 bytes each. */
export function derivePsk(backend: CryptoBackend, chain: Uint8Array): Uint8Array {
  return expand(backend, chain, PSK_LABEL, PSK_BYTES);
}

/** chain[e + steps] of chain[e]; 32 bytes each. There is no way back. */
export function stepChain(backend: CryptoBackend, chain: Uint8Array, steps: number): Uint8Array {
  let value = chain;
  for (let step = 0; step < steps; step += 1) value = expand(backend, value, CHAIN_LABEL, PSK_BYTES);
  return value;
}
