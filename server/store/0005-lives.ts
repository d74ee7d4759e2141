// How sessions, accounts and devices end, and tests that users start (notify/tables.ts and chat/tables.ts say what the
// columns mean).
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const migration: Migration = { up };

async function up({ schema }: Kysely<never>): Promise<void> {
  await schema.alterTable('push_outbox').addColumn('last_handle', 'text').execute();
  await schema
    .createTable('push_tests')
    .addColumn('registration_id', 'text', (column) => column.notNull())
    .addColumn('nonce', 'text', (column) => column.notNull())
    .addColumn('sent_at', 'bigint', (column) => column.notNull())
    .addColumn('echoed_at', 'bigint')
    .addPrimaryKeyConstraint('push_tests_key', ['registration_id', 'nonce'])
    .execute();
  await schema
    .createIndex('push_registrations_session')
    .on('push_registrations')
    .column('session_id')
    .execute();
  await schema
    .alterTable('chat_users')
    .addColumn('removed', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}
