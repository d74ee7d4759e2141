// A thousand messages: each one shown on each phone, or listed under exactly one reason why not.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runScript } from '../support/run-script.ts';
import { messagesFile } from './many-scripts.ts';

const MESSAGES = 1000;
const BUCKETS = new Set([512, 1024, 1856, 2944].map((bucket) => bucket + 55));
const FCM_DATA_BYTES_MAX = 4000;
const APNS_BODY_BYTES_MAX = 4096;

interface Seen {
  readonly run: {
    readonly sent: number;
    readonly refused: number;
    readonly tally: Readonly<
      Record<'shown' | 'truncated' | 'superseded' | 'expired' | 'gone' | 'failed', number>
    >;
    readonly envelopeBytes: readonly number[];
  };
  readonly provider_requests: readonly { readonly provider: string; readonly body: string }[];
  readonly phones: readonly {
    readonly phone: string;
    readonly inbox: readonly { readonly text: string; readonly title: string; readonly body: string }[];
  }[];
}

function manyReaders(count: number): string {
  const direct = Array.from({ length: count }, (_, index) => `reader-${index}`);
  return JSON.stringify({ sender: 'carol', conversation: { direct }, text: 'hello' });
}

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealed-push-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test('a file of 1,000 messages in many scripts is accounted for, message by message', {
  timeout: 240_000,
}, async () => {
  const file = join(folder, 'messages.jsonl');
  const out = join(folder, 'seen.json');
  await writeFile(file, messagesFile(MESSAGES));
  const ended = await runScript('client-sim/cli/demo.ts', ['--messages', file, '--json', out], 220_000);
  process.stdout.write(ended.stdout);
  expect(ended.stderr).toBe('');
  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain('10 of the texts were searched for: none outside');

  const { run, provider_requests, phones } = JSON.parse(await readFile(out, 'utf8')) as Seen;
  expect(run.sent).toBe(MESSAGES);
  const { shown, superseded, expired, gone, failed } = run.tally;
  // By turns to alice, to alice and bob, and to the channel, where the one of carol and dave who did not write reads too.
  const toBob = MESSAGES - Math.ceil(MESSAGES / 3);
  const inChannel = Math.floor(MESSAGES / 3);
  expect(failed).toBe(0);
  expect(shown + superseded + expired + gone).toBe(2 * MESSAGES + toBob + inChannel);
  expect(run.tally.truncated).toBeGreaterThan(0);
  for (const size of run.envelopeBytes) expect(BUCKETS).toContain(size);
  for (const { provider, body } of provider_requests) {
    if (provider === 'apns') expect(Buffer.byteLength(body)).toBeLessThanOrEqual(APNS_BODY_BYTES_MAX);
    if (provider === 'fcm') {
      const { data } = (JSON.parse(body) as { message: { data: Record<string, string> } }).message;
      const bytes = Object.entries(data).reduce(
        (sum, [key, value]) => sum + Buffer.byteLength(key + value),
        0,
      );
      expect(bytes).toBeLessThanOrEqual(FCM_DATA_BYTES_MAX);
    }
  }
  const empty =
    phones.find(({ phone }) => phone === 'alice-iphone')?.inbox.filter(({ text }) => text === '') ?? [];
  expect(empty.length).toBe(MESSAGES / 25);
  // An empty text still shows who wrote, and where.
  for (const { title, body } of empty) expect(`${title}${body}`.trim()).not.toBe('');
});

describe('a file that is not of the shape', () => {
  test.each([
    ['not JSON', 'hello\n', 'line 1 is not JSON'],
    ['an unknown field', '{"sender":"carol","conversation":"alice","text":"","extra":1}\n', 'line 1'],
    [
      'a text that is too long',
      `{"sender":"carol","conversation":"alice","text":"${'x'.repeat(20_001)}"}\n`,
      'text',
    ],
    ['no messages', '\n\n', 'has no messages'],
    ['more readers than there are phones for', manyReaders(13), 'the messages go to 13 users'],
  ])('with %s ends with 2 and says which line', { timeout: 30_000 }, async (_, content, said) => {
    const file = join(folder, 'bad.jsonl');
    await writeFile(file, content);
    const ended = await runScript('client-sim/cli/demo.ts', ['--messages', file], 20_000);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(said);
  });
});
