// push-token.json through the library, on both backends: what opens, what is refused, and that sealing with the same
// randomness gives the same bytes.
import { expect, test } from 'vitest';
import type { CryptoBackend } from '../../../protocol/crypto/backend.ts';
import { createPortableBackend } from '../../../protocol/crypto/backend-portable.ts';
import {
  type BouncerPrivateKey,
  openPushToken,
} from '../../../protocol/registration/open/open-push-token.ts';
import type { PushToken, TokenContext } from '../../../protocol/registration/push-token.ts';
import { sealPushToken } from '../../../protocol/registration/seal/seal-push-token.ts';
import { hex, textOf, utf8 } from '../../../protocol/wire/bytes.ts';
import { ProtocolError } from '../../../protocol/wire/errors.ts';
import type { Environment, Platform } from '../../../protocol/wire/ids.ts';
import { findSuite } from '../../../protocol/wire/suites.ts';
import { unhex } from '../device/unhex.ts';
import { type ContextForm, type PushTokenCase, pushTokenFile, type TokenForm } from '../shape/push-token.ts';
import { BACKENDS, readVectors } from './read.ts';

const { cases } = readVectors('push-token.json', pushTokenFile);

function contextOf({ origin, app_id, platform, environment }: ContextForm): TokenContext {
  return { origin, appId: app_id, platform: platform as Platform, environment: environment as Environment };
}

function tokenFormOf(platform: string, push: PushToken): TokenForm {
  return {
    token: platform === 'apns' ? hex(push.token) : (textOf(push.token) ?? ''),
    issued_at: push.issuedAt,
    attempt: hex(push.attempt),
    confirm_key: hex(push.confirmKey),
  };
}

function outcome(backend: CryptoBackend, { bouncer_keys, context, blob }: PushTokenCase): object {
  const keys = bouncer_keys.map(
    ({ suite, bkid, private_key }): BouncerPrivateKey => ({
      suite: findSuite(suite, 'push-token'),
      bkid: unhex(bkid),
      privateKey: unhex(private_key),
    }),
  );
  try {
    const opened = openPushToken(backend, keys, contextOf(context), unhex(blob));
    const token = tokenFormOf(context.platform, opened.push);
    return { result: 'valid', token, info_hash: hex(opened.infoHash) };
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== 'open_failed') throw error;
    return { result: 'refused' };
  }
}

test.each(BACKENDS)('every push token comes out as its case says, on the %s backend', (_, backend) => {
  for (const known of cases) {
    const said =
      known.result === 'valid'
        ? { result: 'valid', token: known.token, info_hash: known.info_hash }
        : { result: 'refused' };
    expect(outcome(backend, known), known.id).toEqual(said);
  }
});

test('every push token that opens is sealed to the same bytes again', () => {
  for (const known of cases) {
    if (known.result === 'valid') expect(sealAgain(known), known.id).toBe(known.blob);
  }
});

function sealAgain({ context, token, sealing }: PushTokenCase & { result: 'valid' }): string {
  const ephemeral = unhex(sealing.hpke.ephemeral);
  let drawn = 0;
  const backend = createPortableBackend((length) => {
    drawn += length;
    return ephemeral.slice(drawn - length, drawn);
  });
  const key = {
    suite: sealing.suite,
    bkid: unhex(sealing.bkid),
    key: unhex(sealing.hpke.public_key),
    notBefore: 0,
    notAfter: 1,
  };
  const push = {
    token: context.platform === 'apns' ? unhex(token.token) : utf8(token.token),
    issuedAt: token.issued_at,
    attempt: unhex(token.attempt),
    confirmKey: unhex(token.confirm_key),
  };
  return hex(sealPushToken(backend, key, contextOf(context), push).blob);
}
