// Events: what was recorded in a caller's transaction and is still to be dealt with, in the order of recording.
import { encodeEvent, parseEvent } from './event.ts';
import type { PushEvent } from './push-service.ts';
import type { NotifyDatabase } from './tables.ts';

export interface OpenEvent {
  readonly sequence: number;
  readonly event_id: string;
  /** How many members of the audience are dealt with already. */
  readonly position: number;
}

/** Reads events, and remembers the last one: a large audience takes many chunks, and is parsed once. */
export class EventReader {
  #sequence = -1;
  #event: PushEvent | null = null;

  /** Null for what this version cannot read. */
  async read(transaction: NotifyDatabase, sequence: number): Promise<PushEvent | null> {
    if (sequence === this.#sequence) return this.#event;
    const { body } = await transaction
      .selectFrom('push_events')
      .select('body')
      .where('sequence', '=', sequence)
      .executeTakeFirstOrThrow();
    this.#event = parseEvent(body);
    this.#sequence = sequence;
    return this.#event;
  }
}

/** Records an event; one with the same id changes nothing. @throws InvalidEventError */
export async function writeEvent(transaction: NotifyDatabase, event: PushEvent, now: number): Promise<void> {
  await transaction
    .insertInto('push_events')
    .values({ event_id: event.id, body: encodeEvent(event), position: 0, created_at: now, done_at: null })
    .onConflict((conflict) => conflict.column('event_id').doNothing())
    .execute();
}

/** The oldest event that is not done, after a sequence number. */
export async function readOpenEvent(
  transaction: NotifyDatabase,
  after: number,
): Promise<OpenEvent | undefined> {
  return await transaction
    .selectFrom('push_events')
    .select(['sequence', 'event_id', 'position'])
    .where('done_at', 'is', null)
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirst();
}

/** Remembers how far an event is dealt with. */
export async function advanceEvent(
  transaction: NotifyDatabase,
  sequence: number,
  position: number,
): Promise<void> {
  await transaction.updateTable('push_events').set({ position }).where('sequence', '=', sequence).execute();
}

/** An event is dealt with; its content is not needed any more. One that was taken aside stays as it is. */
export async function endEvent(transaction: NotifyDatabase, sequence: number, now: number): Promise<void> {
  await transaction
    .updateTable('push_events')
    .set({ body: '', done_at: now, state: 'done' })
    .where('sequence', '=', sequence)
    .where('state', '=', 'open')
    .execute();
}
