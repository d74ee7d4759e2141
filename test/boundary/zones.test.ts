// The three guards of the zones, each shown to notice a planted breach: project references, a lint rule, the closure of imports.
import { execFile } from 'node:child_process';
import { glob } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyTree, type TreeCopy } from '../support/tree-copy.ts';
import { importClosure } from './import-closure.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const run = promisify(execFile);

/** What the code of a zone may not reach, directly or through others. */
const FORBIDDEN: Record<string, readonly string[]> = {
  'protocol/wire': [
    'protocol/crypto',
    'protocol/content',
    'protocol/registration',
    'server',
    'bouncer',
    'client-sim',
  ],
  'protocol/crypto': ['protocol/content', 'protocol/registration', 'server', 'bouncer', 'client-sim'],
  'protocol/content': ['protocol/registration', 'server', 'bouncer', 'client-sim'],
  'protocol/content/seal': ['protocol/content/open'],
  'protocol/content/open': ['protocol/content/seal'],
  'protocol/registration': ['protocol/content', 'server', 'bouncer', 'client-sim'],
  'protocol/registration/seal': ['protocol/registration/open'],
  'protocol/registration/open': ['protocol/registration/seal'],
  server: ['protocol/content/open', 'protocol/registration', 'bouncer', 'client-sim'],
  bouncer: ['protocol/content', 'protocol/registration/seal', 'server', 'client-sim'],
  'client-sim': ['protocol/content/seal', 'protocol/registration/open', 'server', 'bouncer'],
};

/** One import per zone that must not stand: [file to plant, what it imports, from where]. */
const BREACHES = [
  ['bouncer/breach.ts', 'openEnvelope', '../protocol/content/open/open.ts'],
  ['bouncer/breach.ts', 'sealNotification', '../protocol/content/seal/seal.ts'],
  ['bouncer/breach.ts', 'decodePayload', '../protocol/content/payload.ts'],
  ['bouncer/breach.ts', 'sealPushToken', '../protocol/registration/seal/seal-push-token.ts'],
  ['server/breach.ts', 'openEnvelope', '../protocol/content/open/open.ts'],
  ['server/breach.ts', 'openPushToken', '../protocol/registration/open/open-push-token.ts'],
  ['server/breach.ts', 'challengeMac', '../protocol/registration/challenge.ts'],
  ['client-sim/breach.ts', 'sealNotification', '../protocol/content/seal/seal.ts'],
  ['client-sim/breach.ts', 'openPushToken', '../protocol/registration/open/open-push-token.ts'],
  ['protocol/wire/breach.ts', 'nativeBackend', '../crypto/backend-native.ts'],
] as const;

async function findBreaches(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const [zone, forbidden] of Object.entries(FORBIDDEN)) {
    for await (const entry of glob(`${zone}/**/*.ts`, { cwd: root })) {
      for (const reached of await importClosure(root, entry)) {
        const broken = forbidden.find((folder) => reached.startsWith(`${folder}/`));
        if (broken !== undefined) found.push(`${entry} reaches ${reached}`);
      }
    }
  }
  return found;
}

/** What a tool printed, whether it was content or not. */
async function output(command: string, args: readonly string[], cwd: string): Promise<string> {
  const tool = join(ROOT, 'node_modules/.bin', command);
  return run(tool, args, { cwd }).then(
    ({ stdout, stderr }) => stdout + stderr,
    ({ stdout, stderr }: { stdout: string; stderr: string }) => stdout + stderr,
  );
}

test('no file reaches what its zone may not know', async () => {
  expect(await findBreaches(ROOT)).toEqual([]);
});

describe('a planted breach', () => {
  let tree: TreeCopy;
  beforeAll(async () => {
    tree = await copyTree();
  });
  afterAll(async () => {
    await tree.remove();
  });

  test.each(BREACHES)('%s importing %s is seen by types, lint and closure', async (path, name, target) => {
    const zone = path.slice(0, path.lastIndexOf('/'));
    await tree.write(
      path,
      `import { ${name} } from '${target}';\n\nexport const breach: unknown = ${name};\n`,
    );
    try {
      expect(await output('tsc', ['-b', zone], tree.root)).toMatch(/breach\.ts.*error TS6307/);
      expect(await output('biome', ['lint', path], tree.root)).toMatch(/0003-zones-of-knowledge/);
      expect(await findBreaches(tree.root)).toContain(`${path} reaches ${join(zone, target)}`);
    } finally {
      await tree.write(path, 'export {};\n');
    }
  });

  test('is seen through a file in between', async () => {
    await tree.write('protocol/wire/between.ts', "export { openEnvelope } from '../content/open/open.ts';\n");
    await tree.write('bouncer/breach.ts', "export { openEnvelope } from '../protocol/wire/between.ts';\n");
    expect(await findBreaches(tree.root)).toContain(
      'bouncer/breach.ts reaches protocol/content/open/open.ts',
    );
  });
});
