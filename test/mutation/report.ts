// What StrykerJS reported: mutants by file, and how many of a group were killed.
import { z } from 'zod';

interface Position {
  readonly line: number;
  readonly column: number;
}
interface Mutant {
  readonly replacement: string;
  /** Killed, Timeout, Survived, NoCoverage, Ignored, … */
  readonly status: string;
  readonly location: { readonly start: Position; readonly end: Position };
}
interface MutatedFile {
  readonly source: string;
  readonly mutants: readonly Mutant[];
}

/** The fields of mutation-testing-elements' report that are looked at. */
export interface MutationReport {
  readonly files: Readonly<Record<string, MutatedFile>>;
}

const positionSchema: z.ZodType<Position> = z.object({ line: z.int().min(1), column: z.int().min(1) });
const mutantSchema: z.ZodType<Mutant> = z.object({
  replacement: z.string(),
  status: z.string(),
  location: z.object({ start: positionSchema, end: positionSchema }),
});
export const reportSchema: z.ZodType<MutationReport> = z.object({
  files: z.record(z.string(), z.object({ source: z.string(), mutants: z.array(mutantSchema) })),
});

/** A mutant that no test noticed. */
export interface Survivor {
  readonly file: string;
  readonly line: number;
  /** What was replaced, and by what; white space in one piece. */
  readonly code: string;
  readonly mutant: string;
}

/** A group of files with the share of its mutants that must be killed, in percent. */
export interface Goal {
  readonly name: string;
  readonly files: RegExp;
  readonly percentMin: number;
}

export const GOALS: readonly Goal[] = [
  { name: 'protocol/', files: /^protocol\//, percentMin: 90 },
  { name: 'cryptography', files: /^protocol\/crypto\//, percentMin: 95 },
  { name: 'CBOR', files: /^protocol\/wire\/cbor\.ts$/, percentMin: 95 },
  { name: 'opening', files: /^protocol\/(?:content|registration)\/open\//, percentMin: 95 },
];

/** Killed (or hung) mutants, and all that count: neither ignored nor impossible. */
export function countKilled(report: MutationReport, files: RegExp): { killed: number; all: number } {
  const count = { killed: 0, all: 0 };
  for (const [file, { mutants }] of Object.entries(report.files)) {
    if (!files.test(file)) continue;
    for (const { status } of mutants) {
      const isKilled = status === 'Killed' || status === 'Timeout';
      if (isKilled) count.killed += 1;
      if (isKilled || status === 'Survived' || status === 'NoCoverage') count.all += 1;
    }
  }
  return count;
}

/** Mutants that were not tried, in this run or one before. */
export function countUntried(report: MutationReport): number {
  const mutants = Object.values(report.files).flatMap((file) => file.mutants);
  return mutants.filter(({ status }) => status === 'Ignored' || status === 'Pending').length;
}

/** Every mutant that lived, by file and line. */
export function survivorsOf(report: MutationReport): Survivor[] {
  return Object.entries(report.files)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([file, { source, mutants }]) =>
      mutants
        .filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
        .map(({ location, replacement }) => ({
          file,
          line: location.start.line,
          code: oneLine(excerpt(source, location)),
          mutant: oneLine(replacement),
        }))
        .sort((a, b) => a.line - b.line),
    );
}

function excerpt(source: string, { start, end }: Mutant['location']): string {
  const lines = source.split('\n').slice(start.line - 1, end.line);
  const last = lines.length - 1;
  lines[last] = (lines[last] ?? '').slice(0, end.column - 1);
  lines[0] = (lines[0] ?? '').slice(start.column - 1);
  return lines.join('\n');
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
