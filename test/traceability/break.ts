// Breaks every requirement of SPEC.md once and keeps the record: in a copy of the sources one piece of text is changed,
// the test that names the requirement is run there, and it has to fail. `npm run break -- ID…` breaks only these.
import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { copyTree, type TreeCopy } from '../support/tree-copy.ts';
import { BREAKS, type Break, type Change } from './breaks.ts';

/** What was changed for a requirement, and which of the tests that name it failed. */
export interface BreakRecord extends Change {
  readonly id: string;
  readonly also?: readonly Change[];
  readonly failed: readonly string[];
}

const RECORD: string = resolve(import.meta.dirname, 'record.json');
const TEST_SECONDS_MAX = 240;

export async function readRecord(): Promise<BreakRecord[]> {
  return JSON.parse(await readFile(RECORD, 'utf8')) as BreakRecord[];
}

async function main(ids: readonly string[]): Promise<number> {
  const chosen = BREAKS.filter(({ id }) => ids.length === 0 || ids.includes(id));
  if (chosen.length === 0) throw new Error('no such requirement');
  const copy = await copyTree();
  const kept = new Map((await readRecord()).map((record) => [record.id, record]));
  let unseen = 0;
  try {
    for (const wanted of chosen) {
      const failed = await breakOne(copy, wanted);
      if (failed.length === 0) unseen += 1;
      else kept.set(wanted.id, recordOf(wanted, failed));
      console.log(`${failed.length === 0 ? 'NOT SEEN' : 'seen    '} ${wanted.id} ${wanted.file}`);
      await writeRecord([...kept.values()]);
    }
  } finally {
    await copy.remove();
  }
  console.log(`${chosen.length} broken, ${chosen.length - unseen} seen, ${unseen} not seen`);
  return unseen === 0 ? 0 : 1;
}

function recordOf({ id, file, before, after, also }: Break, failed: readonly string[]): BreakRecord {
  return { id, file, before, after, ...(also !== undefined && { also }), failed };
}

async function writeRecord(records: readonly BreakRecord[]): Promise<void> {
  const sorted = [...records].sort((a, b) => (a.id < b.id ? -1 : 1));
  await writeFile(RECORD, `${JSON.stringify(sorted, null, 2)}\n`);
}

/** The titles of the tests that name the requirement and fail once it is broken. */
async function breakOne(copy: TreeCopy, wanted: Break): Promise<string[]> {
  const changes = [wanted, ...(wanted.also ?? [])];
  const whole = new Map<string, string>();
  for (const { file } of changes) whole.set(file, await readFile(join(copy.root, file), 'utf8'));
  try {
    for (const { file, before, after } of changes) await copy.change(file, before, after);
    return await failingTests(copy.root, wanted.test, wanted.id);
  } finally {
    for (const [file, text] of whole) await copy.write(file, text);
  }
}

async function failingTests(root: string, test: string, id: string): Promise<string[]> {
  const vitest = join(root, 'node_modules/vitest/vitest.mjs');
  const report = join(root, 'break-report.json');
  await new Promise<void>((done) => {
    const args = [vitest, 'run', test, '-t', id, '--reporter=json', `--outputFile=${report}`];
    execFile(process.execPath, args, { cwd: root, timeout: TEST_SECONDS_MAX * 1000 }, () => done());
  });
  const { testResults } = JSON.parse(await readFile(report, 'utf8')) as VitestReport;
  return testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status, fullName }) => status === 'failed' && fullName.includes(id))
    .map(({ fullName }) => fullName.trim());
}

/** What vitest's JSON reporter writes, as far as it is read here. */
interface VitestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2));
