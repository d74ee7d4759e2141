// Read on one phone, gone from the other; an offline phone gets what the provider kept; a policy that sends nothing to
// phones without a key. All on real processes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { ChatClient } from '../../client-sim/chat-client.ts';
import type { PhoneProcess } from '../../client-sim/stack/phone-process.ts';
import { readProviderRecord } from '../../client-sim/stack/provider-record.ts';
import { Stack } from '../../client-sim/stack/stack.ts';

const SEEN_MS = 20_000;

let folder: string;
let stack: Stack;
let carol: ChatClient;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealed-push-removal-'));
}, 30_000);
afterEach(async () => {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
}, 30_000);

async function start(policy: 'redact' | 'require_e2ee' = 'redact'): Promise<void> {
  stack = new Stack({ folder, policy });
  await stack.start();
  carol = await stack.operator.addUser('carol', 'Carol');
  await stack.operator.addUser('alice', 'Alice');
}

async function startPhones(): Promise<readonly [PhoneProcess, PhoneProcess]> {
  return [
    await stack.startPhone('alice-iphone', 'iphone', await stack.operator.logIn('alice')),
    await stack.startPhone('alice-android', 'android', await stack.operator.logIn('alice')),
  ];
}

function shows(phone: PhoneProcess, reference: number): Promise<unknown> {
  return phone.waitFor((line) => line['event'] === 'shown' && line['reference'] === reference, SEEN_MS);
}

test('a message that is read on one phone disappears from the other', { timeout: 60_000 }, async () => {
  await start();
  const [iphone, android] = await startPhones();
  const read = await carol.send({ direct: ['alice'] }, 'read me');
  const kept = await carol.send({ direct: ['alice'] }, 'keep me');
  await Promise.all([iphone, android].flatMap((phone) => [shows(phone, read), shows(phone, kept)]));
  await android.command('read', { references: [read] });
  await iphone.waitFor(
    (line) => line['event'] === 'removed' && (line['references'] as number[]).includes(read),
    SEEN_MS,
  );
  const { center } = (await iphone.command('state')) as unknown as { center: { reference: number }[] };
  expect(center.map(({ reference }) => reference)).toEqual([kept]);
});

test('an iPhone that was offline gets the newest message, and the others are accounted for as superseded', {
  timeout: 60_000,
}, async () => {
  await start();
  const [iphone, android] = await startPhones();
  await iphone.command('offline');
  const sent: number[] = [];
  for (const text of ['one', 'two', 'three']) {
    const id = await carol.send({ direct: ['alice'] }, text);
    sent.push(id);
    await shows(android, id);
    // Each has reached Apple before the next is written, so that the last is the newest there too.
    await expect.poll(() => outcomes('apns'), { timeout: SEEN_MS }).toHaveLength(1 + sent.length);
  }
  await iphone.command('online');
  await shows(iphone, sent[2] as number);
  expect((await outcomes('apns')).slice(1)).toEqual(['superseded', 'superseded', 'delivered']);
  const shown = iphone.shown.map(({ reference }) => reference);
  expect(shown).toEqual([sent[2]]);
  // The counter tells the app that it missed two, and synchronising brings them without a sound.
  expect(iphone.events.some((line) => line['event'] === 'sync_hint')).toBe(true);
  await iphone.command('sync');
  const { inbox } = (await iphone.command('state')) as unknown as {
    inbox: { reference: number; alerted: number }[];
  };
  expect(inbox.map(({ reference, alerted }) => [reference, alerted]).sort()).toEqual([
    [sent[0], 0],
    [sent[1], 0],
    [sent[2], 1],
  ]);
});

test('where a key is required, a phone without one cannot register and is sent nothing', {
  timeout: 60_000,
}, async () => {
  await start('require_e2ee');
  const bob = await stack.operator.addUser('bob', 'Bob');
  const started = stack.startPhone('bob-phone', 'legacy-android', bob).then(
    () => 'registered',
    () => 'not registered',
  );
  const isRefused = (line: object): boolean => 'code' in line && line.code === 'legacy_refused';
  await expect.poll(() => stack.phones[0]?.events.some(isRefused), { timeout: SEEN_MS }).toBe(true);
  await stack.phones[0]?.stop();
  expect(await started).toBe('not registered');
  await carol.send({ direct: ['bob'] }, 'nothing of this leaves');
  const [, android] = await startPhones();
  await shows(android, await carol.send({ direct: ['alice', 'bob'] }, 'for alice'));
  expect(stack.tap.exchanges.filter(({ path }) => path === '/v1/legacy-notifications')).toEqual([]);
});

/** What became of the pushes to a provider, oldest first. */
async function outcomes(provider: string): Promise<readonly string[]> {
  const record = await readProviderRecord(stack.addresses.devices, stack.agent);
  return record.filter((entry) => entry.provider === provider).map(({ outcome }) => outcome);
}
