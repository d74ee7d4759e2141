// The whole of revocation.json.
import { concat, hex, u8 } from '../../../../protocol/wire/bytes.ts';
import type { RevocationCase, RevocationFile } from '../../shape/challenge.ts';
import { flip } from '../notification/field.ts';
import { FCM } from '../push-token/field.ts';
import { countResults, flagsOf, headOf, type Told } from '../told.ts';
import {
  type Attempt,
  alice,
  asText,
  bob,
  CHALLENGE,
  elsewhere,
  form,
  LABEL,
  mac,
  makeAttempt,
} from './attempt.ts';

export function revocationVectors(): RevocationFile {
  const cases = revocationCases();
  return {
    protocol: 'sealed-push/1',
    kind: 'revocation',
    note: 'The MAC with which the app ends an attempt, as the bouncer gets it. Bytes are in hexadecimal.',
    flags: flagsOf(cases),
    counts: countResults(cases),
    cases,
  };
}

function revocationCases(): RevocationCase[] {
  const { attempt, confirmKey, infoHash, info } = alice;
  const right = mac(confirmKey, LABEL.revoke, attempt, infoHash);
  const checked = (
    result: 'valid' | 'refused',
    told: Told,
    by: Attempt,
    got: Uint8Array,
  ): RevocationCase => ({
    ...headOf('revocation', told),
    result,
    attempt: form(by),
    mac: hex(got),
  });
  const no = (id: string, comment: string, got: Uint8Array, ...flags: 'SilentFork'[]): RevocationCase =>
    checked('refused', [id, comment, 'revocation', 'Mac', ...flags], alice, got);
  const fcm = makeAttempt('alice-phone', FCM);
  return [
    checked('valid', ['right', 'the app ends its attempt', 'revocation', 'Kind'], alice, right),
    checked(
      'valid',
      ['fcm', 'the app ends an attempt of FCM', 'revocation', 'Kind'],
      fcm,
      mac(fcm.confirmKey, LABEL.revoke, fcm.attempt, fcm.infoHash),
    ),
    no('first', 'the first byte was changed', flip(right, 0)),
    no('last', 'the last byte was changed', flip(right, -1)),
    no('empty', 'no bytes', new Uint8Array(0)),
    no('cut', 'cut to 16 bytes', right.slice(0, 16), 'SilentFork'),
    no('long', 'one byte behind it', concat(right, u8(0))),
    no('zero', 'zeros', new Uint8Array(32)),
    no(
      'confirm-label',
      'with the label of the confirmation',
      mac(confirmKey, LABEL.confirm, attempt, infoHash),
    ),
    no(
      'with-challenge',
      'with a challenge in it, as the confirmation has',
      mac(confirmKey, LABEL.revoke, attempt, CHALLENGE, infoHash),
    ),
    no(
      'other-key',
      'under the confirm_key of another attempt',
      mac(bob.confirmKey, LABEL.revoke, attempt, infoHash),
    ),
    no('other-attempt', 'over another attempt', mac(confirmKey, LABEL.revoke, bob.attempt, infoHash)),
    no(
      'other-origin',
      'over the info of another origin',
      mac(confirmKey, LABEL.revoke, attempt, elsewhere.infoHash),
    ),
    no('info-itself', 'over info instead of its hash', mac(confirmKey, LABEL.revoke, attempt, info)),
    no('no-info', 'over the attempt alone', mac(confirmKey, LABEL.revoke, attempt)),
    no(
      'over-text',
      'over hexadecimal text instead of bytes',
      mac(confirmKey, LABEL.revoke, asText(attempt), asText(infoHash)),
      'SilentFork',
    ),
  ];
}
