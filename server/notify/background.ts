// Background notifications: `remove` for what was read elsewhere, `badge` for a device that has heard nothing for so
// long that its key would stand still. Best effort, one per device and interval; what was read meanwhile is gathered.

import type { Reference } from '../../protocol/content/field.ts';
import type { PayloadBody } from '../../protocol/content/payload.ts';
import { encodeCbor } from '../../protocol/wire/cbor.ts';
import { DEFAULT_BUCKET, REMOVE_REFERENCES_MAX } from '../../protocol/wire/limits.ts';
import { BACKGROUND_INTERVAL_MILLISECONDS_MAX, nextBackgroundAt } from './background-interval.ts';
import type { NotifyContext } from './context.ts';
import { type Device, readDevices } from './devices.ts';
import { parseReferenceKey } from './event.ts';
import { PreparedKeys } from './prepared-keys.ts';
import { freshEventName, type Saying, sealToDevices } from './seal-devices.ts';
import type { NotifyDatabase } from './tables.ts';
import { DAY_MILLISECONDS } from './time.ts';

const DEVICES_PER_CHUNK = 24;
/** A registration that heard nothing for this long gets a `badge`, so that the device moves on. */
const SILENT_MILLISECONDS: number = 21 * DAY_MILLISECONDS;
/** Room for the payload's other fields in the bucket. */
const PAYLOAD_HEAD_BYTES_MAX = 64;

/** Makes what is due; says whether there is more. */
export async function sealBackground(context: NotifyContext): Promise<boolean> {
  const now = context.now();
  return await context.database.transaction().execute(async (transaction) => {
    const registrations = await transaction
      .selectFrom('push_registrations')
      .selectAll()
      .where((column) =>
        column.or([
          column('background_due_at', '<=', now),
          // By a clock that was set back since.
          column('background_due_at', '>', now + BACKGROUND_INTERVAL_MILLISECONDS_MAX),
        ]),
      )
      .orderBy('background_due_at')
      .limit(DEVICES_PER_CHUNK)
      .execute();
    const devices = await readDevices(transaction, context, registrations);
    const sayings: Saying[] = [];
    for (const device of devices) {
      const saying = await gather(transaction, context, device);
      if (saying !== null) sayings.push(saying);
    }
    await sealToDevices(transaction, context, new PreparedKeys(context), sayings);
    return registrations.length > 0;
  });
}

/** When the next background notification is due (unix ms), or null. */
export async function readNextBackground(database: NotifyDatabase): Promise<number | null> {
  const row = await database
    .selectFrom('push_registrations')
    .select('background_due_at')
    .where('background_due_at', 'is not', null)
    .orderBy('background_due_at')
    .limit(1)
    .executeTakeFirst();
  return row?.background_due_at ?? null;
}

/** Makes a `badge` due for every device that has been silent for too long. */
export async function scheduleSilent(context: NotifyContext): Promise<void> {
  const now = context.now();
  await context.database
    .updateTable('push_registrations')
    .set({ background_due_at: now })
    .where('kind', '=', 'sealed')
    .where('handle_state', '=', 'active')
    .where('background_due_at', 'is', null)
    .where('last_sent_at', '<', now - SILENT_MILLISECONDS)
    .where('created_at', '<', now - SILENT_MILLISECONDS)
    .execute();
}

/** What there is to say to a device whose time has come; null if nothing, or if it cannot be told. */
async function gather(
  transaction: NotifyDatabase,
  context: NotifyContext,
  device: Device,
): Promise<Saying | null> {
  const { registration } = device;
  const now = context.now();
  const tellable = device.decision === 'sealed' || device.decision === 'redacted';
  const laterAt = nextBackgroundAt({ ...registration, last_background_at: now }, now);
  if (laterAt > now && (await isWaiting(transaction, registration.registration_id))) {
    await putOff(transaction, registration.registration_id, laterAt);
    return null;
  }
  const rows = tellable ? await readRemovable(transaction, device) : [];
  const taken = rows.slice(0, countFitting(rows));
  if (taken.length > 0) {
    await transaction
      .updateTable('push_outbox')
      .set({ removal_made: 1 })
      .where('registration_id', '=', registration.registration_id)
      .where('read_at', 'is not', null)
      .where(
        'reference',
        'in',
        taken.map(({ key }) => key),
      )
      .execute();
  }
  const silent = registration.last_sent_at < now - SILENT_MILLISECONDS;
  const say = tellable && (taken.length > 0 || (silent && registration.kind === 'sealed'));
  await transaction
    .updateTable('push_registrations')
    .set({
      // What did not fit is a notification of its own.
      background_due_at: taken.length < rows.length ? laterAt : null,
      ...(say && { last_background_at: now }),
    })
    .where('registration_id', '=', registration.registration_id)
    .execute();
  return say
    ? buildSaying(
        context,
        device,
        taken.map(({ reference }) => reference),
      )
    : null;
}

/** Whether one is on its way still: when the bouncer answers again, another would come with it. */
async function isWaiting(transaction: NotifyDatabase, registrationId: string): Promise<boolean> {
  const row = await transaction
    .selectFrom('push_outbox')
    .select('outbox_id')
    .where('registration_id', '=', registrationId)
    .where('state', '=', 'waiting')
    .where('urgency', '=', 'background')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

async function putOff(transaction: NotifyDatabase, registrationId: string, until: number): Promise<void> {
  await transaction
    .updateTable('push_registrations')
    .set({ background_due_at: until })
    .where('registration_id', '=', registrationId)
    .execute();
}

interface Removable {
  /** As the store keeps it. */
  readonly key: string;
  readonly reference: Reference;
}

async function readRemovable(
  transaction: NotifyDatabase,
  { registration, key }: Device,
): Promise<readonly Removable[]> {
  const rows = await transaction
    .selectFrom('push_outbox')
    .select('reference')
    .where('registration_id', '=', registration.registration_id)
    .where('read_at', 'is not', null)
    .where('removal_made', '=', 0)
    .where('carried_at', 'is', null)
    .where('reference', 'is not', null)
    .where((column) =>
      column.or([
        column('state', '=', 'sent'),
        column.and([column('state', '=', 'cancelled'), column('tries', '>', 0)]),
      ]),
    )
    .where('sent_at', '>', registration.last_sent_at - (key?.keep_days ?? 3) * DAY_MILLISECONDS)
    .groupBy('reference')
    .orderBy((column) => column.fn.max('sent_at'), 'desc')
    .limit(REMOVE_REFERENCES_MAX + 1)
    .execute();
  return rows.map((row) => {
    const key = row.reference as string;
    return { key, reference: parseReferenceKey(key) };
  });
}

/** How many of them one `remove` takes. */
function countFitting(rows: readonly Removable[]): number {
  let room = DEFAULT_BUCKET - PAYLOAD_HEAD_BYTES_MAX;
  let count = 0;
  for (const { reference } of rows.slice(0, REMOVE_REFERENCES_MAX)) {
    room -= encodeCbor(reference).length;
    if (room < 0) break;
    count += 1;
  }
  return count;
}

function buildSaying({ backend }: NotifyContext, device: Device, references: readonly Reference[]): Saying {
  const { registration } = device;
  const body: PayloadBody = references.length > 0 ? { kind: 'remove', references } : { kind: 'badge' };
  return {
    device,
    eventId: `background:${freshEventName(backend)}`,
    kind: references.length > 0 ? 'remove' : 'badge',
    body,
    template: 'removed',
    urgency: 'background',
    unread: registration.unread,
    reference: null,
  };
}
