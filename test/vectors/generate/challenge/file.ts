// The whole of challenge.json: the challenge as the app gets it, the confirmation as the bouncer gets it.
import { portableBackend as backend } from '../../../../protocol/crypto/backend-portable.ts';
import { concat, hex, u8, utf8 } from '../../../../protocol/wire/bytes.ts';
import { SUITE_X25519_BASE } from '../../../../protocol/wire/suites.ts';
import type { ChallengeCase, ChallengeFile } from '../../shape/challenge.ts';
import { flip } from '../notification/field.ts';
import { APNS, FCM } from '../push-token/field.ts';
import { countResults, flagsOf, headOf, type Told } from '../told.ts';
import {
  type Attempt,
  alice,
  asBase64url,
  asText,
  bob,
  CHALLENGE,
  elsewhere,
  form,
  LABEL,
  mac,
  makeAttempt,
  OTHER_CHALLENGE,
} from './attempt.ts';

export function challengeVectors(): ChallengeFile {
  const cases = [...pushedCases(), ...confirmationCases()];
  return {
    protocol: 'sealed-push/1',
    kind: 'challenge',
    note: 'The challenge as the app gets it, and the confirmation as the bouncer gets it. Bytes are in hexadecimal.',
    flags: flagsOf(cases),
    counts: countResults(cases),
    cases,
  };
}

function pushedCases(): ChallengeCase[] {
  const { attempt, confirmKey, infoHash, info } = alice;
  const whole = mac(confirmKey, LABEL.challenge, attempt, CHALLENGE, infoHash);
  const right = concat(attempt, CHALLENGE, whole.slice(0, 16));
  const withMac = (full: Uint8Array): Uint8Array => concat(attempt, CHALLENGE, full.slice(0, 16));
  const ignored = (id: string, comment: string, c: Uint8Array): ChallengeCase => {
    const told: Told = [id, comment, 'challenge', 'Mac'];
    return {
      ...headOf('challenge', told),
      of: 'challenge',
      result: 'refused',
      attempt: form(alice),
      c: hex(c),
    };
  };
  const bobs = mac(bob.confirmKey, LABEL.challenge, bob.attempt, CHALLENGE, bob.infoHash).slice(0, 16);
  return [
    answered('apns', 'a challenge for a token of APNs, suite 0x12', alice),
    answered('x25519', 'the same, suite 0x11', makeAttempt('alice-phone', APNS, SUITE_X25519_BASE)),
    answered('fcm', 'a challenge for a token of FCM', makeAttempt('alice-phone', FCM)),
    ...[0, 15, 16, 31, 32, 47].map((index) =>
      ignored(`byte-${index}`, `byte ${index} of c was changed`, flip(right, index)),
    ),
    ignored('empty', 'c is empty', new Uint8Array(0)),
    ignored('length-32', 'c without its MAC', right.slice(0, 32)),
    ignored('length-47', 'c without its last byte', right.slice(0, 47)),
    ignored('length-49', 'c with one byte behind it', concat(right, u8(0))),
    ignored('length-64', 'c with the whole HMAC of 32 bytes', concat(attempt, CHALLENGE, whole)),
    ignored(
      'mac-last-half',
      'the last 16 bytes of the HMAC instead of the first',
      concat(attempt, CHALLENGE, whole.slice(16)),
    ),
    ignored('mac-zero', 'a MAC of zeros', concat(attempt, CHALLENGE, new Uint8Array(16))),
    ignored(
      'other-attempt',
      'a good challenge for an attempt of another device',
      concat(bob.attempt, CHALLENGE, bobs),
    ),
    ignored(
      'mac-other-key',
      'a MAC under the confirm_key of another attempt',
      withMac(mac(bob.confirmKey, LABEL.challenge, attempt, CHALLENGE, infoHash)),
    ),
    ignored(
      'mac-other-attempt',
      'a MAC over another attempt',
      withMac(mac(confirmKey, LABEL.challenge, bob.attempt, CHALLENGE, infoHash)),
    ),
    ignored(
      'mac-other-challenge',
      'a MAC over another challenge',
      withMac(mac(confirmKey, LABEL.challenge, attempt, OTHER_CHALLENGE, infoHash)),
    ),
    ignored(
      'mac-other-origin',
      'a MAC over the info of another origin: a server that hands in a stolen token',
      withMac(mac(confirmKey, LABEL.challenge, attempt, CHALLENGE, elsewhere.infoHash)),
    ),
    ignored(
      'mac-info-itself',
      'a MAC over info instead of its hash',
      withMac(mac(confirmKey, LABEL.challenge, attempt, CHALLENGE, info)),
    ),
    ignored(
      'mac-no-info',
      'a MAC that leaves the hash of info out',
      withMac(mac(confirmKey, LABEL.challenge, attempt, CHALLENGE)),
    ),
    ignored(
      'mac-confirm-label',
      'a MAC with the label of the confirmation',
      withMac(mac(confirmKey, LABEL.confirm, attempt, CHALLENGE, infoHash)),
    ),
    ignored(
      'mac-no-label',
      'a MAC without a label',
      withMac(mac(confirmKey, '', attempt, CHALLENGE, infoHash)),
    ),
    ignored(
      'mac-swapped',
      'a MAC over challenge ‖ attempt',
      withMac(mac(confirmKey, LABEL.challenge, CHALLENGE, attempt, infoHash)),
    ),
    ignored(
      'mac-sha256',
      'SHA-256 over key and message instead of HMAC',
      withMac(backend.sha256(confirmKey, utf8(LABEL.challenge), attempt, CHALLENGE, infoHash)),
    ),
    {
      ...ignored(
        'mac-over-text',
        'a MAC over hexadecimal text instead of bytes',
        withMac(mac(confirmKey, LABEL.challenge, asText(attempt), asText(CHALLENGE), asText(infoHash))),
      ),
      flags: ['Mac', 'SilentFork'],
    },
    {
      ...ignored(
        'mac-over-base64url',
        'a MAC over base64url instead of bytes',
        withMac(
          mac(
            confirmKey,
            LABEL.challenge,
            asBase64url(attempt),
            asBase64url(CHALLENGE),
            asBase64url(infoHash),
          ),
        ),
      ),
      flags: ['Mac', 'SilentFork'],
    },
  ];
}

