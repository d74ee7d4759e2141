// The push side's tables, first version (notify/tables.ts says what the columns mean).
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';

export const migration: Migration = { up };

async function up(database: Kysely<never>): Promise<void> {
  await createRegistrations(database);
  await createKeys(database);
  await createOutbox(database);
  await createFacts(database);
}

async function createRegistrations({ schema }: Kysely<never>): Promise<void> {
  await schema
    .createTable('push_users')
    .addColumn('user_id', 'text', (column) => column.primaryKey())
    .addColumn('e2ee_since', 'integer')
    .execute();
  await schema
    .createTable('push_e2ee_devices')
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('registration_id', 'text', (column) => column.notNull())
    .addColumn('session_id', 'text', (column) => column.notNull())
    .addColumn('e2ee_required', 'integer', (column) => column.notNull())
    .addPrimaryKeyConstraint('push_e2ee_devices_key', ['user_id', 'registration_id'])
    .execute();
  await schema
    .createTable('push_registrations')
    .addColumn('registration_id', 'text', (column) => column.primaryKey())
    .addColumn('user_id', 'text', (column) => column.notNull())
    .addColumn('session_id', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('app_id', 'text', (column) => column.notNull())
    .addColumn('platform', 'text', (column) => column.notNull())
    .addColumn('environment', 'text', (column) => column.notNull())
    .addColumn('attempt', 'text', (column) => column.notNull())
    .addColumn('handle', 'text')
    .addColumn('handle_state', 'text', (column) => column.notNull())
    .addColumn('handle_since', 'bigint', (column) => column.notNull())
    .addColumn('kid', 'text', (column) => column.notNull())
    .addColumn('counter', 'bigint', (column) => column.notNull())
    .addColumn('last_sent_at', 'bigint', (column) => column.notNull())
    .addColumn('unread', 'integer', (column) => column.notNull())
    .addColumn('last_background_at', 'bigint', (column) => column.notNull())
    .addColumn('background_due_at', 'bigint')
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createIndex('push_registrations_user')
    .on('push_registrations')
    .columns(['user_id', 'session_id'])
    .execute();
  await schema
    .createIndex('push_registrations_background')
    .on('push_registrations')
    .column('background_due_at')
    .where(sql.ref('background_due_at'), 'is not', null)
    .execute();
}

async function createKeys({ schema }: Kysely<never>): Promise<void> {
  await schema
    .createTable('push_keys')
    .addColumn('registration_id', 'text', (column) => column.notNull())
    .addColumn('kid', 'text', (column) => column.notNull())
    .addColumn('suite', 'integer', (column) => column.notNull())
    .addColumn('public_key', 'blob', (column) => column.notNull())
    .addColumn('chain', 'blob', (column) => column.notNull())
    .addColumn('epoch', 'integer', (column) => column.notNull())
    .addColumn('day_zero', 'integer', (column) => column.notNull())
    .addColumn('keep_days', 'integer', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('digest', 'blob', (column) => column.notNull())
    .addColumn('first_answer', 'text', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('push_keys_key', ['registration_id', 'kid'])
    .execute();
  await schema
    .createTable('push_attempts')
    .addColumn('registration_id', 'text', (column) => column.notNull())
    .addColumn('attempt', 'text', (column) => column.notNull())
    .addColumn('digest', 'blob', (column) => column.notNull())
    .addColumn('handle', 'text', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('pending_until', 'bigint', (column) => column.notNull())
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addPrimaryKeyConstraint('push_attempts_key', ['registration_id', 'attempt'])
    .execute();
}

async function createOutbox({ schema }: Kysely<never>): Promise<void> {
  await schema
    .createTable('push_events')
    .addColumn('sequence', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('event_id', 'text', (column) => column.notNull().unique())
    .addColumn('body', 'text', (column) => column.notNull())
    .addColumn('position', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('created_at', 'bigint', (column) => column.notNull())
    .addColumn('done_at', 'bigint')
    .execute();
  await schema
    .createIndex('push_events_open')
    .on('push_events')
    .column('sequence')
    .where(sql.ref('done_at'), 'is', null)
    .execute();
  await schema
    .createTable('push_outbox')
    .addColumn('outbox_id', 'integer', (column) => column.primaryKey().autoIncrement())
    .addColumn('event_id', 'text', (column) => column.notNull())
    .addColumn('registration_id', 'text', (column) => column.notNull())
    .addColumn('kind', 'text', (column) => column.notNull())
    .addColumn('reference', 'text')
    .addColumn('urgency', 'text', (column) => column.notNull())
    .addColumn('envelope', 'blob')
    .addColumn('template', 'text')
    .addColumn('badge', 'integer', (column) => column.notNull())
    .addColumn('collapse', 'text', (column) => column.notNull())
    .addColumn('expires_at', 'bigint', (column) => column.notNull())
    .addColumn('sent_at', 'bigint', (column) => column.notNull())
    .addColumn('state', 'text', (column) => column.notNull())
    .addColumn('tries', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('next_try_at', 'bigint', (column) => column.notNull())
    .addColumn('read_at', 'bigint')
    .addColumn('removal_made', 'integer', (column) => column.notNull().defaultTo(0))
    .addColumn('carried_at', 'bigint')
    .addColumn('carries', 'text', (column) => column.notNull().defaultTo('[]'))
    .addUniqueConstraint('push_outbox_once', ['event_id', 'registration_id'])
    .execute();
  await schema
    .createIndex('push_outbox_due')
    .on('push_outbox')
    .columns(['next_try_at', 'outbox_id'])
    .where(sql.ref('state'), '=', 'waiting')
    .execute();
  await schema
    .createIndex('push_outbox_device')
    .on('push_outbox')
    .columns(['registration_id', 'outbox_id'])
    .where(sql.ref('state'), '=', 'waiting')
    .execute();
  await schema
    .createIndex('push_outbox_reference')
    .on('push_outbox')
    .columns(['registration_id', 'reference'])
    .execute();
  await schema
    .createIndex('push_outbox_read')
    .on('push_outbox')
    .columns(['registration_id', 'sent_at'])
    .where(sql.ref('read_at'), 'is not', null)
    .execute();
}

async function createFacts({ schema }: Kysely<never>): Promise<void> {
  await schema
    .createTable('push_handle_removals')
    .addColumn('handle', 'text', (column) => column.primaryKey())
    .addColumn('tries', 'integer', (column) => column.notNull())
    .addColumn('next_try_at', 'bigint', (column) => column.notNull())
    .execute();
  await schema
    .createTable('push_facts')
    .addColumn('name', 'text', (column) => column.primaryKey())
    .addColumn('value', 'text', (column) => column.notNull())
    .execute();
}
