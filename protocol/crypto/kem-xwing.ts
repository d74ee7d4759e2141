// X-Wing, KEM id 0x647a (draft-connolly-cfrg-xwing-kem): ML-KEM-768 and X25519, secret as long as either holds.
//
//   private key = seed(32);  SHAKE256(seed, 96) = ML-KEM seed d ‖ z (64) ‖ X25519 private key (32)
//   public key  = ML-KEM-768 (1184) ‖ X25519 (32);  enc = ML-KEM ciphertext (1088) ‖ ephemeral X25519 key (32)
//   secret      = SHA3-256(ss_M ‖ ss_X ‖ ct_X ‖ pk_X ‖ label)
import { concat } from '../wire/bytes.ts';
import type { CryptoBackend } from './backend.ts';
import type { KemRecipient } from './kem.ts';

/** IANA's id of this KEM. */
export const KEM_XWING = 0x647a;

const MLKEM_SEED_BYTES = 64;
const MLKEM_PUBLIC_KEY_BYTES = 1184;
const MLKEM_CIPHERTEXT_BYTES = 1088;
const X25519_BYTES = 32;
/** The draft's label, an ASCII drawing: \./ and /^\ */
const LABEL = Uint8Array.of(0x5c, 0x2e, 0x2f, 0x2f, 0x5e, 0x5c);

/** A public key of 1,216 bytes, made ready; null if its ML-KEM half fails the modulus check. `enc` has 1,120 bytes. */
export function prepareXWing(backend: CryptoBackend, publicKey: Uint8Array): KemRecipient | null {
  const x25519Half = publicKey.subarray(MLKEM_PUBLIC_KEY_BYTES);
  const mlKem = backend.mlKem768Peer(publicKey.subarray(0, MLKEM_PUBLIC_KEY_BYTES));
  if (mlKem === null) return null;
  const x25519 = backend.x25519Peer(x25519Half);
  return {
    encapsulate() {
      const post = mlKem.encapsulate();
      const classic = x25519.agree();
      if (classic === null) return null;
      const secrets = { post: post.sharedSecret, classic: classic.sharedSecret };
      return {
        sharedSecret: combine(backend, secrets, classic.publicKey, x25519Half),
        enc: concat(post.ciphertext, classic.publicKey),
      };
    },
  };
}

/** 32 bytes, or null if the encapsulated key yields an all-zero Diffie-Hellman result. */
export function decapsulateXWing(
  backend: CryptoBackend,
  privateKey: Uint8Array,
  enc: Uint8Array,
): Uint8Array | null {
  const { mlKemSeed, x25519Key } = expandSeed(backend, privateKey);
  const ephemeral = enc.subarray(MLKEM_CIPHERTEXT_BYTES);
  const classic = backend.x25519SharedSecret(x25519Key, ephemeral);
  if (classic === null) return null;
  const post = backend.mlKem768Decapsulate(mlKemSeed, enc.subarray(0, MLKEM_CIPHERTEXT_BYTES));
  return combine(backend, { post, classic }, ephemeral, backend.x25519PublicKey(x25519Key));
}

/** The public key, 1,216 bytes, of a private key, 32 bytes. */
export function xWingPublicKey(backend: CryptoBackend, privateKey: Uint8Array): Uint8Array {
  const { mlKemSeed, x25519Key } = expandSeed(backend, privateKey);
  return concat(backend.mlKem768PublicKey(mlKemSeed), backend.x25519PublicKey(x25519Key));
}

function expandSeed(
  backend: CryptoBackend,
  seed: Uint8Array,
): { mlKemSeed: Uint8Array; x25519Key: Uint8Array } {
  const expanded = backend.shake256(seed, MLKEM_SEED_BYTES + X25519_BYTES);
  return {
    mlKemSeed: expanded.subarray(0, MLKEM_SEED_BYTES),
    x25519Key: expanded.subarray(MLKEM_SEED_BYTES),
  };
}

function combine(
  backend: CryptoBackend,
  secrets: { readonly post: Uint8Array; readonly classic: Uint8Array },
  ephemeral: Uint8Array,
  x25519PublicKey: Uint8Array,
): Uint8Array {
  return backend.sha3(secrets.post, secrets.classic, ephemeral, x25519PublicKey, LABEL);
}
