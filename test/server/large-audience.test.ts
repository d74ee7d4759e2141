// What a large audience costs, counted in work and not in time: a chunk looks at many members and seals for few devices.
import type { KyselyPlugin } from 'kysely';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { NotifyContext } from '../../server/notify/context.ts';
import { EventReader, writeEvent } from '../../server/notify/events.ts';
import { registerLegacy } from '../../server/notify/legacy-registrations.ts';
import { sealEvents } from '../../server/notify/seal-events.ts';
import { APP_ID } from './field.ts';
import { id } from './phone.ts';
import { PushField } from './push-field.ts';

let field: PushField;
let context: NotifyContext;
/** The queries that were made, as text of what they ask. */
let queries: string[];

beforeEach(async () => {
  field = await PushField.lay();
  queries = [];
  const counter: KyselyPlugin = {
    transformQuery: ({ node }) => {
      queries.push(JSON.stringify(node, (key, value) => (key === 'value' ? undefined : value)));
      return node;
    },
    transformResult: async ({ result }) => result,
  };
  context = { ...field.context, database: field.context.database.withPlugin(counter) };
});
afterEach(async () => await field.clear());

async function record(users: readonly string[]): Promise<void> {
  await field.context.database.transaction().execute(async (transaction) => {
    await writeEvent(
      transaction,
      {
        kind: 'message',
        id: 'message:1',
        reference: 1,
        conversation: { kind: 'channel', id: 1, name: 'all', topic: 'news' },
        sender: { user: 'bob', name: 'Bob' },
        text: '@all',
        audience: users.map((user) => ({ user, level: 'mentions', mention: 'all', unread: 1 })),
      },
      field.now,
    );
  });
}

/** How many devices each chunk sealed for. */
async function sealAll(): Promise<number[]> {
  const reader = new EventReader();
  const chunks: number[] = [];
  const sealed = async () =>
    Number(
      (
        await field.database
          .selectFrom('push_outbox')
          .select((column) => column.fn.countAll().as('count'))
          .executeTakeFirstOrThrow()
      ).count,
    );
  let before = 0;
  for (let more = true; more; ) {
    more = await sealEvents(context, reader);
    const after = await sealed();
    chunks.push(after - before);
    before = after;
  }
  return chunks;
}

async function addBare(user: string): Promise<void> {
  const app = { registration_id: id(16), app_id: APP_ID, platform: 'fcm', environment: '' } as const;
  await registerLegacy(field.context, { user, session: `session-${user}` }, { ...app, token: id(32) });
}

test('20,000 members with three devices: read and parsed once, some 20 chunks, few queries in each', async () => {
  const users = Array.from({ length: 20_000 }, (_, index) => `user-${index}`);
  for (const index of [0, 9999, 19_999]) await field.addDevice(`user-${index}`);
  await record(users);
  const chunks = await sealAll();
  expect(chunks.length).toBeLessThanOrEqual(21);
  expect(chunks.reduce((sum, count) => sum + count)).toBe(3);
  expect(queries.filter((query) => query.includes('"body"') && query.includes('SelectQuery')).length).toBe(1);
  expect(queries.length).toBeLessThan(10 * chunks.length);
});

test('where everybody has devices, a chunk stays small, and its queries are fewer than its devices', async () => {
  const users = Array.from({ length: 61 }, (_, index) => `user-${index}`);
  for (const user of users) await addBare(user);
  await record(users);
  const chunks = await sealAll();
  expect(chunks.filter((count) => count > 0)).toEqual([24, 24, 13]);
  expect(queries.length).toBeLessThan(15 * chunks.length);
  const rows = await field.database.selectFrom('push_outbox').select('registration_id').execute();
  expect(new Set(rows.map(({ registration_id }) => registration_id)).size).toBe(61);
});
