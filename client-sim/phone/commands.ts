// What a test or the demonstration may ask of a phone, one JSON object per line on standard input.
import { z } from 'zod';
import { type ReferenceText, referenceTextSchema } from './reference.ts';

const REFERENCES_MAX = 10_000;
/** 10,000 references of 16 bytes fit. */
export const COMMAND_CHARACTERS_MAX: number = 512 * 1024;

/** `lock`: the phone has been switched on and nobody has unlocked it yet; `unlock`: its user has. */
const SIMPLE_OPS = [
  'sync',
  'restart_app',
  'offline',
  'online',
  'rotate_key',
  'sign_out',
  'lock',
  'unlock',
  'quit',
] as const;
type SimpleOp = (typeof SIMPLE_OPS)[number];

export type Command =
  | { readonly op: 'state'; readonly keys: boolean }
  | { readonly op: 'read'; readonly references: readonly ReferenceText[] }
  | {
      readonly op: SimpleOp;
    };

const commandSchema: z.ZodType<Command> = z.union([
  z.strictObject({ op: z.literal('state'), keys: z.boolean().default(false) }),
  z.strictObject({ op: z.literal('read'), references: z.array(referenceTextSchema).max(REFERENCES_MAX) }),
  z.strictObject({
    op: z.enum(SIMPLE_OPS),
  }),
]);

/** Null for a line that is no command. */
export function parseCommand(line: string): Command | null {
  try {
    return commandSchema.parse(JSON.parse(line));
  } catch {
    return null;
  }
}
