// The native backend: node:crypto (OpenSSL). What it calls most is chosen by its cost: keys travel raw instead of as DER,
// an HMAC is two one-shot hashes, because setting up an HMAC object costs six of them, and a cipher gets its key as a
// KeyObject, because node:crypto tells plain bytes from one by two exceptions that it catches (`npm run bench -- seal`).
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  decapsulate,
  diffieHellman,
  encapsulate,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { concat } from '../wire/bytes.ts';
import { AEAD_AES_256_GCM, AEAD_CHACHA20_POLY1305, type CryptoBackend } from './backend.ts';

const TAG_BYTES = 16;
const HMAC_BLOCK_BYTES = 64;

/** node:crypto behind the interface. */
export const nativeBackend: CryptoBackend = {
  randomBytes: (length) => bytesOf(randomBytes(length)),
  sha256: (...parts) => bytesOf(hash('sha256', joined(parts), 'buffer')),
  sha3: (...parts) => bytesOf(hash('sha3-256', joined(parts), 'buffer')),
  shake256: (bytes, length) =>
    bytesOf(createHash('shake256', { outputLength: length }).update(bytes).digest()),
  hmacSha256(key, ...parts) {
    const short = key.length > HMAC_BLOCK_BYTES ? hash('sha256', key, 'buffer') : key;
    const inner = hash('sha256', concat(padKey(short, 0x36), ...parts), 'buffer');
    return bytesOf(hash('sha256', concat(padKey(short, 0x5c), inner), 'buffer'));
  },
  x25519PublicKey: (privateKey) => rawPublicKey(x25519PrivateKey(privateKey)),
  x25519SharedSecret: (privateKey, publicKey) =>
    sharedSecretOf(x25519PrivateKey(privateKey), rawPublicKeyObject('x25519', publicKey)),
  x25519Peer(publicKey) {
    const peer = rawPublicKeyObject('x25519', publicKey);
    return {
      agree() {
        const ephemeral = generateX25519();
        const sharedSecret = sharedSecretOf(ephemeral.privateKey, peer);
        return sharedSecret === null ? null : { publicKey: ephemeral.publicKey, sharedSecret };
      },
    };
  },
  mlKem768PublicKey: (seed) => rawPublicKey(mlKem768PrivateKey(seed)),
  mlKem768Peer(publicKey) {
    const peer = mlKem768PublicKeyObject(publicKey);
    if (peer === null) return null;
    return {
      encapsulate() {
        const { ciphertext, sharedKey } = encapsulate(peer);
        return { ciphertext: bytesOf(ciphertext), sharedSecret: bytesOf(sharedKey) };
      },
    };
  },
  mlKem768Decapsulate: (seed, ciphertext) => bytesOf(decapsulate(mlKem768PrivateKey(seed), ciphertext)),
  ed25519PublicKey: (seed) => rawPublicKey(ed25519PrivateKey(seed)),
  ed25519Sign: (seed, message) => bytesOf(sign(null, message, ed25519PrivateKey(seed))),
  ed25519Verify: (publicKey, message, signature) =>
    verify(null, message, rawPublicKeyObject('ed25519', publicKey), signature),
  aeadSeal(aeadId, key, nonce, plaintext, aad) {
    const cipher = createCipheriv(cipherName(aeadId), createSecretKey(key), nonce, {
      authTagLength: TAG_BYTES,
    });
    if (aad.length > 0) cipher.setAAD(aad);
    const body = cipher.update(plaintext);
    return concat(body, cipher.final(), cipher.getAuthTag());
  },
  aeadOpen(aeadId, key, nonce, ciphertext, aad) {
    if (ciphertext.length < TAG_BYTES) return null;
    const end = ciphertext.length - TAG_BYTES;
    const decipher = createDecipheriv(cipherName(aeadId), createSecretKey(key), nonce, {
      authTagLength: TAG_BYTES,
    });
    if (aad.length > 0) decipher.setAAD(aad);
    decipher.setAuthTag(ciphertext.subarray(end));
    const body = decipher.update(ciphertext.subarray(0, end));
    try {
      return concat(body, decipher.final());
    } catch {
      return null;
    }
  },
};

/** OpenSSL refuses to derive an all-zero secret; the operands have the right sizes here. */
function sharedSecretOf(privateKey: KeyObject, publicKey: KeyObject): Uint8Array | null {
  try {
    return bytesOf(diffieHellman({ privateKey, publicKey }));
  } catch {
    return null;
  }
}

/** The public key comes raw at once, without a KeyObject in between; the types of node:crypto do not know that. */
function generateX25519(): { readonly privateKey: KeyObject; readonly publicKey: Uint8Array } {
  const options = { publicKeyEncoding: { format: 'raw-public' } };
  const { privateKey, publicKey } = generateKeyPairSync('x25519', options);
  return { privateKey, publicKey: bytesOf(publicKey as unknown as Buffer) };
}

function x25519PrivateKey(raw: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(raw), format: 'raw-private', asymmetricKeyType: 'x25519' });
}

function ed25519PrivateKey(raw: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(raw), format: 'raw-private', asymmetricKeyType: 'ed25519' });
}

function mlKem768PrivateKey(seed: Uint8Array): KeyObject {
  return createPrivateKey({ key: Buffer.from(seed), format: 'raw-seed', asymmetricKeyType: 'ml-kem-768' });
}

function rawPublicKeyObject(
  asymmetricKeyType: 'x25519' | 'ed25519' | 'ml-kem-768',
  raw: Uint8Array,
): KeyObject {
  return createPublicKey({ key: Buffer.from(raw), format: 'raw-public', asymmetricKeyType });
}

/** OpenSSL checks the modulus when it reads the key. */
function mlKem768PublicKeyObject(raw: Uint8Array): KeyObject | null {
  try {
    return rawPublicKeyObject('ml-kem-768', raw);
  } catch {
    return null;
  }
}

function rawPublicKey(privateKey: KeyObject): Uint8Array {
  return bytesOf(createPublicKey(privateKey).export({ format: 'raw-public' }));
}

/** RFC 2104: the key, filled up with zeros to a block, against the inner or the outer pad. */
function padKey(key: Uint8Array, pad: number): Uint8Array {
  const block = new Uint8Array(HMAC_BLOCK_BYTES).fill(pad);
  for (let i = 0; i < key.length; i += 1) block[i] = (key[i] as number) ^ pad;
  return block;
}

/** Both AEADs take the same options; the types of node:crypto know one name at a time. */
function cipherName(aeadId: number): 'aes-256-gcm' {
  if (aeadId === AEAD_CHACHA20_POLY1305) return 'chacha20-poly1305' as 'aes-256-gcm';
  if (aeadId === AEAD_AES_256_GCM) return 'aes-256-gcm';
  throw new RangeError('no such AEAD');
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? (parts[0] as Uint8Array) : concat(...parts);
}

/** The same bytes as a plain Uint8Array, so that no method of Buffer is relied on. */
function bytesOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
