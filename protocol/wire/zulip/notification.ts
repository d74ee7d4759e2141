// What a phone receives in suite 0x31 (SPEC.md appendix C): not an envelope, and never under the key `e`.
//
//   {push_key_id, encrypted_data}    APNs: members of the body, a number; FCM: members of `data`, a decimal text
import { z } from 'zod';
import { PUSH_KEY_ID_MAX, ZULIP_ENCRYPTED_DATA_CHARACTERS_MAX } from './limits.ts';

/** A secretbox, and which key it is under. */
export interface ZulipNotification {
  /** 0 … 4294967295, chosen at random by the app. */
  readonly pushKeyId: number;
  /** Padded base64 of nonce(24) ‖ tag(16) ‖ ciphertext; at most 4048 characters. */
  readonly encryptedData: string;
}

const pushKeyIdSchema = z.int().min(0).max(PUSH_KEY_ID_MAX);
const decimalSchema = z
  .string()
  .regex(/^(?:0|[1-9][0-9]{0,9})$/)
  .transform(Number)
  .pipe(pushKeyIdSchema);

/** Members beside these two are ignored: an APNs body has its `aps` there. */
const notificationSchema = z.object({
  push_key_id: z.union([pushKeyIdSchema, decimalSchema]),
  encrypted_data: z.string().max(ZULIP_ENCRYPTED_DATA_CHARACTERS_MAX),
});

/** The notification in an APNs body or in FCM data, or null if there is none. */
export function parseZulipNotification(received: unknown): ZulipNotification | null {
  const parsed = notificationSchema.safeParse(received);
  if (!parsed.success) return null;
  return { pushKeyId: parsed.data.push_key_id, encryptedData: parsed.data.encrypted_data };
}

/** Whether a number can name a push key. */
export function isPushKeyId(value: number): boolean {
  return Number.isInteger(value) && value >= 0 && value <= PUSH_KEY_ID_MAX;
}
