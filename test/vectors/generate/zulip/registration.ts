// Push tokens that a Zulip app seals to the bouncer, right, and wrong in one way each.
import { portableBackend as backend } from '../../../../protocol/crypto/backend-portable.ts';
import { concat, hex, utf8 } from '../../../../protocol/wire/bytes.ts';
import type { JsonObject, ZulipCase } from '../../shape/zulip-secretbox.ts';
import { draw } from '../draw.ts';
import type { Flag } from '../flags.ts';
import { flip } from '../notification/field.ts';
import { headOf, type Told } from '../told.ts';
import { BOUNCER_PRIVATE_KEY, BOUNCER_PUBLIC_KEY, base64, json, sealedBox } from './field.ts';

export function zulipRegistrationCases(): ZulipCase[] {
  const apns = {
    token: 'c0ffee00',
    token_kind: 'apns',
    ios_app_id: 'org.example.chat',
    timestamp: 1_795_262_400,
  };
  const fcm = { token: 'alice-phone:APA91', token_kind: 'fcm', timestamp: 1_795_262_400 };
  const told = (id: string, comment: string, ...flags: Flag[]): Told => [id, comment, 'zulipToken', ...flags];
  const tokenId = (token: string): string => base64(backend.sha256(utf8(token)).slice(0, 8));
  const base = (of: Told, blob: string, id: string, key: string = base64(BOUNCER_PUBLIC_KEY)) => ({
    ...headOf('zulip-registration', of),
    of: 'registration' as const,
    public_key: hex(BOUNCER_PUBLIC_KEY),
    private_key: hex(BOUNCER_PRIVATE_KEY),
    received: { bouncer_public_key: key, encrypted_push_registration: blob, token_id: id },
  });
  const yes = (
    of: Told,
    registration: JsonObject & { token: string },
    written: JsonObject = registration,
  ): ZulipCase => {
    const plaintext = json(written);
    const { blob, ephemeral } = sealedBox(of[0], plaintext);
    const shown = { ephemeral: hex(ephemeral), plaintext: hex(plaintext), registration };
    return { ...base(of, base64(blob), tokenId(registration.token)), result: 'valid', ...shown };
  };
  const no = (of: Told, blob: Uint8Array | string, id: string = tokenId(apns.token)): ZulipCase => ({
    ...base(of, typeof blob === 'string' ? blob : base64(blob), id),
    result: 'refused',
  });
  const sealed = (id: string, value: unknown): Uint8Array => sealedBox(id, json(value)).blob;
  const good = sealed('good', apns);
  /** A registration whose sealed box has so many bytes. */
  const filled = (bytes: number): JsonObject => {
    const least = json({ ...apns, filler: '' }).length + 48;
    return { ...apns, filler: 'f'.repeat(bytes - least) };
  };
  return [
    yes(told('apns', 'a token of APNs', 'Kind'), apns),
    yes(told('fcm', 'a token of FCM', 'Kind'), fcm),
    yes(told('fcm-null', 'a token of FCM with null as ios_app_id', 'Kind'), fcm, {
      ...fcm,
      ios_app_id: null,
    }),
    yes(told('unknown-field', 'a field that this version does not know', 'UnknownField'), apns, {
      ...apns,
      later: 1,
    }),
    {
      ...base(
        told('key-other', 'sealed to a key that the bouncer has not', 'WrongKey'),
        base64(good),
        tokenId(apns.token),
        base64(draw('zulip strange key', 32)),
      ),
      result: 'not_ours',
    },
    no(told('token-id-other', 'the token_id of another token', 'Binding'), good, tokenId('c0ffee01')),
    no(told('token-id-case', 'the token_id of the token in capitals', 'Binding'), good, tokenId('C0FFEE00')),
    no(told('epk-first', 'the first byte of the ephemeral key was changed', 'Tampered'), flip(good, 0)),
    no(told('tag-first', 'the first byte of the tag was changed', 'Tampered'), flip(good, 32)),
    no(told('last', 'the last byte was changed', 'Tampered'), flip(good, -1)),
    no(told('truncated', '47 bytes', 'Length'), good.slice(0, 47)),
    no(
      told('unpadded', 'without padding', 'Base64url'),
      base64(concat(good, new Uint8Array(3 - (good.length % 3) + 1))).replace(/=*$/, ''),
    ),
    no(
      told('token-empty', 'an empty token', 'Schema'),
      sealed('token-empty', { ...apns, token: '' }),
      tokenId(''),
    ),
    no(
      told('token-not-hex', 'an apns token that is not hexadecimal', 'Schema'),
      sealed('token-not-hex', { ...apns, token: 'coffee' }),
      tokenId('coffee'),
    ),
    no(
      told('app-id-missing', 'an apns token without app id', 'Schema'),
      sealed('app-id-missing', { ...apns, ios_app_id: undefined }),
    ),
    no(
      told('app-id-underscore', 'an app id with an underscore', 'Schema'),
      sealed('app-id-underscore', { ...apns, ios_app_id: 'org_example' }),
    ),
    no(
      told('kind-other', 'another kind of token', 'Schema'),
      sealed('kind-other', { ...apns, token_kind: 'web' }),
    ),
    no(
      told('timestamp-text', 'the timestamp as text', 'Schema'),
      sealed('timestamp-text', { ...apns, timestamp: '1795262400' }),
    ),
    yes(told('token-4096', 'a token of 4,096 characters', 'Limit'), { ...apns, token: 'ab'.repeat(2048) }),
    yes(told('app-id-255', 'an app id of 255 characters', 'Limit'), { ...apns, ios_app_id: 'a'.repeat(255) }),
    yes(told('blob-8192', 'a blob of 8,192 characters', 'Limit'), apns, filled(6144)),
    no(told('blob-8196', 'a blob of 8,196 characters', 'Limit'), sealed('blob-8196', filled(6147))),
    no(
      told('token-4098', 'a token of 4,098 characters', 'Limit'),
      sealed('token-4098', { ...apns, token: 'ab'.repeat(2049) }),
      tokenId('ab'.repeat(2049)),
    ),
    no(
      told('fcm-token-4097', 'an fcm token of 4,097 characters', 'Limit'),
      sealed('fcm-token-4097', { ...fcm, token: 'f'.repeat(4097) }),
      tokenId('f'.repeat(4097)),
    ),
    no(
      told('app-id-256', 'an app id of 256 characters', 'Limit'),
      sealed('app-id-256', { ...apns, ios_app_id: 'a'.repeat(256) }),
    ),
    no(told('app-id-empty', 'an empty app id', 'Limit'), sealed('app-id-empty', { ...apns, ios_app_id: '' })),
    no(
      told('app-id-null', 'null as app id with an apns token', 'Schema'),
      sealed('app-id-null', { ...apns, ios_app_id: null }),
    ),
    no(
      told('fcm-app-id', 'an app id with an fcm token', 'Schema'),
      sealed('fcm-app-id', { ...fcm, ios_app_id: 'org.example.chat' }),
      tokenId(fcm.token),
    ),
    no(
      told('token-odd', 'an apns token of an odd number of digits', 'Schema'),
      sealed('token-odd', { ...apns, token: 'c0ffee0' }),
      tokenId('c0ffee0'),
    ),
    no(told('token-missing', 'no token', 'Schema'), sealed('token-missing', { ...apns, token: undefined })),
    no(told('token-null', 'null as token', 'Schema'), sealed('token-null', { ...apns, token: null })),
    no(
      told('kind-missing', 'no kind of token', 'Schema'),
      sealed('kind-missing', { ...apns, token_kind: undefined }),
    ),
    no(
      told('timestamp-missing', 'no timestamp', 'Schema'),
      sealed('timestamp-missing', { ...apns, timestamp: undefined }),
    ),
    no(
      told('timestamp-null', 'null as timestamp', 'Schema'),
      sealed('timestamp-null', { ...apns, timestamp: null }),
    ),
    no(
      told('timestamp-negative', 'the timestamp −1', 'Limit'),
      sealed('timestamp-negative', { ...apns, timestamp: -1 }),
    ),
    no(
      told('timestamp-fraction', 'a timestamp with a fraction', 'Schema'),
      sealed('timestamp-fraction', { ...apns, timestamp: 1.5 }),
    ),
    no(told('registration-array', 'an array', 'Schema'), sealed('registration-array', [apns])),
    no(told('not-json', 'no JSON', 'Schema'), sealedBox('not-json', utf8('c0ffee00')).blob),
  ];
}
