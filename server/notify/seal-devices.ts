// Sealing one thing to say for many devices: stamp, payload, envelope, outbox row. All of it happens in the caller's
// transaction, so that a stamp without its row does not exist, nor a row without its stamp.
import type { Reference } from '../../protocol/content/field.ts';
import type { PayloadBody } from '../../protocol/content/payload.ts';
import { fitPayload } from '../../protocol/content/seal/fit.ts';
import { sealNotification } from '../../protocol/content/seal/seal.ts';
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import type { Template, Urgency } from '../../protocol/wire/bouncer-api.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { BADGE_MAX, CLOCK_TOLERANCE_SECONDS } from '../../protocol/wire/limits.ts';
import { joinable, word } from '../log/content-free.ts';
import { buildCollapse } from './collapse.ts';
import type { NotifyContext } from './context.ts';
import type { Device } from './devices.ts';
import { parseReferenceKey } from './event.ts';
import { type NewOutboxRow, supersedeRows, writeOutbox } from './outbox.ts';
import type { PreparedKeys } from './prepared-keys.ts';
import { type RemovedReference, readRemoved } from './removed-references.ts';
import { markLost, markReplace, type Stamp, stampRegistrations } from './stamps.ts';
import type { NotifyDatabase, OutboxKind } from './tables.ts';
import { DAY_SECONDS, expiresAt, SECOND_MILLISECONDS } from './time.ts';

/** What a device without E2EE is sent is kept as long as what others are sent by default. */
const BARE_TTL_SECONDS: number = 3 * DAY_SECONDS;
const EVENT_NAME_BYTES = 16;

/** One notification for one device. */
export interface Saying {
  readonly device: Device;
  readonly eventId: string;
  readonly kind: OutboxKind;
  readonly body: PayloadBody;
  /** What a device without E2EE is told instead. */
  readonly template: Template;
  readonly urgency: Urgency;
  readonly unread: number;
  /** As the store keeps it; null for what is not about one message. */
  readonly reference: string | null;
}

/**
 * A name for what no event stands behind: an outbox row is named once for good, and nothing that a device chooses (a kid
 * may come again) names it.
 */
export function freshEventName(backend: CryptoBackend): string {
  return encodeBase64url(backend.randomBytes(EVENT_NAME_BYTES));
}

/** Seals (or redacts) and queues. Returns how many rows were written; a device whose key is lost gets none. */
export async function sealToDevices(
  transaction: NotifyDatabase,
  context: NotifyContext,
  keys: PreparedKeys,
  sayings: readonly Saying[],
): Promise<number> {
  if (sayings.length === 0) return 0;
  const now = context.now();
  const ids = sayings.map(({ device }) => device.registration.registration_id);
  const stamps = await stampRegistrations(transaction, sayings, now);
  const removed = await readRemoved(transaction, ids, now);
  const rows: NewOutboxRow[] = [];
  for (const saying of sayings) {
    const { registration } = saying.device;
    const stamp = stamps.get(registration.registration_id);
    if (stamp === undefined) continue;
    // They ride in alerts only, and never with the message that they would take away.
    const carried =
      saying.urgency === 'alert'
        ? (removed.get(registration.registration_id) ?? []).filter(({ key }) => key !== saying.reference)
        : [];
    const row =
      registration.kind === 'bare'
        ? buildBareRow(context, saying, stamp)
        : await trySealedRow(transaction, context, keys, saying, stamp, carried);
    if (row !== null) rows.push(row);
    if (stamp.sentAt > now + CLOCK_TOLERANCE_SECONDS * SECOND_MILLISECONDS) {
      await markReplace(transaction, registration.registration_id);
    }
  }
  await writeOutbox(transaction, rows, now);
  const bare = sayings.filter(({ device }) => device.registration.kind === 'bare');
  await supersedeRows(
    transaction,
    bare.map(({ device }) => device.registration.registration_id),
  );
  return rows.length;
}

/** What cannot be sealed for one device must not hold up all the others, now and at every next try. */
async function trySealedRow(
  transaction: NotifyDatabase,
  context: NotifyContext,
  keys: PreparedKeys,
  saying: Saying,
  stamp: Stamp,
  removed: readonly RemovedReference[],
): Promise<NewOutboxRow | null> {
  try {
    return await buildSealedRow(transaction, context, keys, saying, stamp, removed);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    const device = joinable(saying.device.registration.registration_id);
    context.log.write('seal_failed', { code: word(error.code), device });
    return null;
  }
}

async function buildSealedRow(
  transaction: NotifyDatabase,
  context: NotifyContext,
  keys: PreparedKeys,
  saying: Saying,
  stamp: Stamp,
  removed: readonly RemovedReference[],
): Promise<NewOutboxRow | null> {
  const { registration, key } = saying.device;
  const prepared = key === null ? null : keys.prepare(registration, key);
  if (key === null || prepared === null) {
    await markLost(transaction, context.log, registration);
    return null;
  }
  const ttlSeconds = key.keep_days * DAY_SECONDS;
  const payload = fitPayload({
    ...saying.body,
    sentAt: stamp.sentAt,
    counter: stamp.counter,
    ttlSeconds,
    unread: saying.unread,
    ...(removed.length > 0 && { removed: removed.map(({ reference }) => reference) }),
  });
  const envelope = sealNotification(context.backend, prepared, payload);
  // What did not fit beside the text rides in the next one.
  const carries = removed.slice(0, payload.removed?.length ?? 0).flatMap(({ outboxIds }) => outboxIds);
  return { ...rowHead(context, saying, stamp, ttlSeconds), envelope, template: null, badge: 0, carries };
}

function buildBareRow(context: NotifyContext, saying: Saying, stamp: Stamp): NewOutboxRow {
  return {
    ...rowHead(context, saying, stamp, BARE_TTL_SECONDS),
    envelope: null,
    template: saying.template,
    badge: Math.min(saying.unread, BADGE_MAX),
    carries: [],
  };
}

function rowHead(
  context: NotifyContext,
  { device: { registration }, ...saying }: Saying,
  stamp: Stamp,
  ttlSeconds: number,
): Omit<NewOutboxRow, 'envelope' | 'template' | 'badge' | 'carries'> {
  const reference: Reference | null = saying.reference === null ? null : parseReferenceKey(saying.reference);
  return {
    eventId: saying.eventId,
    registrationId: registration.registration_id,
    kind: saying.kind,
    reference: saying.reference,
    urgency: saying.urgency,
    collapse: buildCollapse(
      context.backend,
      context.storageKey.collapseKey,
      registration.registration_id,
      registration.kid,
      reference === null ? { sentAt: stamp.sentAt } : { reference },
    ),
    expiresAt: expiresAt(stamp.sentAt, ttlSeconds),
    sentAt: stamp.sentAt,
  };
}
