// What every file of vectors and every case has (test/vectors/README.md). The zod schemas of this folder are the source of
// schema.json.
import { z } from 'zod';

/** Lower-case hexadecimal; `bytes` fixes the length. */
export function hexSchema(bytes?: number): z.ZodType<string> {
  if (bytes === undefined) return z.string().regex(/^(?:[0-9a-f]{2})*$/);
  return z.string().regex(new RegExp(`^[0-9a-f]{${bytes * 2}}$`));
}

/** 0 … 2^53−1. */
export const unsignedSchema: z.ZodType<number> = z.int().min(0);

/** What every case has. */
export interface CaseHead {
  /** Stable; says what is in it. */
  readonly id: string;
  /** What is done, and what it shows. */
  readonly comment: string;
  /** The section of SPEC.md that decides it, by its title. */
  readonly section: string;
  /** Names from the file's `flags`. */
  readonly flags: readonly string[];
}

/** The fields of {@link CaseHead}, for z.strictObject. */
export const caseHead: {
  readonly id: z.ZodType<string>;
  readonly comment: z.ZodType<string>;
  readonly section: z.ZodType<string>;
  readonly flags: z.ZodType<readonly string[]>;
} = {
  id: z.string().regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/),
  comment: z.string().min(1),
  section: z.string().min(1),
  flags: z.array(z.string().min(1)),
};

/** What every file has. */
export interface FileHead {
  readonly protocol: 'sealed-push/1';
  readonly note: string;
  /** What the flags of the cases mean. */
  readonly flags: Readonly<Record<string, string>>;
  /** How many cases there are of each result, so that a loader can tell that it saw all. */
  readonly counts: Readonly<Record<string, number>>;
}

/** The fields of {@link FileHead}, for z.strictObject. */
export const fileHead: {
  readonly protocol: z.ZodType<'sealed-push/1'>;
  readonly note: z.ZodType<string>;
  readonly flags: z.ZodType<Readonly<Record<string, string>>>;
  readonly counts: z.ZodType<Readonly<Record<string, number>>>;
} = {
  protocol: z.literal('sealed-push/1'),
  note: z.string().min(1),
  flags: z.record(z.string(), z.string().min(1)),
  counts: z.record(z.string(), unsignedSchema),
};
