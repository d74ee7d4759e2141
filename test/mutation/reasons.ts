// Why mutants live that no test can notice, or that none needs to. By what stands in the file, not by its line.

export interface Reason {
  readonly file: string;
  readonly code: string;
  readonly mutant: string;
  readonly reason: string;
}

export const REASONS: readonly Reason[] = [];
