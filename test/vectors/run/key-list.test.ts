// key-list.json through the library, on both backends: which lists are trusted, what is kept of them, and which key is
// chosen.
import { expect, test } from 'vitest';
import type { CryptoBackend } from '../../../protocol/crypto/backend.ts';
import type { KeyList } from '../../../protocol/registration/key-list.ts';
import {
  type KeyListTrust,
  selectBouncerKey,
  verifyKeyList,
} from '../../../protocol/registration/seal/verify-key-list.ts';
import { hex } from '../../../protocol/wire/bytes.ts';
import { ProtocolError } from '../../../protocol/wire/errors.ts';
import { unhex } from '../device/unhex.ts';
import { type KeyListCase, keyListFile, type ListForm, type TrustForm } from '../shape/key-list.ts';
import { BACKENDS, readVectors } from './read.ts';

const { cases } = readVectors('key-list.json', keyListFile);

function trustOf({ roots, build_time, lowest_version, seen }: TrustForm): KeyListTrust {
  return {
    roots: roots.map(unhex),
    buildTime: build_time,
    lowestVersion: lowest_version,
    seen:
      seen === null ? null : { version: seen.version, issuedAt: seen.issued_at, digest: unhex(seen.digest) },
  };
}

function listFormOf(list: KeyList): ListForm {
  return {
    version: list.version,
    issued_at: list.issuedAt,
    valid_until: list.validUntil,
    bouncer_origin: list.bouncerOrigin,
    keys: list.keys.map(({ bkid, suite, key, notBefore, notAfter }) => ({
      bkid: hex(bkid),
      suite,
      key: hex(key),
      not_before: notBefore,
      not_after: notAfter,
    })),
  };
}

function chosen(list: KeyList, suite: number, now: number): string | null {
  try {
    return hex(selectBouncerKey(list, suite, now).bkid);
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== 'no_bouncer_key') throw error;
    return null;
  }
}

function outcome(backend: CryptoBackend, known: KeyListCase): object {
  try {
    const verified = verifyKeyList(
      backend,
      trustOf(known.trust),
      known.bouncer_origin,
      known.signed,
      known.now,
    );
    const { list, seen, now } = verified;
    return {
      result: 'valid',
      list: listFormOf(list),
      seen: { version: seen.version, issued_at: seen.issuedAt, digest: hex(seen.digest) },
      select: { now, bkid_11: chosen(list, 0x11, now), bkid_12: chosen(list, 0x12, now) },
    };
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return { result: 'refused', code: error.code };
  }
}

test.each(BACKENDS)(
  'every list of bouncer keys comes out as its case says, on the %s backend',
  (_, backend) => {
    for (const known of cases) expect(known, known.id).toMatchObject(outcome(backend, known));
  },
);
