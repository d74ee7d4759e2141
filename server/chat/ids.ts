// Names that the chat's callers choose (docs/chat-api.md).
import { z } from 'zod';

/** Users and channels: lower-case letters, digits and `-`. */
export const chatIdSchema: z.ZodType<string> = z.string().regex(/^[a-z0-9-]{1,32}$/);

/** Text that has a UTF-8 form. */
export function wellFormedSchema(charactersMin: number, charactersMax: number): z.ZodType<string> {
  return z
    .string()
    .min(charactersMin)
    .max(charactersMax)
    .refine((text) => text.isWellFormed());
}

// Limits of the chat's interface.
export const NAME_CHARACTERS_MAX = 10_000;
export const TEXT_CHARACTERS_MAX = 20_000;
export const CLIENT_MESSAGE_ID_CHARACTERS_MAX = 64;
export const DIRECT_MEMBERS_MAX = 2000;
export const CHANNEL_MEMBERS_MAX = 20_000;
export const MESSAGES_PER_PAGE_MAX = 1000;
export const MESSAGES_PER_READ_MAX = 1000;
