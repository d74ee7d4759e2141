// A copy of the sources in a temporary folder, for tests that change a line and watch what notices it.
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT: string = resolve(import.meta.dirname, '../..');
const COPIED = [
  'protocol',
  'server',
  'bouncer',
  'client-sim',
  'test',
  'docs',
  'SPEC.md',
  'README.md',
  'biome.json',
  'package.json',
  'tsconfig.json',
  'tsconfig.base.json',
  'vitest.config.ts',
  'vitest.long.config.ts',
  'vitest.mutation.config.ts',
  'stryker.config.json',
  '.gitignore',
] as const;

/** A copied tree; `remove` it when done. */
export interface TreeCopy {
  readonly root: string;
  write(path: string, text: string): Promise<void>;
  /** Replaces one piece of text that must occur exactly once. */
  change(path: string, before: string, after: string): Promise<void>;
  remove(): Promise<void>;
}

export async function copyTree(): Promise<TreeCopy> {
  const root = await mkdtemp(join(tmpdir(), 'sealed-push-tree-'));
  for (const name of COPIED) await cp(join(ROOT, name), join(root, name), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  return {
    root,
    write: (path, text) => writeFile(join(root, path), text),
    async change(path, before, after) {
      const text = await readFile(join(root, path), 'utf8');
      if (text.split(before).length !== 2) throw new Error(`${path} has not exactly one: ${before}`);
      await writeFile(
        join(root, path),
        text.replace(before, () => after),
      );
    },
    remove: () => rm(root, { recursive: true, force: true }),
  };
}
