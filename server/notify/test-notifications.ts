// Tests that a user starts (SPEC.md section 9, kind `test`): a nonce goes to the device, sealed, and comes back from the
// app if its user started the test. What came back proves the whole way.
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import { equalConstantTime } from '../../protocol/wire/bytes.ts';
import { TEST_NONCE_BYTES } from '../../protocol/wire/limits.ts';
import type { NotifyContext } from './context.ts';
import { readDevices } from './devices.ts';
import { PreparedKeys } from './prepared-keys.ts';
import { sealToDevices } from './seal-devices.ts';
import type { NotifyDatabase } from './tables.ts';
import { DAY_MILLISECONDS } from './time.ts';

/** The app echoes what its user started lately, or once a day: later, nobody waits for it. */
const REMEMBERED_MILLISECONDS = DAY_MILLISECONDS;

/** Seals and queues a test for one of the user's devices, and remembers its nonce. False if it cannot be sent to. */
export async function sealTest(
  transaction: NotifyDatabase,
  context: NotifyContext,
  user: string,
  registrationId: string,
): Promise<boolean> {
  const registrations = await transaction
    .selectFrom('push_registrations')
    .selectAll()
    .where('registration_id', '=', registrationId)
    .where('user_id', '=', user)
    .execute();
  const [device] = await readDevices(transaction, context, registrations);
  if (device === undefined || (device.decision !== 'sealed' && device.decision !== 'redacted')) return false;
  const nonce = context.backend.randomBytes(TEST_NONCE_BYTES);
  const name = encodeBase64url(nonce);
  const rows = await sealToDevices(transaction, context, new PreparedKeys(context), [
    {
      device,
      eventId: `test:${name}`,
      kind: 'test',
      body: { kind: 'test', nonce },
      template: 'test',
      urgency: 'alert',
      unread: device.registration.unread,
      reference: null,
    },
  ]);
  if (rows === 0) return false;
  if (device.decision === 'redacted') return true;
  await transaction
    .insertInto('push_tests')
    .values({ registration_id: registrationId, nonce: name, sent_at: context.now(), echoed_at: null })
    .execute();
  return true;
}

/** Whether the nonce is one that was sent to this device within a day and has not come back yet; takes note of it. */
export async function takeEcho(
  transaction: NotifyDatabase,
  { now }: Pick<NotifyContext, 'now'>,
  registrationId: string,
  nonce: Uint8Array,
): Promise<boolean> {
  const open = await transaction
    .selectFrom('push_tests')
    .select('nonce')
    .where('registration_id', '=', registrationId)
    .where('echoed_at', 'is', null)
    .where('sent_at', '>', now() - REMEMBERED_MILLISECONDS)
    .execute();
  const known = open.find((test) => equalConstantTime(decodeBase64url(test.nonce), nonce));
  if (known === undefined) return false;
  await transaction
    .updateTable('push_tests')
    .set({ echoed_at: now() })
    .where('registration_id', '=', registrationId)
    .where('nonce', '=', known.nonce)
    .execute();
  return true;
}

/** Forgets tests of long ago. */
export async function forgetTests(database: NotifyDatabase, now: number): Promise<void> {
  await database
    .deleteFrom('push_tests')
    .where('sent_at', '<=', now - REMEMBERED_MILLISECONDS)
    .execute();
}
