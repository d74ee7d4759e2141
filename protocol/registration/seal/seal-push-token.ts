// Sealing a push token to the bouncer, bound to the server's origin (SPEC.md section 6). The app does this.
import type { CryptoBackend } from '../../crypto/backend.ts';
import { prepareSender, sealHpke } from '../../crypto/hpke.ts';
import { concat, u8 } from '../../wire/bytes.ts';
import { findSuite } from '../../wire/suites.ts';
import type { BouncerKey } from '../key-list.ts';
import { encodePushToken, encodeTokenInfo, type PushToken, type TokenContext } from '../push-token.ts';

/** The blob, and SHA-256 of its `info`, which the MACs of the attempt are bound to (32 bytes). */
export interface SealedPushToken {
  readonly blob: Uint8Array;
  readonly infoHash: Uint8Array;
}

/** @throws ProtocolError `suite_unknown`, `key_malformed`, `payload_malformed`, `origin_malformed`, `app_id_malformed` */
export function sealPushToken(
  backend: CryptoBackend,
  key: BouncerKey,
  context: TokenContext,
  push: PushToken,
): SealedPushToken {
  const suite = findSuite(key.suite, 'push-token');
  const info = encodeTokenInfo(suite, key.bkid, context);
  const plaintext = encodePushToken(context.platform, push);
  const sealed = sealHpke(backend, prepareSender(backend, suite, key.key, info, null), plaintext);
  return {
    blob: concat(u8(suite.id), key.bkid, sealed.enc, sealed.ciphertext),
    infoHash: backend.sha256(info),
  };
}
