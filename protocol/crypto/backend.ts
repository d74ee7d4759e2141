// The primitives that the protocol needs, behind one interface (SPEC.md section 12), with two backends: a native one and
// one that runs wherever JavaScript does. All byte strings are raw; nothing here knows what it is used for.

/** IANA's ids of the AEADs that suites use. */
export const AEAD_AES_256_GCM = 0x0002;
export const AEAD_CHACHA20_POLY1305 = 0x0003;

/** Somebody's X25519 public key, made ready to be sealed to any number of times. */
export interface X25519Peer {
  /** A fresh ephemeral key pair and one Diffie-Hellman: 32 bytes each, or null if the secret is all zero. */
  agree(): { readonly publicKey: Uint8Array; readonly sharedSecret: Uint8Array } | null;
}

/** Somebody's ML-KEM-768 public key, made ready to be sealed to any number of times. */
export interface MlKem768Peer {
  /** FIPS 203, ML-KEM.Encaps with fresh randomness: a ciphertext of 1,088 bytes and a secret of 32. */
  encapsulate(): { readonly ciphertext: Uint8Array; readonly sharedSecret: Uint8Array };
}

/** Primitives over raw bytes. Every function is synchronous and has no state. */
export interface CryptoBackend {
  /** Fresh bytes of the operating system's source. */
  randomBytes(length: number): Uint8Array;
  /** FIPS 180-4: 32 bytes; the parts are hashed as if joined. */
  sha256(...parts: readonly Uint8Array[]): Uint8Array;
  /** FIPS 202, SHA3-256: 32 bytes; the parts are hashed as if joined. */
  sha3(...parts: readonly Uint8Array[]): Uint8Array;
  /** FIPS 202: `length` bytes. */
  shake256(bytes: Uint8Array, length: number): Uint8Array;
  /** RFC 2104 with SHA-256: 32 bytes; the parts are taken as if joined. */
  hmacSha256(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array;
  /** RFC 7748: the public key, 32 bytes, of a private key, 32 bytes. */
  x25519PublicKey(privateKey: Uint8Array): Uint8Array;
  /** RFC 7748: the shared secret, 32 bytes, or null if it is all zero. */
  x25519SharedSecret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array | null;
  /** RFC 7748: a public key of 32 bytes, of which any is one. */
  x25519Peer(publicKey: Uint8Array): X25519Peer;
  /** FIPS 203: the public key, 1,184 bytes, of a seed d ‖ z, 64 bytes. */
  mlKem768PublicKey(seed: Uint8Array): Uint8Array;
  /** FIPS 203 section 7.2: 1,184 bytes, or null if they fail the modulus check. */
  mlKem768Peer(publicKey: Uint8Array): MlKem768Peer | null;
  /** FIPS 203: the secret, 32 bytes, of a ciphertext of 1,088; a wrong one gives a secret that nobody else has. */
  mlKem768Decapsulate(seed: Uint8Array, ciphertext: Uint8Array): Uint8Array;
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
