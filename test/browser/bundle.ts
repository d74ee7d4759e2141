// page.ts as one script for a browser, made by the Vite that vitest brings. Whatever of Node the page reaches is an error.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ViteUserConfig } from 'vitest/config';

const HERE = import.meta.dirname;

/** What stands for a module in the browser. */
const REPLACED: readonly (readonly [RegExp, string])[] = [
  [/^vitest$/, join(HERE, 'vitest-shim.ts')],
  [/\/read\.ts$/, join(HERE, 'read-shim.ts')],
];
const FORBIDDEN = /^node:|\/backend-native\.ts$/;

interface Chunk {
  readonly type: string;
  readonly code?: string;
}
interface Vite {
  build(config: ViteUserConfig & { configFile: false }): Promise<{ readonly output: readonly Chunk[] }>;
}

/** The script's text. */
export async function bundlePage(): Promise<string> {
  const vite = (await import(
    pathToFileURL(createRequire(createRequire(import.meta.url).resolve('vitest')).resolve('vite')).href
  )) as Vite;
  const { output } = await vite.build({
    configFile: false,
    root: HERE,
    logLevel: 'error',
    plugins: [
      {
        name: 'for-a-browser',
        enforce: 'pre',
        resolveId(id, importer) {
          if (FORBIDDEN.test(id)) throw new Error(`${importer} reaches ${id}`);
          return REPLACED.find(([expression]) => expression.test(id))?.[1] ?? null;
        },
      },
    ],
    build: {
      write: false,
      target: 'esnext',
      minify: false,
      modulePreload: false,
      rollupOptions: { input: join(HERE, 'page.ts') },
    },
  });
  const [chunk] = output;
  if (output.length !== 1 || chunk?.code === undefined) throw new Error('not one script');
  return chunk.code;
}
