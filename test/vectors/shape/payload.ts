// A payload in JSON, with the names of SPEC.md and the numbers of the wire: kinds, conversation kinds and mentions are
// integers here too. A reference is an integer, or the hexadecimal of its bytes.
import { z } from 'zod';
import { hexSchema, unsignedSchema } from './case.ts';

export type ReferenceForm = number | string;
export const referenceForm: z.ZodType<ReferenceForm> = z.union([unsignedSchema, hexSchema()]);

export interface MessageForm {
  readonly reference: ReferenceForm;
  readonly conversation: {
    readonly kind: number;
    readonly id: ReferenceForm;
    readonly name?: string | undefined;
    readonly topic?: string | undefined;
  };
  readonly sender: { readonly name: string; readonly avatar?: string | undefined };
  readonly text: string;
  readonly truncated?: true | undefined;
  readonly edited?: true | undefined;
  readonly mention?: number | undefined;
}

/** The known fields of a body: those of a kind that has none, or is unknown, are no fields. */
export type BodyForm =
  | MessageForm
  | { readonly references: readonly ReferenceForm[] }
  | { readonly nonce: string }
  | Readonly<Record<string, never>>;

export interface PayloadForm {
  /** Unix ms. */
  readonly sent_at: number;
  readonly counter: number;
  /** Seconds. */
  readonly ttl: number;
  readonly kind: number;
  readonly body: BodyForm;
  readonly unread?: number | undefined;
  readonly removed?: readonly ReferenceForm[] | undefined;
}

const messageForm: z.ZodType<MessageForm> = z.strictObject({
  reference: referenceForm,
  conversation: z.strictObject({
    kind: z.int().min(1).max(3),
    id: referenceForm,
    name: z.string().optional(),
    topic: z.string().optional(),
  }),
  sender: z.strictObject({ name: z.string(), avatar: z.string().optional() }),
  text: z.string(),
  truncated: z.literal(true).optional(),
  edited: z.literal(true).optional(),
  mention: z.int().min(1).max(3).optional(),
});

const bodyForm: z.ZodType<BodyForm> = z.union([
  messageForm,
  z.strictObject({ references: z.array(referenceForm).min(1) }),
  z.strictObject({ nonce: hexSchema(16) }),
  z.strictObject({}),
]);

export const payloadForm: z.ZodType<PayloadForm> = z.strictObject({
  sent_at: unsignedSchema,
  counter: z.int().min(1),
  ttl: z.int().min(1),
  kind: unsignedSchema,
  body: bodyForm,
  unread: unsignedSchema.optional(),
  removed: z.array(referenceForm).min(1).optional(),
});
