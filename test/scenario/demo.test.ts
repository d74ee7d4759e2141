// `npm run demo`, as a newcomer runs it, and what its JSON file gives to a program that has never seen our code.
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Ended, runScript } from '../support/run-script.ts';
import { openIndependently, type PublishedKey } from './independent-opener.ts';

const TEXT = 'Lunch at noon? 🍜 The key is under the blue pot.';

interface Push {
  readonly provider: string;
  readonly body: string;
  readonly outcome: string;
}
interface Seen {
  readonly sealed: {
    readonly providers: readonly Push[];
    readonly bouncer: readonly { envelope_bytes: number }[];
  };
  readonly redacted: { readonly providers: readonly Push[] };
  readonly phones: readonly { readonly phone: string; readonly keys?: readonly PublishedKey[] }[];
}

let folder: string;
let ended: Ended;
let seen: Seen;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealed-push-test-'));
  const out = join(folder, 'seen.json');
  ended = await runScript('client-sim/cli/demo.ts', ['--json', out], 60_000);
  seen = JSON.parse(await readFile(out, 'utf8')) as Seen;
}, 70_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

test('the demonstration ends with 0 and says who could read the message', () => {
  expect(ended.stderr).toBe('');
  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain('Only the chat server and Alice’s phones could read it.');
  expect(ended.stdout).toMatch(/alice-iphone\s+showed .*Lunch at noon\?/);
  expect(ended.stdout).toMatch(/alice-android\s+showed .*Lunch at noon\?/);
});

test('a program with another HPKE library opens the envelopes from the JSON file alone', async () => {
  const keys = seen.phones.flatMap((phone) => phone.keys ?? []);
  const envelopes = seen.sealed.providers.map(({ provider, body }) => {
    const parsed = JSON.parse(body) as { e?: string; message?: { data: { e: string } } };
    return provider === 'apns' ? parsed.e : parsed.message?.data.e;
  });
  expect(envelopes).toHaveLength(2);
  for (const envelope of envelopes) {
    const payload = await openIndependently(envelope ?? '', keys);
    const body = payload?.get(5) as ReadonlyMap<number, unknown>;
    expect(body.get(4)).toBe(TEXT);
  }
});

test('the redacted notification has words of its own and nothing of the message', () => {
  expect(seen.redacted.providers).toHaveLength(1);
  const [push] = seen.redacted.providers;
  expect(push?.outcome).toBe('delivered');
  expect(push?.body).not.toMatch(/lunch|carol|pot/i);
  expect(ended.stdout).toMatch(/bob-phone\s+showed/);
});

test('every envelope has the size of the one bucket', () => {
  const sizes = seen.sealed.bouncer.map(({ envelope_bytes }) => envelope_bytes);
  expect(new Set(sizes)).toEqual(new Set([1856 + 1143]));
});
