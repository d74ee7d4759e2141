// Delivery: from the outbox to the bouncer (SPEC.md section 13), in batches, a few requests at a time. The bouncer
// answers after the provider has; what is `retry` or unanswered is sent again with the same bytes until it expires.
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import type {
  LegacyNotificationItem,
  NotificationItem,
  NotificationResult,
  Template,
} from '../../protocol/wire/bouncer-api.ts';
import { NOTIFICATIONS_PER_REQUEST_MAX } from '../../protocol/wire/limits.ts';
import { errorFields } from '../log/content-free.ts';
import { BOUNCER_CAP_SECONDS, backoffMilliseconds } from './backoff.ts';
import { type Batch, buildBatches } from './batches.ts';
import type { Reply } from './bouncer-client.ts';
import type { NotifyContext } from './context.ts';
import {
  claimRows,
  type DueRow,
  endRows,
  expireRows,
  postponeRows,
  readDue,
  readNextDue,
  releaseClaims,
} from './outbox.ts';
import { isJump } from './ratchet-job.ts';
import { writeResults } from './results.ts';
import { MINUTE_MILLISECONDS, SECOND_MILLISECONDS } from './time.ts';

const REQUESTS_MAX = 4;
/** Longer than a request may take: what is in flight is not picked up a second time. */
const LEASE_MILLISECONDS: number = 2 * MINUTE_MILLISECONDS;
const IDLE_MILLISECONDS: number = SECOND_MILLISECONDS;
/** Less is what clocks do when they are set right. */
const SET_BACK_MILLISECONDS_MIN: number = MINUTE_MILLISECONDS;

/** Refusals of the whole request that a smaller request may escape. */
const REQUEST_REFUSALS: ReadonlySet<string> = new Set([
  'malformed_request',
  'malformed_json',
  'body_too_large',
]);

export class Delivery {
  readonly #context: NotifyContext;
  readonly #wake: () => void;
  readonly #inFlight = new Set<Promise<void>>();
  #itemsMax: number = NOTIFICATIONS_PER_REQUEST_MAX;
  /** Requests without an answer since the last one with an answer. */
  #failures = 0;
  /** Unix ms; until then the bouncer is left alone. */
  #pausedUntil = 0;
  /** Unix ms of the last run. */
  #lastRun = 0;

  /** `wake` is called when a request ends. */
  constructor(context: NotifyContext, wake: () => void) {
    this.#context = context;
    this.#wake = wake;
  }

  /** A loop's step: sends what is due, as far as there are free requests. */
  async run(): Promise<number> {
    const { database, log, now, random } = this.#context;
    await this.#heedClock();
    // A clock that is days ahead must not end what waits: the bouncer refuses what is really late.
    const expired = (await isJump(database, now())) ? 0 : await expireRows(database, now());
    if (expired > 0) log.write('items_expired', { items: expired });
    if (this.#pausedUntil > now()) return Math.min(IDLE_MILLISECONDS, this.#pausedUntil - now());
    // While the bouncer does not answer, one request at a time asks whether it does again.
    const free = (this.#failures > 0 ? 1 : REQUESTS_MAX) - this.#inFlight.size;
    if (free <= 0) return IDLE_MILLISECONDS;
    const due = await readDue(database, now(), free * this.#itemsMax);
    const unreachable = due.filter(({ handle }) => handle === null);
    await endRows(
      database,
      unreachable.map(({ outbox_id }) => outbox_id),
      'gone',
    );
    const reachable = due.filter(({ handle }) => handle !== null);
    const batches = buildBatches(reachable, free, this.#itemsMax, random);
    for (const batch of batches) {
      await claimRows(
        database,
        batch.rows.map(({ outbox_id }) => outbox_id),
        now() + LEASE_MILLISECONDS,
      );
      this.#start(batch);
    }
    if (due.length > 0) return 0;
    const next = await readNextDue(database, now());
    return next === null ? IDLE_MILLISECONDS : Math.min(IDLE_MILLISECONDS, Math.max(1, next - now()));
  }

  /** A clock that was set back would make everything wait that waits for a time: it is due now. */
  async #heedClock(): Promise<void> {
    const { database, log, now } = this.#context;
    const setBack = this.#lastRun - now();
    this.#lastRun = now();
    if (setBack < SET_BACK_MILLISECONDS_MIN) return;
    log.write('clock_set_back', { seconds: Math.round(setBack / SECOND_MILLISECONDS) });
    this.#pausedUntil = 0;
    await this.drain();
    await releaseClaims(database, now());
  }

  /** Waits for what is in flight. */
  async drain(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  #start(batch: Batch): void {
    const sending = this.#send(batch)
      .catch((error: unknown) => this.#context.log.write('job_failed', errorFields(error)))
      .finally(() => {
        this.#inFlight.delete(sending);
        this.#wake();
      });
    this.#inFlight.add(sending);
  }

  async #send({ route, rows }: Batch): Promise<void> {
    const { bouncer } = this.#context;
    const reply =
      route === 'sealed'
        ? await bouncer.notify(rows.map(sealedItem))
        : await bouncer.notifyLegacy(rows.map(bareItem));
    if (reply.kind === 'answer') {
      this.#failures = 0;
      this.#itemsMax = Math.min(this.#itemsMax * 2, NOTIFICATIONS_PER_REQUEST_MAX);
      await writeResults(this.#context, rows, reply.body);
    } else {
      await this.#postpone(rows, reply);
    }
  }

  /** The request failed as a whole: nothing is known of any item, so all of them are tried again. */
  async #postpone(
    rows: readonly DueRow[],
    reply: Exclude<Reply<readonly NotificationResult[]>, { kind: 'answer' }>,
  ): Promise<void> {
    const { database, log, now, random } = this.#context;
    const ids = rows.map(({ outbox_id }) => outbox_id);
    const asked = reply.kind === 'problem' ? (reply.retryAfterSeconds ?? 0) : 0;
    if (reply.kind === 'problem') {
      log.write('batch_refused', {
        items: rows.length,
        http_status: reply.status,
        retry_after_seconds: asked,
      });
      if (REQUEST_REFUSALS.has(reply.code)) {
        if (rows.length === 1) return await endRows(database, ids, 'refused');
        this.#itemsMax = Math.max(1, Math.floor(rows.length / 2));
      }
    } else {
      log.write('batch_unanswered', { items: rows.length, ...errorFields(reply.error) });
    }
    this.#failures += 1;
    const wait = backoffMilliseconds(this.#failures, asked, BOUNCER_CAP_SECONDS, random());
    this.#pausedUntil = Math.max(this.#pausedUntil, now() + wait);
    await postponeRows(database, ids, now() + asked * SECOND_MILLISECONDS);
  }
}

function sealedItem(row: DueRow): NotificationItem {
  return {
    handle: row.handle as string,
    envelope: encodeBase64url(row.envelope as Uint8Array),
    urgency: row.urgency,
    expires_at: row.expires_at,
    collapse: row.collapse,
  };
}

function bareItem(row: DueRow): LegacyNotificationItem {
  return {
    handle: row.handle as string,
    template: row.template as Template,
    badge: row.badge,
    expires_at: row.expires_at,
    collapse: row.collapse,
  };
}
