// Opening suite 0x31 (SPEC.md appendix C): the key by its id, base64, secretbox, JSON, account. Null for an
// id that is not ours; one opaque error for everything that fails after that; nothing of what fails is shown.
//
// What comes out is authentic for whoever holds the one key, and nothing more: it may be a repetition or years late.
import { openSecretbox } from '../../../crypto/zulip/secretbox.ts';
import { type OpenStep, ProtocolError } from '../../../wire/errors.ts';
import { decodeBase64 } from '../../../wire/zulip/base64.ts';
import { SECRETBOX_OVERHEAD_BYTES, ZULIP_ENCRYPTED_DATA_CHARACTERS_MAX } from '../../../wire/zulip/limits.ts';
import type { ZulipNotification } from '../../../wire/zulip/notification.ts';
import { decodeZulipPayload, type ZulipPayload } from '../../zulip/payload.ts';
import type { PushKey } from '../../zulip/push-key.ts';

/** What the device holds of a push key, for as long as late notifications may come. */
export interface ZulipOpeningKey {
  readonly pushKey: PushKey;
  /** The origin of the account's realm, as the URL standard writes it. */
  readonly realmOrigin: string;
  readonly userId: number;
}

/** A payload, or why there is none to show: it names another account, or a type of a later version. */
export type ZulipOpened =
  | { readonly outcome: 'opened'; readonly key: ZulipOpeningKey; readonly payload: ZulipPayload }
  | { readonly outcome: 'wrong_account' | 'unknown_type'; readonly key: ZulipOpeningKey };

/**
 * Opens a notification with the key of its id.
 * @param findKey the key of a push_key_id over all accounts, retired ones included, or null if it is not ours
 * @returns null if the id is not ours
 * @throws ProtocolError `open_failed`, with a local diagnostic: `length` for what is not base64 of 40 bytes or more,
 * `aead`, `schema` for an authentic plaintext that is not Zulip's JSON
 */
export function openZulipNotification(
  notification: ZulipNotification,
  findKey: (pushKeyId: number) => ZulipOpeningKey | null,
): ZulipOpened | null {
  const key = findKey(notification.pushKeyId);
  if (key === null) return null;
  const plaintext = openSecretbox(key.pushKey.reveal(), parseBox(notification.encryptedData));
  if (plaintext === null) throw failed('aead');
  const payload = decode(plaintext);
  if (payload === null) return { outcome: 'unknown_type', key };
  const ours = new URL(payload.realm_url).origin === key.realmOrigin && payload.user_id === key.userId;
  return ours ? { outcome: 'opened', key, payload } : { outcome: 'wrong_account', key };
}

function parseBox(text: string): Uint8Array {
  const box = text.length <= ZULIP_ENCRYPTED_DATA_CHARACTERS_MAX ? decodeBase64(text) : null;
  if (box === null || box.length < SECRETBOX_OVERHEAD_BYTES) throw failed('length');
  return box;
}

function decode(plaintext: Uint8Array): ZulipPayload | null {
  try {
    return decodeZulipPayload(plaintext);
  } catch {
    throw failed('schema');
  }
}

function failed(step: OpenStep): ProtocolError {
  return new ProtocolError('open_failed', step);
}
