// The model files are whole and say what README.md says, and `npm run model` compares them as it must. ProVerif
// itself is not run here: a stand-in prints what it would.
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Expectation, readExpectations, readRole } from './answers.ts';
import { type Ended, runModel } from './stand-in.ts';

const CHANGED_LINES_MAX = 14;
const folder = import.meta.dirname;
const files = (await readdir(folder)).filter((name) => name.endsWith('.pv')).sort();
const texts = new Map<string, string>();
for (const file of files) texts.set(file, await readFile(join(folder, file), 'utf8'));

const textOf = (file: string): string => texts.get(file) ?? '';
const withoutComments = (text: string): string => text.replace(/\(\*[\s\S]*?\*\)/g, '');
const linesOf = (text: string): string[] =>
  withoutComments(text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');

/** The queries of a file as its comments write them: `not` stands before what has no arrow. */
function queriesOf(text: string): string[] {
  return [...withoutComments(text).matchAll(/^query\s+([^.]+)\./gm)].map(([, body = '']) => {
    const query = body
      .slice(body.indexOf(';') + 1)
      .replace(/\s+/g, ' ')
      .trim();
    if (query.includes('==>')) return query;
    return query.includes('&&') ? `not (${query})` : `not ${query}`;
  });
}

const flipped = (main: readonly Expectation[], other: readonly Expectation[]): boolean[] =>
  main.map(({ query, verdict }, index) => other[index]?.query === query && other[index]?.verdict !== verdict);

describe('model files', () => {
  test.each(files)('%s states one answer for each of its queries, in their order', (file) => {
    const expectations = readExpectations(textOf(file));
    expect(expectations.map(({ query }) => query)).toEqual(queriesOf(textOf(file)));
    expect(expectations.length).toBeGreaterThan(0);
  });

  const others = files.filter((file) => readRole(textOf(file))?.kind !== 'MAIN');
  test.each(others)('%s is its main file but for a few lines', (file) => {
    const main = readRole(textOf(file))?.of ?? '';
    expect(files).toContain(main);
    expect(file.startsWith(main.replace(/pv$/, ''))).toBe(true);
    const [before, after] = [linesOf(textOf(main)), linesOf(textOf(file))];
    const changed = [
      ...before.filter((line) => !after.includes(line)),
      ...after.filter((line) => !before.includes(line)),
    ];
    expect(changed.length).toBeLessThanOrEqual(CHANGED_LINES_MAX);
    expect(after).not.toEqual(before);
  });

  const variants = others.filter((file) => readRole(textOf(file))?.kind !== 'RUN');
  test.each(variants)('%s flips the answers of its main file', (file) => {
    const main = readExpectations(textOf(readRole(textOf(file))?.of ?? ''));
    expect(flipped(main, readExpectations(textOf(file)))).not.toContain(false);
  });

  const runs = others.filter((file) => readRole(textOf(file))?.kind === 'RUN');
  test.each(runs)('%s asks only whether an event of its main file can happen', (file) => {
    const withoutQueries = (name: string): string[] => linesOf(textOf(name).replace(/^query\b[^.]*\./gm, ''));
    expect(withoutQueries(file)).toEqual(withoutQueries(readRole(textOf(file))?.of ?? ''));
    expect(readExpectations(textOf(file)).map(({ verdict }) => verdict)).toEqual(['false']);
  });

  const mains = files.filter((file) => readRole(textOf(file))?.kind === 'MAIN');
  test.each(mains)('%s expects its queries to hold, and has a mutant or a limit', (file) => {
    expect(readExpectations(textOf(file)).map(({ verdict }) => verdict)).not.toContain('false');
    expect(variants.some((other) => readRole(textOf(other))?.of === file)).toBe(true);
    if (/==>/.test(textOf(file))) expect(runs).toContain(file.replace(/pv$/, 'runs.pv'));
  });

  test('README.md lists exactly these files with exactly these answers', async () => {
    const readme = await readFile(join(folder, 'README.md'), 'utf8');
    const rows = [...readme.matchAll(/^\| `(\S+\.pv)` \| [^|]+ \| `(.+?)` is (\S+) \| ([^|]+) \|$/gm)];
    const listed = rows.map(([, file, query, verdict]) => `${file} ${query} ${verdict}`);
    const stated = files.flatMap((file) =>
      readExpectations(textOf(file)).map(({ query, verdict }) => `${file} ${query} ${verdict}`),
    );
    expect(listed.toSorted()).toEqual(stated.toSorted());
    for (const [, file = '', , , what = ''] of rows) {
      const kind = readRole(textOf(file))?.kind.toLowerCase();
      expect(/^(mutant|limit|run): /.exec(what)?.[1] ?? 'main').toBe(kind);
    }
  });
});

describe('npm run model', () => {
  let models: string;
  beforeAll(async () => {
    models = await mkdtemp(join(tmpdir(), 'sealed-push-model-'));
    await writeFile(
      join(models, 'two.pv'),
      '(* EXPECT true: not attacker(text) *)\n(* EXPECT false: event(A(x)) ==> event(B(x)) *)\n',
    );
  });
  afterAll(() => rm(models, { recursive: true, force: true }));

  /** Runs the comparison with a `proverif` that is this shell script; null: with none on the PATH. */
  async function runWith(script: string | null): Promise<Ended> {
    const bin = await mkdtemp(join(models, 'bin-'));
    await mkdir(bin, { recursive: true });
    if (script !== null) {
      await writeFile(join(bin, 'proverif'), `#!/bin/sh\n${script}\n`);
      await chmod(join(bin, 'proverif'), 0o755);
    }
    return runModel(models, bin);
  }

  const GOOD = [
    'echo "RESULT not attacker(text[]) is true."',
    'echo "RESULT event(A(x_1)) ==> event(B(x_1)) is false."',
    'echo "RESULT (but event(A(x_1)) ==> event(C(x_1)) is true.)"',
    'echo "Verification summary:"',
    'echo "Query not attacker(text[]) is true."',
  ].join('\n');

  test('ends with 0 when every answer agrees', async () => {
    const { code, stdout } = await runWith(GOOD);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('1 of 1 model files agree'),
    });
  });

  test.each([
    ['an answer differs', GOOD.replace('is false', 'is true'), 'true, not false'],
    [
      'an answer is neither true nor false',
      GOOD.replace('is false.', 'cannot be proved.'),
      'cannot be proved, not',
    ],
    ['the answers are in another order', GOOD.split('\n').toReversed().join('\n'), 'false, not true'],
    ['an answer is missing', GOOD.split('\n').slice(0, 1).join('\n'), 'no answer, not false'],
    ['there is one answer too many', `${GOOD}\necho "RESULT not attacker(more[]) is true."`, 'answer 3'],
    ['there is no answer at all', 'true', 'no answer, not true'],
    ['ProVerif fails after its answers', `${GOOD}\necho "Error: no."; exit 2`, 'ended with 2: Error: no.'],
    ['ProVerif is killed', `${GOOD}\nkill -9 $$`, 'ended with SIGKILL'],
    ['ProVerif does not end', `${GOOD}\nexec /bin/sleep 60`, 'did not end'],
  ])('ends with 1 when %s', async (_, script, said) => {
    const { code, stdout } = await runWith(script);
    expect(stdout).toContain(said);
    expect({ code, stdout }).toEqual({ code: 1, stdout: expect.stringContaining('0 of 1 model files') });
  });

  test('says so and ends with 3 when there is no proverif', async () => {
    const { code, stdout } = await runWith(null);
    expect({ code, stdout }).toEqual({ code: 3, stdout: expect.stringContaining('model not checked') });
  });
});
