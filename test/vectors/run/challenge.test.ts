// challenge.json and revocation.json through the library, on both backends.
import { expect, test } from 'vitest';
import type { CryptoBackend } from '../../../protocol/crypto/backend.ts';
import {
  challengeMac,
  confirmationMac,
  decodeChallenge,
  revocationMac,
} from '../../../protocol/registration/challenge.ts';
import { equalConstantTime, hex } from '../../../protocol/wire/bytes.ts';
import { unhex } from '../device/unhex.ts';
import {
  type AttemptForm,
  type ChallengeCase,
  challengeFile,
  type RevocationCase,
  revocationFile,
} from '../shape/challenge.ts';
import { BACKENDS, readVectors } from './read.ts';

const challenges = readVectors('challenge.json', challengeFile).cases;
const revocations = readVectors('revocation.json', revocationFile).cases;

function attemptOf({ attempt, confirm_key, info_hash }: AttemptForm) {
  return { attempt: unhex(attempt), confirmKey: unhex(confirm_key), infoHash: unhex(info_hash) };
}

/** What the app does with a `c`: looks its attempt up, checks the MAC, answers. */
function answer(backend: CryptoBackend, form: AttemptForm, c: Uint8Array): object {
  const pending = attemptOf(form);
  const pushed = decodeChallenge(c);
  if (pushed === null || !equalConstantTime(pushed.attempt, pending.attempt)) return { result: 'refused' };
  const bound = [pending.confirmKey, pending.attempt, pushed.challenge, pending.infoHash] as const;
  if (!equalConstantTime(challengeMac(backend, ...bound), pushed.mac)) return { result: 'refused' };
  return {
    result: 'valid',
    challenge: hex(pushed.challenge),
    mac: hex(pushed.mac),
    confirmation: hex(confirmationMac(backend, ...bound)),
  };
}

function outcome(backend: CryptoBackend, known: ChallengeCase): object {
  if (known.of === 'challenge') return answer(backend, known.attempt, unhex(known.c));
  const { confirmKey, attempt, infoHash } = attemptOf(known.attempt);
  const right = confirmationMac(backend, confirmKey, attempt, unhex(known.challenge), infoHash);
  return { result: equalConstantTime(right, unhex(known.confirmation)) ? 'valid' : 'refused' };
}

function revoke(backend: CryptoBackend, { attempt: form, mac }: RevocationCase): 'valid' | 'refused' {
  const { confirmKey, attempt, infoHash } = attemptOf(form);
  return equalConstantTime(revocationMac(backend, confirmKey, attempt, infoHash), unhex(mac))
    ? 'valid'
    : 'refused';
}

test.each(BACKENDS)(
  'every challenge and confirmation comes out as its case says, on the %s backend',
  (_, backend) => {
    for (const known of challenges) expect(known, known.id).toMatchObject(outcome(backend, known));
  },
);

test.each(BACKENDS)('every revocation comes out as its case says, on the %s backend', (_, backend) => {
  for (const known of revocations) expect(revoke(backend, known), known.id).toBe(known.result);
});

test.each(BACKENDS)('info_hash is SHA-256 of info in every attempt, on the %s backend', (_, backend) => {
  for (const { id, attempt } of [...challenges, ...revocations]) {
    expect(hex(backend.sha256(unhex(attempt.info))), id).toBe(attempt.info_hash);
  }
});
