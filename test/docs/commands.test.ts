// Every command in the documents is run: by CI itself, or here as it stands.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'docs/chat-api.md'];
const run = promisify(execFile);

/** Commands that CI runs on the clean clone before this test, or that contain this test. */
const RUN_BY_CI = ['npm ci', 'npm test', 'npm run verify'];
/** Commands run by this file or by test/scenario/demo.test.ts. */
const RUN_BY_TESTS = [
  'npm run demo',
  'npm run demo -- --messages messages.jsonl',
  'npm run demo -- --json seen.json',
  'npm start',
];

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sealed-push-docs-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** The `npm` commands of the indented and fenced blocks, without comments. */
async function commandsOf(document: string): Promise<readonly string[]> {
  const text = await readFile(join(ROOT, document), 'utf8');
  const blocks = text.match(/^( {4}.*|```(?:sh|bash)\n[\s\S]*?```)$/gm) ?? [];
  return blocks
    .flatMap((block) => block.split('\n'))
    .flatMap((line) => line.replace(/\s#.*$/, '').split('&&'))
    .map((command) => command.trim())
    .filter((command) => command.startsWith('npm '));
}

test('every npm command of the documents is one that is run', async () => {
  for (const document of DOCUMENTS) {
    for (const command of await commandsOf(document)) {
      expect([...RUN_BY_CI, ...RUN_BY_TESTS], `${command} in ${document}`).toContain(command);
    }
  }
  const ci = await readFile(join(ROOT, '.ci/run'), 'utf8');
  expect(ci).toMatch(/^npm ci$/m);
  expect(ci).toMatch(/^npm run verify\b/m);
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  expect(scripts['verify']).toMatch(/&& npm test$/);
});

test('the README’s messages are sent by the README’s command', { timeout: 60_000 }, async () => {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const [, messages] = readme.match(/```json\n([\s\S]*?)```/) ?? [];
  const file = join(folder, 'messages.jsonl');
  await writeFile(file, messages ?? '');
  const { stdout } = await run('npm', ['run', 'demo', '--', '--messages', file], { cwd: ROOT });
  expect(stdout).toMatch(/^sent\s+3 messages/m);
  expect(stdout).toMatch(/^failed\s+0$/m);
});

test('npm start leaves everything running, and the command that it prints sends a message', {
  timeout: 60_000,
}, async () => {
  const started = spawn('npm', ['start'], { cwd: ROOT, detached: true });
  try {
    const printed = await readUntil(started.stdout, 'Stop everything with Ctrl-C.');
    const [command] = printed.match(/^ {2}curl [\s\S]*?messages$/m) ?? [];
    const { stdout } = await run('bash', ['-c', command ?? 'false']);
    expect(JSON.parse(stdout)).toEqual({ message_id: 1 });
    const [, logs] = printed.match(/^ {2}logs\s+(\S+)$/m) ?? [];
    await expect
      .poll(() => readFile(join(logs ?? '', 'alice-iphone.log'), 'utf8'), { timeout: 10_000 })
      .toMatch(/"event":"shown".*Hello/);
  } finally {
    // The whole group, as Ctrl-C in a terminal does.
    if (started.pid !== undefined) process.kill(-started.pid, 'SIGINT');
  }
  await new Promise((resolve) => started.once('close', resolve));
});

function readUntil(stream: NodeJS.ReadableStream, end: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString('utf8');
      if (text.includes(end)) resolve(text);
    });
    stream.once('end', () => reject(new Error(`it ended early: ${text}`)));
  });
}
