// The limits of registration, and what is forgotten when, on a store of its own with a clock of its own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { isChallengeAllowed } from '../../bouncer/store/attempts.ts';
import {
  type AttemptTable,
  type BouncerDatabase,
  type HandleTable,
  openDatabase,
} from '../../bouncer/store/database.ts';
import { deleteForgotten, endHandles, readHandle } from '../../bouncer/store/handles.ts';
import { migrate } from '../../bouncer/store/migrations.ts';
import { StorageKey } from '../../bouncer/store/storage-key.ts';
import { ACTIVE_HANDLES_PER_TOKEN_MAX } from '../../protocol/wire/limits.ts';
import type { Credential } from './call.ts';
import { Field } from './field.ts';

const NOW = 1_800_000_000;
const TOKEN = 'token-mac';
let folder: string;
let database: BouncerDatabase;
let rows = 0;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'bouncer-store-'));
  database = openDatabase(join(folder, 'bouncer.sqlite'));
  await migrate(database);
});
afterAll(async () => {
  await database.destroy();
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await database.deleteFrom('attempts').execute();
  await database.deleteFrom('handles').execute();
});

const addAttempt = async (
  changes: Partial<AttemptTable> = {},
  handle: Partial<HandleTable> = {},
): Promise<HandleTable> => {
  rows += 1;
  const id = `row-${rows}`;
  const origin = changes.origin ?? 'https://chat.example';
  const row: HandleTable = {
    handle: id,
    origin,
    kind: 'sealed',
    app_id: 'chat.example.app',
    platform: 'fcm',
    environment: '',
    token: 'sealed',
    token_mac: TOKEN,
    state: 'pending',
    pending_until: NOW + 600,
    activated_at: null,
    gone_since: null,
    used_day: 0,
    attempt: id,
    forget_at: NOW + 90_000,
    ...handle,
  };
  await database.insertInto('handles').values(row).execute();
  await database
    .insertInto('attempts')
    .values({
      origin,
      attempt: id,
      server_id: 'server',
      blob_hash: 'hash',
      handle: id,
      token_mac: TOKEN,
      confirm_key: 'sealed',
      info_hash: 'hash',
      challenge: 'challenge',
      challenged: 1,
      replaces: null,
      created_at: NOW - 10,
      confirmed_at: null,
      forget_at: NOW + 90_000,
      ...changes,
    })
    .execute();
  return row;
};
const isAllowed = (origin = 'https://chat.example', now: number = NOW) =>
  isChallengeAllowed(database, origin, TOKEN, now);

test('five an hour per origin and token; an hour later there is room again [R-LIM-01]', async () => {
  for (let i = 0; i < 5; i += 1) {
    expect(await isAllowed(), `${i} before`).toBe(true);
    await addAttempt();
  }
  expect(await isAllowed()).toBe(false);
  expect(await isAllowed('https://other.example')).toBe(true);
  expect(await isChallengeAllowed(database, 'https://chat.example', 'another token', NOW)).toBe(true);
  expect(await isAllowed('https://chat.example', NOW + 3_600)).toBe(true);
});

test('what was confirmed, or never pushed, does not count', async () => {
  for (let i = 0; i < 6; i += 1) await addAttempt({ confirmed_at: NOW });
  for (let i = 0; i < 6; i += 1) await addAttempt({ challenged: 0 });
  expect(await isAllowed()).toBe(true);
});

test('thirty a day per token over all origins without an active handle there [R-LIM-02]', async () => {
  for (let i = 0; i < 30; i += 1) {
    expect(await isAllowed('https://new.example'), `${i} before`).toBe(true);
    await addAttempt({ origin: `https://chat-${i}.example`, created_at: NOW - 80_000 });
  }
  expect(await isAllowed('https://new.example')).toBe(false);
  // An origin with an active handle is held to its own five only, and its attempts do not count for others.
  await addAttempt({ origin: 'https://chat-3.example', confirmed_at: NOW }, { state: 'active' });
  expect(await isAllowed('https://chat-3.example')).toBe(true);
  expect(await isAllowed('https://new.example')).toBe(true);
  expect(await isAllowed('https://yet-another.example', NOW + 7_000)).toBe(true);
});

test('ended rows are forgotten after their time, active ones never', async () => {
  const pending = await addAttempt();
  const active = await addAttempt(
    { confirmed_at: NOW, forget_at: null },
    { state: 'active', forget_at: null },
  );
  const gone = await addAttempt({}, { state: 'active', forget_at: null });
  await endHandles(database, [gone], NOW, NOW);
  await deleteForgotten(database, NOW + 89_999);
  expect(await readHandle(database, pending.handle)).not.toBeNull();
  await deleteForgotten(database, NOW + 90_000);
  expect(await readHandle(database, pending.handle)).toBeNull();
  expect((await readHandle(database, gone.handle))?.gone_since).toBe(NOW);
  await deleteForgotten(database, NOW + 30 * 86_400);
  expect(await readHandle(database, gone.handle)).toBeNull();
  expect(await readHandle(database, active.handle)).not.toBeNull();
  expect(await database.selectFrom('attempts').select('attempt').execute()).toEqual([
    { attempt: active.attempt },
  ]);
});

test('a stored value opens under its own key, column and row only', () => {
  const key = new StorageKey(new Uint8Array(32).fill(1));
  const token = new Uint8Array([1, 2, 3]);
  const sealed = key.seal('push token', 'row', token);
  expect(key.open('push token', 'row', sealed)).toEqual(token);
  expect(key.open('push token', 'another row', sealed)).toBeNull();
  expect(key.open('confirm key', 'row', sealed)).toBeNull();
  expect(new StorageKey(new Uint8Array(32).fill(2)).open('push token', 'row', sealed)).toBeNull();
  expect(key.open('push token', 'row', `B${sealed.slice(1)}`)).toBeNull();
  expect(key.open('push token', 'row', 'AAAA')).toBeNull();
  expect(key.seal('push token', 'row', token)).not.toBe(sealed);
  expect(key.tokenMac('fcm', token)).toBe(key.tokenMac('fcm', token));
  expect(key.tokenMac('apns', token)).not.toBe(key.tokenMac('fcm', token));
});

test('64 active handles of one origin and token; the one longest unused lapses as gone [R-HND-11]', async () => {
  const field = await Field.prepare();
  try {
    const chat: Credential = await field.enrol('https://chat.example');
    await field.start();
    const device = await field.install('fcm');
    const register = async () => (await field.register(chat, device)).handle;
    const handles: string[] = [];
    for (let i = 0; i < 3; i += 1) {
      handles.push(await register());
      field.advance(1);
    }
    while (handles.length < ACTIVE_HANDLES_PER_TOKEN_MAX) {
      // At most five wait for their confirmation at a time.
      const count = Math.min(5, ACTIVE_HANDLES_PER_TOKEN_MAX - handles.length);
      handles.push(...(await Promise.all(Array.from({ length: count }, register))));
    }
    field.advance(86_400);
    // The second is used on the next day, so that the third is the longest unused after the first.
    await field.notify(chat, [field.item(handles[1] as string)]);
    handles.push(await register(), await register());
    const results = (await field.notify(
      chat,
      handles.map((handle) => field.item(handle)),
    )) as { status: string }[];
    const gone = results.flatMap(({ status }, i) => (status === 'gone' ? [i] : []));
    expect(gone).toEqual([0, 2]);
  } finally {
    await field.close();
  }
});
