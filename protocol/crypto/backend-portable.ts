// The portable backend: libsodium for curves and ChaCha20-Poly1305, noble for hashes, AES-GCM and ML-KEM. Runs wherever
// JavaScript and WebAssembly do, a browser included; nothing of Node is used. libsodium's own start is awaited once.
import { gcm } from '@noble/ciphers/aes.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { sha3_256, shake256 } from '@noble/hashes/sha3.js';
import { ml_kem768 } from '@noble/post-quantum/ml-kem.js';
import sodium from 'libsodium-wrappers';
import { concat } from '../wire/bytes.ts';
import { AEAD_AES_256_GCM, AEAD_CHACHA20_POLY1305, type CryptoBackend } from './backend.ts';

await sodium.ready;

const X25519_BYTES = 32;
const ENCAPSULATION_BYTES = 32;

/**
 * The portable primitives over a source of random bytes. Whoever gives another source than the operating system's gives
 * up every promise of the protocol: that is for tests and vectors. Ephemeral keys and ML-KEM's randomness are asked for
 * in the order in which X-Wing's EncapsulateDerand takes them.
 */
export function createPortableBackend(randomBytes: (length: number) => Uint8Array): CryptoBackend {
  return {
    randomBytes,
    sha256: (...parts) => sha256(concat(...parts)),
    sha3: (...parts) => sha3_256(concat(...parts)),
    shake256: (bytes, length) => shake256(bytes, { dkLen: length }),
    hmacSha256: (key, ...parts) => hmac(sha256, key, concat(...parts)),
    x25519PublicKey: (privateKey) => sodium.crypto_scalarmult_base(privateKey),
    x25519SharedSecret,
    x25519Peer: (publicKey) => ({
      agree() {
        const ephemeral = randomBytes(X25519_BYTES);
        const sharedSecret = x25519SharedSecret(ephemeral, publicKey);
        const ownPublicKey = sodium.crypto_scalarmult_base(ephemeral);
        ephemeral.fill(0);
        return sharedSecret === null ? null : { publicKey: ownPublicKey, sharedSecret };
      },
    }),
    mlKem768PublicKey: (seed) => ml_kem768.keygen(seed).publicKey,
    mlKem768Peer(publicKey) {
      const peer = valueOrNull(() => ml_kem768.prepare(publicKey));
      if (peer === null) return null;
      return {
        encapsulate() {
          const { cipherText, sharedSecret } = peer.encapsulate(randomBytes(ENCAPSULATION_BYTES));
          return { ciphertext: cipherText, sharedSecret };
        },
      };
    },
    mlKem768Decapsulate: (seed, ciphertext) =>
      ml_kem768.decapsulate(ciphertext, ml_kem768.keygen(seed).secretKey),
    ed25519PublicKey: (seed) => sodium.crypto_sign_seed_keypair(seed).publicKey,
    ed25519Sign: (seed, message) =>
      sodium.crypto_sign_detached(message, sodium.crypto_sign_seed_keypair(seed).privateKey),
    ed25519Verify: (publicKey, message, signature) =>
      valueOrNull(() => sodium.crypto_sign_verify_detached(signature, message, publicKey)) === true,
    aeadSeal(aeadId, key, nonce, plaintext, aad) {
      if (isAesGcm(aeadId)) return gcm(key, nonce, aad).encrypt(plaintext);
      return sodium.crypto_aead_chacha20poly1305_ietf_encrypt(plaintext, aad, null, nonce, key);
    },
    aeadOpen(aeadId, key, nonce, ciphertext, aad) {
      if (isAesGcm(aeadId)) return valueOrNull(() => gcm(key, nonce, aad).decrypt(ciphertext));
      return valueOrNull(() =>
        sodium.crypto_aead_chacha20poly1305_ietf_decrypt(null, ciphertext, aad, nonce, key),
      );
    },
  };
}

/** The portable primitives with the operating system's random bytes. */
export const portableBackend: CryptoBackend = createPortableBackend((length) =>
  globalThis.crypto.getRandomValues(new Uint8Array(length)),
);

/** libsodium refuses to give an all-zero secret. */
function x25519SharedSecret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | null {
  return valueOrNull(() => sodium.crypto_scalarmult(privateKey, publicKey));
}

function isAesGcm(aeadId: number): boolean {
  if (aeadId !== AEAD_AES_256_GCM && aeadId !== AEAD_CHACHA20_POLY1305) throw new RangeError('no such AEAD');
  return aeadId === AEAD_AES_256_GCM;
}

/** These libraries say no by throwing. */
function valueOrNull<Value>(value: () => Value): Value | null {
  try {
    return value();
  } catch {
    return null;
  }
}
