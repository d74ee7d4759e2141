// Keys of a registration (SPEC.md section 4): accepting one is idempotent by its bytes, and a new one takes the place
// of the old one at once.
import { createHash } from 'node:crypto';
import { isPublicKey } from '../../protocol/crypto/key-pair.ts';
import { decodeBase64url } from '../../protocol/wire/base64url.ts';
import { equalConstantTime } from '../../protocol/wire/bytes.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { REPLACED_KIDS_REMEMBERED_MAX } from '../../protocol/wire/limits.ts';
import { ProblemError } from '../../protocol/wire/problem.ts';
import type { DeviceKey, RegistrationStatus } from '../../protocol/wire/push-api.ts';
import { findSuite, type Suite } from '../../protocol/wire/suites.ts';
import type { Caller } from './caller.ts';
import type { NotifyContext } from './context.ts';
import type { NotifyDatabase } from './tables.ts';
import { dayOf } from './time.ts';

/** `known`: nothing changed. `replaced`: known from before, and replaced since. */
export type KeyOutcome =
  | { readonly kind: 'new' }
  | { readonly kind: 'known' }
  | { readonly kind: 'replaced'; readonly firstAnswer: RegistrationStatus };

/** Whether this server can seal to a key. @throws ProblemError `suite_refused`, `key_refused`, `malformed_request` */
export function checkKey(context: NotifyContext, key: DeviceKey): void {
  if (key.keep_days > context.keepDaysMax) throw new ProblemError('malformed_request');
  const suite = parseSuite(key.suite);
  if (!isPublicKey(context.backend, suite, decodeBase64url(key.public_key))) {
    throw new ProblemError('key_refused');
  }
}

/**
 * What a key is to a registration. A kid is compared with those of the same session only: what others use says nothing.
 * @throws ProblemError `kid_conflict`
 */
export async function lookUpKey(
  transaction: NotifyDatabase,
  caller: Caller,
  registrationId: string,
  key: DeviceKey,
): Promise<KeyOutcome> {
  const rows = await transaction
    .selectFrom('push_keys as k')
    .innerJoin('push_registrations as r', 'r.registration_id', 'k.registration_id')
    .select(['k.registration_id', 'k.digest', 'k.state', 'k.first_answer'])
    .where('k.kid', '=', key.kid)
    .where('r.user_id', '=', caller.user)
    .where('r.session_id', '=', caller.session)
    .execute();
  const [known] = rows;
  if (known === undefined) return { kind: 'new' };
  const same = rows.length === 1 && known.registration_id === registrationId;
  if (!same || !equalConstantTime(known.digest, digestOf(key))) throw new ProblemError('kid_conflict');
  if (known.state !== 'replaced') return { kind: 'known' };
  return { kind: 'replaced', firstAnswer: JSON.parse(known.first_answer) as RegistrationStatus };
}

/** Takes a new key over; the one before it is replaced. */
export async function writeKey(
  transaction: NotifyDatabase,
  { storageKey, now }: NotifyContext,
  registrationId: string,
  key: DeviceKey,
): Promise<void> {
  await retireKeys(transaction, registrationId);
  const owner = { registration_id: registrationId, kid: key.kid };
  await transaction
    .insertInto('push_keys')
    .values({
      ...owner,
      suite: key.suite,
      public_key: decodeBase64url(key.public_key),
      chain: storageKey.sealChain(owner, decodeBase64url(key.chain)),
      epoch: 0,
      day_zero: dayOf(now()),
      keep_days: key.keep_days,
      state: 'live',
      digest: digestOf(key),
      first_answer: '',
      created_at: now(),
    })
    .execute();
  await transaction
    .updateTable('push_registrations')
    .set((column) => ({
      kid: key.kid,
      counter: 0,
      // A clock that was ahead once does not follow into the new key's window.
      last_sent_at: column
        .case()
        .when('last_sent_at', '>', now())
        .then(now())
        .else(column.ref('last_sent_at'))
        .end(),
    }))
    .where('registration_id', '=', registrationId)
    .execute();
}

/** Remembers what was answered to a new key, for its repetition after the key is replaced. */
export async function writeFirstAnswer(
  transaction: NotifyDatabase,
  answer: RegistrationStatus,
): Promise<void> {
  await transaction
    .updateTable('push_keys')
    .set({ first_answer: JSON.stringify(answer) })
    .where('registration_id', '=', answer.registration_id)
    .where('kid', '=', answer.kid)
    .execute();
}

/** The keys that are replaced lose what could seal; only so many are remembered. */
async function retireKeys(transaction: NotifyDatabase, registrationId: string): Promise<void> {
  const nothing = new Uint8Array();
  await transaction
    .updateTable('push_keys')
    .set({ state: 'replaced', chain: nothing, public_key: nothing })
    .where('registration_id', '=', registrationId)
    .execute();
  const surplus = await transaction
    .selectFrom('push_keys')
    .select('kid')
    .where('registration_id', '=', registrationId)
    .orderBy('created_at', 'desc')
    .orderBy('kid')
    .limit(1000)
    .offset(REPLACED_KIDS_REMEMBERED_MAX)
    .execute();
  if (surplus.length === 0) return;
  const kids = surplus.map(({ kid }) => kid);
  await transaction
    .deleteFrom('push_keys')
    .where('registration_id', '=', registrationId)
    .where('kid', 'in', kids)
    .execute();
}

function parseSuite(id: number): Suite {
  try {
    return findSuite(id, 'notification');
  } catch (error) {
    if (error instanceof ProtocolError) throw new ProblemError('suite_refused');
    throw error;
  }
}

/** Of everything that the device registered; the fields have fixed forms, so the text is unambiguous. */
function digestOf({ kid, suite, public_key, chain, keep_days }: DeviceKey): Uint8Array {
  return createHash('sha256')
    .update(JSON.stringify([kid, suite, public_key, chain, keep_days]))
    .digest();
}
