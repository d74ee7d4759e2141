// App and extension are two processes on one state (SPEC.md section 10.5): a short lock, re-read inside it, forward only,
// by rename, and nothing derived meanwhile. Either may be killed at any moment.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { renameSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { holdLock } from '../../client-sim/phone/file-lock.ts';
import { receiveOnIphone } from '../../client-sim/phone/ios-app.ts';
import { runExtension } from '../../client-sim/phone/ios-extension.ts';
import { addKey, moveKey } from '../../client-sim/phone/keyring.ts';
import { updateRegistration } from '../../client-sim/phone/state.ts';
import { encodeState } from '../../client-sim/phone/state-codec.ts';
import { openStateFile, readStateFile } from '../../client-sim/phone/state-file.ts';
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import {
  apnsAlert,
  apnsBackground,
  buildTestPhone,
  KEEP_DAYS,
  makeTestKey,
  message,
  sealFor,
  type TestPhone,
} from './test-phone.ts';

const WORKER = fileURLToPath(new URL('./race-worker.ts', import.meta.url));
const ENVELOPES = 40;
const KILLS = 6;
const KILL_LINES = 5;
const KILL_STEP_MS = 2;
const TEST_MS = 60_000;

type Role = 'app' | 'extension';

/** Envelopes one after the other, each under the epoch that `epochOf` says. */
async function writeEnvelopes(phone: TestPhone, epochOf: (index: number) => number): Promise<string> {
  await phone.context.file.commit();
  const file = path.join(path.dirname(phone.path), 'envelopes.json');
  const envelopes = Array.from({ length: ENVELOPES }, (_, index) =>
    sealFor(
      phone,
      message(`m${index}`, { reference: index }),
      { sentAt: phone.clock.nowMs() + index, counter: index + 1 },
      { epoch: epochOf(index) },
    ),
  );
  await writeFile(file, JSON.stringify(envelopes.map(encodeBase64url)));
  return file;
}

/** A process at work; `killAfter` lines, and some time, it is killed, at whatever it does then. */
async function work(
  phone: TestPhone,
  role: Role,
  envelopes: string,
  killAfter = ENVELOPES,
  delayMs = 0,
): Promise<string[]> {
  const worker = spawn(process.execPath, [WORKER, role, phone.path, envelopes], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  worker.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    if (text.split('\n').length <= killAfter || killAfter >= ENVELOPES) return;
    setTimeout(() => worker.kill('SIGKILL'), delayMs);
  });
  await once(worker, 'close');
  return text.split('\n').slice(0, -1);
}

function countSounds(lines: readonly string[]): readonly number[] {
  return Array.from(
    { length: ENVELOPES },
    (_, index) => lines.filter((line) => line === `${index} sound`).length,
  );
}

test(
  'app and extension take in the same envelopes at once: each sounds once, and nothing is lost',
  async () => {
    const phone = await buildTestPhone();
    const envelopes = await writeEnvelopes(phone, () => 0);
    const lines = await Promise.all([work(phone, 'app', envelopes), work(phone, 'extension', envelopes)]);
    expect(countSounds(lines.flat())).toEqual(Array.from({ length: ENVELOPES }, () => 1));
    expect(lines.flat()).toHaveLength(2 * ENVELOPES);
    const { state } = readStateFile(phone.path);
    expect(state.registrations[0]?.keys[0]).toMatchObject({ counter: ENVELOPES, missing: 0 });
    expect(state.registrations[0]?.keys[0]?.window.pairs).toHaveLength(ENVELOPES);
    expect(state.inbox).toHaveLength(ENVELOPES);
    expect(state.inbox.every(({ alerted }) => alerted === 1)).toBe(true);
  },
  TEST_MS,
);

test.each<readonly [Role, Role]>([
  ['app', 'extension'],
  ['extension', 'app'],
])(
  'the %s is killed while the %s goes on: no lock is left behind, and nothing sounds twice',
  async (killed, other) => {
    const phone = await buildTestPhone();
    const envelopes = await writeEnvelopes(phone, () => 0);
    const [before, during] = await Promise.all([
      work(phone, killed, envelopes, 7),
      work(phone, other, envelopes),
    ]);
    expect(before.length).toBeLessThan(ENVELOPES);
    expect(during).toHaveLength(ENVELOPES);
    const after = await work(phone, killed, envelopes);
    const sounds = countSounds([...before, ...during, ...after]);
    // What was killed between writing and sounding stays silent: it is in the inbox, and never alerts twice.
    expect(Math.max(...sounds)).toBe(1);
    expect(sounds.filter((count) => count === 0).length).toBeLessThanOrEqual(1);
    const { state, corrupt } = readStateFile(phone.path);
    expect(corrupt).toBe(false);
    expect(state.registrations[0]?.keys[0]?.window.pairs).toHaveLength(ENVELOPES);
  },
  TEST_MS,
);

