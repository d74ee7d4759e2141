// What the author of a case says of it, and how it becomes the head of the case.
import type { CaseHead } from '../shape/case.ts';
import { FLAGS, type Flag } from './flags.ts';
import { SECTIONS, type Section } from './sections.ts';

/** An id without its file's prefix, a comment, the section that decides it, flags. */
export type Told = readonly [id: string, comment: string, section: Section, ...flags: Flag[]];

export function headOf(prefix: string, [id, comment, section, ...flags]: Told): CaseHead {
  return { id: `${prefix}-${id}`, comment, section: SECTIONS[section], flags };
}

/** Every third case, and every silent fork: for a suite that repeats what has nothing to do with suites. */
export function everyThird<Case extends CaseHead>(cases: readonly Case[]): Case[] {
  return cases.filter(({ flags }, index) => index % 3 === 0 || flags.includes('SilentFork' satisfies Flag));
}

/** The meanings of the flags that these cases have. */
export function flagsOf(cases: readonly CaseHead[]): Record<string, string> {
  const used = new Set(cases.flatMap(({ flags }) => flags));
  return Object.fromEntries(Object.entries(FLAGS).filter(([flag]) => used.has(flag)));
}

/** How many cases have each result. */
export function countResults(cases: readonly { readonly result: string }[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { result } of cases) counts[result] = (counts[result] ?? 0) + 1;
  return counts;
}
