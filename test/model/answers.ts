// What a model file says ProVerif must answer, what ProVerif answered, and whether the two agree.
import { stripVTControlCharacters } from 'node:util';

export type Verdict = 'true' | 'false' | 'cannot be proved';

/** One query of a file with the verdict that its comment states. */
export interface Expectation {
  readonly query: string;
  readonly verdict: Verdict;
}

/** What a file is: a model, or the same one with a rule left out, a stronger adversary, or the query whether it runs. */
export interface Role {
  readonly kind: 'MAIN' | 'MUTANT' | 'LIMIT' | 'RUN';
  /** The file name of the model that any but a MAIN was made from. */
  readonly of: string | null;
}

/** One row of the comparison: null where one side has no such query. */
export interface Comparison {
  readonly query: string;
  readonly expected: Verdict | null;
  readonly answered: Verdict | null;
}

const EXPECTATION = /^\(\* EXPECT (true|false|cannot be proved): (.+) \*\)$/gm;
const ROLE = /^\(\* (?:(MAIN):|(MUTANT|LIMIT|RUN) of (\S+\.pv):) /;
// A line `RESULT (but … is true.)` or `RESULT (even …)` only adds to the answer before it; it ends with `.)`.
const RESULT = /^RESULT (.+?) (?:is (true|false)|(cannot be proved))\.$/gm;

export function readExpectations(model: string): readonly Expectation[] {
  return [...model.matchAll(EXPECTATION)].map(([, verdict, query]) => ({
    query: query ?? '',
    verdict: verdict as Verdict,
  }));
}

export function readRole(model: string): Role | null {
  const [, main, kind, of] = ROLE.exec(model) ?? [];
  if (main !== undefined) return { kind: 'MAIN', of: null };
  if (kind === undefined || of === undefined) return null;
  return { kind: kind as Role['kind'], of };
}

/** The verdicts that ProVerif printed, in the order of the queries. */
export function readResults(output: string): readonly Verdict[] {
  const lines = stripVTControlCharacters(output).replaceAll('\r', '');
  return [...lines.matchAll(RESULT)].map(([, , proved, unproved]) => (proved ?? unproved) as Verdict);
}

/** Pairs by order: ProVerif renames variables when it prints a query back. */
export function compareAnswers(
  expected: readonly Expectation[],
  answered: readonly Verdict[],
): readonly Comparison[] {
  const length = Math.max(expected.length, answered.length);
  return Array.from({ length }, (_, index) => ({
    query: expected[index]?.query ?? `answer ${index + 1}, which no comment expects`,
    expected: expected[index]?.verdict ?? null,
    answered: answered[index] ?? null,
  }));
}

export const agrees = (row: Comparison): boolean => row.expected !== null && row.expected === row.answered;
