// HPKE, single shot (RFC 9180 sections 5 and 6.1): base mode for push tokens, PSK mode for notifications.
// `aad` is empty and the sequence number is 0, because every message has a context of its own.
import { concat, u8, u16, utf8 } from '../wire/bytes.ts';
import { ProtocolError } from '../wire/errors.ts';
import type { Suite } from '../wire/suites.ts';
import type { CryptoBackend } from './backend.ts';
import { labeledExpand, labeledExtract } from './hkdf.ts';
import { decapsulate, type KemRecipient, prepareRecipient } from './kem.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const MODE = { base: 0x00, psk: 0x01 } as const;
const HPKE = utf8('HPKE');
const EMPTY = new Uint8Array(0);

/** The pre-shared key of PSK mode: `psk` 32 bytes, `pskId` not empty. */
export interface Psk {
  readonly psk: Uint8Array;
  readonly pskId: Uint8Array;
}

/** What sealing gives: `enc` has `suite.encBytes`, `ciphertext` 16 bytes more than the plaintext. */
export interface Sealed {
  readonly enc: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/** What the AEAD is keyed with: `key` 32 bytes, `nonce` 12 bytes. */
export interface MessageKey {
  readonly key: Uint8Array;
  readonly nonce: Uint8Array;
}

/** A recipient made ready: what is the same for every message under one `info` and one PSK is done once. */
export interface HpkeSender {
  readonly suite: Suite;
  readonly recipient: KemRecipient;
  readonly psk: Psk | null;
  /** key_schedule_context: mode ‖ psk_id_hash ‖ info_hash, 65 bytes. */
  readonly context: Uint8Array;
}

/**
 * Makes a public key ready to be sealed to. `psk` is given exactly where the suite's mode asks for it.
 * @throws ProtocolError `key_malformed` if the public key has another size or is none of the KEM
 */
export function prepareSender(
  backend: CryptoBackend,
  suite: Suite,
  publicKey: Uint8Array,
  info: Uint8Array,
  psk: Psk | null,
): HpkeSender {
  if (publicKey.length !== suite.publicKeyBytes) throw new ProtocolError('key_malformed');
  const recipient = prepareRecipient(backend, suite.kemId, publicKey);
  if (recipient === null) throw new ProtocolError('key_malformed');
  return { suite, recipient, psk, context: scheduleContext(backend, suite, info, psk) };
}

/**
 * Seals one message with an encapsulation of its own.
 * @throws ProtocolError `key_malformed` if the public key yields an all-zero secret
 */
export function sealHpke(backend: CryptoBackend, sender: HpkeSender, plaintext: Uint8Array): Sealed {
  const { suite, psk, context } = sender;
  const encapsulation = sender.recipient.encapsulate();
  if (encapsulation === null) throw new ProtocolError('key_malformed');
  const { key, nonce } = scheduleKey(backend, suite, encapsulation.sharedSecret, context, psk);
  const ciphertext = backend.aeadSeal(suite.aeadId, key, nonce, plaintext, EMPTY);
  return { enc: encapsulation.enc, ciphertext };
}

/** Opens with a private key. Null for whatever does not open. */
export function openHpke(
  backend: CryptoBackend,
  suite: Suite,
  privateKey: Uint8Array,
  info: Uint8Array,
  psk: Psk | null,
  sealed: Sealed,
): Uint8Array | null {
  if (privateKey.length !== suite.privateKeyBytes || sealed.enc.length !== suite.encBytes) return null;
  const sharedSecret = decapsulate(backend, suite.kemId, privateKey, sealed.enc);
  if (sharedSecret === null) return null;
  const context = scheduleContext(backend, suite, info, psk);
  const { key, nonce } = scheduleKey(backend, suite, sharedSecret, context, psk);
  return backend.aeadOpen(suite.aeadId, key, nonce, sealed.ciphertext, EMPTY);
}

/** RFC 9180 section 5.1, the key schedule's context: mode ‖ psk_id_hash ‖ info_hash, 65 bytes. */
export function scheduleContext(
  backend: CryptoBackend,
  suite: Suite,
  info: Uint8Array,
  psk: Psk | null,
): Uint8Array {
  if ((suite.mode === 'psk') !== (psk !== null)) throw new RangeError('the mode and the PSK do not agree');
  const suiteId = hpkeSuiteId(suite);
  const pskIdHash = labeledExtract(backend, suiteId, EMPTY, 'psk_id_hash', psk?.pskId ?? EMPTY);
  const infoHash = labeledExtract(backend, suiteId, EMPTY, 'info_hash', info);
  return concat(u8(MODE[suite.mode]), pskIdHash, infoHash);
}

/** RFC 9180 section 5.1, KeySchedule, as far as one message needs it. */
export function scheduleKey(
  backend: CryptoBackend,
  suite: Suite,
  sharedSecret: Uint8Array,
  context: Uint8Array,
  psk: Psk | null,
): MessageKey {
  const suiteId = hpkeSuiteId(suite);
  const secret = labeledExtract(backend, suiteId, sharedSecret, 'secret', psk?.psk ?? EMPTY);
  return {
    key: labeledExpand(backend, suiteId, secret, 'key', context, KEY_BYTES),
    nonce: labeledExpand(backend, suiteId, secret, 'base_nonce', context, NONCE_BYTES),
  };
}

function hpkeSuiteId(suite: Suite): Uint8Array {
  return concat(HPKE, u16(suite.kemId), u16(suite.kdfId), u16(suite.aeadId));
}
