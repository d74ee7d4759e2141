// What every registration must meet, with a key or without (SPEC.md section 5).
import { isEnvironmentOf } from '../../protocol/wire/ids.ts';
import { ProblemError } from '../../protocol/wire/problem.ts';
import type { RegistrationRequest } from '../../protocol/wire/push-api.ts';
import type { NotifyContext } from './context.ts';
import type { NotifyDatabase } from './tables.ts';

/** Devices of one user. A device that registers again and again with new ids ends here. */
const REGISTRATIONS_PER_USER_MAX = 100;

/** There is room again when the user has ended a device. */
const FULL_RETRY_SECONDS = 3600;

/** @throws ProblemError `unknown_app`, `wrong_environment` */
export function checkApp(
  { appIds }: NotifyContext,
  { app_id, platform, environment }: Pick<RegistrationRequest, 'app_id' | 'platform' | 'environment'>,
): void {
  if (!appIds.includes(app_id)) throw new ProblemError('unknown_app');
  if (!isEnvironmentOf(platform, environment)) throw new ProblemError('wrong_environment');
}

/** @throws ProblemError `rate_limited` if the user has as many devices as anybody may have. */
export async function requireRoom(transaction: NotifyDatabase, user: string): Promise<void> {
  const { count } = await transaction
    .selectFrom('push_registrations')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('user_id', '=', user)
    .executeTakeFirstOrThrow();
  if (Number(count) >= REGISTRATIONS_PER_USER_MAX) {
    throw new ProblemError('rate_limited', { retry_after_seconds: FULL_RETRY_SECONDS });
  }
}
