// The primitives that the protocol needs, behind one interface (SPEC.md section 12): a native backend, and room
// for a portable one. All byte strings are raw; nothing here knows what it is used for.

/** IANA's ids of the AEADs that suites use. */
export const AEAD_AES_256_GCM = 0x0002;
export const AEAD_CHACHA20_POLY1305 = 0x0003;

/** Primitives over raw bytes. Every function is synchronous and has no state. */
export interface CryptoBackend {
  /** Fresh bytes of the operating system's source. Tests and vectors replace this one function. */
  randomBytes(length: number): Uint8Array;
  /** 32 bytes; the parts are hashed as if joined. */
  sha256(...parts: readonly Uint8Array[]): Uint8Array;
  /** RFC 2104 with SHA-256: 32 bytes; the parts are taken as if joined. */
  hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
  /** RFC 7748: the public key, 32 bytes, of a private key, 32 bytes. */
  x25519PublicKey(privateKey: Uint8Array): Uint8Array;
  /** RFC 7748: the shared secret, 32 bytes, or null if it is all zero. */
  x25519SharedSecret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | null;
  /** RFC 8032: the public key, 32 bytes, of a seed, 32 bytes. */
  ed25519PublicKey(seed: Uint8Array): Uint8Array;
  /** RFC 8032: a signature, 64 bytes. */
  ed25519Sign(seed: Uint8Array, message: Uint8Array): Uint8Array;
  ed25519Verify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
  /** ciphertext ‖ tag(16). Key 32 bytes, nonce 12 bytes. */
  aeadSeal(
    aeadId: number,
    key: Uint8Array,
    nonce: Uint8Array,
    plaintext: Uint8Array,
    aad: Uint8Array,
  ): Uint8Array;
  /** The plaintext, or null if the tag is wrong. */
  aeadOpen(
    aeadId: number,
    key: Uint8Array,
    nonce: Uint8Array,
    ciphertext: Uint8Array,
    aad: Uint8Array,
  ): Uint8Array | null;
}
