// A batch of notifications on its way (SPEC.md section 13): notify request → token → provider payload → provider →
// result. Nothing of it is stored; the answer comes after the provider's.
import type { NotificationResult, Refusal } from '../../protocol/wire/bouncer-api.ts';
import { configured, errorCode, errorPlace, joinable } from '../log/content-free.ts';
import type { Log } from '../log/log.ts';
import type { ProviderDirectory } from '../providers/directory.ts';
import { MISCONFIGURED_SECONDS, type ProviderResult } from '../providers/provider.ts';
import type { HandleTable } from '../store/database.ts';
import {
  type GoneHandle,
  readHandles,
  startOfDay,
  unixDay,
  writeGone,
  writeUsedDay,
} from '../store/handles.ts';
import type { Store } from '../store/open-store.ts';
import type { Caller } from '../store/servers.ts';
import type { LegacyBudget } from './legacy-budget.ts';
import type { Order, ParseOrder } from './order.ts';

export interface BatchParts {
  readonly store: Store;
  readonly providers: ProviderDirectory;
  readonly legacyBudget: LegacyBudget;
  readonly log: Log;
  /** Unix milliseconds. */
  readonly now: () => number;
}

/** What became of one item, and what it says of its handle. */
interface Delivery {
  readonly result: NotificationResult;
  readonly used?: string;
  readonly gone?: GoneHandle;
}

/** After a fault of ours. */
const INTERNAL_RETRY_SECONDS = 30;

/** Results in the order of the items. One bad item never fails the others. */
export async function sendBatch(
  parts: BatchParts,
  caller: Caller,
  items: readonly unknown[],
  parse: ParseOrder,
): Promise<readonly NotificationResult[]> {
  const nowSeconds = Math.floor(parts.now() / 1000);
  const orders = items.map((item) => parse(item, nowSeconds));
  const wanted = orders.flatMap((order) => (typeof order === 'string' ? [] : [order.handle]));
  const rows = await readHandles(parts.store.database, [...new Set(wanted)]);
  const deliveries = await Promise.all(
    orders.map(async (order): Promise<Delivery> => {
      if (typeof order === 'string') return refused(order);
      return await deliver(parts, caller, order, rows.get(order.handle), nowSeconds);
    }),
  );
  await writeAftermath(parts, deliveries, rows);
  return deliveries.map((delivery) => delivery.result);
}

async function deliver(
  parts: BatchParts,
  caller: Caller,
  order: Order,
  row: HandleTable | undefined,
  nowSeconds: number,
): Promise<Delivery> {
  if (row === undefined || row.origin !== caller.origin) return refused('unknown_handle');
  if (row.kind !== order.kind) return refused('wrong_route');
  if (row.state === 'ended' && row.gone_since !== null) return goneSince(row.gone_since);
  if (row.state !== 'active' || row.activated_at === null) return refused('unknown_handle');
  const provider = parts.providers.find(row.app_id, row.platform, row.environment);
  if (provider === null) {
    // The handle was made when the app was served: its block is missing from the configuration.
    parts.log('app_not_configured', { app: configured(row.app_id) });
    return retry(MISCONFIGURED_SECONDS);
  }
  if (order.kind === 'bare') {
    const waitSeconds = parts.legacyBudget.take(row.origin, row.token_mac, nowSeconds);
    if (waitSeconds > 0) return { result: { status: 'retry', after_seconds: waitSeconds } };
  }
  const token = parts.store.storageKey.open('push token', row.handle, row.token);
  if (token === null) {
    parts.log('stored_value_unreadable', { handle: joinable(row.handle) });
    return retry(INTERNAL_RETRY_SECONDS);
  }
  const { content, urgency, expiresAt, collapse } = order;
  try {
    const push = { token, content, urgency, expiresAt, collapse, registeredAt: row.activated_at };
    return asDelivery(await provider.push(push), row);
  } catch (error) {
    parts.log('internal_error', { code: errorCode(error), place: errorPlace(error) });
    return retry(INTERNAL_RETRY_SECONDS);
  }
}

function asDelivery(result: ProviderResult, row: HandleTable): Delivery {
  switch (result.status) {
    case 'accepted':
      return { result: { status: 'accepted' }, used: row.handle };
    case 'retry':
      return retry(result.afterSeconds);
    case 'refused':
      return refused(result.code);
    case 'gone': {
      const since = startOfDay(result.since);
      return { ...goneSince(since), gone: { row, since } };
    }
  }
}

/** The device has what was accepted, whatever happens here: a fault of the store must not make the server send twice. */
async function writeAftermath(
  parts: BatchParts,
  deliveries: readonly Delivery[],
  rows: ReadonlyMap<string, HandleTable>,
): Promise<void> {
  const nowSeconds = Math.floor(parts.now() / 1000);
  const today = unixDay(nowSeconds);
  const used = deliveries.flatMap(({ used: handle }) =>
    handle !== undefined && (rows.get(handle)?.used_day ?? today) < today ? [handle] : [],
  );
  const gone = deliveries.flatMap((delivery) => delivery.gone ?? []);
  try {
    await writeGone(parts.store.database, gone, nowSeconds);
    await writeUsedDay(parts.store.database, used, today);
  } catch (error) {
    parts.log('internal_error', { code: errorCode(error), place: errorPlace(error) });
  }
}

function goneSince(since: number): Delivery {
  return { result: { status: 'gone', since } };
}

function refused(code: Refusal): Delivery {
  return { result: { status: 'refused', code } };
}

function retry(afterSeconds: number): Delivery {
  return { result: { status: 'retry', after_seconds: afterSeconds } };
}
