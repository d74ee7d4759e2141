// The head of the small files: everything but their kind, their note and their cases follows from the cases.
import type { CaseHead, FileHead } from '../shape/case.ts';
import { countResults, flagsOf } from './told.ts';

/** A file of one kind. */
export interface Headed<Kind, Case> extends FileHead {
  readonly kind: Kind;
  readonly cases: readonly Case[];
}

export function headed<Kind extends string, Case extends CaseHead & { readonly result: string }>(
  kind: Kind,
  note: string,
  cases: readonly Case[],
): Headed<Kind, Case> {
  const counts = countResults(cases);
  return { protocol: 'sealed-push/1', kind, note, flags: flagsOf(cases), counts, cases };
}
