// Attempts of alice-phone and bob-phone, and the MACs over them (SPEC.md section "Challenge and confirmation").
import { portableBackend as backend } from '../../../../protocol/crypto/backend-portable.ts';
import { hex, utf8 } from '../../../../protocol/wire/bytes.ts';
import { SUITE_XWING_BASE, type Suite } from '../../../../protocol/wire/suites.ts';
import type { AttemptForm } from '../../shape/challenge.ts';
import type { ContextForm } from '../../shape/push-token.ts';
import { draw } from '../draw.ts';
import { APNS, tokenInfo } from '../push-token/field.ts';

export const LABEL: Readonly<Record<'challenge' | 'confirm' | 'revoke', string>> = {
  challenge: 'sealed-push/1 challenge',
  confirm: 'sealed-push/1 confirm',
  revoke: 'sealed-push/1 revoke',
};
export const CHALLENGE: Uint8Array = draw('challenge', 16);
export const OTHER_CHALLENGE: Uint8Array = draw('other challenge', 16);

/** An attempt of alice-phone, with what it is bound to. */
export interface Attempt {
  readonly attempt: Uint8Array;
  readonly confirmKey: Uint8Array;
  readonly info: Uint8Array;
  readonly infoHash: Uint8Array;
}

export function makeAttempt(
  name: string,
  context: ContextForm = APNS,
  suite: Suite = SUITE_XWING_BASE,
): Attempt {
  const info = tokenInfo(suite, draw('t12 bouncer bkid', 4), context);
  return {
    attempt: draw(`${name} attempt`, 16),
    confirmKey: draw(`${name} confirm_key`, 32),
    info,
    infoHash: backend.sha256(info),
  };
}

export const alice: Attempt = makeAttempt('alice-phone');
export const bob: Attempt = makeAttempt('bob-phone');
export const elsewhere: Attempt = { ...alice, ...boundTo({ ...APNS, origin: 'https://evil.example.net' }) };

function boundTo(context: ContextForm): Pick<Attempt, 'info' | 'infoHash'> {
  const info = tokenInfo(SUITE_XWING_BASE, draw('t12 bouncer bkid', 4), context);
  return { info, infoHash: backend.sha256(info) };
}

export function mac(key: Uint8Array, label: string, ...parts: readonly Uint8Array[]): Uint8Array {
  return backend.hmacSha256(key, utf8(label), ...parts);
}

/** Bytes as the text that they are written as. */
export function asText(value: Uint8Array): Uint8Array {
  return utf8(hex(value));
}

export function asBase64url(value: Uint8Array): Uint8Array {
  return utf8(Buffer.from(value).toString('base64url'));
}

/** An attempt in the form of the vectors. */
export function form({ attempt, confirmKey, info, infoHash }: Attempt): AttemptForm {
  return { attempt: hex(attempt), confirm_key: hex(confirmKey), info: hex(info), info_hash: hex(infoHash) };
}
