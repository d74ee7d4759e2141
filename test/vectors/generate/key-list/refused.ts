// Lists that the app refuses: not signed by a root, gone back, or expired.
import { portableBackend as backend } from '../../../../protocol/crypto/backend-portable.ts';
import { concat, hex, u8, utf8 } from '../../../../protocol/wire/bytes.ts';
import { encodeCbor } from '../../../../protocol/wire/cbor.ts';
import type { BouncerKeyEntry, KeyListCase, SignedForm, TrustForm } from '../../shape/key-list.ts';
import { draw } from '../draw.ts';
import type { Flag } from '../flags.ts';
import { flip } from '../notification/field.ts';
import type { Told } from '../told.ts';
import {
  base64url,
  DAY_SECONDS,
  entry,
  LIST,
  listMap,
  ROOT_SEED,
  refused,
  rootId,
  STRANGE_SEED,
  seenOf,
  sign,
  signedList,
  TRUST,
} from './field.ts';
import { malformedLists } from './form.ts';

const DAY = DAY_SECONDS;
const GOOD = encodeCbor(listMap(LIST));
const told = (id: string, comment: string, ...flags: Flag[]): Told => [id, comment, 'keyList', ...flags];

export function refusedLists(): KeyListCase[] {
  return [...signatureCases(), ...wireCases(), ...versionCases(), ...clockCases(), ...malformedLists()];
}

function signatureCases(): KeyListCase[] {
  const good = sign(GOOD);
  const signature = Buffer.from(good.signature, 'base64url');
  const no = (id: string, comment: string, signed: SignedForm): KeyListCase =>
    refused(told(id, comment, 'Trust'), signed);
  const withSignature = (value: Uint8Array): SignedForm => ({ ...good, signature: base64url(value) });
  const hashed = backend.ed25519Sign(ROOT_SEED, backend.sha256(utf8('sealed-push/1 bouncer keys'), GOOD));
  return [
    no('signature-first', 'the first byte of the signature was changed', withSignature(flip(signature, 0))),
    no(
      'signature-last',
      'a byte near the end of the signature was changed',
      withSignature(flip(signature, 62)),
    ),
    no('signature-zero', 'a signature of zeros', withSignature(new Uint8Array(64))),
    no('signature-63', 'a signature of 63 bytes', withSignature(signature.subarray(0, 63))),
    no('signature-65', 'a signature of 65 bytes', withSignature(concat(signature, u8(0)))),
    no('signature-empty', 'no signature', withSignature(new Uint8Array(0))),
    no('signature-no-label', 'signed without the label', sign(GOOD, ROOT_SEED, new Uint8Array(0))),
    no(
      'signature-other-label',
      'signed with the label of another thing',
      sign(GOOD, ROOT_SEED, utf8('sealed-push/1 token')),
    ),
    no(
      'signature-label-behind',
      'signed with the label behind the bytes',
      withSignature(backend.ed25519Sign(ROOT_SEED, concat(GOOD, utf8('sealed-push/1 bouncer keys')))),
    ),
    no('signature-of-hash', 'signed over the SHA-256 of label and bytes', withSignature(hashed)),
    no(
      'signature-of-text',
      'signed over the base64url of the bytes',
      withSignature(
        backend.ed25519Sign(ROOT_SEED, concat(utf8('sealed-push/1 bouncer keys'), utf8(good.bytes))),
      ),
    ),
    no('bytes-changed', 'a byte of the list was changed after signing', {
      ...good,
      bytes: base64url(flip(GOOD, 2)),
    }),
    no('bytes-longer', 'a byte behind the list after signing', {
      ...good,
      bytes: base64url(concat(GOOD, u8(0))),
    }),
    no('root-strange', 'signed by a root that the app does not know', sign(GOOD, STRANGE_SEED)),
    no('root-named-wrong', 'signed by a strange root in the name of a known one', {
      ...sign(GOOD, STRANGE_SEED),
      root: base64url(rootId(ROOT_SEED)),
    }),
    no('root-other-named', 'signed by one root in the name of the other', {
      ...good,
      root: base64url(rootId(draw('offline root seed', 32))),
    }),
    no('root-3', 'a root id of 3 bytes', { ...good, root: base64url(rootId(ROOT_SEED).slice(0, 3)) }),
    no('root-empty', 'no root id', { ...good, root: '' }),
    no('root-key-itself', 'the public key in the place of its id', {
      ...good,
      root: base64url(backend.ed25519PublicKey(ROOT_SEED)),
    }),
  ];
}

