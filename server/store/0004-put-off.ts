// Whether the bouncer put a row off (notify/tables.ts).
import type { Kysely } from 'kysely';
import type { Migration } from 'kysely/migration';

export const migration: Migration = { up };

async function up({ schema }: Kysely<never>): Promise<void> {
  await schema
    .alterTable('push_outbox')
    .addColumn('put_off', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
}
