// What stands in a browser for test/vectors/run/read.ts: the one backend that runs there, and the vectors over HTTP.
import type { z } from 'zod';
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { portableBackend } from '../../protocol/crypto/backend-portable.ts';

export const BACKENDS: readonly (readonly [name: string, backend: CryptoBackend])[] = [
  ['portable', portableBackend],
];

const vectors = (await (await fetch('/vectors.json')).json()) as Record<string, unknown>;

/** A file of vectors of one shape. */
export function readVectors<File>(name: string, shape: z.ZodType<File>): File {
  return shape.parse(vectors[name]);
}
