// What a chat server asks of the push side. The HTTP interface for servers in other languages says the same in JSON:
// all values here have a JSON form. Over HTTP there is no transaction to join; the id of an event makes its repetition
// harmless there.
import type { Kysely } from 'kysely';

/** The caller's own Kysely transaction on the store that both share, whatever its tables are. */
export type CallerTransaction = Pick<Kysely<unknown>, 'isTransaction' | 'getExecutor'>;

/** A message, conversation or event: an unsigned integer, or 1 to 16 bytes in base64url. */
export type EventReference = number | string;

/** Somebody who may have devices. */
export interface PushUser {
  readonly user: string;
}

/** Someone who can see a message, and what the policy needs to know of them. */
export interface Member {
  readonly user: string;
  /** What they chose for this conversation. */
  readonly level: 'all' | 'mentions' | 'none';
  readonly mention?: 'personal' | 'group' | 'all' | undefined;
  /** Unread messages of their account, this one included. */
  readonly unread: number;
}

/** A message was accepted, or one that was accepted before was edited: then under the same reference. */
export interface MessageEvent {
  readonly kind: 'message';
  /** The caller's own name for this event, unique for good; at most 128 characters. */
  readonly id: string;
  readonly reference: EventReference;
  readonly conversation: {
    readonly kind: 'direct' | 'group' | 'channel';
    readonly id: EventReference;
    readonly name?: string | undefined;
    readonly topic?: string | undefined;
  };
  readonly sender: {
    readonly user: string;
    readonly name: string;
    /** A path on the origin, at most 255 bytes. */
    readonly avatar?: string | undefined;
  };
  readonly text: string;
  readonly edited?: true | undefined;
  readonly audience: readonly Member[];
}

/** A user read messages on one of their devices. */
export interface ReadEvent {
  readonly kind: 'read';
  readonly id: string;
  readonly user: string;
  /** The session that read; its own device needs no notice. */
  readonly session?: string | undefined;
  readonly references: readonly EventReference[];
  /** Unread messages that remain. */
  readonly unread: number;
}

export type PushEvent = MessageEvent | ReadEvent;

export interface PushService {
  /** Makes users known; knowing them already changes nothing. */
  upsertUsers(transaction: CallerTransaction, users: readonly PushUser[]): Promise<void>;
  /** Commits with the caller's transaction. What follows from it happens after, at the latest after a restart. */
  recordEvent(transaction: CallerTransaction, event: PushEvent): Promise<void>;
  /** The session ended: its keys are erased at once, its handles are given back to the bouncer after. */
  signOut(transaction: CallerTransaction, session: string): Promise<void>;
  /** Somebody else ended the session: as `signOut`, and its devices are told to ask whether they are still signed in. */
  revokeSession(transaction: CallerTransaction, session: string): Promise<void>;
  /** The account is no more; revoke its sessions first. */
  removeUser(transaction: CallerTransaction, user: string): Promise<void>;
  /** Sends a test notification to one of the user's devices. False if there is no such device or it cannot be sent to. */
  sendTest(transaction: CallerTransaction, user: string, registrationId: string): Promise<boolean>;
  /** Call after the commit: there is something to do. Forgetting it costs at most a second. */
  wake(): void;
}
