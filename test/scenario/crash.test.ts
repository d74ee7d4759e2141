// kill -9 of the chat server and of the bouncer at random instants with many notifications in flight: what was accepted
// is shown once on every phone, and sounds once.
import { fetch } from 'undici';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readProviderRecord } from '../../client-sim/stack/provider-record.ts';
import { countShown, expectAlertedOnce, type Scene, startScene } from './scene.ts';

const ROUNDS = 10;
const IN_FLIGHT_MIN = 50;
const IN_FLIGHT_MORE = 40;
const MESSAGES_PER_ROUND = 60;
const SENDERS = 6;
/** While a round runs, the providers are slow, so that much is in flight before the first answer comes. */
const PROVIDER_LATENCY_MS = 1500;
const KILL_WITHIN_MS = 800;
const FILL_MS = 30_000;
const DELIVERY_MS = 60_000;
const RETRY_MS = 50;

let scene: Scene;
/** Message id → text, of every message whose POST was answered with a 2xx. */
const accepted = new Map<number, string>();
let written = 0;

beforeAll(async () => {
  scene = await startScene();
}, 60_000);
afterAll(() => scene.end(), 60_000);

/** Writes until the server has accepted it: the same id every time, as an app does. */
async function write(text: string, clientMessageId: string): Promise<void> {
  for (;;) {
    try {
      accepted.set(await scene.carol.send({ direct: ['alice'] }, text, clientMessageId), text);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }
}

/** Several people write at once, at least so many messages, and on and on until enough was in flight. */
async function writeUntil(done: () => boolean): Promise<void> {
  const wanted = written + MESSAGES_PER_ROUND;
  const deadline = Date.now() + FILL_MS;
  const writeSome = async (): Promise<void> => {
    while (written < wanted || (!done() && Date.now() < deadline)) {
      written += 1;
      const text = `message ${written}`;
      await write(text, text);
    }
  };
  await Promise.all(Array.from({ length: SENDERS }, writeSome));
}

/** Accepted and not yet shown, over both phones. */
function inFlightFromServer(): number {
  return scene.phones.reduce((sum, phone) => sum + accepted.size - countShown(phone), 0);
}

/** Handed to the bouncer and not yet answered. */
function inFlightInBouncer(): number {
  return scene.stack.tap.exchanges
    .filter(({ path, open }) => open && path === '/v1/notifications')
    .reduce(
      (sum, { body }) => sum + (JSON.parse(body) as { notifications: unknown[] }).notifications.length,
      0,
    );
}

/** Apple takes what it gets and answers late, Google takes it late: one is where things come twice, one where they are lost. */
async function slowProviders(): Promise<void> {
  const faults = [
    { provider: 'apns', latency_ms: PROVIDER_LATENCY_MS },
    { provider: 'fcm', hold_ms: PROVIDER_LATENCY_MS },
  ];
  for (const fault of faults) {
    const answer = await fetch(`${scene.stack.addresses.devices}/control/faults`, {
      method: 'POST',
      dispatcher: scene.stack.agent,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...fault, times: 1_000_000 }),
    });
    expect(answer.status).toBe(201);
  }
}

async function quickProviders(): Promise<void> {
  const options = { method: 'DELETE', dispatcher: scene.stack.agent };
  expect((await fetch(`${scene.stack.addresses.devices}/control/faults`, options)).status).toBe(204);
}

async function until(condition: () => boolean, timeoutMs: number): Promise<boolean> {
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; ) {
    if (condition()) return true;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  return condition();
}

/** A random instant at which enough is in flight; how many that is. */
async function waitForInstant(count: () => number): Promise<number> {
  const enough = IN_FLIGHT_MIN + Math.floor(Math.random() * IN_FLIGHT_MORE);
  for (const deadline = Date.now() + FILL_MS; Date.now() < deadline; ) {
    await until(() => count() >= enough, FILL_MS);
    await new Promise((resolve) => setTimeout(resolve, Math.random() * KILL_WITHIN_MS));
    if (count() >= IN_FLIGHT_MIN) break;
  }
  return count();
}

async function killRound(victim: 'server' | 'bouncer'): Promise<{ inFlight: number; readyMs: number }> {
  const count = victim === 'server' ? inFlightFromServer : inFlightInBouncer;
  await slowProviders();
  let reached = false;
  const writing = writeUntil(() => reached);
  const inFlight = await waitForInstant(count);
  reached = true;
  const killing = scene.stack.child(victim).kill();
  const killed = Date.now();
  await killing;
  if (victim === 'server') await scene.stack.startServer();
  else await scene.stack.startBouncer();
  const readyMs = Date.now() - killed;
  await quickProviders();
  await writing;
  return { inFlight, readyMs };
}

async function expectAllShownOnce(): Promise<void> {
  await until(() => scene.phones.every((phone) => countShown(phone) >= accepted.size), DELIVERY_MS);
  const record = await readProviderRecord(scene.stack.addresses.devices, scene.stack.agent);
  // The phones are online all the time: what a provider took, it handed over.
  expect(record.filter(({ provider, outcome }) => provider !== 'oauth' && outcome !== 'delivered')).toEqual(
    [],
  );
  for (const phone of scene.phones) await expectAlertedOnce(phone, accepted);
}

describe.each(['server', 'bouncer'] as const)('kill -9 of the %s', (victim) => {
  test(`${ROUNDS} times with at least ${IN_FLIGHT_MIN} in flight loses nothing and alerts nothing twice`, {
    timeout: 400_000,
  }, async () => {
    for (let round = 1; round <= ROUNDS; round += 1) {
      const { inFlight, readyMs } = await killRound(victim);
      process.stdout.write(
        `kill -9 of the ${victim}, round ${round}: ${inFlight} in flight, ready again after ${readyMs} ms\n`,
      );
      expect(inFlight).toBeGreaterThanOrEqual(IN_FLIGHT_MIN);
      await expectAllShownOnce();
    }
  });
});