function wireCases(): KeyListCase[] {
  const good = sign(GOOD);
  const no = (id: string, comment: string, signed: SignedForm, ...flags: Flag[]): KeyListCase =>
    refused(told(`wire-${id}`, comment, ...flags), signed);
  // The first list whose signature has both characters in which base64url differs from base64.
  const versions = Array.from({ length: 99 }, (_, index) => signedList({ version: 7 + index }));
  const foreign = versions.find(({ signature }) => /-/.test(signature) && /_/.test(signature)) ?? good;
  const standard = (text: string): string => text.replaceAll('-', '+').replaceAll('_', '/');
  const padded = (text: string): string => text.padEnd(Math.ceil(text.length / 4) * 4, '=');
  const key = (index: number): BouncerKeyEntry =>
    entry(0x12, `large ${index}`, { key: hex(draw(`large ${index}`, 1216)) });
  const huge = encodeCbor(
    listMap({ ...LIST, keys: Array.from({ length: 16 }, (_, index) => key(index)) }).set(
      6,
      new Uint8Array(6_000),
    ),
  );
  return [
    no(
      'signature-padded',
      'the signature with padding',
      { ...good, signature: padded(good.signature) },
      'Base64url',
    ),
    no(
      'signature-standard',
      'the signature in base64',
      { ...foreign, signature: standard(foreign.signature) },
      'Base64url',
    ),
    no(
      'signature-hex',
      'the signature in hexadecimal',
      { ...good, signature: Buffer.from(good.signature, 'base64url').toString('hex') },
      'Base64url',
    ),
    no('root-padded', 'the root id with padding', { ...good, root: padded(good.root) }, 'Base64url'),
    no(
      'bytes-space',
      'a space in bytes',
      { ...good, bytes: `${good.bytes.slice(0, 8)} ${good.bytes.slice(8)}` },
      'Base64url',
    ),
    no('bytes-newline', 'a newline behind bytes', { ...good, bytes: `${good.bytes}\n` }, 'Base64url'),
    no('bytes-empty', 'no bytes, signed', sign(new Uint8Array(0)), 'Limit'),
    no(
      'bytes-24-kib',
      'more than 24 KiB, signed: no list of the right form is that long',
      sign(huge),
      'Limit',
    ),
  ];
}

function versionCases(): KeyListCase[] {
  const seen: TrustForm = { ...TRUST, seen: seenOf(LIST) };
  const no = (id: string, comment: string, signed: SignedForm, trust = seen): KeyListCase =>
    refused(told(`version-${id}`, comment, 'Trust'), signed, { trust });
  return [
    no('lower', 'a lower version than the one seen: a revoked key would return', signedList({ version: 6 })),
    no('same-other', 'other bytes of the version seen', signedList({ keys: [] })),
    no(
      'below-lowest',
      'a version below the lowest that the app was built with',
      signedList({ version: 4 }),
      TRUST,
    ),
    no('zero', 'version 0', signedList({ version: 0 }), TRUST),
    refused(
      told('bouncer-other', 'the list of another bouncer', 'Trust'),
      signedList({ bouncer_origin: 'https://other.example.net' }),
    ),
    refused(
      told('bouncer-port', 'the list of another port', 'Trust'),
      signedList({ bouncer_origin: 'https://bouncer.example.net:8443' }),
    ),
  ];
}

function clockCases(): KeyListCase[] {
  const { valid_until, issued_at } = LIST;
  const no = (
    id: string,
    comment: string,
    setting: Parameters<typeof refused>[2],
    code: 'key_list_refused' | 'clock_wrong',
  ): KeyListCase => refused(told(`clock-${id}`, comment, 'Clock', 'Limit'), signedList(), setting, code);
  const seen = (issuedAt: number) => ({
    ...TRUST,
    seen: { ...seenOf(LIST), version: 6, digest: '00'.repeat(32), issued_at: issuedAt },
  });
  const life = (id: string, comment: string, validUntil: number): KeyListCase =>
    refused(told(`life-${id}`, comment, 'Clock', 'Limit'), signedList({ valid_until: validUntil }), {
      now: issued_at - DAY,
    });
  return [
    no(
      'wrong',
      "only the device's clock says that the list is over: valid_until is now",
      { now: valid_until },
      'clock_wrong',
    ),
    no(
      'wrong-far',
      "the device's clock runs ten years ahead",
      { now: valid_until + 3650 * DAY },
      'clock_wrong',
    ),
    no(
      'built-later',
      'the app was built when the list was over',
      { trust: { ...TRUST, build_time: valid_until } },
      'key_list_refused',
    ),
    no(
      'seen-later',
      'a list issued when this one was over was seen',
      { trust: seen(valid_until) },
      'key_list_refused',
    ),
    no(
      'both',
      "over by the device's clock as well: the build's decides, and it is not clock_wrong",
      { trust: { ...TRUST, build_time: valid_until }, now: valid_until },
      'key_list_refused',
    ),
    life('30-days-1', 'valid for 30 days and a second', issued_at + 30 * DAY + 1),
    life('0', 'valid_until is issued_at', issued_at),
    life('negative', 'valid_until lies before issued_at', issued_at - 1),
  ];
}
