// `npm run check:traceability`: every MUST of SPEC.md has an id, every id a test that names it and a break that was
// seen, and no test names an id that is gone. Prints the numbers, or what is missing, and then ends with 1.
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type RecordedBreak, recordFaults, titleFaults } from './faults.ts';
import { readRequirements } from './requirements.ts';
import { readAllTitles } from './titles.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const RECORD = join(import.meta.dirname, 'record.json');

function main(): number {
  const { requirements, faults } = readRequirements(readSource('SPEC.md'));
  const titles = readAllTitles(join(ROOT, 'test'));
  const record = existsSync(RECORD) ? (JSON.parse(readFileSync(RECORD, 'utf8')) as RecordedBreak[]) : [];
  const all = [
    ...faults,
    ...titleFaults(requirements, titles),
    ...recordFaults(requirements, record, readSource),
  ];
  for (const fault of all) console.error(fault);
  console.log(
    `${requirements.length} MUSTs, ${titles.length} tests that name them, ${record.length} breaks on record, ${all.length} faults`,
  );
  return all.length === 0 ? 0 : 1;
}

function readSource(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}

process.exitCode = main();
