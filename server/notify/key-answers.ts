// What is answered to a key that was sent (SPEC.md section 4.1), after it was taken over if it is new.
import type { DeviceKey, RegistrationStatus } from '../../protocol/wire/push-api.ts';
import type { NotifyContext } from './context.ts';
import { type KeyOutcome, writeFirstAnswer, writeKey } from './keys.ts';
import { readStatus } from './registration-status.ts';
import type { NotifyDatabase } from './tables.ts';
import { secondsOf } from './time.ts';

/** The present state for a new or known key, the first answer for a replaced one. */
export async function applyKey(
  transaction: NotifyDatabase,
  context: NotifyContext,
  registrationId: string,
  key: DeviceKey,
  outcome: KeyOutcome,
): Promise<RegistrationStatus> {
  const now = context.now();
  if (outcome.kind === 'replaced') {
    // The time is not part of what is repeated: apps set their clocks by it.
    return { ...outcome.firstAnswer, server_time: secondsOf(now) };
  }
  if (outcome.kind === 'new') await writeKey(transaction, context, registrationId, key);
  const status = await readStatus(transaction, { registration_id: registrationId }, now);
  if (outcome.kind === 'new') await writeFirstAnswer(transaction, status);
  return status;
}
