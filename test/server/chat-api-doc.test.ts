// docs/chat-api.md is true: its blocks are one script, which is run as it stands against a real server, on another port.
// Below each call stands what it answers.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const DOCUMENT = readFileSync(join(ROOT, 'docs/chat-api.md'), 'utf8');
const SCRIPT = [...DOCUMENT.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].map(([, block]) => block).join('');
const RUN_MILLISECONDS_MAX = 30_000;

test('every call of the document answers what stands below it', { timeout: 40_000 }, async () => {
  const { code, stdout, stderr } = await runScript(SCRIPT.replaceAll('8480', String(await freePort())));
  const expected = SCRIPT.split('\n').filter((line) => line.startsWith('# '));
  expect(timeless(stdout), stderr).toEqual(timeless(expected.map((line) => line.slice(2)).join('\n')));
  expect(expected.length).toBeGreaterThan(9);
  expect(code).toBe(0);
});

test('every route of the document has an example, and every example is a call with its answer', () => {
  const named = new Set(
    [...DOCUMENT.matchAll(/`(GET|POST|PUT|DELETE) (\/v1\/chat[a-z/{}]*)/g)].map(([, method, path]) =>
      `${method} ${path}`.replace('{channel}', 'garden').replace('{user}', 'bob'),
    ),
  );
  const called = new Set(
    [...SCRIPT.matchAll(/\bcall ([A-Z]+) '?(\/v1\/chat[a-z/]*)/g)].map(
      ([, method, path]) => `${method} ${path}`,
    ),
  );
  expect([...called].sort()).toEqual([...named].sort());
  expect(DOCUMENT.replaceAll(/^```sh\n[\s\S]*?^```$/gm, '')).not.toMatch(/^( {4}\S|```)/m);
});

test('documents that the server\u2019s comments name exist', () => {
  const files = readdirSync(join(ROOT, 'server'), { recursive: true, encoding: 'utf8' });
  const named = files
    .filter((name) => name.endsWith('.ts'))
    .flatMap(
      (name) => readFileSync(join(ROOT, 'server', name), 'utf8').match(/\bdocs\/[a-z0-9/-]+(\.md)?/g) ?? [],
    );
  expect(named.length).toBeGreaterThan(5);
  for (const name of new Set(named)) expect(existsSync(join(ROOT, name)), name).toBe(true);
});

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** With job control, as in a terminal. */
async function runScript(script: string): Promise<Ran> {
  const guarded = `set -em\ntrap 'exit 1' TERM\ntrap 'kill -KILL %1 2>/dev/null || true' EXIT\n${script}`;
  const child = spawn('bash', ['-c', guarded], { cwd: ROOT });
  const chunks = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (chunks.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (chunks.stderr += chunk.toString()));
  const timer = setTimeout(() => child.kill('SIGTERM'), RUN_MILLISECONDS_MAX);
  // Until the server too has let go of the streams, the script is not at its end.
  const code = await new Promise<number | null>((done) => child.once('close', done));
  clearTimeout(timer);
  return { code, ...chunks };
}

/** The times are those of the run. */
function timeless(text: string): string {
  return text.trim().replaceAll(/"sent_at":\d{13}/g, '"sent_at":0');
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}
