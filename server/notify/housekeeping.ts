// What is done now and then: step the chains, wake silent devices, forget what nobody asks for any more.
import { KEEP_DAYS_MAX } from '../../protocol/wire/limits.ts';
import { scheduleSilent } from './background.ts';
import type { NotifyContext } from './context.ts';
import { forgetEndedSessions } from './ended-sessions.ts';
import { watchGone } from './gone-alarm.ts';
import { runRatchet } from './ratchet-job.ts';
import { StorageKeyMismatchError } from './storage-key.ts';
import { forgetTests } from './test-notifications.ts';
import { DAY_MILLISECONDS, dayOf, MINUTE_MILLISECONDS, SECOND_MILLISECONDS } from './time.ts';

const INTERVAL_MILLISECONDS: number = 10 * MINUTE_MILLISECONDS;
/** How soon to ask again whether the bouncer's clock agrees. */
const UNCONFIRMED_MILLISECONDS: number = 30 * SECOND_MILLISECONDS;
/** As long as a reference may still have to be taken back. */
const OUTBOX_MILLISECONDS: number = (KEEP_DAYS_MAX + 1) * DAY_MILLISECONDS;
/** As long as a caller may repeat an event. */
const EVENT_MILLISECONDS: number = 7 * DAY_MILLISECONDS;

/** A loop's step. */
export async function keepHouse(context: NotifyContext): Promise<number> {
  const now = context.now();
  const { confirmedDay, bouncer } = context;
  const ratchet = await runRatchet(
    context,
    now,
    confirmedDay === dayOf(now) ? confirmedDay : bouncer.dateDay,
  );
  // By a clock that may be wrong nobody is called silent, and nothing is forgotten.
  if (ratchet.kind === 'jumped') return UNCONFIRMED_MILLISECONDS;
  await tellWaiting(context);
  await watchGone(context);
  await scheduleSilent(context);
  await context.database
    .deleteFrom('push_outbox')
    .where('state', '!=', 'waiting')
    .where('sent_at', '<', now - OUTBOX_MILLISECONDS)
    .execute();
  await forgetEvents(context, now);
  await forgetEndedSessions(context.database, now);
  await forgetTests(context.database, now);
  return INTERVAL_MILLISECONDS;
}

/** The operator sees how many devices are not sent to until their app has registered a new key. */
async function tellWaiting({ database, log }: NotifyContext): Promise<void> {
  const { devices } = await database
    .selectFrom('push_keys')
    .select((column) => column.fn.countAll<number>().as('devices'))
    .where('state', '=', 'lost')
    .executeTakeFirstOrThrow();
  if (Number(devices) > 0) log.write('devices_wait', { devices: Number(devices) });
}

/** One that failed stays for as long as a notification of it could have been of use. */
async function forgetEvents({ database }: NotifyContext, now: number): Promise<void> {
  const forget = async (state: 'done' | 'failed', milliseconds: number): Promise<void> => {
    await database
      .deleteFrom('push_events')
      .where('state', '=', state)
      .where('done_at', '<', now - milliseconds)
      .execute();
  };
  await forget('done', EVENT_MILLISECONDS);
  await forget('failed', OUTBOX_MILLISECONDS);
}

/**
 * Keys that were stored under another storage key cannot seal. A wrong file must not cost them: only where the operator
 * accepts it they are `lost`, for good, and nothing falls back.
 * @throws StorageKeyMismatchError
 */
export async function checkStorageKey(
  { database, storageKey, log }: NotifyContext,
  acceptLostKeys: boolean,
): Promise<void> {
  const value = storageKey.check;
  await database.transaction().execute(async (transaction) => {
    const row = await transaction
      .selectFrom('push_facts')
      .select('value')
      .where('name', '=', 'storage_key_check')
      .executeTakeFirst();
    if (row?.value === value) return;
    if (row !== undefined && !acceptLostKeys) throw new StorageKeyMismatchError();
    await transaction
      .insertInto('push_facts')
      .values({ name: 'storage_key_check', value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
      .execute();
    if (row === undefined) return;
    const lost = await transaction
      .updateTable('push_keys')
      .set({ state: 'lost' })
      .where('state', 'in', ['live', 'replace'])
      .executeTakeFirst();
    log.write('keys_lost', { keys: Number(lost.numUpdatedRows) });
  });
}
