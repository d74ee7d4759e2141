// Suite 0x31 is an opt-in: everything of it is in folders called zulip, and nothing outside of one leads into one.
// A way in is always an import from outside to inside, so looking at every file's own imports finds each way.
import { glob, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyTree, type TreeCopy } from '../support/tree-copy.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const SOURCES = '{protocol,server,bouncer,client-sim}/**/*.ts';
const INSIDE = /(?:^|\/)zulip\//;
const LEADS_INSIDE = /['"`]([^'"`\n]*\bzulip\/[^'"`\n]*)['"`]/g;
/** XSalsa20-Poly1305, in the words of the libraries that have it. */
const PRIMITIVE = /crypto_(?:secretbox|box)\w*|xsalsa20\w*/g;

interface Source {
  readonly path: string;
  readonly text: string;
}

async function readSources(root: string): Promise<Source[]> {
  const sources: Source[] = [];
  for await (const path of glob(SOURCES, { cwd: root })) {
    if (path.includes('node_modules')) continue;
    sources.push({ path, text: await readFile(join(root, path), 'utf8') });
  }
  return sources;
}

async function findBreaches(root: string): Promise<string[]> {
  const outside = (await readSources(root)).filter(({ path }) => !INSIDE.test(path));
  return outside.flatMap(({ path, text }) => [
    ...[...text.matchAll(LEADS_INSIDE)].map((match) => `${path} leads to ${match[1]}`),
    ...[...text.matchAll(PRIMITIVE)].map((match) => `${path} uses ${match[0]}`),
  ]);
}

test('nothing outside of the folders called zulip leads into one', async () => {
  const inside = (await readSources(ROOT)).filter(({ path }) => INSIDE.test(path));
  expect(inside.length).toBeGreaterThan(10);
  expect(await findBreaches(ROOT)).toEqual([]);
});

test('the primitive is used where it is wrapped, and nowhere else', async () => {
  const using = (await readSources(ROOT)).filter(({ text }) => text.search(PRIMITIVE) >= 0);
  expect(using.map(({ path }) => path).sort()).toEqual([
    'protocol/crypto/zulip/sealed-box.ts',
    'protocol/crypto/zulip/secretbox.ts',
  ]);
});

describe('a planted breach', () => {
  let tree: TreeCopy;
  beforeAll(async () => {
    tree = await copyTree();
  });
  afterAll(async () => {
    await tree.remove();
  });

  test.each([
    ['protocol/content/seal', "import { sealZulipNotification } from './zulip/seal.ts';"],
    ['protocol/content/open', "export * from './zulip/open.ts';"],
    ['protocol/content', "import type { PushKey } from './zulip/push-key.ts';"],
    ['protocol/registration/open', "const door = await import('./zulip/open-registration.ts');"],
    ['protocol/wire', "import { decodeBase64 } from './zulip/base64.ts';"],
    ['server/notify', 'import { parsePushKey } from "../../protocol/content/zulip/push-key.ts";'],
    [
      'bouncer/notify',
      "import { openZulipRegistration } from '../../protocol/registration/open/zulip/x.ts';",
    ],
    [
      'client-sim/phone',
      "import { openZulipNotification } from '../../protocol/content/open/zulip/open.ts';",
    ],
  ])('in %s is found', async (folder, line) => {
    const path = `${folder}/breach.ts`;
    await tree.write(path, `${line}\n`);
    try {
      expect(await findBreaches(tree.root)).toEqual([expect.stringContaining(`${path} leads to `)]);
    } finally {
      await tree.write(path, 'export {};\n');
    }
  });

  test('that takes the primitive from its library is found', async () => {
    await tree.write('server/notify/breach.ts', 'sodium.crypto_secretbox_easy(plaintext, nonce, key);\n');
    expect(await findBreaches(tree.root)).toEqual(['server/notify/breach.ts uses crypto_secretbox_easy']);
  });
});
