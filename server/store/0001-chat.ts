// The chat's tables, first version (chat/tables.ts says what the columns mean).
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const migration: Migration = { up };

async function up(database: Kysely<never>): Promise<void> {
  const { schema } = database;
  await schema
    .createTable('chat_users')
    .addColumn('user_id', 'text', (column) => column.primaryKey())
    .addColumn('name', 'text', (column) => column.notNull())
    .addColumn('unread', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await schema
    .createTable('chat_sessions')
    .addColumn('session_id', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'text', (column) => column.notNull().references('chat_users.user_id'))
    .addColumn('secret_hash', 'blob', (column) => column.notNull())
    .addColumn('created_at', 'integer', (column) => column.notNull())
    .execute();
  await schema
    .createTable('chat_conversations')
    .addColumn('conversation_id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('key', 'text', (column) => column.notNull().unique())
    .addColumn('name', 'text')
    .execute();
  await schema
    .createTable('chat_members')
    .addColumn('conversation_id', 'integer', (column) =>
      column.notNull().references('chat_conversations.conversation_id'),
    )
    .addColumn('user_id', 'text', (column) => column.notNull().references('chat_users.user_id'))
    .addColumn('level', 'text', (column) => column.notNull())
    .addPrimaryKeyConstraint('chat_members_key', ['conversation_id', 'user_id'])
    .execute();
  await schema
    .createTable('chat_messages')
    .addColumn('message_id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('conversation_id', 'integer', (column) =>
      column.notNull().references('chat_conversations.conversation_id'),
    )
    .addColumn('topic', 'text')
    .addColumn('sender', 'text', (column) => column.notNull().references('chat_users.user_id'))
    .addColumn('text', 'text', (column) => column.notNull())
    .addColumn('sent_at', 'integer', (column) => column.notNull())
    .addColumn('client_message_id', 'text')
    .addUniqueConstraint('chat_messages_client_id', ['sender', 'client_message_id'])
    .execute();
  await schema
    .createTable('chat_inbox')
    .addColumn('user_id', 'text', (column) => column.notNull().references('chat_users.user_id'))
    .addColumn('message_id', 'integer', (column) => column.notNull().references('chat_messages.message_id'))
    .addColumn('read_at', 'integer')
    .addPrimaryKeyConstraint('chat_inbox_key', ['user_id', 'message_id'])
    .execute();
}
