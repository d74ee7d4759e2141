// A reference as text: a number stays one, bytes become base64url (SPEC.md section 9). This is the form in the state
// file, in events and in commands.
import { z } from 'zod';
import type { Reference } from '../../protocol/content/field.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { base64urlSchema } from '../../protocol/wire/ids.ts';
import { REFERENCE_BYTES_MAX } from '../../protocol/wire/limits.ts';

export type ReferenceText = number | string;
export const referenceTextSchema: z.ZodType<ReferenceText> = z.union([
  z.int().min(0),
  base64urlSchema(1, REFERENCE_BYTES_MAX),
]);

export function encodeReference(reference: Reference): ReferenceText {
  return typeof reference === 'number' ? reference : encodeBase64url(reference);
}
