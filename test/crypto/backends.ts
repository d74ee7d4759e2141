// Both backends, and a key pair of every suite, for tests that hold for each.
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { portableBackend } from '../../protocol/crypto/backend-portable.ts';
import type { Psk } from '../../protocol/crypto/hpke.ts';
import { generateKeyPair, type KeyPair } from '../../protocol/crypto/key-pair.ts';
import { utf8 } from '../../protocol/wire/bytes.ts';
import { SUITES, type Suite } from '../../protocol/wire/suites.ts';

/** A backend under its name. */
export interface NamedBackend {
  readonly name: string;
  readonly backend: CryptoBackend;
}

export const NATIVE: NamedBackend = { name: 'native', backend: nativeBackend };
export const PORTABLE: NamedBackend = { name: 'portable', backend: portableBackend };
export const BACKENDS: readonly NamedBackend[] = [NATIVE, PORTABLE];

/** Who seals and who opens: both with themselves, and each with the other. */
export const PAIRS: readonly (readonly [string, CryptoBackend, CryptoBackend])[] = BACKENDS.flatMap(
  (sealer) =>
    BACKENDS.map(
      (opener) => [`${sealer.name} seals, ${opener.name} opens`, sealer.backend, opener.backend] as const,
    ),
);

/** A suite, alice's keys for it, and the PSK that its mode asks for. */
export interface Fixture {
  readonly suite: Suite;
  readonly name: string;
  readonly alice: KeyPair;
  readonly psk: Psk | null;
}

export const PSK: Psk = { psk: new Uint8Array(32).fill(7), pskId: utf8('kid+epoch') };
export const FIXTURES: readonly Fixture[] = SUITES.map((suite) => ({
  suite,
  name: suite.name,
  alice: generateKeyPair(nativeBackend, suite),
  psk: suite.mode === 'psk' ? PSK : null,
}));

/** Points of small order: their Diffie-Hellman result is zero with every key. */
export const LOW_ORDER: readonly Uint8Array[] = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].map((text) => new Uint8Array(Buffer.from(text, 'hex')));
