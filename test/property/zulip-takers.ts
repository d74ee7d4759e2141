// Every valid vector in Zulip's form as the bytes under its base64, with what takes them.
import { openZulipNotification } from '../../protocol/content/open/zulip/open.ts';
import { parsePushKey } from '../../protocol/content/zulip/push-key.ts';
import { openZulipRegistration } from '../../protocol/registration/open/zulip/open-registration.ts';
import { parseZulipNotification } from '../../protocol/wire/zulip/notification.ts';
import { unhex } from '../vectors/device/unhex.ts';
import { readVectors } from '../vectors/run/read.ts';
import { zulipFile } from '../vectors/shape/zulip-secretbox.ts';
import { isTaken, type ValidVector } from './vector-takers.ts';

const fromBase64 = (text: unknown): Uint8Array => new Uint8Array(Buffer.from(String(text), 'base64'));
const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

/** Notifications and registrations of suite 0x31. */
export function validZulip(): ValidVector[] {
  return readVectors('zulip-secretbox.json', zulipFile).cases.flatMap((known): ValidVector[] => {
    if (known.result !== 'valid' || known.of === 'push_key') return [];
    if (known.of === 'notification') {
      const key = {
        pushKey: parsePushKey(known.push_key, { suitesUsed: [] }),
        realmOrigin: known.realm_origin,
        userId: known.user_id,
      };
      const take = (bytes: Uint8Array): boolean => {
        const received = { ...known.received, encrypted_data: toBase64(bytes) };
        const notification = parseZulipNotification(received);
        return notification !== null && isTaken(() => openZulipNotification(notification, () => key));
      };
      return [{ id: known.id, bytes: fromBase64(known.received['encrypted_data']), taker: () => take }];
    }
    const { bouncer_public_key, encrypted_push_registration, token_id } = known.received;
    const keys = [{ publicKey: unhex(known.public_key), privateKey: unhex(known.private_key) }];
    const bytes = fromBase64(encrypted_push_registration);
    return [
      {
        id: known.id,
        bytes,
        taker: (backend) => (changed) =>
          isTaken(() =>
            openZulipRegistration(backend, keys, {
              bouncerPublicKey: bouncer_public_key,
              encryptedPushRegistration: toBase64(changed),
              tokenId: token_id,
            }),
          ),
      },
    ];
  });
}
