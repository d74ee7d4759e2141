// Devices without E2EE (SPEC.md section 14): a push token in the clear goes on to the bouncer and is not kept here.
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { ProblemError } from '../../protocol/wire/problem.ts';
import type { LegacyRegistration, LegacyRegistrationRequest } from '../../protocol/wire/push-api.ts';
import { checkApp, requireRoom } from './admission.ts';
import { requireAnswer } from './bouncer-refusals.ts';
import { type Caller, requireOwner } from './caller.ts';
import type { NotifyContext } from './context.ts';
import { requiresE2ee } from './devices.ts';
import { endRegistrations } from './end-registrations.ts';
import { hasEnded } from './ended-sessions.ts';
import { cancelRemoval, queueRemovals } from './handle-removal.ts';
import type { NotifyDatabase } from './tables.ts';
import { secondsOf } from './time.ts';

const REGISTRATION_ID_BYTES = 16;

/** POST /v1/push/legacy-registrations. @throws ProblemError `legacy_refused`, `e2ee_required` and others */
export async function registerLegacy(
  context: NotifyContext,
  caller: Caller,
  request: LegacyRegistrationRequest,
): Promise<LegacyRegistration> {
  checkApp(context, request);
  if (context.policy === 'require_e2ee') throw new ProblemError('legacy_refused');
  await checkLegacy(context.database, caller, request);
  const { platform, environment, app_id, token } = request;
  const { handle } = requireAnswer(
    await context.bouncer.makeBareHandle({ platform, environment, app_id, token }),
  );
  const ended = await context.database.transaction().execute(async (transaction) => {
    if (await hasEnded(transaction, caller.session, handle)) return true;
    await checkLegacy(transaction, caller, request);
    await writeLegacy(transaction, context, caller, request, handle);
    return false;
  });
  if (ended) throw new ProblemError('not_authenticated');
  return { registration_id: request.registration_id, state: 'active' };
}

/**
 * The device of a session has a key and a handle that works now: it is not sent redacted notifications beside it. Until
 * then it was, because nothing else would have reached it.
 */
export async function endBareOfSession(
  transaction: NotifyDatabase,
  { user_id, session_id }: { readonly user_id: string; readonly session_id: string },
): Promise<void> {
  await transaction
    .updateTable('push_e2ee_devices')
    .set({ was_active: 1 })
    .where('user_id', '=', user_id)
    .where('session_id', '=', session_id)
    .execute();
  const rows = await transaction
    .selectFrom('push_registrations')
    .select('registration_id')
    .where('user_id', '=', user_id)
    .where('session_id', '=', session_id)
    .where('kind', '=', 'bare')
    .execute();
  await endRegistrations(
    transaction,
    rows.map(({ registration_id }) => registration_id),
  );
}

/** A registration with a key takes this id: the redacted one lives on under another until that one's handle works. */
export async function moveBareAside(
  transaction: NotifyDatabase,
  { backend }: NotifyContext,
  registrationId: string,
): Promise<void> {
  const aside = { registration_id: encodeBase64url(backend.randomBytes(REGISTRATION_ID_BYTES)) };
  const moved = await transaction
    .updateTable('push_registrations')
    .set(aside)
    .where('registration_id', '=', registrationId)
    .where('kind', '=', 'bare')
    .executeTakeFirst();
  if (Number(moved.numUpdatedRows) === 0) return;
  await transaction
    .updateTable('push_outbox')
    .set(aside)
    .where('registration_id', '=', registrationId)
    .execute();
}

/** @throws ProblemError `e2ee_required`, `registration_conflict`, `too_many_devices` */
async function checkLegacy(
  transaction: NotifyDatabase,
  caller: Caller,
  request: LegacyRegistrationRequest,
): Promise<void> {
  const id = request.registration_id;
  const row = await transaction
    .selectFrom('push_registrations')
    .select(['user_id', 'session_id', 'kind'])
    .where('registration_id', '=', id)
    .executeTakeFirst();
  if (row === undefined) await requireRoom(transaction, caller.user);
  else requireOwner(row, caller);
  const required = await requiresE2ee(transaction, caller.user, caller.session, id);
  if (required || row?.kind === 'sealed') throw new ProblemError('e2ee_required');
}

async function writeLegacy(
  transaction: NotifyDatabase,
  { now }: NotifyContext,
  caller: Caller,
  request: LegacyRegistrationRequest,
  handle: string,
): Promise<void> {
  const known = await transaction
    .selectFrom('push_registrations')
    .select('handle')
    .where('registration_id', '=', request.registration_id)
    .executeTakeFirst();
  await cancelRemoval(transaction, handle);
  const state = { handle, handle_state: 'active', handle_since: secondsOf(now()) } as const;
  const app = { app_id: request.app_id, platform: request.platform, environment: request.environment };
  if (known === undefined) {
    await transaction
      .insertInto('push_registrations')
      .values({
        ...app,
        ...state,
        registration_id: request.registration_id,
        user_id: caller.user,
        session_id: caller.session,
        kind: 'bare',
        attempt: '',
        kid: '',
        counter: 0,
        last_sent_at: 0,
        unread: 0,
        last_background_at: 0,
        background_due_at: null,
        created_at: now(),
      })
      .execute();
    return;
  }
  await transaction
    .updateTable('push_registrations')
    .set({ ...app, ...state })
    .where('registration_id', '=', request.registration_id)
    .execute();
  if (known.handle !== null && known.handle !== handle) await queueRemovals(transaction, [known.handle]);
}
