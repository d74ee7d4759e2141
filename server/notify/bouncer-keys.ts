// The bouncer's signed list of keys, relayed (SPEC.md section 6). The server cannot choose a key: apps verify the
// signature. It is kept in the store, so that a restart without the bouncer still answers.
import { type SignedKeyList, signedKeyListSchema } from '../../protocol/wire/bouncer-api.ts';
import type { NotifyContext } from './context.ts';
import { HOUR_MILLISECONDS, SECOND_MILLISECONDS } from './time.ts';

const REFRESH_MILLISECONDS = HOUR_MILLISECONDS;
const RETRY_MILLISECONDS: number = 5 * SECOND_MILLISECONDS;

export class BouncerKeys {
  readonly #context: NotifyContext;
  #list: SignedKeyList | null = null;

  constructor(context: NotifyContext) {
    this.#context = context;
  }

  /** The newest list that was fetched, or null if none ever was. */
  get list(): SignedKeyList | null {
    return this.#list;
  }

  /** What was fetched before the restart. */
  async restore(): Promise<void> {
    const row = await this.#context.database
      .selectFrom('push_facts')
      .select('value')
      .where('name', '=', 'bouncer_keys')
      .executeTakeFirst();
    if (row !== undefined) this.#list = signedKeyListSchema.parse(JSON.parse(row.value));
  }

  /** A loop's step. */
  async refresh(): Promise<number> {
    const { bouncer, database, log, random } = this.#context;
    const reply = await bouncer.fetchKeyList();
    if (reply.kind !== 'answer') {
      log.write('bouncer_keys_unavailable', { known: this.#list !== null });
      return RETRY_MILLISECONDS * (1 + random());
    }
    if (reply.body.bytes !== this.#list?.bytes) {
      const value = JSON.stringify(reply.body);
      await database
        .insertInto('push_facts')
        .values({ name: 'bouncer_keys', value })
        .onConflict((conflict) => conflict.column('name').doUpdateSet({ value }))
        .execute();
      log.write('bouncer_keys_fetched', {});
    }
    this.#list = reply.body;
    return REFRESH_MILLISECONDS;
  }
}