function answered(id: string, comment: string, attempt: Attempt): ChallengeCase {
  const bound = [attempt.attempt, CHALLENGE, attempt.infoHash];
  const tag = mac(attempt.confirmKey, LABEL.challenge, ...bound).slice(0, 16);
  const confirmation = mac(attempt.confirmKey, LABEL.confirm, ...bound);
  return {
    ...headOf('challenge', [id, comment, 'challenge', 'Kind']),
    of: 'challenge',
    result: 'valid',
    attempt: form(attempt),
    c: hex(concat(attempt.attempt, CHALLENGE, tag)),
    challenge: hex(CHALLENGE),
    mac: hex(tag),
    confirmation: hex(confirmation),
  };
}

function confirmationCases(): ChallengeCase[] {
  const { attempt, confirmKey, infoHash, info } = alice;
  const right = mac(confirmKey, LABEL.confirm, attempt, CHALLENGE, infoHash);
  const checked = (result: 'valid' | 'refused', told: Told, confirmation: Uint8Array): ChallengeCase => ({
    ...headOf('confirmation', told),
    of: 'confirmation',
    result,
    attempt: form(alice),
    challenge: hex(CHALLENGE),
    confirmation: hex(confirmation),
  });
  const no = (
    id: string,
    comment: string,
    confirmation: Uint8Array,
    ...flags: 'SilentFork'[]
  ): ChallengeCase => checked('refused', [id, comment, 'challenge', 'Mac', ...flags], confirmation);
  return [
    checked(
      'valid',
      ['right', 'the confirmation of the challenge that was sent', 'challenge', 'Kind'],
      right,
    ),
    no('first', 'the first byte was changed', flip(right, 0)),
    no('last', 'the last byte was changed', flip(right, -1)),
    no('empty', 'no bytes', new Uint8Array(0)),
    no('cut', 'cut to 16 bytes', right.slice(0, 16), 'SilentFork'),
    no('cut-31', 'cut to 31 bytes', right.slice(0, 31)),
    no('long', 'one byte behind it', concat(right, u8(0))),
    no('zero', 'zeros', new Uint8Array(32)),
    no(
      'challenge-label',
      'with the label of the challenge',
      mac(confirmKey, LABEL.challenge, attempt, CHALLENGE, infoHash),
    ),
    no(
      'revoke-label',
      'with the label of the revocation',
      mac(confirmKey, LABEL.revoke, attempt, CHALLENGE, infoHash),
    ),
    no(
      'other-key',
      'under the confirm_key of another attempt',
      mac(bob.confirmKey, LABEL.confirm, attempt, CHALLENGE, infoHash),
    ),
    no(
      'other-attempt',
      'over another attempt',
      mac(confirmKey, LABEL.confirm, bob.attempt, CHALLENGE, infoHash),
    ),
    no(
      'other-challenge',
      'of a challenge that was sent before',
      mac(confirmKey, LABEL.confirm, attempt, OTHER_CHALLENGE, infoHash),
    ),
    no(
      'other-origin',
      'over the info of another origin',
      mac(confirmKey, LABEL.confirm, attempt, CHALLENGE, elsewhere.infoHash),
    ),
    no(
      'info-itself',
      'over info instead of its hash',
      mac(confirmKey, LABEL.confirm, attempt, CHALLENGE, info),
    ),
    no(
      'over-text',
      'over hexadecimal text instead of bytes',
      mac(confirmKey, LABEL.confirm, asText(attempt), asText(CHALLENGE), asText(infoHash)),
      'SilentFork',
    ),
    no(
      'over-base64url',
      'over base64url instead of bytes',
      mac(confirmKey, LABEL.confirm, asBase64url(attempt), asBase64url(CHALLENGE), asBase64url(infoHash)),
      'SilentFork',
    ),
    no('as-text', 'the right one, as hexadecimal text', asText(right), 'SilentFork'),
  ];
}
