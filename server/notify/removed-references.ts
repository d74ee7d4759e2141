// References that were pushed and have been read since (SPEC.md section 9, key 7): they ride in alerts until one that
// carried them is an hour old, because iOS gives no other dependable moment.
import { sql } from 'kysely';
import type { Reference } from '../../protocol/content/field.ts';
import { REMOVED_REFERENCES_MAX } from '../../protocol/wire/limits.ts';
import { parseReferenceKey } from './event.ts';
import type { NotifyDatabase } from './tables.ts';
import { DAY_MILLISECONDS, HOUR_MILLISECONDS } from './time.ts';

export interface RemovedReference {
  /** Of every notification under this reference: an edit comes under that of what it replaces. */
  readonly outboxIds: number[];
  /** As the store keeps it. */
  readonly key: string;
  readonly reference: Reference;
}

/** By registration, the newest first; at most 32 each. */
export async function readRemoved(
  transaction: NotifyDatabase,
  registrationIds: readonly string[],
  now: number,
): Promise<ReadonlyMap<string, readonly RemovedReference[]>> {
  const rows = await transaction
    .selectFrom('push_outbox')
    .innerJoin('push_registrations as r', 'r.registration_id', 'push_outbox.registration_id')
    .innerJoin('push_keys', (join) =>
      join.onRef('push_keys.registration_id', '=', 'r.registration_id').onRef('push_keys.kid', '=', 'r.kid'),
    )
    .select(['push_outbox.outbox_id', 'push_outbox.registration_id', 'push_outbox.reference'])
    .where('push_outbox.registration_id', 'in', registrationIds)
    .where('push_outbox.read_at', 'is not', null)
    .where('push_outbox.state', '=', 'sent')
    .where('push_outbox.reference', 'is not', null)
    .where(sql<boolean>`push_outbox.sent_at > ${now} - push_keys.keep_days * ${DAY_MILLISECONDS}`)
    .where((column) =>
      column.or([
        column('push_outbox.carried_at', 'is', null),
        column('push_outbox.carried_at', '>', now - HOUR_MILLISECONDS),
      ]),
    )
    .orderBy('push_outbox.sent_at', 'desc')
    .execute();
  const removed = new Map<string, RemovedReference[]>();
  for (const { registration_id, outbox_id, reference } of rows) {
    const list = removed.get(registration_id) ?? [];
    const key = reference as string;
    const known = list.find((entry) => entry.key === key);
    if (known !== undefined) known.outboxIds.push(outbox_id);
    else if (list.length < REMOVED_REFERENCES_MAX) {
      list.push({ outboxIds: [outbox_id], key, reference: parseReferenceKey(key) });
    }
    removed.set(registration_id, list);
  }
  return removed;
}
