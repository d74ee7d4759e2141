// sent_at and counter (SPEC.md section 9): given together, by one atomic update of the registration's row.
//
//   sent_at = max(clock, last + 1) per registration; counter per kid, from 1
//
// Where `last` lies ahead of the clock when a key is written, it is set back to the clock (keys.ts): replay windows are
// per kid.
import { joinable } from '../log/content-free.ts';
import type { Log } from '../log/log.ts';
import type { Saying } from './seal-devices.ts';
import type { NotifyDatabase } from './tables.ts';

export interface Stamp {
  /** Unix ms. */
  readonly sentAt: number;
  readonly counter: number;
}

/** The next stamp of each registration, and the unread count that was last told to it. */
export async function stampRegistrations(
  transaction: NotifyDatabase,
  sayings: readonly Pick<Saying, 'device' | 'unread'>[],
  now: number,
): Promise<ReadonlyMap<string, Stamp>> {
  const ids = sayings.map(({ device }) => device.registration.registration_id);
  const rows = await transaction
    .updateTable('push_registrations')
    .set((column) => ({
      last_sent_at: column
        .case()
        .when('last_sent_at', '>=', now)
        .then(column('last_sent_at', '+', 1))
        .else(now)
        .end(),
      counter: column('counter', '+', 1),
    }))
    .where('registration_id', 'in', ids)
    .returning(['registration_id', 'last_sent_at', 'counter'])
    .execute();
  return new Map(
    rows.map((row) => [row.registration_id, { sentAt: row.last_sent_at, counter: row.counter }]),
  );
}

/** A key whose chain cannot be read any more cannot seal: the device is asked for a new one, and nothing falls back. */
export async function markLost(
  transaction: NotifyDatabase,
  log: Log,
  { registration_id, kid }: { readonly registration_id: string; readonly kid: string },
): Promise<void> {
  log.write('key_lost', { device: joinable(registration_id) });
  await transaction
    .updateTable('push_keys')
    .set({ state: 'lost' })
    .where('registration_id', '=', registration_id)
    .where('kid', '=', kid)
    .execute();
}

/** Asks the device for a new key: its times have run ahead of the clock. */
export async function markReplace(transaction: NotifyDatabase, registrationId: string): Promise<void> {
  await transaction
    .updateTable('push_keys')
    .set({ state: 'replace' })
    .where('registration_id', '=', registrationId)
    .where('state', '=', 'live')
    .execute();
}
