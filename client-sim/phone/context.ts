// What every part of a phone works with.
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import type { ChallengeAnswer } from './challenge.ts';
import type { Clock } from './clock.ts';
import type { Emit } from './events.ts';
import type { StateFile } from './state-file.ts';

export interface PhoneContext {
  readonly backend: CryptoBackend;
  readonly clock: Clock;
  readonly file: StateFile;
  readonly emit: Emit;
  /** Hands an answer to the app, which sends it through the session that sent the blob. */
  readonly confirm: (answer: ChallengeAnswer) => void;
  /** The server of a registration (base64url) hints that its session may have ended. */
  readonly checkSession: (registrationId: string) => void;
}

/** Unix ms, corrected by the server's TLS answers. */
export function correctedNowMs({ clock, file }: Pick<PhoneContext, 'clock' | 'file'>): number {
  return clock.nowMs() + file.state.clockOffsetMs;
}
