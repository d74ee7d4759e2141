// Batches for the bouncer: at most 1,000 items, the items of one event shuffled and spread over the batches that are
// possible. It makes the order say less; it is no protection against a bouncer that counts (SPEC.md section 14).
import { NOTIFICATIONS_PER_REQUEST_MAX } from '../../protocol/wire/limits.ts';
import type { DueRow } from './outbox.ts';

/** Fewer items than this are not worth a request of their own. */
const ITEMS_PER_REQUEST_MIN = 100;

export interface Batch {
  readonly route: 'sealed' | 'bare';
  readonly rows: readonly DueRow[];
}

/**
 * At most `batchesMax` batches of at most `itemsMax` items; each is for one route. Rows come with the longest waiting
 * first; `random` is in [0, 1).
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
      const ofRoute = rows.filter((row) => routeOf(row) === route);
      return deal(ofRoute, batchesMax, limit, random).map((dealt) => ({ route, rows: dealt }));
    })
    .slice(0, batchesMax);
}

function routeOf(row: DueRow): Batch['route'] {
  return row.envelope === null ? 'bare' : 'sealed';
}

function deal(
  rows: readonly DueRow[],
  batchesMax: number,
  itemsMax: number,
  random: () => number,
): readonly DueRow[][] {
  const wanted = Math.max(Math.ceil(rows.length / ITEMS_PER_REQUEST_MIN), Math.ceil(rows.length / itemsMax));
  const count = Math.min(wanted, batchesMax);
  const batches: DueRow[][] = Array.from({ length: count }, () => []);
  // Sorted by event, then dealt like cards: each batch gets its share of every event.
  const sorted = shuffle(rows, random).sort((a, b) => compare(a.event_id, b.event_id));
  for (const [index, row] of sorted.slice(0, count * itemsMax).entries()) batches[index % count]?.push(row);
  return batches.map((batch) => shuffle(batch, random));
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
