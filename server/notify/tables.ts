// The push side's rows (store/0002-push.ts). Byte strings of the protocol are stored as their base64url text, except
// the large ones and the secret ones.
import { type Generated, Kysely } from 'kysely';
import type { Template, Urgency } from '../../protocol/wire/bouncer-api.ts';
import type { Environment, Platform } from '../../protocol/wire/ids.ts';
import type { CallerTransaction } from './push-service.ts';

/** The store, or a transaction on it. */
export type NotifyDatabase = Kysely<NotifyTables>;

/** The push side's view of its caller's transaction. The tables are there, because both share one store. */
export function joinTransaction(transaction: CallerTransaction): NotifyDatabase {
  if (!(transaction instanceof Kysely) || !transaction.isTransaction) {
    throw new TypeError('an event is recorded inside a transaction');
  }
  return transaction as NotifyDatabase;
}

/** Where the handle stands that notifications are sent to. */
export type HandleState = 'none' | 'active' | 'gone' | 'refused';
export type AttemptRowState = 'pending' | 'active' | 'gone' | 'refused';
/** `replaced`: known for its first answer only; its chain is erased. */
export type KeyState = 'live' | 'replace' | 'lost' | 'replaced';
/** `failed`: taken aside with its body. */
export type EventState = 'open' | 'done' | 'failed';
/** `superseded`: a newer redacted notification says what it would have said. */
export type OutboxState = 'waiting' | 'sent' | 'cancelled' | 'expired' | 'gone' | 'refused' | 'superseded';
export type OutboxKind = 'message' | 'remove' | 'badge' | 'test' | 'session';

export interface NotifyTables {
  push_users: {
    user_id: string;
    /** Unix ms at which a key was first registered for this user. */
    e2ee_since: number | null;
  };
  /** Devices that ever registered a key. Outlives the registration, until the user removes it. */
  push_e2ee_devices: {
    user_id: string;
    registration_id: string;
    session_id: string;
    /** The device's own word; 1 or 0. */
    e2ee_required: number;
    /** Whether a handle of it was active once: from then on no redacted registration beside it is sent to; 1 or 0. */
    was_active: Generated<number>;
  };
  push_registrations: {
    registration_id: string;
    user_id: string;
    session_id: string;
    /** `bare`: a device without E2EE, which has no key and no attempt. */
    kind: 'sealed' | 'bare';
    app_id: string;
    platform: Platform;
    environment: Environment;
    /** The latest attempt; empty for bare ones. */
    attempt: string;
    handle: string | null;
    handle_state: HandleState;
    /** Unix s: since when the handle is in this state. */
    handle_since: number;
    /** The key that is sealed to; empty for bare ones. */
    kid: string;
    /** Of `kid`. Given together with last_sent_at by one update. */
    counter: number;
    /** Unix ms. */
    last_sent_at: number;
    unread: number;
    /** Unix ms; background notifications of a device are at least 20 minutes apart on iOS. */
    last_background_at: number;
    background_due_at: number | null;
    created_at: number;
  };
  /** A kid says nothing outside its registration. */
  push_keys: {
    registration_id: string;
    kid: string;
    suite: number;
    public_key: Uint8Array;
    /** Encrypted under the storage key; empty once the key is replaced. */
    chain: Uint8Array;
    epoch: number;
    /** The UTC day on which the server accepted the key. */
    day_zero: number;
    keep_days: number;
    state: KeyState;
    /** SHA-256 of what was registered. */
    digest: Uint8Array;
    /** JSON of the first answer. */
    first_answer: string;
    created_at: number;
  };
  push_attempts: {
    registration_id: string;
    attempt: string;
    /** SHA-256 of the sealed token. */
    digest: Uint8Array;
    handle: string;
    state: AttemptRowState;
    /** Unix s. */
    pending_until: number;
    created_at: number;
  };
  push_events: {
    sequence: Generated<number>;
    event_id: string;
    /** JSON; empty once done, kept where it failed. */
    body: string;
    /** How many members of the audience are dealt with. */
    position: number;
    /** Unix ms. */
    created_at: number;
    done_at: number | null;
    state: Generated<EventState>;
    /** How often dealing with it has failed. */
    failures: Generated<number>;
  };
  /** Sessions that ended lately: what was begun for one before its end writes nothing after it. */
  push_ended_sessions: { session_id: string; ended_at: number };
  push_outbox: {
    outbox_id: Generated<number>;
    event_id: string;
    registration_id: string;
    kind: OutboxKind;
    reference: string | null;
    urgency: Urgency;
    /** The same bytes on every try; null for bare devices, and once nothing is to be sent any more. */
    envelope: Uint8Array | null;
    template: Template | null;
    badge: number;
    collapse: string;
    /** Unix s, a multiple of 3600. */
    expires_at: number;
    /** Unix ms: the payload's sent_at. */
    sent_at: number;
    state: OutboxState;
    /** Whether the latest try was answered `retry`; 1 or 0. */
    put_off: number;
    tries: number;
    /** Unix ms. */
    next_try_at: number;
    /** Unix ms at which the message was read on another device. */
    read_at: number | null;
    /** Whether a `remove` was made for it; 1 or 0. */
    removal_made: number;
    /** Unix ms: sent_at of the first accepted alert that carried it among `removed`. */
    carried_at: number | null;
    /** JSON: outbox ids of the references that ride in this one. */
    carries: string;
    /** Where it goes although its registration has ended; null for all others. */
    last_handle: string | null;
  };
  /** Tests that users started, until their device has told the nonce or it is too late. */
  push_tests: {
    registration_id: string;
    /** 16 random bytes, in base64url. */
    nonce: string;
    /** Unix ms. */
    sent_at: number;
    echoed_at: number | null;
  };
  push_handle_removals: { handle: string; tries: number; next_try_at: number };
  push_facts: { name: 'bouncer_keys' | 'ratchet_day' | 'storage_key_check' | 'gone_alarm'; value: string };
}
