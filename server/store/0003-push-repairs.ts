// The push side's tables, second version (notify/tables.ts says what the columns mean): events that fail are taken
// aside, a handle belongs to one registration, sessions that ended are known, a device's first active handle is noted.
import { type Kysely, sql } from 'kysely';
import type { Migration } from 'kysely/migration';
import type { NotifyTables } from '../notify/tables.ts';

export const migration: Migration = { up };

async function up(database: Kysely<NotifyTables>): Promise<void> {
  const { schema } = database;
  await schema
    .alterTable('push_events')
    .addColumn('state', 'text', (column) => column.notNull().defaultTo('open'))
    .execute();
  await schema
    .alterTable('push_events')
    .addColumn('failures', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  await database.updateTable('push_events').set({ state: 'done' }).where('done_at', 'is not', null).execute();
  await schema
    .alterTable('push_e2ee_devices')
    .addColumn('was_active', 'integer', (column) => column.notNull().defaultTo(0))
    .execute();
  // Whether they were is not known any more: the stricter answer.
  await database.updateTable('push_e2ee_devices').set({ was_active: 1 }).execute();
  await schema
    .createTable('push_ended_sessions')
    .addColumn('session_id', 'text', (column) => column.primaryKey())
    .addColumn('ended_at', 'bigint', (column) => column.notNull())
    .execute();
  await endSharedHandles(database);
  await schema.createIndex('push_attempts_handle').unique().on('push_attempts').column('handle').execute();
  await schema
    .createIndex('push_registrations_sealed_handle')
    .unique()
    .on('push_registrations')
    .column('handle')
    .where(sql.ref('kind'), '=', sql.lit('sealed'))
    .where(sql.ref('handle'), 'is not', null)
    .execute();
  await schema
    .createIndex('push_registrations_handle')
    .on('push_registrations')
    .column('handle')
    .where(sql.ref('handle'), 'is not', null)
    .execute();
}

/** Registrations that came later to another's handle end; their apps find it out at their next start. */
async function endSharedHandles(database: Kysely<NotifyTables>): Promise<void> {
  const shared = await database
    .selectFrom('push_attempts')
    .select(['registration_id', 'handle'])
    .where('handle', 'in', (query) =>
      query
        .selectFrom('push_attempts')
        .select('handle')
        .groupBy('handle')
        .having((column) => column.fn.countAll(), '>', 1),
    )
    .orderBy('created_at')
    .orderBy('registration_id')
    .execute();
  const held = new Set<string>();
  for (const { registration_id, handle } of shared) {
    if (!held.has(handle)) {
      held.add(handle);
      continue;
    }
    await database.deleteFrom('push_keys').where('registration_id', '=', registration_id).execute();
    await database.deleteFrom('push_outbox').where('registration_id', '=', registration_id).execute();
    await database.deleteFrom('push_attempts').where('registration_id', '=', registration_id).execute();
    await database.deleteFrom('push_registrations').where('registration_id', '=', registration_id).execute();
  }
}
