// The chat's rows (store/0001-chat.ts).
import type { Generated, Kysely } from 'kysely';

/** How much of a channel a member wants to be notified of. */
export type Level = 'all' | 'mentions' | 'none';

/** The store, or a transaction on it. */
export type ChatDatabase = Kysely<ChatTables>;

export interface ChatTables {
  chat_users: {
    user_id: string;
    name: string;
    /** How many rows of chat_inbox are not read; kept beside them, because every message needs it. */
    unread: number;
    /** 1: the account is no more; its name stands at what it wrote. */
    removed: Generated<number>;
  };
  chat_sessions: {
    session_id: string;
    user_id: string;
    secret_hash: Uint8Array;
    created_at: number;
  };
  chat_conversations: {
    conversation_id: Generated<number>;
    kind: 'direct' | 'group' | 'channel';
    /** `channel:` and its id, or `direct:` and the members in order: one conversation for each. */
    key: string;
    name: string | null;
  };
  chat_members: { conversation_id: number; user_id: string; level: Level };
  chat_messages: {
    message_id: Generated<number>;
    conversation_id: number;
    topic: string | null;
    sender: string;
    text: string;
    /** Unix ms. */
    sent_at: number;
    client_message_id: string | null;
  };
  /** Who can see a message, and since when it is read (unix ms). */
  chat_inbox: { user_id: string; message_id: number; read_at: number | null };
}
