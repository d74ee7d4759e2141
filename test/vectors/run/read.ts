// Reading the committed vectors, as an implementation would: JSON, checked against the shape, bytes from hexadecimal.
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { CryptoBackend } from '../../../protocol/crypto/backend.ts';
import { nativeBackend } from '../../../protocol/crypto/backend-native.ts';
import { portableBackend } from '../../../protocol/crypto/backend-portable.ts';

/** Both backends, by the name that a test shows. */
export const BACKENDS: readonly (readonly [name: string, backend: CryptoBackend])[] = [
  ['native', nativeBackend],
  ['portable', portableBackend],
];

/** A file of vectors of one shape. */
export function readVectors<File>(name: string, shape: z.ZodType<File>): File {
  return shape.parse(JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')));
}