test(
  'killed at any moment, the chain is never ahead of the window nor behind it: they are one writing [R-REC-18]',
  async () => {
    const phone = await buildTestPhone();
    const envelopes = await writeEnvelopes(phone, (index) => index);
    const start = phone.clock.nowMs();
    for (let kill = 1; kill <= KILLS; kill += 1) {
      // Each kill comes at another moment of a writing.
      await work(phone, 'extension', envelopes, kill * KILL_LINES, kill * KILL_STEP_MS);
      const [key] = readStateFile(phone.path).state.registrations[0]?.keys ?? [];
      const newest = (key?.window.pairs.at(-1)?.sentAt ?? start) - start;
      expect(key?.window.pairs).toHaveLength(newest + 1);
      expect(key?.epoch).toBe(Math.max(0, newest - KEEP_DAYS - 1));
    }
  },
  TEST_MS,
);

/** The same state as the other process has it, read at some time before. */
async function buildOther(phone: TestPhone): Promise<TestPhone> {
  await phone.context.file.commit();
  const { file } = await openStateFile(phone.path);
  const events: TestPhone['events'] = [];
  const context = {
    ...phone.context,
    file,
    emit: (event: TestPhone['events'][number]) => void events.push(event),
  };
  return { ...phone, context, events };
}

test('who has an old state in memory neither takes the chain back nor forgets what the other saw [R-REC-19]', async () => {
  const app = await buildTestPhone();
  const extension = await buildOther(app);
  await runExtension(extension.context, apnsAlert(sealFor(app, message('today'), {}, { epoch: 10 })));
  // The app says what a status told it, from its memory of before.
  const { registrationId } = app.registration;
  app.context.file.update((state) =>
    updateRegistration({ ...state, clockOffsetMs: 5 }, registrationId, (registration) =>
      moveKey(addKey(registration, makeTestKey()), { ...app.key, epoch: 2 }),
    ),
  );
  await app.context.file.commit();
  const { state } = readStateFile(app.path);
  expect(state).toEqual(app.context.file.state);
  expect(state.clockOffsetMs).toBe(5);
  expect(state.inbox).toMatchObject([{ text: 'today' }]);
  expect(state.registrations[0]?.keys).toMatchObject([
    { epoch: 10 - KEEP_DAYS - 1, counter: 1, window: { pairs: [{ identifier: 'collapse-7' }] } },
    { registered: false },
  ]);
});

test('an envelope under a key that the other process has just made is opened', async () => {
  const extension = await buildTestPhone();
  const app = await buildOther(extension);
  const fresh = makeTestKey();
  app.context.file.update((state) =>
    updateRegistration(state, app.registration.registrationId, (registration) => addKey(registration, fresh)),
  );
  await app.context.file.commit();
  await runExtension(extension.context, apnsAlert(sealFor({ ...extension, key: fresh }, message('new key'))));
  expect(extension.events).toMatchObject([{ event: 'shown', body: 'new key' }]);
});

test('a verdict is given again inside the lock: what the other process took in meanwhile is a replay', async () => {
  const app = await buildTestPhone();
  const extension = await buildOther(app);
  const envelope = sealFor(app, message('once'));
  let shown: Promise<void> = Promise.resolve();
  await holdLock(`${app.path}.lock`, async () => {
    // Both have opened it, and both wait for the lock.
    shown = Promise.all([
      runExtension(extension.context, apnsAlert(envelope)),
      receiveOnIphone(app.context, apnsBackground(envelope)),
    ]).then(() => undefined);
  });
  await shown;
  const sounds = [...app.events, ...extension.events].filter(
    (event) => event.event === 'shown' && event.sound,
  );
  expect(sounds).toHaveLength(1);
});

test('nothing is opened or derived while the lock is held [R-REC-20]', async () => {
  const app = await buildTestPhone();
  const extension = await buildOther(app);
  const whileLocked: string[] = [];
  const watched = new Proxy(nativeBackend, {
    get(backend, name: keyof CryptoBackend) {
      if (isLocked(`${app.path}.lock`)) whileLocked.push(name);
      return backend[name];
    },
  });
  const opened = runExtension(
    { ...extension.context, backend: watched },
    apnsAlert(sealFor(app, message('x'), {}, { epoch: 9 })),
  );
  // It has opened and not taken the lock yet. The app has written meanwhile: the change is made anew inside the lock.
  writeFileSync(`${app.path}.other`, encodeState({ ...app.context.file.state, clockOffsetMs: 1 }));
  renameSync(`${app.path}.other`, app.path);
  await opened;
  expect(extension.events).toMatchObject([{ event: 'shown', sound: true }]);
  expect(whileLocked).toEqual([]);
  expect(readStateFile(app.path).state).toMatchObject({
    clockOffsetMs: 1,
    registrations: [{ keys: [{ epoch: 5 }] }],
  });
});

function isLocked(lock: string): boolean {
  const database = new Database(lock, { timeout: 0 });
  try {
    database.exec('BEGIN EXCLUSIVE');
    return false;
  } catch {
    return true;
  } finally {
    database.close();
  }
}
