// The bouncer is away while far more is written for one phone than its replay window holds: all of it arrives, in a burst,
// and each message sounds once.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Stack } from '../../client-sim/stack/stack.ts';

const MESSAGES = 700;
const SENDERS = 4;
const DELIVERY_MS = 120_000;

let folder: string;
let stack: Stack;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealed-push-outage-'));
  stack = new Stack({ folder });
  await stack.start();
}, 60_000);
afterAll(async () => {
  await stack.stop();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

test(`${MESSAGES} messages to one user during an outage of the bouncer are all shown, each once with a sound`, {
  timeout: 200_000,
}, async () => {
  const carol = await stack.operator.addUser('carol', 'Carol');
  await stack.operator.addUser('alice', 'Alice');
  const phones = [
    await stack.startPhone('alice-iphone', 'iphone', await stack.operator.logIn('alice')),
    await stack.startPhone('alice-android', 'android', await stack.operator.logIn('alice')),
  ];
  await stack.child('bouncer').kill();
  const waiting = Array.from({ length: MESSAGES }, (_, index) => `message ${index}`);
  const accepted = new Map<number, string>();
  const writeSome = async (): Promise<void> => {
    for (let text = waiting.shift(); text !== undefined; text = waiting.shift()) {
      accepted.set(await carol.send({ direct: ['alice'] }, text), text);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, writeSome));
  await stack.startBouncer();
  for (const phone of phones) {
    await expect
      .poll(() => new Set(phone.shown.map(({ reference }) => reference)).size, {
        timeout: DELIVERY_MS,
        interval: 200,
      })
      .toBe(MESSAGES);
    const state = await phone.command('state', { keys: false });
    const inbox = state['inbox'] as { reference: number; text: string; alerted: number }[];
    expect(new Map(inbox.map(({ reference, text }) => [reference, text]))).toEqual(accepted);
    expect(inbox.filter(({ alerted }) => alerted !== 1)).toEqual([]);
  }
});
