// An event that cannot be dealt with must not hold up the others (server/notify/failed-events.ts).
import { afterEach, beforeEach, expect, test } from 'vitest';
import { writeChannel } from '../../server/chat/conversations.ts';
import { CHANNEL_MEMBERS_MAX } from '../../server/chat/ids.ts';
import type { ChatTables } from '../../server/chat/tables.ts';
import { EventReader, writeEvent } from '../../server/notify/events.ts';
import { keepHouse } from '../../server/notify/housekeeping.ts';
import type { MessageEvent } from '../../server/notify/push-service.ts';
import { sealEvents } from '../../server/notify/seal-events.ts';
import { DAY, PushField } from './push-field.ts';

let field: PushField;
let reader: EventReader;

beforeEach(async () => {
  field = await PushField.lay();
  reader = new EventReader();
  await field.addDevice('alice');
  await field.addDevice('dora');
});
afterEach(async () => await field.clear());

function message(reference: number, users: readonly string[]): MessageEvent {
  return {
    kind: 'message',
    id: `message:${reference}`,
    reference,
    conversation: { kind: 'direct', id: 1 },
    sender: { user: 'bob', name: 'Bob' },
    text: `message ${reference}`,
    audience: users.map((user) => ({ user, level: 'all', unread: 1 })),
  };
}

async function record(event: MessageEvent): Promise<void> {
  await field.context.database
    .transaction()
    .execute(async (transaction) => await writeEvent(transaction, event, field.now));
}

/** Past the checks of recording, as if an older version had written it. */
async function plant(event: MessageEvent): Promise<void> {
  await field.database
    .insertInto('push_events')
    .values({
      event_id: event.id,
      body: JSON.stringify(event),
      position: 0,
      created_at: field.now,
      done_at: null,
    })
    .execute();
}

/** How often sealing failed until there was nothing left to do. */
async function sealAll(roundsMax = 20): Promise<number> {
  let failures = 0;
  for (let round = 0; round < roundsMax; round += 1) {
    try {
      if (!(await sealEvents(field.context, reader))) return failures;
    } catch {
      failures += 1;
    }
  }
  throw new Error('sealing does not come to an end');
}

const events = async () =>
  await field.database
    .selectFrom('push_events')
    .select(['event_id', 'state', 'body'])
    .orderBy('sequence')
    .execute();
const sealedFor = async () =>
  (await field.database.selectFrom('push_outbox').select('event_id').orderBy('outbox_id').execute()).map(
    ({ event_id }) => event_id,
  );

test('an audience that names a user twice notifies them once', async () => {
  await record(message(1, ['alice', 'alice']));
  await record(message(2, ['dora']));
  expect(await sealAll()).toBe(0);
  expect(await sealedFor()).toEqual(['message:1', 'message:2']);
});

test('an event that throws is taken aside after five failures, with its body, and the others go on', async () => {
  await record(message(1, ['dora']));
  const planted = message(2, ['alice', 'alice']);
  await plant(planted);
  await record(message(3, ['dora']));
  expect(await sealAll()).toBe(5);
  expect(await sealedFor()).toEqual(['message:1', 'message:3']);
  expect((await events()).map(({ state }) => state)).toEqual(['done', 'failed', 'done']);
  expect((await events())[1]?.body).toBe(JSON.stringify(planted));
  expect(field.events).toContain('event_unreadable');
  field.now += 8 * DAY;
  await keepHouse(field.context);
  expect((await events()).map(({ event_id }) => event_id)).toEqual(['message:2']);
  field.now += 28 * DAY;
  field.confirmedDay = Math.floor(field.now / DAY);
  await keepHouse(field.context);
  expect(await events()).toEqual([]);
});

test('the store’s own troubles are no event’s fault', async () => {
  await record(message(1, ['dora']));
  const failing = new EventReader();
  failing.read = async () => {
    throw Object.assign(new Error('disk'), { code: 'SQLITE_FULL' });
  };
  for (let round = 0; round < 7; round += 1) {
    await expect(sealEvents(field.context, failing)).rejects.toThrow('disk');
  }
  expect((await events()).map(({ state }) => state)).toEqual(['open']);
  expect(await sealAll()).toBe(0);
  expect(await sealedFor()).toEqual(['message:1']);
});

test('an event that could not be read later is refused with its caller’s transaction', async () => {
  const users = Array.from({ length: 50_001 }, (_, index) => `user-${index}`);
  await expect(record(message(1, users))).rejects.toThrow('documented form');
  await expect(record({ ...message(2, ['alice']), text: 'a'.repeat(100_001) })).rejects.toThrow();
  expect(await events()).toEqual([]);
});

test('what cannot be read keeps its body', async () => {
  const planted = { ...message(1, ['alice']), id: '' };
  await plant(planted);
  expect(await sealAll()).toBe(0);
  expect(await events()).toEqual([{ event_id: '', state: 'failed', body: JSON.stringify(planted) }]);
});

test('a channel takes no more members than an event may reach', async () => {
  const chat = field.database.$pickTables<keyof ChatTables>();
  const users = Array.from({ length: CHANNEL_MEMBERS_MAX + 1 }, (_, index) => `user-${index}`);
  for (let start = 0; start < users.length; start += 1000) {
    const rows = users.slice(start, start + 1000).map((user_id) => ({ user_id, name: 'A', unread: 0 }));
    await chat.insertInto('chat_users').values(rows).execute();
  }
  await writeChannel(chat, 'all', 'All', users.slice(0, -1));
  await expect(writeChannel(chat, 'all', 'Everybody', users.slice(-1))).rejects.toMatchObject({
    code: 'malformed_request',
  });
  const { name } = await chat.selectFrom('chat_conversations').select('name').executeTakeFirstOrThrow();
  expect(name).toBe('All');
  await writeChannel(chat, 'all', 'Everybody', users.slice(0, 1));
});
