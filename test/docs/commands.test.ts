// Every command in the documents is run: by CI itself, or here as it stands.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { copyTree } from '../support/tree-copy.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const DOCUMENTS = ['README.md', 'CONTRIBUTING.md', 'docs/chat-api.md', 'docs/checking.md'];
const run = promisify(execFile);

/** Commands that CI runs on the clean clone before this test, or that contain this test. */
const RUN_BY_CI = ['npm ci', 'npm test', 'npm run verify', 'npm run check:traceability'];
/** Commands run by this file or by test/scenario/demo.test.ts. */
const RUN_BY_TESTS = [
  'npm run demo',
  'npm run demo -- --messages messages.jsonl',
  'npm run demo -- --json seen.json',
  'npm start',
  'npm run break -- R-RAT-11',
  'npm run vectors',
  'npm run model',
];
/** Commands that take longer than a test run may: they are begun here, and ended once they have been at work for a while. */
const BEGUN_BY_TESTS = ['npm run test:long', 'npm run test:mutation', 'npm run bench -- seal'];
const AT_WORK_MS = 6000;

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
      const known = [...RUN_BY_CI, ...RUN_BY_TESTS, ...BEGUN_BY_TESTS];
      expect(known, `${command} in ${document}`).toContain(command);
    }
  }
  const ci = await readFile(join(ROOT, '.ci/run'), 'utf8');
  expect(ci).toMatch(/^npm ci$/m);
  expect(ci).toMatch(/^npm run verify\b/m);
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  expect(scripts['verify']).toMatch(/&& npm test$/);
  expect(scripts['verify']).toContain('npm run check:traceability');
});

test('what docs/checking.md tells to run says what it says there', { timeout: 120_000 }, async () => {
  const copy = await copyTree();
  const runThere = (command: string) => run('bash', ['-c', command], { cwd: copy.root });
  try {
    const broken = await runThere('npm run -s break -- R-RAT-11');
    expect(broken.stdout).toMatch(/^1 broken, 1 seen, 0 not seen$/m);
    await runThere('npm run -s vectors');
    await run('diff', ['--recursive', join(ROOT, 'test/vectors'), join(copy.root, 'test/vectors')]);
    const model = await runThere('npm run -s model; echo "exit code $?"');
    expect(model.stdout).toMatch(/model not checked[\s\S]*exit code 3|agree with ProVerif[\s\S]*exit code 0/);
  } finally {
    await copy.remove();
  }
});

test.each(BEGUN_BY_TESTS)('%s is at work after a while', { timeout: 60_000 }, async (command) => {
  const copy = await copyTree();
  const started = spawn('bash', ['-c', `exec ${command}`], {
    cwd: copy.root,
    detached: true,
    stdio: 'ignore',
  });
  const ended = new Promise<number | null>((resolve) => started.once('close', resolve));
  try {
    const atWork = new Promise<'at work'>((resolve) => setTimeout(() => resolve('at work'), AT_WORK_MS));
    expect(await Promise.race([ended, atWork])).toBe('at work');
  } finally {
    if (started.pid !== undefined && started.exitCode === null) process.kill(-started.pid, 'SIGKILL');
    await ended;
    await copy.remove();
  }
});

test('every script that a document names is in package.json', async () => {
  const { scripts } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const named = new Set<string>();
  for (const document of await markdownFiles()) {
    const text = await readFile(join(ROOT, document), 'utf8');
    for (const [, script] of text.matchAll(/npm run (?:-s )?([a-z][a-z:-]*)/g)) {
      expect(Object.keys(scripts), `npm run ${script} in ${document}`).toContain(script);
      named.add(script as string);
    }
  }
  expect(named.size).toBeGreaterThan(8);
});

/** Every page of the repository that Git keeps. */
async function markdownFiles(): Promise<readonly string[]> {
  const folders = ['', 'docs', 'docs/adr', 'test/model', 'test/vectors', 'test/mutation'];
  const pages = await Promise.all(
    folders.map(async (folder) =>
      (await readdir(join(ROOT, folder)).catch(() => []))
        .filter((name) => name.endsWith('.md'))
        .map((name) => join(folder, name)),
    ),
  );
  return pages.flat();
}

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
