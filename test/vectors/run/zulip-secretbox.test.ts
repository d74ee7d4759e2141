// zulip-secretbox.json through the library. libsodium does the work whatever the backend is, which only hashes here.
import { expect, test } from 'vitest';
import { openZulipNotification } from '../../../protocol/content/open/zulip/open.ts';
import { parsePushKey } from '../../../protocol/content/zulip/push-key.ts';
import type { CryptoBackend } from '../../../protocol/crypto/backend.ts';
import { openZulipRegistration } from '../../../protocol/registration/open/zulip/open-registration.ts';
import { hex } from '../../../protocol/wire/bytes.ts';
import { ProtocolError } from '../../../protocol/wire/errors.ts';
import { ZULIP_ENCRYPTED_DATA_CHARACTERS_MAX } from '../../../protocol/wire/zulip/limits.ts';
import { parseZulipNotification } from '../../../protocol/wire/zulip/notification.ts';
import { unhex } from '../device/unhex.ts';
import { type JsonObject, type ZulipCase, zulipFile } from '../shape/zulip-secretbox.ts';
import { BACKENDS, readVectors } from './read.ts';

const { cases } = readVectors('zulip-secretbox.json', zulipFile);

function outcome(backend: CryptoBackend, known: ZulipCase): object {
  try {
    if (known.of === 'push_key') {
      const key = parsePushKey(known.text, { suitesUsed: known.suites_used });
      return { result: 'valid', key: hex(key.reveal()) };
    }
    return known.of === 'notification' ? open(known) : openRegistration(backend, known);
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { result: 'refused', ...(error.step !== undefined && { step: error.step }) };
  }
}

function open(known: ZulipCase & { of: 'notification' }): object {
  const notification = parseZulipNotification(known.received);
  if (notification === null) return { result: 'refused', step: isTooLong(known.received) ? 'length' : 'id' };
  const key = {
    pushKey: parsePushKey(known.push_key, { suitesUsed: [] }),
    realmOrigin: known.realm_origin,
    userId: known.user_id,
  };
  const opened = openZulipNotification(notification, (id) => (id === known.push_key_id ? key : null));
  if (opened === null) return { result: 'not_ours' };
  if (opened.outcome === 'opened') return { result: 'valid', payload: opened.payload };
  return { result: 'refused', step: opened.outcome === 'unknown_type' ? 'type' : 'account' };
}

/** The library's parser looks at id and length at once. */
function isTooLong(received: JsonObject): boolean {
  const data = received['encrypted_data'];
  return typeof data === 'string' && data.length > ZULIP_ENCRYPTED_DATA_CHARACTERS_MAX;
}

function openRegistration(backend: CryptoBackend, known: ZulipCase & { of: 'registration' }): object {
  const keys = [{ publicKey: unhex(known.public_key), privateKey: unhex(known.private_key) }];
  const { bouncer_public_key, encrypted_push_registration, token_id } = known.received;
  const opened = openZulipRegistration(backend, keys, {
    bouncerPublicKey: bouncer_public_key,
    encryptedPushRegistration: encrypted_push_registration,
    tokenId: token_id,
  });
  return opened === null ? { result: 'not_ours' } : { result: 'valid', registration: opened };
}

test.each(BACKENDS)(
  "everything in Zulip's form comes out as its case says, on the %s backend",
  (_, backend) => {
    for (const known of cases) expect(known, known.id).toMatchObject(outcome(backend, known));
  },
);
