// Many handles gone at once (SPEC.md section 13): a fault of the bouncer's or the app's credentials may look like this, and
// every device that is called gone hears nothing until its app is opened.
import type { NotifyContext } from './context.ts';
import { HOUR_MILLISECONDS, secondsOf } from './time.ts';

/** More than one device in so many. */
const SHARE = 10;

/** Raises the alarm if more than 10 % of the devices have gone within the last hour; at most once an hour. */
export async function watchGone({ database, log, now }: NotifyContext): Promise<void> {
  const hourAgo = secondsOf(now() - HOUR_MILLISECONDS);
  const { gone } = await database
    .selectFrom('push_registrations')
    .select((column) => column.fn.countAll<number>().as('gone'))
    .where('handle_state', '=', 'gone')
    .where('handle_since', '>', hourAgo)
    .executeTakeFirstOrThrow();
  if (Number(gone) === 0) return;
  const { active } = await database
    .selectFrom('push_registrations')
    .select((column) => column.fn.countAll<number>().as('active'))
    .where('handle_state', '=', 'active')
    .executeTakeFirstOrThrow();
  const devices = Number(gone) + Number(active);
  if (Number(gone) * SHARE <= devices) return;
  const raised = await database
    .selectFrom('push_facts')
    .select('value')
    .where('name', '=', 'gone_alarm')
    .executeTakeFirst();
  if (raised !== undefined && Number(raised.value) > hourAgo) return;
  const value = String(secondsOf(now()));
  await database
    .insertInto('push_facts')
    .values({ name: 'gone_alarm', value })
    .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
    .execute();
  log.write('many_handles_gone', { gone: Number(gone), devices });
}
