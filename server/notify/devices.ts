// Devices as the sealing needs them: a registration, its present key, and what the policy says of it.
import type { Selectable } from 'kysely';
import { KEY_AGE_DAYS_MAX } from '../../protocol/wire/limits.ts';
import type { NotifyContext } from './context.ts';
import { type DeviceDecision, decideDevice } from './policy.ts';
import type { NotifyDatabase, NotifyTables } from './tables.ts';
import { dayOf } from './time.ts';

type Registration = Selectable<NotifyTables['push_registrations']>;
type Key = Selectable<NotifyTables['push_keys']>;

export interface Device {
  readonly registration: Registration;
  /** Null for a bare device. */
  readonly key: Key | null;
  readonly decision: DeviceDecision;
}

/** Every device of these users, in a fixed order. */
export async function readDevicesOfUsers(
  transaction: NotifyDatabase,
  context: NotifyContext,
  users: readonly string[],
): Promise<readonly Device[]> {
  if (users.length === 0) return [];
  const registrations = await transaction
    .selectFrom('push_registrations')
    .selectAll()
    .where('user_id', 'in', users)
    .orderBy('registration_id')
    .execute();
  return await readDevices(transaction, context, registrations);
}

/** How many devices those of these users have who have any. */
export async function countDevicesOfUsers(
  transaction: NotifyDatabase,
  users: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (users.length === 0) return new Map();
  const rows = await transaction
    .selectFrom('push_registrations')
    .select((column) => ['user_id', column.fn.countAll<number>().as('count')])
    .where('user_id', 'in', users)
    .groupBy('user_id')
    .execute();
  return new Map(rows.map(({ user_id, count }) => [user_id, Number(count)]));
}

/** The devices of these registrations. */
export async function readDevices(
  transaction: NotifyDatabase,
  context: NotifyContext,
  registrations: readonly Registration[],
): Promise<readonly Device[]> {
  const keys = await readKeys(transaction, registrations);
  const bare = registrations.filter(({ kind }) => kind === 'bare');
  const requiring = await readRequiringE2ee(transaction, bare);
  const today = dayOf(context.now());
  return registrations.map((registration) => {
    const key = keys.get(registration.registration_id) ?? null;
    const facts = {
      kind: registration.kind,
      handleState: registration.handle_state,
      keyState: key?.state ?? null,
      keyAgeDays: key === null ? 0 : today - key.day_zero,
      e2eeRequired: requiring.has(registration.registration_id),
    };
    return { registration, key, decision: decideDevice(context.policy, facts, KEY_AGE_DAYS_MAX) };
  });
}

async function readKeys(
  transaction: NotifyDatabase,
  registrations: readonly Registration[],
): Promise<ReadonlyMap<string, Key>> {
  const sealed = registrations.filter(({ kind }) => kind === 'sealed');
  if (sealed.length === 0) return new Map();
  const present = new Map(sealed.map(({ registration_id, kid }) => [registration_id, kid]));
  const keys = await transaction
    .selectFrom('push_keys')
    .selectAll()
    .where('registration_id', 'in', [...present.keys()])
    .where('state', '!=', 'replaced')
    .execute();
  return new Map(
    keys
      .filter(({ registration_id, kid }) => present.get(registration_id) === kid)
      .map((key) => [key.registration_id, key]),
  );
}

/**
 * Which of the bare registrations are on a device that is or was sealed to and wants nothing else: one that is sealed to
 * now is never sent both. One whose first handle is still pending is told by the redacted way.
 */
async function readRequiringE2ee(
  transaction: NotifyDatabase,
  bare: readonly Registration[],
): Promise<ReadonlySet<string>> {
  if (bare.length === 0) return new Set();
  const users = [...new Set(bare.map(({ user_id }) => user_id))];
  const devices = await transaction
    .selectFrom('push_e2ee_devices')
    .select(['user_id', 'session_id', 'registration_id'])
    .where('user_id', 'in', users)
    .where('e2ee_required', '=', 1)
    .where('was_active', '=', 1)
    .execute();
  const active = await transaction
    .selectFrom('push_registrations')
    .select(['user_id', 'session_id', 'registration_id'])
    .where('user_id', 'in', users)
    .where('kind', '=', 'sealed')
    .where('handle_state', '=', 'active')
    .execute();
  const sealed = Map.groupBy([...devices, ...active], ({ user_id }) => user_id);
  const requiring = bare.filter(({ registration_id, user_id, session_id }) =>
    sealed
      .get(user_id)
      ?.some((other) => other.session_id === session_id || other.registration_id === registration_id),
  );
  return new Set(requiring.map(({ registration_id }) => registration_id));
}

/** Whether a key was ever registered on this device, with the device's word that it wants nothing else. */
export async function requiresE2ee(
  transaction: NotifyDatabase,
  user: string,
  session: string,
  registrationId: string,
): Promise<boolean> {
  const row = await transaction
    .selectFrom('push_e2ee_devices')
    .select('user_id')
    .where('user_id', '=', user)
    .where('e2ee_required', '=', 1)
    .where((column) =>
      column.or([column('registration_id', '=', registrationId), column('session_id', '=', session)]),
    )
    .executeTakeFirst();
  return row !== undefined;
}
