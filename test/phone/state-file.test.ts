// The state file of a simulated phone (SPEC.md sections 4 and 10): whole at every instant, and a key never lives
// without its replay window.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { runExtension } from '../../client-sim/phone/ios-extension.ts';
import { EMPTY_STATE } from '../../client-sim/phone/state.ts';
import { decodeState, encodeState } from '../../client-sim/phone/state-codec.ts';
import { readStateFile } from '../../client-sim/phone/state-file.ts';
import { apnsAlert, buildTestPhone, message, sealFor, type TestPhone } from './test-phone.ts';

const WRITER = fileURLToPath(new URL('./state-writer.ts', import.meta.url));
const KILLS = 6;
const KILL_STEP_MS = 7;

async function buildUsedPhone(): Promise<TestPhone> {
  const phone = await buildTestPhone();
  await runExtension(
    phone.context,
    apnsAlert(sealFor(phone, message('one'), { removed: [1, Uint8Array.of(2)] })),
  );
  phone.context.file.update((state) => ({
    ...state,
    device: { deviceId: 'd', token: 'aa' },
    trust: [{ bouncerOrigin: 'https://b.example', version: 3, issuedAt: 4, digest: new Uint8Array(32) }],
    revocations: [
      {
        bouncerOrigin: 'https://b.example',
        origin: 'https://c.example',
        attempt: new Uint8Array(16),
        mac: new Uint8Array(32),
      },
    ],
  }));
  await phone.context.file.commit();
  return phone;
}

interface DamagedRegistration {
  origin: string;
  readonly keys: Record<string, unknown>[];
}

/** The file's JSON with one change. */
async function damage(phone: TestPhone, change: (registration: DamagedRegistration) => void): Promise<void> {
  const json = JSON.parse(await readFile(phone.path, 'utf8'));
  change(json.registrations[0]);
  await writeFile(phone.path, JSON.stringify(json));
}

test('what was written is read again, to the byte', async () => {
  const phone = await buildUsedPhone();
  const { state, corrupt, deadKeys } = readStateFile(phone.path);
  expect(state).toEqual(phone.context.file.state);
  expect([corrupt, deadKeys]).toEqual([false, 0]);
});

test('only its owner can read it, and nothing else is left in the folder', async () => {
  const phone = await buildUsedPhone();
  expect((await stat(phone.path)).mode & 0o777).toBe(0o600);
  expect((await readdir(path.dirname(phone.path))).sort()).toEqual(['state.json', 'state.json.lock']);
  expect((await stat(`${phone.path}.lock`)).size).toBe(0);
});

test('an absent file is an empty phone', async () => {
  const phone = await buildTestPhone();
  expect(readStateFile(phone.path)).toMatchObject({ state: EMPTY_STATE, corrupt: false });
});

test.each([
  ['without its window', (key: Record<string, unknown>) => delete key['window']],
  ['with a broken window', (key: Record<string, unknown>) => (key['window'] = { pairs: [{}], floor: null })],
  ['with a window too long', (key: Record<string, unknown>) => (key['window'] = longWindow())],
  ['with a short chain', (key: Record<string, unknown>) => (key['chain'] = 'AAAA')],
  ['of an unknown suite', (key: Record<string, unknown>) => (key['suiteId'] = 0xc0)],
])('a key %s is dead; its registration lives [R-STO-03]', async (_name, change) => {
  const phone = await buildUsedPhone();
  await damage(phone, ({ keys }) => change(keys[0] ?? {}));
  const decoded = readStateFile(phone.path);
  expect(decoded).toMatchObject({ corrupt: false, deadKeys: 1, state: { registrations: [{ keys: [] }] } });
});

test('a registration that is broken is gone, and its keys with it', async () => {
  const phone = await buildUsedPhone();
  await damage(phone, (registration) => {
    registration.origin = 'http://chat.example.org';
  });
  expect(readStateFile(phone.path)).toMatchObject({
    deadRegistrations: 1,
    state: { registrations: [] },
  });
});

test.each(['', '{', 'null', '[]', '{}'])('%j is no state: an empty phone, and it is said', (text) => {
  expect(decodeState(text)).toMatchObject({ corrupt: true, state: EMPTY_STATE });
});

test('every cut of the file is found out', async () => {
  const phone = await buildUsedPhone();
  const text = encodeState(phone.context.file.state);
  for (let length = 0; length < text.length; length += 97) {
    expect(decodeState(text.slice(0, length)).corrupt).toBe(true);
  }
});

test('killed at any instant while it writes, the file is whole and never goes back [R-REC-19]', async () => {
  const phone = await buildUsedPhone();
  let highest = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const writer = spawn(process.execPath, [WRITER, phone.path], { stdio: ['ignore', 'pipe', 'inherit'] });
    let written = 0;
    const begun = Promise.withResolvers<void>();
    writer.stdout.setEncoding('utf8').on('data', (text: string) => {
      written = Number(text.trimEnd().split('\n').at(-1));
      begun.resolve();
    });
    await begun.promise;
    // Each kill comes at another moment of a write.
    await new Promise((resolve) => setTimeout(resolve, kill * KILL_STEP_MS));
    writer.kill('SIGKILL');
    await once(writer, 'close');
    const { state, corrupt } = readStateFile(phone.path);
    expect(corrupt).toBe(false);
    expect(state.clockOffsetMs).toBeGreaterThanOrEqual(written);
    expect(state.clockOffsetMs).toBeGreaterThan(highest);
    highest = state.clockOffsetMs;
  }
});

function longWindow(): unknown {
  const pair = { sentAt: 1, hash: 'A'.repeat(22), identifier: '' };
  return { pairs: Array.from({ length: 257 }, () => pair), floor: null };
}
