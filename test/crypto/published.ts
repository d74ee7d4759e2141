// Vectors that other people published. They stay outside the repository: VECTORS_DIR names their directory.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const directory = process.env['VECTORS_DIR'];

/** Whether there are vectors to test against. */
export const isVectorsDirSet: boolean = directory !== undefined && directory !== '';

/** What a skipped test says in its name. */
export const NEEDS_VECTORS: string = isVectorsDirSet
  ? ''
  : ' (needs VECTORS_DIR, the directory of the published vectors)';

/** Bytes in hexadecimal. */
export const hexSchema: z.ZodType<Uint8Array> = z
  .string()
  .regex(/^([0-9a-f]{2})*$/)
  .transform((text) => new Uint8Array(Buffer.from(text, 'hex')));

/** One file of VECTORS_DIR. */
export function readVectors<Shape>(file: string, schema: z.ZodType<Shape>): Shape {
  return schema.parse(JSON.parse(readFileSync(join(directory ?? '', file), 'utf8')));
}

if (!isVectorsDirSet) console.warn('The published vectors are not tested: VECTORS_DIR is not set.');
