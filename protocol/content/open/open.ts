// Opening an envelope (SPEC.md section 10): length and suite, registration, epoch range, AEAD, then padding, CBOR and
// schema. Null for a kid that is not ours; one opaque error for everything that fails after that.
import type { CryptoBackend } from '../../crypto/backend.ts';
import { openHpke } from '../../crypto/hpke.ts';
import { derivePsk, stepChain } from '../../crypto/ratchet.ts';
import { decodeEnvelope, type Envelope } from '../../wire/envelope.ts';
import { type OpenStep, ProtocolError } from '../../wire/errors.ts';
import { EPOCHS_AHEAD_MAX } from '../../wire/limits.ts';
import { unpad } from '../../wire/padding.ts';
import { encodeInfo, encodePskId, type Recipient } from '../info.ts';
import { decodePayload, type Payload } from '../payload.ts';

/** What the device holds of one of its keys. */
export interface OpeningKey extends Recipient {
  /** `suite.privateKeyBytes` bytes. */
  readonly privateKey: Uint8Array;
  /** O: the oldest epoch whose chain value is kept. */
  readonly epoch: number;
  /** chain[O], 32 bytes. */
  readonly chain: Uint8Array;
  /** 1 … 28. */
  readonly keepDays: number;
}

/** What came out, and how far the chain may be moved once the replay state is written. */
export interface Opened {
  readonly key: OpeningKey;
  readonly epoch: number;
  /** Null if the content is authentic but not of the schema: `failure` names the step. */
  readonly payload: Payload | null;
  readonly failure: OpenStep | null;
  /** The key with O = max(O, epoch − keep_days − 1); the same object if O does not move. */
  readonly advanced: OpeningKey;
}

/**
 * Opens an envelope with the key of its kid.
 * @param findKey the key of a kid (4 bytes), or null if it is not ours
 * @returns null if the kid is not ours
 * @throws ProtocolError `open_failed`, with the step as a local diagnostic, where nothing was authenticated
 */
export function openEnvelope(
  backend: CryptoBackend,
  bytes: Uint8Array,
  findKey: (kid: Uint8Array) => OpeningKey | null,
): Opened | null {
  const envelope = parse(bytes);
  const key = findKey(envelope.kid);
  if (key === null) return null;
  if (key.suite.id !== envelope.suite.id) throw failed('suite');
  const ahead = envelope.epoch - key.epoch;
  if (ahead < 0 || ahead > EPOCHS_AHEAD_MAX) throw failed('epoch');
  const chain = stepChain(backend, key.chain, ahead);
  const psk = { psk: derivePsk(backend, chain), pskId: encodePskId(key.kid, envelope.epoch) };
  const padded = openHpke(backend, key.suite, key.privateKey, encodeInfo(key), psk, envelope);
  if (padded === null) throw failed('aead');
  const advanced = advanceKey(backend, key, envelope.epoch - key.keepDays - 1);
  return { key, epoch: envelope.epoch, advanced, ...decode(padded) };
}

/** The key with its oldest epoch moved forward to `epoch`; the same object if it is there already. */
export function advanceKey(backend: CryptoBackend, key: OpeningKey, epoch: number): OpeningKey {
  if (epoch <= key.epoch) return key;
  return { ...key, epoch, chain: stepChain(backend, key.chain, epoch - key.epoch) };
}

function parse(bytes: Uint8Array): Envelope {
  try {
    return decodeEnvelope(bytes);
  } catch (error) {
    const unknownSuite = error instanceof ProtocolError && error.code === 'suite_unknown';
    throw failed(unknownSuite ? 'suite' : 'length');
  }
}

function decode(padded: Uint8Array): { payload: Payload | null; failure: OpenStep | null } {
  const cbor = unpad(padded);
  if (cbor === null) return { payload: null, failure: 'padding' };
  try {
    return { payload: decodePayload(cbor), failure: null };
  } catch (error) {
    const schema = error instanceof ProtocolError && error.code === 'payload_malformed';
    return { payload: null, failure: schema ? 'schema' : 'cbor' };
  }
}

function failed(step: OpenStep): ProtocolError {
  return new ProtocolError('open_failed', step);
}
