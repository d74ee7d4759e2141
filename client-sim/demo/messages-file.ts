// A file of messages for the demonstration: JSON Lines of {sender, conversation, text}.
import { z } from 'zod';
import type { ConversationAddress } from '../chat-client.ts';

const LINES_MAX = 100_000;
const TEXT_CHARACTERS_MAX = 20_000;
const ID = /^[a-z0-9-]{1,32}$/;

const idSchema = z.string().regex(ID, 'users and channels are named with a-z, 0-9 and "-", at most 32');
const lineSchema = z.strictObject({
  sender: idSchema,
  /** A user, several users, or a channel with a topic. */
  conversation: z.union([
    idSchema.transform((user): ConversationAddress => ({ direct: [user] })),
    z.strictObject({ direct: z.array(idSchema).min(1).max(50) }),
    z.strictObject({ channel: idSchema, topic: z.string().min(1).max(60) }),
  ]),
  text: z.string().max(TEXT_CHARACTERS_MAX),
});

/** One message to send. */
export interface PlannedMessage {
  readonly sender: string;
  readonly conversation: ConversationAddress;
  readonly text: string;
}

/** @throws Error that names the first line which is not of the shape, and how */
export function parseMessages(text: string): readonly PlannedMessage[] {
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 }));
  const filled = lines.filter(({ line }) => line !== '');
  if (filled.length === 0) throw new Error('the file has no messages');
  if (filled.length > LINES_MAX) throw new Error(`the file has more than ${LINES_MAX} messages`);
  return filled.map(({ line, number }) => parseLine(line, number));
}

function parseLine(line: string, number: number): PlannedMessage {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new Error(`line ${number} is not JSON`);
  }
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(
    `line ${number}: ${issue?.path.join('.') || 'message'}: ${issue?.message ?? 'not a message'}`,
  );
}
