// Opening a sealed push token with the origin that authenticated (SPEC.md section 6). The bouncer does this.
import type { CryptoBackend } from '../../crypto/backend.ts';
import { openHpke } from '../../crypto/hpke.ts';
import { equalConstantTime } from '../../wire/bytes.ts';
import { ProtocolError } from '../../wire/errors.ts';
import type { Suite } from '../../wire/suites.ts';
import {
  decodePushToken,
  decodeSealedToken,
  encodeTokenInfo,
  type PushToken,
  type TokenContext,
} from '../push-token.ts';

/** A sealing key of the bouncer, private half included. */
export interface BouncerPrivateKey {
  /** 4 bytes. */
  readonly bkid: Uint8Array;
  readonly suite: Suite;
  readonly privateKey: Uint8Array;
}

/** What was sealed, and SHA-256 of `info` (32 bytes), which the MACs of the attempt are bound to. */
export interface OpenedPushToken {
  readonly push: PushToken;
  readonly infoHash: Uint8Array;
}

/** @throws ProtocolError `open_failed` for everything that is not a token sealed to one of these keys in this context */
export function openPushToken(
  backend: CryptoBackend,
  keys: readonly BouncerPrivateKey[],
  context: TokenContext,
  blob: Uint8Array,
): OpenedPushToken {
  try {
    return open(backend, keys, context, blob);
  } catch (error) {
    if (error instanceof ProtocolError) throw new ProtocolError('open_failed');
    throw error;
  }
}

function open(
  backend: CryptoBackend,
  keys: readonly BouncerPrivateKey[],
  context: TokenContext,
  blob: Uint8Array,
): OpenedPushToken {
  const sealed = decodeSealedToken(blob);
  const key = keys.find(
    (known) => known.suite.id === sealed.suite.id && equalConstantTime(known.bkid, sealed.bkid),
  );
  if (key === undefined) throw new ProtocolError('open_failed');
  const info = encodeTokenInfo(sealed.suite, sealed.bkid, context);
  const plaintext = openHpke(backend, sealed.suite, key.privateKey, info, null, sealed);
  if (plaintext === null) throw new ProtocolError('open_failed');
  return { push: decodePushToken(context.platform, plaintext), infoHash: backend.sha256(info) };
}
