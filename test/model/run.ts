// `npm run model`: runs ProVerif on every model file and compares its answers with those that the file states.
// Exit code 0: all agree. 1: one differs, or ProVerif failed or took too long. 3: there is no ProVerif to ask.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseArgs } from 'node:util';
import { agrees, type Comparison, compareAnswers, readExpectations, readResults } from './answers.ts';

const TIMEOUT_S = 120;
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024;
const DIFFERS = 1;
const NOT_CHECKED = 3;

/** What came of one file: the rows of its queries, or why there are none. */
interface Outcome {
  readonly file: string;
  readonly rows: readonly Comparison[];
  readonly failure: string | null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function findProverif(searchPath: string): string | null {
  const paths = searchPath.split(delimiter).filter((folder) => folder !== '');
  return paths.map((folder) => join(folder, 'proverif')).find(isExecutable) ?? null;
}

function run(proverif: string, path: string, timeoutS: number): { output: string; failure: string | null } {
  const ended = spawnSync(proverif, [path], {
    encoding: 'utf8',
    timeout: timeoutS * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: OUTPUT_MAX_BYTES,
  });
  const output = ended.stdout ?? '';
  if (ended.error !== undefined) return { output, failure: `did not end: ${ended.error.message}` };
  if (ended.status !== 0) {
    const complaint = `${output}\n${ended.stderr}`.split('\n').find((line) => line.includes('Error'));
    return {
      output,
      failure: `ended with ${ended.status ?? ended.signal}: ${complaint ?? 'no reason given'}`,
    };
  }
  return { output, failure: null };
}

function check(proverif: string, folder: string, file: string, timeoutS: number): Outcome {
  const path = join(folder, file);
  const expected = readExpectations(readFileSync(path, 'utf8'));
  const { output, failure } = run(proverif, path, timeoutS);
  if (failure !== null) return { file, rows: [], failure };
  if (expected.length === 0) return { file, rows: [], failure: 'states no answer' };
  return { file, rows: compareAnswers(expected, readResults(output)), failure: null };
}

function print({ file, rows, failure }: Outcome): void {
  if (failure !== null) console.log(`FAILED   ${file}: ${failure}`);
  for (const row of rows) {
    const answer = agrees(row) ? `${row.answered}` : `${row.answered ?? 'no answer'}, not ${row.expected}`;
    console.log(`${agrees(row) ? 'agrees  ' : 'DIFFERS '} ${file}: ${row.query}: ${answer}`);
  }
}

const good = ({ rows, failure }: Outcome): boolean => failure === null && rows.every(agrees);

function main(): number {
  const { values, positionals } = parseArgs({
    options: { timeout: { type: 'string', default: `${TIMEOUT_S}` } },
    allowPositionals: true,
  });
  const folder = positionals[0] ?? import.meta.dirname;
  const proverif = findProverif(process.env['PATH'] ?? '');
  if (proverif === null) {
    console.log('model not checked: there is no proverif on the PATH');
    return NOT_CHECKED;
  }
  const files = readdirSync(folder).filter((name) => name.endsWith('.pv'));
  const outcomes = files.sort().map((file) => {
    const outcome = check(proverif, folder, file, Number(values.timeout));
    print(outcome);
    return outcome;
  });
  const agreed = outcomes.filter(good).length;
  console.log(`${agreed} of ${outcomes.length} model files agree with ProVerif`);
  return outcomes.length > 0 && agreed === outcomes.length ? 0 : DIFFERS;
}

process.exitCode = main();
