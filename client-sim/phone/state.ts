// What a phone keeps (SPEC.md sections 4 and 10): its device, its registrations with keys, replay windows and
// tombstones, the trust it has gained, revocations still to be sent, the inbox and the notification centre.
import type { ReplayWindow } from '../../protocol/content/open/replay-window.ts';
import type { Tombstones } from '../../protocol/content/open/tombstones.ts';
import type { SeenKeyList } from '../../protocol/registration/seal/verify-key-list.ts';
import type { Environment, Platform } from '../../protocol/wire/ids.ts';
import type { ReferenceText } from './reference.ts';

/** The app as the operating system knows it; the token is hexadecimal for apns, text for fcm. */
export interface Device {
  readonly deviceId: string;
  readonly token: string;
}

/** One sealed push token on its way to a handle. */
export interface Attempt {
  /** 16 bytes. */
  readonly attempt: Uint8Array;
  /** 32 bytes. */
  readonly confirmKey: Uint8Array;
  /** SHA-256 of the sealed token's `info`. */
  readonly infoHash: Uint8Array;
  /** The sealed token: a retry sends the same bytes. */
  readonly blob: Uint8Array;
  /** The device's token that it was made for. */
  readonly token: string;
  /** Unix seconds. */
  readonly issuedAt: number;
  readonly state: 'pending' | 'active';
  /** Where it was begun, and where it is ended. */
  readonly bouncerOrigin: string;
  /** An earlier attempt of the same token at the same bouncer. */
  readonly replaces: Uint8Array | null;
}

/** A key with its replay window: neither lives without the other. */
export interface HeldKey {
  /** 4 bytes. */
  readonly kid: Uint8Array;
  readonly suiteId: number;
  readonly privateKey: Uint8Array;
  readonly publicKey: Uint8Array;
  /** O, the oldest epoch kept, and chain[O]. */
  readonly epoch: number;
  readonly chain: Uint8Array;
  readonly keepDays: number;
  /** Unix seconds. */
  readonly madeAt: number;
  /** The build of the app that made it. */
  readonly appBuild: number;
  /** Whether the server has answered 2xx to it. */
  readonly registered: boolean;
  /** The highest counter and sent_at (unix ms) seen. */
  readonly counter: number;
  readonly sentAt: number;
  /** Counters below the highest that never came. */
  readonly missing: number;
  readonly window: ReplayWindow;
}

/** One account on this device. */
export interface Registration {
  /** 16 bytes; survives the replacement of keys. */
  readonly registrationId: Uint8Array;
  readonly origin: string;
  readonly appId: string;
  readonly platform: Platform;
  readonly environment: Environment;
  /** False for a phone that registered its bare token. */
  readonly e2ee: boolean;
  /** Whether the server knows it. */
  readonly accepted: boolean;
  /** Oldest first. */
  readonly attempts: readonly Attempt[];
  /** Oldest first, at most 4. */
  readonly keys: readonly HeldKey[];
  readonly tombstones: Tombstones;
  /** Of the payload with the highest sent_at (unix ms). */
  readonly unread: number;
  readonly sentAt: number;
  /** When a hint last made the app ask whether its session lives, unix ms of the device; 0: never. */
  readonly sessionAskedAt: number;
  /** The newest message id that synchronisation has seen. */
  readonly syncedTo: number;
}

/** The highest suite that was ever registered at an origin, by whatever registration. */
export interface SuiteFloor {
  readonly origin: string;
  readonly suiteId: number;
}

/** The newest key list seen of a bouncer. */
export interface BouncerTrust extends SeenKeyList {
  readonly bouncerOrigin: string;
}

/** POST /v1/revocations, still to be sent. */
export interface QueuedRevocation {
  readonly bouncerOrigin: string;
  readonly origin: string;
  readonly attempt: Uint8Array;
  /** 32 bytes. */
  readonly mac: Uint8Array;
}

/** A message that the app knows. */
export interface InboxEntry {
  /** base64url. */
  readonly registrationId: string;
  /** What it was delivered under last; null if it came by synchronisation. */
  readonly identifier: string | null;
  readonly reference: ReferenceText;
  readonly title: string;
  readonly conversation: string;
  readonly text: string;
  readonly truncated: boolean;
  /** Unix ms. */
  readonly sentAt: number;
  /** How many times it sounded. */
  readonly alerted: number;
}

/** A notification that the operating system shows. */
export interface CenterEntry {
  readonly identifier: string;
  /** base64url; null for a placeholder and for words that the provider handed over. */
  readonly registrationId: string | null;
  readonly reference: ReferenceText | null;
  readonly title: string;
  readonly subtitle: string;
  readonly body: string;
  readonly sound: boolean;
  readonly placeholder: boolean;
}

export interface PhoneState {
  readonly device: Device | null;
  readonly registrations: readonly Registration[];
  readonly trust: readonly BouncerTrust[];
  readonly revocations: readonly QueuedRevocation[];
  readonly suiteFloors: readonly SuiteFloor[];
  /** What the server's TLS answers say the device's clock is behind by, in ms. */
  readonly clockOffsetMs: number;
  /** Oldest first. */
  readonly inbox: readonly InboxEntry[];
  /** Oldest first. */
  readonly center: readonly CenterEntry[];
}

export const EMPTY_STATE: PhoneState = {
  device: null,
  registrations: [],
  trust: [],
  revocations: [],
  suiteFloors: [],
  clockOffsetMs: 0,
  inbox: [],
  center: [],
};

/**
 * What an earlier installation leaves to this one: what it still has to revoke, how low no suite may be, and which lists of
 * bouncer keys it has seen. No key, no account, nothing that was read.
 */
export function wipeState({ revocations, suiteFloors, trust }: PhoneState): PhoneState {
  return { ...EMPTY_STATE, revocations, suiteFloors, trust };
}

/** The state with one registration changed. */
export function updateRegistration(
  state: PhoneState,
  registrationId: Uint8Array,
  change: (registration: Registration) => Registration,
): PhoneState {
  const registrations = state.registrations.map((registration) =>
    Buffer.compare(registration.registrationId, registrationId) === 0 ? change(registration) : registration,
  );
  return { ...state, registrations };
}
