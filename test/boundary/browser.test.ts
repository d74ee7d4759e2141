// The library runs where there is no Node: only backend-native.ts may know it. The compiler is asked, with a browser's
// types instead of Node's, and both guards are shown to notice what they should.
import { execFile } from 'node:child_process';
import { glob, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyTree, type TreeCopy } from '../support/tree-copy.ts';
import { importClosure } from './import-closure.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const NATIVE = 'protocol/crypto/backend-native.ts';
const BROWSER_TYPES = { types: [], lib: ['es2024', 'esnext.iterator', 'dom'] };
const NO_OUTPUT = { composite: false, declaration: true, emitDeclarationOnly: false, noEmit: true };
const run = promisify(execFile);

let tree: TreeCopy;
beforeAll(async () => {
  tree = await copyTree();
});
afterAll(async () => {
  await tree.remove();
});

/** Every file of the library but the native backend. */
async function portableFiles(): Promise<string[]> {
  const files: string[] = [];
  for await (const path of glob('protocol/**/*.ts', { cwd: tree.root })) files.push(path);
  return files.filter((path) => path !== NATIVE).sort();
}

/** What the compiler says of those files where nothing is known of Node; empty if it is content. */
async function complaints(): Promise<string> {
  const config = {
    extends: './tsconfig.base.json',
    compilerOptions: { ...BROWSER_TYPES, ...NO_OUTPUT },
    files: await portableFiles(),
  };
  await tree.write('tsconfig.browser.json', JSON.stringify(config));
  const tsc = join(ROOT, 'node_modules/.bin/tsc');
  return run(tsc, ['-p', 'tsconfig.browser.json'], { cwd: tree.root }).then(
    ({ stdout }) => stdout,
    ({ stdout }: { stdout: string }) => stdout,
  );
}

/** Files of the library that reach Node: by importing a module of its own, or the native backend. */
async function reachingNode(): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await portableFiles()) {
    for (const reached of await importClosure(tree.root, entry)) {
      const text = await readFile(join(tree.root, reached), 'utf8');
      if (reached === NATIVE || /\b(?:from|import|require)\b[^;\n]*['"]node:/.test(text)) {
        found.push(`${entry} reaches ${reached}`);
      }
    }
  }
  return found;
}

test('the whole library but the native backend compiles without a word of Node', async () => {
  expect((await portableFiles()).length).toBeGreaterThan(40);
  expect(await complaints()).toBe('');
  expect(await reachingNode()).toEqual([]);
});

describe('a planted breach is seen', () => {
  test('what Node alone has', async () => {
    const breaches = [
      ['Buffer', 'export const breach: unknown = Buffer.alloc(1);'],
      ['process', 'export const breach: unknown = process.env;'],
      ['setImmediate', 'export const breach: unknown = setImmediate;'],
      ['__dirname', 'export const breach: unknown = __dirname;'],
      ['node:crypto', "import { hash } from 'node:crypto';\nexport const breach: unknown = hash;"],
      ['os', "import { EOL } from 'os';\nexport const breach: unknown = EOL;"],
    ] as const;
    const files = breaches.map(([name]) => `protocol/wire/breach-${name.replace(':', '-')}.ts`);
    for (const [i, [, text]] of breaches.entries()) await tree.write(files[i] as string, `${text}\n`);
    try {
      const seen = (await complaints()).split('\n');
      for (const [i, [name]] of breaches.entries()) {
        const line = seen.find((text) => text.startsWith(files[i] as string));
        expect(line, name).toContain(`'${name}'`);
      }
      expect(await reachingNode()).toEqual([expect.stringContaining('breach-node-crypto.ts reaches')]);
    } finally {
      for (const file of files) await tree.write(file, 'export {};\n');
    }
  });

  test('the native backend, through a file in between', async () => {
    await tree.write('protocol/crypto/between.ts', "export { nativeBackend } from './backend-native.ts';\n");
    await tree.write('protocol/content/breach.ts', "export { nativeBackend } from '../crypto/between.ts';\n");
    try {
      expect(await reachingNode()).toContain(`protocol/content/breach.ts reaches ${NATIVE}`);
    } finally {
      await tree.write('protocol/crypto/between.ts', 'export {};\n');
      await tree.write('protocol/content/breach.ts', 'export {};\n');
    }
  });
});
