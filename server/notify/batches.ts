// Batches for the bouncer: at most 1,000 items, the items of one event shuffled and spread over the batches that are
// possible. It makes the order say less; it is no protection against a bouncer that counts (SPEC.md section 17).
// What is for one device stays together and in order: a phone's replay window reaches back 256 pairs only.
import { NOTIFICATIONS_PER_REQUEST_MAX, REPLAY_WINDOW_PAIRS } from '../../protocol/wire/limits.ts';
import type { DueRow } from './outbox.ts';

/** Fewer items than this are not worth a request of their own. */
const ITEMS_PER_REQUEST_MIN = 100;
/** Of one device at once: what is answered `retry` may be overtaken by the rest of its batch, never by a whole window. */
const ITEMS_PER_DEVICE_MAX: number = REPLAY_WINDOW_PAIRS / 2;

export interface Batch {
  readonly route: 'sealed' | 'bare';
  readonly rows: readonly DueRow[];
}

/** The rows of one device, in the order in which they were sealed. */
type Lane = readonly DueRow[];

/**
 * At most `batchesMax` batches of at most `itemsMax` items; each is for one route, and no device is in two of them. Rows
 * come with the longest waiting first; what finds no room waits. `random` is in [0, 1).
 */
export function buildBatches(
  rows: readonly DueRow[],
  batchesMax: number,
  itemsMax: number,
  random: () => number,
): readonly Batch[] {
  const limit = Math.min(itemsMax, NOTIFICATIONS_PER_REQUEST_MAX);
  // The route of the row that waits longest comes first, so that neither starves the other.
  const routes = new Set(rows.map(routeOf));
  return [...routes]
    .flatMap((route) => {
      const lanes = buildLanes(rows.filter((row) => routeOf(row) === route));
      return deal(lanes, batchesMax, limit, random).map((dealt) => ({ route, rows: dealt }));
    })
    .slice(0, batchesMax);
}

function routeOf(row: DueRow): Batch['route'] {
  return row.envelope === null ? 'bare' : 'sealed';
}

function buildLanes(rows: readonly DueRow[]): readonly Lane[] {
  const byDevice = new Map<string, DueRow[]>();
  for (const row of rows) {
    const lane = byDevice.get(row.registration_id);
    if (lane === undefined) byDevice.set(row.registration_id, [row]);
    else lane.push(row);
  }
  return [...byDevice.values()].map((lane) =>
    lane.sort((a, b) => a.outbox_id - b.outbox_id).slice(0, ITEMS_PER_DEVICE_MAX),
  );
}

function deal(
  lanes: readonly Lane[],
  batchesMax: number,
  itemsMax: number,
  random: () => number,
): readonly DueRow[][] {
  const items = lanes.reduce((sum, lane) => sum + lane.length, 0);
  const wanted = Math.max(Math.ceil(items / ITEMS_PER_REQUEST_MIN), Math.ceil(items / itemsMax));
  const count = Math.min(wanted, batchesMax, lanes.length);
  const batches: Lane[][] = Array.from({ length: count }, () => []);
  // Sorted by event, then dealt like cards: each batch gets its share of every event.
  const sorted = shuffle(lanes, random).sort((a, b) => compare(eventOf(a), eventOf(b)));
  for (const [index, lane] of sorted.entries()) batches[index % count]?.push(lane);
  return batches.map((batch) => shuffle(batch, random).flat().slice(0, itemsMax));
}

function eventOf(lane: Lane): string {
  return lane[0]?.event_id ?? '';
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** Fisher and Yates. */
function shuffle<Item>(items: readonly Item[], random: () => number): Item[] {
  const shuffled = [...items];
  for (let i = shuffled.length - 1; i > 0; i -= 1) {
    const j = Math.floor(random() * (i + 1));
    const item = shuffled[i] as Item;
    shuffled[i] = shuffled[j] as Item;
    shuffled[j] = item;
  }
  return shuffled;
}
