// The last word to a device whose session somebody else has ended (SPEC.md section 9, kind `session`): sealed under the
// keys that go in the same transaction, sent to the handle that is given back a little later. A hint, best effort: the
// app asks the server before it signs out.
import type { Selectable } from 'kysely';
import { nextBackgroundAt } from './background-interval.ts';
import type { NotifyContext } from './context.ts';
import { type Device, readDevices } from './devices.ts';
import { PreparedKeys } from './prepared-keys.ts';
import { freshEventName, type Saying, sealToDevices } from './seal-devices.ts';
import type { NotifyDatabase, NotifyTables } from './tables.ts';
import { MINUTE_MILLISECONDS } from './time.ts';

/** How long a handle outlives the time at which the last word to it is due. */
const GRACE_MILLISECONDS: number = 5 * MINUTE_MILLISECONDS;

/** A handle that there is a last word to, and when it may be given back (unix ms). */
export interface ToldHandle {
  readonly handle: string;
  readonly until: number;
}

/** Seals and queues a `session` for those of the registrations that are sealed to. */
export async function sealLastWords(
  transaction: NotifyDatabase,
  context: NotifyContext,
  registrations: readonly Selectable<NotifyTables['push_registrations']>[],
): Promise<readonly ToldHandle[]> {
  const devices = await readDevices(transaction, context, registrations);
  const sayings = devices
    .filter(({ decision }) => decision === 'sealed')
    .map((device) => buildSaying(context, device));
  await sealToDevices(transaction, context, new PreparedKeys(context), sayings);
  const told: ToldHandle[] = [];
  for (const saying of sayings) told.push(await keepHandle(transaction, context, saying));
  return told;
}

function buildSaying({ backend }: NotifyContext, device: Device): Saying {
  return {
    device,
    eventId: `session:${freshEventName(backend)}`,
    kind: 'session',
    body: { kind: 'session' },
    template: 'removed',
    urgency: 'background',
    unread: device.registration.unread,
    reference: null,
  };
}

async function keepHandle(
  transaction: NotifyDatabase,
  { now }: NotifyContext,
  { device: { registration }, eventId }: Saying,
): Promise<ToldHandle> {
  const handle = registration.handle as string;
  const dueAt = nextBackgroundAt(registration, now());
  await transaction
    .updateTable('push_outbox')
    .set({ last_handle: handle, next_try_at: dueAt })
    .where('registration_id', '=', registration.registration_id)
    .where('event_id', '=', eventId)
    .execute();
  return { handle, until: dueAt + GRACE_MILLISECONDS };
}
