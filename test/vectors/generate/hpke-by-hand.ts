// HPKE step by step, with every value to look at and every part open to change (SPEC.md section "HPKE"). The library has
// no such door; test/vectors/run compares what comes out here with what the library seals.
import {
  portableBackend as backend,
  createPortableBackend,
} from '../../../protocol/crypto/backend-portable.ts';
import { labeledExpand, labeledExtract } from '../../../protocol/crypto/hkdf.ts';
import { concat, hex, u8, u16, utf8 } from '../../../protocol/wire/bytes.ts';
import type { Suite } from '../../../protocol/wire/suites.ts';
import type { HpkeForm } from '../shape/notification.ts';

const EMPTY = new Uint8Array(0);
const KEM_XWING = 0x647a;
const PK_M_BYTES = 1184;
const RANDOMNESS_M_BYTES = 32;
const XWING_LABEL = utf8('\\.//^\\');

/** What a KEM gives, and how. */
export interface Encapsulated {
  readonly enc: Uint8Array;
  readonly sharedSecret: Uint8Array;
  readonly steps: Pick<HpkeForm, 'dh' | 'eae_prk' | 'kem_context' | 'ss_m' | 'ss_x'>;
}

/** Bytes of randomness that an encapsulation takes. */
export function ephemeralBytes(suite: Suite): number {
  return suite.kemId === KEM_XWING ? RANDOMNESS_M_BYTES + 32 : 32;
}

/** An encapsulation with given randomness. `low` puts a public key of low order in the ephemeral's place. */
export function encapsulate(
  suite: Suite,
  publicKey: Uint8Array,
  ephemeral: Uint8Array,
  low: Uint8Array | null = null,
): Encapsulated {
  if (suite.kemId === KEM_XWING) return encapsulateXWing(publicKey, ephemeral, low);
  const enc = low ?? backend.x25519PublicKey(ephemeral);
  const dh = low === null ? agree(ephemeral, publicKey) : new Uint8Array(32);
  const suiteId = concat(utf8('KEM'), u16(suite.kemId));
  const eaePrk = labeledExtract(backend, suiteId, EMPTY, 'eae_prk', dh);
  const context = concat(enc, publicKey);
  return {
    enc,
    sharedSecret: labeledExpand(backend, suiteId, eaePrk, 'shared_secret', context, 32),
    steps: { dh: hex(dh), eae_prk: hex(eaePrk), kem_context: hex(context) },
  };
}

function encapsulateXWing(
  publicKey: Uint8Array,
  ephemeral: Uint8Array,
  low: Uint8Array | null,
): Encapsulated {
  const [pkM, pkX] = [publicKey.subarray(0, PK_M_BYTES), publicKey.subarray(PK_M_BYTES)];
  const [randomness, skE] = [
    ephemeral.subarray(0, RANDOMNESS_M_BYTES),
    ephemeral.subarray(RANDOMNESS_M_BYTES),
  ];
  const peer = createPortableBackend(() => randomness.slice()).mlKem768Peer(pkM);
  if (peer === null) throw new RangeError('not an ML-KEM key');
  const { ciphertext, sharedSecret: ssM } = peer.encapsulate();
  const ctX = low ?? backend.x25519PublicKey(skE);
  const ssX = low === null ? agree(skE, pkX) : new Uint8Array(32);
  return {
    enc: concat(ciphertext, ctX),
    sharedSecret: backend.sha3(ssM, ssX, ctX, pkX, XWING_LABEL),
    steps: { ss_m: hex(ssM), ss_x: hex(ssX) },
  };
}

function agree(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const dh = backend.x25519SharedSecret(privateKey, publicKey);
  if (dh === null) throw new RangeError('an all-zero secret');
  return dh;
}

/** What the key schedule and the AEAD take beside the KEM's secret. */
export interface Schedule {
  readonly suite: Suite;
  readonly mode: number;
  readonly info: Uint8Array;
  readonly psk: Uint8Array;
  readonly pskId: Uint8Array;
  readonly aad: Uint8Array;
  readonly sequence: number;
}

export type ScheduleSteps = Pick<
  HpkeForm,
  'psk_id_hash' | 'info_hash' | 'key_schedule_context' | 'secret' | 'key' | 'nonce'
>;

/** The ciphertext with its tag, and the values on the way. */
export function sealByHand(
  { suite, mode, info, psk, pskId, aad, sequence }: Schedule,
  sharedSecret: Uint8Array,
  plaintext: Uint8Array,
): { readonly ciphertext: Uint8Array; readonly steps: ScheduleSteps } {
  const suiteId = concat(utf8('HPKE'), u16(suite.kemId), u16(suite.kdfId), u16(suite.aeadId));
  const pskIdHash = labeledExtract(backend, suiteId, EMPTY, 'psk_id_hash', pskId);
  const infoHash = labeledExtract(backend, suiteId, EMPTY, 'info_hash', info);
  const context = concat(u8(mode), pskIdHash, infoHash);
  const secret = labeledExtract(backend, suiteId, sharedSecret, 'secret', psk);
  const key = labeledExpand(backend, suiteId, secret, 'key', context, 32);
  const nonce = labeledExpand(backend, suiteId, secret, 'base_nonce', context, 12).slice();
  nonce[11] = (nonce[11] as number) ^ sequence;
  return {
    ciphertext: backend.aeadSeal(suite.aeadId, key, nonce, plaintext, aad),
    steps: {
      psk_id_hash: hex(pskIdHash),
      info_hash: hex(infoHash),
      key_schedule_context: hex(context),
      secret: hex(secret),
      key: hex(key),
      nonce: hex(nonce),
    },
  };
}
