// The native backend: node:crypto (OpenSSL).
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { concat } from '../wire/bytes.ts';
import { AEAD_AES_256_GCM, AEAD_CHACHA20_POLY1305, type CryptoBackend } from './backend.ts';

const TAG_BYTES = 16;

/** node:crypto behind the interface. */
export const nativeBackend: CryptoBackend = {
  randomBytes: (length) => bytesOf(randomBytes(length)),
  sha256: (...parts) => digest(createHash('sha256'), parts),
  hmacSha256: (key, ...parts) => digest(createHmac('sha256', key), parts),
  x25519PublicKey: (privateKey) => rawPublicKey(privateKeyObject('x25519', privateKey)),
  x25519SharedSecret(privateKey, publicKey) {
    try {
      return bytesOf(
        diffieHellman({
          privateKey: privateKeyObject('x25519', privateKey),
          publicKey: publicKeyObject('x25519', publicKey),
        }),
      );
    } catch {
      // OpenSSL refuses to derive an all-zero secret; the operands have the right sizes here.
      return null;
    }
  },
  ed25519PublicKey: (seed) => rawPublicKey(privateKeyObject('ed25519', seed)),
  ed25519Sign: (seed, message) => bytesOf(sign(null, message, privateKeyObject('ed25519', seed))),
  ed25519Verify: (publicKey, message, signature) =>
    verify(null, message, publicKeyObject('ed25519', publicKey), signature),
  aeadSeal(aeadId, key, nonce, plaintext, aad) {
    const cipher = createCipheriv(cipherName(aeadId), key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(aad, { plaintextLength: plaintext.length });
    const body = cipher.update(plaintext);
    return concat(body, cipher.final(), cipher.getAuthTag());
  },
  aeadOpen(aeadId, key, nonce, ciphertext, aad) {
    if (ciphertext.length < TAG_BYTES) return null;
    const end = ciphertext.length - TAG_BYTES;
    const decipher = createDecipheriv(cipherName(aeadId), key, nonce, {
      authTagLength: TAG_BYTES,
    });
    decipher.setAAD(aad, { plaintextLength: end });
    decipher.setAuthTag(ciphertext.subarray(end));
    const body = decipher.update(ciphertext.subarray(0, end));
    try {
      return concat(body, decipher.final());
    } catch {
      return null;
    }
  },
};

type Curve = 'x25519' | 'ed25519';

/** What stands before the raw key in DER (RFC 8410). */
const PKCS8_PREFIX: Record<Curve, Uint8Array> = {
  x25519: Buffer.from('302e020100300506032b656e04220420', 'hex'),
  ed25519: Buffer.from('302e020100300506032b657004220420', 'hex'),
};
const SPKI_PREFIX: Record<Curve, Uint8Array> = {
  x25519: Buffer.from('302a300506032b656e032100', 'hex'),
  ed25519: Buffer.from('302a300506032b6570032100', 'hex'),
};

function privateKeyObject(curve: Curve, raw: Uint8Array): KeyObject {
  const key = Buffer.concat([PKCS8_PREFIX[curve], raw]);
  return createPrivateKey({ key, format: 'der', type: 'pkcs8' });
}

function publicKeyObject(curve: Curve, raw: Uint8Array): KeyObject {
  const key = Buffer.concat([SPKI_PREFIX[curve], raw]);
  return createPublicKey({ key, format: 'der', type: 'spki' });
}

function rawPublicKey(privateKey: KeyObject): Uint8Array {
  const spki = createPublicKey(privateKey).export({ format: 'der', type: 'spki' });
  return bytesOf(spki).slice(-32);
}

/** Both AEADs take the same options; the types of node:crypto know one name at a time. */
function cipherName(aeadId: number): 'aes-256-gcm' {
  if (aeadId === AEAD_CHACHA20_POLY1305) return 'chacha20-poly1305' as 'aes-256-gcm';
  if (aeadId === AEAD_AES_256_GCM) return 'aes-256-gcm';
  throw new RangeError('no such AEAD');
}

function digest(
  hash: { update(part: Uint8Array): unknown; digest(): Buffer },
  parts: readonly Uint8Array[],
): Uint8Array {
  for (const part of parts) hash.update(part);
  return bytesOf(hash.digest());
}

/** The same bytes as a plain Uint8Array, so that no method of Buffer is relied on. */
function bytesOf(buffer: Buffer): Uint8Array {
  return new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength);
}
