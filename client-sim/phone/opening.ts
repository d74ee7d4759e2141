// Opening what the operating system handed over (SPEC.md section 10): everything that needs keys or derives something, and
// so everything that is done before the lock is taken.
import { type Opened, openEnvelope } from '../../protocol/content/open/open.ts';
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { type OpenStep, ProtocolError } from '../../protocol/wire/errors.ts';
import { REPLAY_HASH_BYTES } from '../../protocol/wire/limits.ts';
import { correctedNowMs, type PhoneContext } from './context.ts';
import { buildOpeningKey, findKey } from './keyring.ts';
import { readEnvelope } from './presentation.ts';
import type { PhoneState } from './state.ts';

/** The step where opening stopped: a local diagnostic. */
export interface Unopened {
  readonly opened: false;
  readonly step: OpenStep | 'registration';
}

/** An authentic envelope; its content may still be of another schema. */
export interface OpenedDelivery {
  readonly opened: true;
  readonly envelope: Opened;
  /** The first 16 bytes of SHA-256 of the envelope. */
  readonly hash: Uint8Array;
  /** What the operating system delivered it under; empty where it names none. */
  readonly identifier: string;
  /** Unix ms, corrected by the server's TLS answers. */
  readonly nowMs: number;
}

export type Opening = OpenedDelivery | Unopened;

/** Opens the field `e` of a push, with the keys that are in the file now. */
export function openDelivery(phone: PhoneContext, identifier: string, value: unknown): Opening {
  const bytes = readEnvelope(value);
  if (bytes === null) return { opened: false, step: 'length' };
  phone.file.refresh();
  const envelope = open(phone.backend, phone.file.state, bytes);
  if ('step' in envelope) return { opened: false, step: envelope.step };
  const hash = phone.backend.sha256(bytes).slice(0, REPLAY_HASH_BYTES);
  return { opened: true, envelope, hash, identifier, nowMs: correctedNowMs(phone) };
}

function open(
  backend: CryptoBackend,
  state: PhoneState,
  bytes: Uint8Array,
): Opened | { readonly step: Unopened['step'] } {
  try {
    const opened = openEnvelope(backend, bytes, (kid) => {
      const found = findKey(state, kid);
      return found === null ? null : buildOpeningKey(found.registration, found.key);
    });
    return opened ?? { step: 'registration' };
  } catch (error) {
    if (error instanceof ProtocolError && error.step !== undefined) return { step: error.step };
    throw error;
  }
}
