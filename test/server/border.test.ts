// The border inside the server: the chat reaches the push side through one interface, and the push side knows nothing
// of the chat, so that it can be adopted without it.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';

const SERVER = resolve(import.meta.dirname, '../../server');
const IMPORT = /(?:from|import)\s*\(?\s*'([^']+)'/g;

/** Files below a folder of the server that a file below another one imports, by importing file. */
function crossings(from: string, to: string): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const entry of readdirSync(join(SERVER, from), { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    const targets = [...readFileSync(file, 'utf8').matchAll(IMPORT)]
      .map(([, path]) => path as string)
      .filter((path) => path.startsWith('.'))
      .map((path) => resolve(entry.parentPath, path))
      .filter((path) => path.startsWith(`${join(SERVER, to)}/`))
      .map((path) => path.slice(SERVER.length + 1));
    if (targets.length > 0) found.set(file.slice(SERVER.length + 1), targets);
  }
  return found;
}

test('the chat imports nothing of the push side but its interface', () => {
  const targets = new Set([...crossings('chat', 'notify').values()].flat());
  expect([...targets]).toEqual(['notify/push-service.ts']);
});

test('the chat does not reach the push side around it', () => {
  const outside = [...crossings('chat', '.').values()].flat().filter((path) => !path.startsWith('chat/'));
  expect([...new Set(outside)].sort()).toEqual(['credentials.ts', 'notify/push-service.ts']);
});

test('the push side imports nothing of the chat, nor of what is built around both', () => {
  expect(crossings('notify', 'chat')).toEqual(new Map());
  const outside = [...crossings('notify', '.').values()].flat().filter((path) => !path.startsWith('notify/'));
  expect([...new Set(outside)].sort()).toEqual(['log/content-free.ts', 'log/log.ts']);
});

test('the interface itself depends on nothing of ours', () => {
  expect(crossings('notify', '.').get('notify/push-service.ts')).toBeUndefined();
});
