// A page in headless Chromium: served from loopback, it posts what it found, and is closed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The first of the usual names that the PATH has, or null. */
export function findChromium(): string | null {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable) ?? null;
}

/** What a page with this script posts to /results; `files` are served beside it, by path. */
export async function runInChromium(
  chromium: string,
  script: string,
  files: Readonly<Record<string, string>>,
  timeoutMs: number,
): Promise<unknown> {
  const served: Record<string, readonly [type: string, body: string]> = {
    '/': ['text/html', '<!doctype html><script type="module" src="/page.js"></script>'],
    '/page.js': ['text/javascript', script],
  };
  for (const [path, body] of Object.entries(files)) served[path] = ['application/json', body];
  const posted = Promise.withResolvers<string>();
  const server = createServer(async (request, response) => {
    if (request.url === '/results') posted.resolve(await bodyOf(request));
    const [type, body] = served[request.url ?? ''] ?? ['text/plain', ''];
    response.writeHead(200, { 'content-type': type }).end(body);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const profile = await mkdtemp(join(tmpdir(), 'sealed-push-chromium-'));
  const flags = ['--headless', '--disable-gpu', '--no-first-run', '--disable-dev-shm-usage'];
  // Chromium refuses to sandbox itself as root, which is what it runs as in most containers.
  if (process.getuid?.() === 0) flags.push('--no-sandbox');
  const browser = spawn(chromium, [...flags, `--user-data-dir=${profile}`, `http://127.0.0.1:${port}/`], {
    stdio: 'ignore',
  });
  const exited = once(browser, 'exit');
  const timer = setTimeout(() => posted.reject(new Error('the page posted nothing in time')), timeoutMs);
  browser.once('exit', (code) => posted.reject(new Error(`chromium ended with ${code}`)));
  try {
    return JSON.parse(await posted.promise);
  } finally {
    clearTimeout(timer);
    browser.kill('SIGKILL');
    await exited;
    server.closeAllConnections();
    server.close();
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
