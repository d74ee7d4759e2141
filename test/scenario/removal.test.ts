// Read on one phone, gone from the other; an offline phone gets what the provider kept; a policy that sends nothing to
// phones without a key. All on real processes.
import { afterEach, expect, test } from 'vitest';
import type { PhoneProcess } from '../../client-sim/stack/phone-process.ts';
import { readProviderRecord } from '../../client-sim/stack/provider-record.ts';
import { type Scene, startScene } from './scene.ts';

const SEEN_MS = 20_000;

let scene: Scene;
afterEach(() => scene.end(), 30_000);

function shows(phone: PhoneProcess, reference: number): Promise<unknown> {
  return phone.waitFor((line) => line['event'] === 'shown' && line['reference'] === reference, SEEN_MS);
}

test('a message that is read on one phone disappears from the other', { timeout: 60_000 }, async () => {
  scene = await startScene();
  const { carol, iphone, android } = scene;
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
  scene = await startScene();
  const { carol, iphone, android } = scene;
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
  scene = await startScene('require_e2ee');
  const { stack, carol, android } = scene;
  const started = stack
    .startPhone('bob-phone', 'legacy-android', await stack.operator.addUser('bob', 'Bob'))
    .then(
      () => 'registered',
      () => 'not registered',
    );
  const bobsPhone = (): PhoneProcess | undefined => stack.phones.find(({ name }) => name === 'bob-phone');
  const isRefused = (line: object): boolean => 'code' in line && line.code === 'legacy_refused';
  await expect.poll(() => bobsPhone()?.events.some(isRefused), { timeout: SEEN_MS }).toBe(true);
  await bobsPhone()?.stop();
  expect(await started).toBe('not registered');
  await shows(android, await carol.send({ direct: ['alice', 'bob'] }, 'for alice'));
  expect(stack.tap.exchanges.filter(({ path }) => path === '/v1/legacy-notifications')).toEqual([]);
});

/** What became of the pushes to a provider, oldest first. */
async function outcomes(provider: string): Promise<readonly string[]> {
  const record = await readProviderRecord(scene.stack.addresses.devices, scene.stack.agent);
  return record.filter((entry) => entry.provider === provider).map(({ outcome }) => outcome);
}
