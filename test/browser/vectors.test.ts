// The portable backend in a browser: every vector of opening, sealing, tokens, key lists and challenges, in Chromium.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { bundlePage } from './bundle.ts';
import { findChromium, runInChromium } from './chromium.ts';

const VECTORS = join(import.meta.dirname, '../vectors');
const TIMEOUT_MS = 120_000;
const chromium = findChromium();
const NEEDED = chromium === null ? ' (needs chromium on the PATH)' : '';
const resultsSchema = z.array(z.object({ name: z.string(), error: z.string().nullable() }));

function readAll(): Record<string, { cases: { result: string; blob?: string }[] }> {
  const names = readdirSync(VECTORS).filter((name) => name.endsWith('.json'));
  return Object.fromEntries(
    names.map((name) => [name, JSON.parse(readFileSync(join(VECTORS, name), 'utf8'))]),
  );
}

async function run(vectors: object): Promise<z.infer<typeof resultsSchema>> {
  const files = { '/vectors.json': JSON.stringify(vectors) };
  return resultsSchema.parse(await runInChromium(chromium as string, await bundlePage(), files, TIMEOUT_MS));
}

test.skipIf(chromium === null)(
  `every vector comes out in a browser as it says${NEEDED}`,
  async () => {
    const results = await run(readAll());
    expect(results.filter(({ error }) => error !== null)).toEqual([]);
    const names = results.map(({ name }) => name).join('\n');
    for (const part of [
      'notification-01.json',
      'notification-02.json',
      'push token',
      'challenge',
      'list of bouncer keys',
    ]) {
      expect(names).toContain(part);
    }
    expect(results.length).toBeGreaterThan(20);
  },
  TIMEOUT_MS + 30_000,
);

test.skipIf(chromium === null)(
  `a vector that is wrong is noticed there${NEEDED}`,
  async () => {
    const vectors = readAll();
    const valid = vectors['push-token.json']?.cases.find(({ result }) => result === 'valid');
    if (valid?.blob === undefined) throw new Error('there is no valid push token');
    valid.blob = `${valid.blob.slice(0, -2)}${valid.blob.endsWith('00') ? '01' : '00'}`;
    const failed = (await run(vectors)).filter(({ error }) => error !== null);
    expect(failed.map(({ name }) => name)).toContain(
      'every push token comes out as its case says, on the portable backend',
    );
  },
  TIMEOUT_MS + 30_000,
);
