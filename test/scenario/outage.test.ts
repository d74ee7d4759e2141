// The bouncer is away while far more is written for one phone than its replay window holds: all of it arrives, in a burst,
// and each message sounds once.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { countShown, expectAlertedOnce, type Scene, startScene } from './scene.ts';

const MESSAGES = 700;
const SENDERS = 4;
const DELIVERY_MS = 120_000;

let scene: Scene;
beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.end(), 60_000);

test(`${MESSAGES} messages to one user during an outage of the bouncer are all shown, each once with a sound`, {
  timeout: 200_000,
}, async () => {
  const { stack, carol, phones } = scene;
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
    await expect.poll(() => countShown(phone), { timeout: DELIVERY_MS, interval: 200 }).toBe(MESSAGES);
    await expectAlertedOnce(phone, accepted);
  }
});
