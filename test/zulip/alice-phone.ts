// alice's phone at a Zulip server: a device that never had a key of another suite, seen from both sides.
import { openZulipNotification, type ZulipOpeningKey } from '../../protocol/content/open/zulip/open.ts';
import type { ZulipSealingKey } from '../../protocol/content/seal/zulip/seal.ts';
import type { ZulipAccount, ZulipPayload } from '../../protocol/content/zulip/payload.ts';
import { type DeviceHistory, type PushKey, parsePushKey } from '../../protocol/content/zulip/push-key.ts';
import { sealSecretbox } from '../../protocol/crypto/zulip/secretbox.ts';
import { utf8 } from '../../protocol/wire/bytes.ts';
import { encodeBase64 } from '../../protocol/wire/zulip/base64.ts';
import { KEY, NONCE, PUSH_KEY } from './known-answers.ts';

export const NO_HISTORY: DeviceHistory = { suitesUsed: [] };
export const PUSH_KEY_ID = 4_294_967_295;
export const pushKey: PushKey = parsePushKey(PUSH_KEY, NO_HISTORY);
export const sealingKey: ZulipSealingKey = { pushKey, pushKeyId: PUSH_KEY_ID };
export const openingKey: ZulipOpeningKey = { pushKey, realmOrigin: 'https://chat.example.org', userId: 7 };
/** The account of V1 and V2. */
export const devKey: ZulipOpeningKey = { pushKey, realmOrigin: 'http://zulip.testserver', userId: 10 };

export const account: ZulipAccount = {
  realm_url: 'https://chat.example.org',
  realm_name: 'Exemple',
  user_id: 7,
};

export const message: ZulipPayload & { type: 'message' } = {
  ...account,
  type: 'message',
  sender_id: 3,
  recipient_type: 'channel',
  channel_name: 'garden',
  channel_id: 12,
  topic: 'tomatoes',
  message_id: 1001,
  time: 1_754_577_820,
  content: 'hello',
  sender_full_name: 'bob',
  sender_avatar_url: 'https://chat.example.org/avatar/3',
};

/** Opens what a phone with this key received. */
export function open(
  encryptedData: string,
  key: ZulipOpeningKey = openingKey,
): ReturnType<typeof openZulipNotification> {
  return openZulipNotification({ pushKeyId: PUSH_KEY_ID, encryptedData }, (id) =>
    id === PUSH_KEY_ID ? key : null,
  );
}

/** A secretbox under K1 around any text, which an honest server would not make. */
export function boxAround(plaintext: string | Uint8Array): string {
  const bytes = typeof plaintext === 'string' ? utf8(plaintext) : plaintext;
  return encodeBase64(sealSecretbox(KEY, NONCE, bytes));
}
