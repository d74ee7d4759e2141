// A message was read on one device: what was not sent yet is cancelled, what was sent is taken back on the others.
import { nextBackgroundAt } from './background-interval.ts';
import type { NotifyContext } from './context.ts';
import { referenceKey } from './event.ts';
import type { ReadEvent } from './push-service.ts';
import type { NotifyDatabase } from './tables.ts';

/** Marks, cancels, and says when each device is to be told. */
export async function takeBackRead(
  transaction: NotifyDatabase,
  context: NotifyContext,
  event: ReadEvent,
): Promise<void> {
  const now = context.now();
  const registrations = await transaction
    .updateTable('push_registrations')
    .set({ unread: event.unread })
    .where('user_id', '=', event.user)
    .returning(['registration_id', 'session_id', 'platform', 'last_background_at', 'background_due_at'])
    .execute();
  for (const registration of registrations) {
    const reader = registration.session_id === event.session;
    const pushed = await markRead(transaction, registration.registration_id, event, reader, now);
    if (pushed === 0 || reader || registration.background_due_at !== null) continue;
    await transaction
      .updateTable('push_registrations')
      .set({ background_due_at: nextBackgroundAt(registration, now) })
      .where('registration_id', '=', registration.registration_id)
      .execute();
  }
}

/** Returns how many of the references may be on the device. */
async function markRead(
  transaction: NotifyDatabase,
  registrationId: string,
  event: ReadEvent,
  reader: boolean,
  now: number,
): Promise<number> {
  const rows = await transaction
    .updateTable('push_outbox')
    .set(
      reader
        ? // The device that read knows: it needs neither a removal nor a mention in the next alert.
          { read_at: now, removal_made: 1, carried_at: 0 }
        : { read_at: now },
    )
    .where('registration_id', '=', registrationId)
    .where('reference', 'in', event.references.map(referenceKey))
    .where('read_at', 'is', null)
    .returning(['outbox_id', 'state', 'tries'])
    .execute();
  const waiting = rows.filter(({ state }) => state === 'waiting').map(({ outbox_id }) => outbox_id);
  if (waiting.length > 0) {
    await transaction
      .updateTable('push_outbox')
      .set({ state: 'cancelled', envelope: null })
      .where('outbox_id', 'in', waiting)
      .execute();
  }
  // A row that was tried may have arrived, whatever became of the answer.
  return rows.filter(({ state, tries }) => state === 'sent' || (state === 'waiting' && tries > 0)).length;
}
