// alice-phone in suite 0x31: her push key, her account, and what an honest Zulip server and app write. libsodium's own
// functions seal here; the library is not asked.
import sodium from 'libsodium-wrappers';
import { concat, hex, u8, utf8 } from '../../../../protocol/wire/bytes.ts';
import type { JsonObject, ZulipCase } from '../../shape/zulip-secretbox.ts';
import { draw } from '../draw.ts';
import { headOf, type Told } from '../told.ts';

await sodium.ready;

const KEY = draw('zulip push key', 32);
export const PUSH_KEY: string = base64(concat(u8(0x31), KEY));
export const PUSH_KEY_ID = 4_294_967_295;
const REALM = 'https://chat.example.org';
const USER_ID = 7;
export const BOUNCER_PRIVATE_KEY: Uint8Array = draw('zulip bouncer key', 32);
export const BOUNCER_PUBLIC_KEY: Uint8Array = sodium.crypto_scalarmult_base(BOUNCER_PRIVATE_KEY);

const ACCOUNT = { realm_url: REALM, realm_name: 'Example', user_id: USER_ID };

export const MESSAGE: JsonObject = {
  ...ACCOUNT,
  sender_id: 3,
  recipient_type: 'channel',
  channel_name: 'general',
  channel_id: 12,
  topic: 'lunch 🥗',
  type: 'message',
  message_id: 1001,
  time: 1_795_262_400,
  content: 'Soup or salad?',
  sender_full_name: 'bob',
  sender_avatar_url: `${REALM}/avatar/3`,
};

/** A message to three, with no words. */
export const DIRECT: JsonObject = {
  ...ACCOUNT,
  sender_id: 3,
  recipient_type: 'direct',
  recipient_user_ids: [3, 7, 9],
  type: 'message',
  message_id: 1002,
  time: 1_795_262_400,
  content: '',
  sender_full_name: 'bob',
  sender_avatar_url: 'https://chat.example.org/avatar/3',
};

export const REMOVE: JsonObject = { ...ACCOUNT, type: 'remove', message_ids: [31, 32] };
export const TEST: JsonObject = { ...ACCOUNT, type: 'test', time: 1_795_262_400 };

export function base64(value: Uint8Array): string {
  return Buffer.from(value).toString('base64');
}

/** A secretbox: nonce ‖ tag ‖ ciphertext. */
export function box(id: string, plaintext: Uint8Array, key: Uint8Array = KEY): Uint8Array {
  const nonce = draw(`zulip ${id} nonce`, 24);
  return concat(nonce, sodium.crypto_secretbox_easy(plaintext, nonce, key));
}

/** A sealed box: ephemeral public key ‖ tag ‖ ciphertext. */
export function sealedBox(
  id: string,
  plaintext: Uint8Array,
): { readonly blob: Uint8Array; readonly ephemeral: Uint8Array } {
  const ephemeral = draw(`zulip ${id} ephemeral`, 32);
  const epk = sodium.crypto_scalarmult_base(ephemeral);
  const nonce = sodium.crypto_generichash(24, concat(epk, BOUNCER_PUBLIC_KEY), null);
  const blob = concat(epk, sodium.crypto_box_easy(plaintext, nonce, BOUNCER_PUBLIC_KEY, ephemeral));
  return { blob, ephemeral };
}

export function json(value: unknown): Uint8Array {
  return utf8(JSON.stringify(value));
}

const held = {
  of: 'notification' as const,
  push_key: PUSH_KEY,
  push_key_id: PUSH_KEY_ID,
  realm_origin: REALM,
  user_id: USER_ID,
};

/** A notification that opens to this payload; `written` is what stands in the box, if it is more than that. */
export function opens(
  told: Told,
  payload: JsonObject,
  written: JsonObject = payload,
  pushKeyId: number | string = PUSH_KEY_ID,
): ZulipCase {
  const plaintext = json(written);
  const sealed = box(told[0], plaintext);
  return {
    ...headOf('zulip', told),
    ...held,
    received: { push_key_id: pushKeyId, encrypted_data: base64(sealed) },
    result: 'valid',
    nonce: hex(sealed.subarray(0, 24)),
    plaintext: hex(plaintext),
    payload,
  };
}

/** A notification that is refused. */
export function stops(
  told: Told,
  step: 'id' | 'length' | 'aead' | 'schema' | 'type' | 'account',
  received: JsonObject,
): ZulipCase {
  return { ...headOf('zulip', told), ...held, received, result: 'refused', step };
}

/** A notification under the id of another key. */
export function strange(told: Told, received: JsonObject): ZulipCase {
  return { ...headOf('zulip', told), ...held, received, result: 'not_ours' };
}

/** What a phone receives. */
export function received(sealed: Uint8Array | string, pushKeyId: unknown = PUSH_KEY_ID): JsonObject {
  return { push_key_id: pushKeyId, encrypted_data: typeof sealed === 'string' ? sealed : base64(sealed) };
}
