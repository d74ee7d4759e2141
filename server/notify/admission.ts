// What every registration must meet, with a key or without (SPEC.md section 5).
import { isEnvironmentOf } from '../../protocol/wire/ids.ts';
import { DEVICES_PER_USER_MAX } from '../../protocol/wire/limits.ts';
import { ProblemError } from '../../protocol/wire/problem.ts';
import type { RegistrationRequest } from '../../protocol/wire/push-api.ts';
import type { NotifyContext } from './context.ts';
import type { NotifyDatabase } from './tables.ts';

/** @throws ProblemError `unknown_app`, `wrong_environment` */
export function checkApp(
  { appIds }: NotifyContext,
  { app_id, platform, environment }: Pick<RegistrationRequest, 'app_id' | 'platform' | 'environment'>,
): void {
  if (!appIds.includes(app_id)) throw new ProblemError('unknown_app');
  if (!isEnvironmentOf(platform, environment)) throw new ProblemError('wrong_environment');
}

/**
 * A device that registers again and again with new ids ends here; there is room again when the user has ended one.
 * @throws ProblemError `too_many_devices`
 */
export async function requireRoom(transaction: NotifyDatabase, user: string): Promise<void> {
  const { count } = await transaction
    .selectFrom('push_registrations')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('user_id', '=', user)
    .executeTakeFirstOrThrow();
  if (Number(count) >= DEVICES_PER_USER_MAX) throw new ProblemError('too_many_devices');
}
