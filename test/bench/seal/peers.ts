// What sealing is measured against. Peers get the padded plaintext and imported keys: they neither encode CBOR nor pad nor
// write base64url, and what they seal is the same HPKE message, in PSK mode with the same `info`, with a fresh
// encapsulation each. web-push seals the same bytes in its own scheme (RFC 8291: P-256, HKDF, AES-128-GCM, no PSK).
import { createECDH, diffieHellman, generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  type AeadInterface,
  CipherSuite as CoreSuite,
  DhkemX25519HkdfSha256,
  HkdfSha256,
  type KemInterface,
} from '@hpke/core';
import { XWing } from '@hpke/hybridkem-x-wing';
import {
  AEAD_AES_256_GCM,
  AEAD_ChaCha20Poly1305,
  CipherSuite,
  KDF_HKDF_SHA256,
  KEM_DHKEM_X25519_HKDF_SHA256,
  KEM_MLKEM768_X25519,
} from 'hpke';
import webPush from 'web-push';
import { nativeBackend } from '../../../protocol/crypto/backend-native.ts';
import type { Suite } from '../../../protocol/wire/suites.ts';
import type { Job } from '../measure.ts';
import type { HpkeInput } from './ours.ts';

const AT_ONCE = 16;
const NOTHING = new Uint8Array(0);

/** What any sealing with an ephemeral X25519 key costs at least, as node:crypto does it. */
export function x25519Floor(name: string): Job {
  const { publicKey } = generateKeyPairSync('x25519');
  return {
    name,
    run(items) {
      for (let item = 0; item < items; item += 1) {
        const { privateKey } = generateKeyPairSync('x25519');
        diffieHellman({ privateKey, publicKey });
      }
    },
  };
}

/** web-push takes keys as text only and parses them for each message; it has nothing to wait for. */
export function webPushSeal(name: string, { plaintext }: HpkeInput): Job {
  const receiver = createECDH('prime256v1').generateKeys('base64url');
  const auth = randomBytes(16).toString('base64url');
  const bytes = Buffer.from(plaintext);
  return {
    name,
    run(items) {
      for (let item = 0; item < items; item += 1) webPush.encrypt(receiver, auth, bytes, 'aes128gcm');
    },
  };
}

/** Both HPKE libraries, sealing, one after the other and 16 at once, and opening. */
export async function hpkeJobs(suite: Suite, input: HpkeInput): Promise<{ seal: Job[]; open: Job[] }> {
  const peers = [await createCorePeer(suite, input), await createHpkePeer(suite, input)];
  return {
    seal: peers.flatMap(({ name, seal }) => inBothWays(`${name} seals ${suite.name}`, seal)),
    open: peers.flatMap(({ name, open }) => inBothWays(`${name} opens ${suite.name}`, open)),
  };
}

interface Peer {
  readonly name: string;
  seal(): Promise<unknown>;
  open(): Promise<unknown>;
}

/** @hpke/core leaves ChaCha20-Poly1305 to the caller: it gets the one that we use, for AES-256-GCM too. */
async function createCorePeer(suite: Suite, { keys, info, psk, pskId, plaintext }: HpkeInput): Promise<Peer> {
  const kem: KemInterface = isXWing(suite) ? new XWing() : new DhkemX25519HkdfSha256();
  const core = new CoreSuite({ kem, kdf: new HkdfSha256(), aead: nativeAead(suite.aeadId) });
  const recipientPublicKey = await core.kem.deserializePublicKey(exact(keys.publicKey));
  const recipientKey = await core.kem.deserializePrivateKey(exact(keys.privateKey));
  const shared = { info, psk: { key: psk, id: pskId } };
  const seal = () => core.seal({ recipientPublicKey, ...shared }, plaintext);
  const { enc, ct } = await seal();
  return { name: '@hpke/core', seal, open: () => core.open({ recipientKey, enc, ...shared }, ct) };
}

/** hpke does everything with WebCrypto. */
async function createHpkePeer(suite: Suite, { keys, info, psk, pskId, plaintext }: HpkeInput): Promise<Peer> {
  const hpke = new CipherSuite(
    isXWing(suite) ? KEM_MLKEM768_X25519 : KEM_DHKEM_X25519_HKDF_SHA256,
    KDF_HKDF_SHA256,
    isXWing(suite) ? AEAD_AES_256_GCM : AEAD_ChaCha20Poly1305,
  );
  const publicKey = await hpke.DeserializePublicKey(keys.publicKey);
  const privateKey = await hpke.DeserializePrivateKey(keys.privateKey, true);
  const shared = { info, psk, pskId };
  const seal = () => hpke.Seal(publicKey, plaintext, shared);
  const { encapsulatedSecret, ciphertext } = await seal();
  const open = () => hpke.Open({ privateKey, publicKey }, encapsulatedSecret, ciphertext, shared);
  return { name: 'hpke', seal, open };
}

function inBothWays(name: string, work: () => Promise<unknown>): Job[] {
  return [
    { name: `${name}, one by one`, run: (items) => repeat(work, items) },
    {
      name: `${name}, ${AT_ONCE} at once`,
      async run(items) {
        const lanes = Array.from({ length: AT_ONCE }, (_, lane) => Math.floor((items + lane) / AT_ONCE));
        await Promise.all(lanes.map((share) => repeat(work, share)));
      },
    },
  ];
}

async function repeat(work: () => Promise<unknown>, items: number): Promise<void> {
  for (let item = 0; item < items; item += 1) await work();
}

function isXWing(suite: Suite): boolean {
  return suite.encBytes > 32;
}

function nativeAead(id: number): AeadInterface {
  return {
    id: id as AeadInterface['id'],
    keySize: 32,
    nonceSize: 12,
    tagSize: 16,
    createEncryptionContext: (key) => ({
      async seal(nonce, data) {
        return exact(nativeBackend.aeadSeal(id, bytes(key), bytes(nonce), bytes(data), NOTHING));
      },
      async open(nonce, data) {
        const plaintext = nativeBackend.aeadOpen(id, bytes(key), bytes(nonce), bytes(data), NOTHING);
        if (plaintext === null) throw new Error('it does not open');
        return exact(plaintext);
      },
    }),
  };
}

function bytes(data: ArrayBufferLike | ArrayBufferView): Uint8Array {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return new Uint8Array(data);
}

/** A buffer of exactly these bytes. */
function exact(view: Uint8Array): ArrayBuffer {
  if (view.byteLength === view.buffer.byteLength) return view.buffer as ArrayBuffer;
  return new Uint8Array(view).buffer;
}
