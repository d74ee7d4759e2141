// GET /v1/push/registrations: a user's own devices and how they stand (SPEC.md section 13).
import type { DeviceList } from '../../protocol/wire/push-api.ts';
import type { Caller } from './caller.ts';
import type { NotifyContext } from './context.ts';

/** All devices of the caller's user, over all sessions. */
export async function readDeviceList({ database }: NotifyContext, caller: Caller): Promise<DeviceList> {
  const rows = await database
    .selectFrom('push_registrations as r')
    .leftJoin('push_attempts as a', (join) =>
      join.onRef('a.registration_id', '=', 'r.registration_id').onRef('a.attempt', '=', 'r.attempt'),
    )
    .select(['r.registration_id', 'r.app_id', 'r.platform', 'r.kind', 'r.handle_state'])
    .select('a.state as attempt_state')
    .where('r.user_id', '=', caller.user)
    .orderBy('r.created_at')
    .orderBy('r.registration_id')
    .execute();
  return {
    devices: rows.map((row) => ({
      registration_id: row.registration_id,
      app_id: row.app_id,
      platform: row.platform,
      e2ee: row.kind === 'sealed',
      // A device whose handle works is active, whatever a newer attempt of it is doing.
      state: row.handle_state === 'none' ? (row.attempt_state ?? 'pending') : row.handle_state,
    })),
  };
}
