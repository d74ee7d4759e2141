// What a file reaches through its imports, types included (architecture: folders are zones of knowledge).
import { readFile } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';

const IMPORT = /(?:\bfrom\s*|\bimport\s*\(?\s*)'(\.[^']+)'/g;

/** Paths, relative to the root, of every file of ours that the entry reaches; the entry itself included. */
export async function importClosure(root: string, entry: string): Promise<ReadonlySet<string>> {
  const reached = new Set<string>();
  const waiting = [entry];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (reached.has(path)) continue;
    reached.add(path);
    const text = await readFile(join(root, path), 'utf8');
    for (const [, target] of text.matchAll(IMPORT))
      waiting.push(normalize(join(dirname(path), target as string)));
  }
  return reached;
}
