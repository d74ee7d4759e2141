// The Python receiver, written from SPEC.md and the vectors' README alone: it agrees with every vector, notices a vector
// that is wrong, and rests on nothing of ours.
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';

const ROOT = resolve(import.meta.dirname, '../..');
const RECEIVER = join(ROOT, 'client-sim/receivers/python');
const VECTORS = join(ROOT, 'test/vectors');
const PYTHON = process.env['PYTHON'] ?? 'python3';
const RUN_MS = 120_000;

const requirement = readFileSync(join(RECEIVER, 'requirements.txt'), 'utf8').trim();
const NEEDS = ` (needs ${requirement} for ${PYTHON})`;
const hasPackage =
  spawnSync(PYTHON, ['-c', 'from cryptography.hazmat.primitives.asymmetric import mlkem']).status === 0;

const copies: string[] = [];
afterAll(() => {
  for (const copy of copies) rmSync(copy, { recursive: true, force: true });
});

/** The vectors of a folder, run by the receiver. */
function runVectors(folder: string): { readonly status: number | null; readonly output: string } {
  const args = [join(RECEIVER, 'run_vectors.py'), folder];
  const { status, stdout, stderr } = spawnSync(PYTHON, args, { encoding: 'utf8', timeout: RUN_MS });
  return { status, output: stdout + stderr };
}

const countsSchema = z.object({ counts: z.record(z.string(), z.number()) });

/** The files of vectors that a receiver answers, and how many cases each has. */
function casesByFile(): ReadonlyMap<string, number> {
  const names = readdirSync(VECTORS).filter((name) => name.endsWith('.json'));
  const answered = names.filter((name) => name !== 'schema.json' && !name.startsWith('zulip'));
  return new Map(
    answered.map((name) => {
      const { counts } = countsSchema.parse(JSON.parse(readFileSync(join(VECTORS, name), 'utf8')));
      const cases = Object.values(counts).reduce((sum, count) => sum + count, 0);
      return [name.replace('.json', ''), cases];
    }),
  );
}

test.skipIf(!hasPackage)(`it agrees with every vector${NEEDS}`, { timeout: RUN_MS }, () => {
  const { status, output } = runVectors(VECTORS);
  expect(output).not.toMatch(/Traceback/);
  expect(status, output).toBe(0);
  for (const [name, cases] of casesByFile()) expect(output).toMatch(new RegExp(`^${name}: ${cases} `, 'm'));
});

test.skipIf(!hasPackage)(`it notices a vector that is wrong${NEEDS}`, { timeout: RUN_MS }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'sealed-push-vectors-'));
  copies.push(folder);
  cpSync(VECTORS, folder, { recursive: true });
  const file = join(folder, 'ratchet.json');
  const text = readFileSync(file, 'utf8');
  const wrong = text.replace(/("expected_psk": ")([0-9a-f])/, (_, head: string, digit: string) => {
    return `${head}${digit === '0' ? '1' : '0'}`;
  });
  expect(wrong).not.toBe(text);
  writeFileSync(file, wrong);
  expect(runVectors(folder).status).not.toBe(0);
});

test('it imports the standard library, cryptography and itself, and nothing else', () => {
  const files = readdirSync(RECEIVER, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.py'),
  );
  expect(files.length).toBeGreaterThan(5);
  const listed = execFileSync(
    PYTHON,
    [
      '-c',
      'import ast,sys\nfor name in sys.argv[1:]:\n  for node in ast.walk(ast.parse(open(name).read())):\n    if isinstance(node, ast.Import): print(*[alias.name for alias in node.names], sep="\\n")\n    elif isinstance(node, ast.ImportFrom) and node.level == 0: print(node.module)\nprint(*sys.stdlib_module_names, sep="\\n", file=sys.stderr)',
      ...files.map((name) => join(RECEIVER, name)),
    ],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] },
  );
  const standard = new Set(
    execFileSync(PYTHON, ['-c', 'import sys; print(*sys.stdlib_module_names)'], { encoding: 'utf8' })
      .trim()
      .split(' '),
  );
  const roots = new Set(
    listed
      .trim()
      .split('\n')
      .map((name) => name.split('.')[0] as string),
  );
  const others = [...roots].filter((name) => !standard.has(name));
  expect(others.sort()).toEqual(['cryptography', 'sealed_push']);
});
