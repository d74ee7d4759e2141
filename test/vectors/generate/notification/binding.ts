// Refusals of mix-ups: another key, PSK, origin, app id, registration; another construction of the same parts.
import { encodeInfo } from '../../../../protocol/content/info.ts';
import type { OpeningKey } from '../../../../protocol/content/open/open.ts';
import { portableBackend as backend } from '../../../../protocol/crypto/backend-portable.ts';
import { expand } from '../../../../protocol/crypto/hkdf.ts';
import { derivePsk } from '../../../../protocol/crypto/ratchet.ts';
import { concat, u8, u8len, u16, utf8 } from '../../../../protocol/wire/bytes.ts';
import { SUITE_X25519_PSK, SUITE_XWING_PSK } from '../../../../protocol/wire/suites.ts';
import type { NotificationCase } from '../../shape/notification.ts';
import { draw } from '../draw.ts';
import type { Told } from '../told.ts';
import { type Field, honest, makeField, type Recipe, refused, seal } from './field.ts';

/** An id, what was done, and the part of the recipe that it changes. */
type Change = readonly [id: string, comment: string, change: (recipe: Recipe) => Partial<Recipe>];

const LABEL = 'sealed-push/1 notification';

export function bindingCases(field: Field): NotificationCase[] {
  const other = makeField(field.suite, field.prefix, 'bob-phone');
  const told =
    (flag: 'WrongKey' | 'WrongPsk' | 'Binding' | 'WrongConstruction', section: 'binding' | 'hpke') =>
    ([id, comment, change]: Change): NotificationCase => {
      const recipe = honest(field, id);
      const { envelope } = seal({ ...recipe, ...change(recipe) });
      return refused(field, [id, comment, section, flag], 'aead', envelope);
    };
  return [
    ...keyCases(field, other),
    ...pskChanges(field, other).map(told('WrongPsk', 'binding')),
    ...infoChanges(field, other).map(told('Binding', 'binding')),
    ...constructionChanges(field).map(told('WrongConstruction', 'hpke')),
  ];
}

function keyCases(field: Field, other: Field): NotificationCase[] {
  const { phone } = field;
  const wrongKey = seal({ ...honest(field, 'key-other'), publicKey: other.publicKey }).envelope;
  const right = seal(honest(field, 'key-held')).envelope;
  const told: Told = [
    'key-other',
    "sealed to bob-phone's public key under alice-phone's kid",
    'binding',
    'WrongKey',
  ];
  const held: Told = [
    'key-held',
    'the device holds another private key under this kid',
    'binding',
    'WrongKey',
  ];
  const chain: Told = ['chain-held', 'the device holds another chain under this kid', 'ratchet', 'WrongPsk'];
  const suite: Told = ['suite-of-key', "the device's key of this kid is of the other suite", 'open', 'Suite'];
  const otherSuite = field.suite.id === 0x01 ? SUITE_XWING_PSK : SUITE_X25519_PSK;
  return [
    refused(field, told, 'aead', wrongKey),
    refused(field, held, 'aead', right, [{ ...phone, privateKey: other.phone.privateKey }]),
    refused(field, chain, 'aead', right, [{ ...phone, chain: other.phone.chain }]),
    refused(field, suite, 'suite', right, [{ ...phone, suite: otherSuite }]),
  ];
}

function pskChanges(field: Field, other: Field): Change[] {
  const { suite, prefix } = field;
  const pskOf = (chain: Uint8Array): Partial<Recipe> => ({ psk: derivePsk(backend, chain) });
  return [
    [
      'psk-other-kid',
      'sealed with the PSK of another kid of the same day',
      () => ({ psk: honest(other, 'x').psk }),
    ],
    ['psk-random', 'sealed with a PSK that nobody has', () => ({ psk: draw(`${prefix} psk`, 32) })],
    ['psk-zero', 'sealed with 32 zero bytes as PSK', () => ({ psk: new Uint8Array(32) })],
    [
      'psk-day-before',
      'sealed with the PSK of the day before',
      () => ({ psk: honest(field, 'x', { epoch: 11 }).psk }),
    ],
    ['psk-is-chain', 'sealed with the chain value itself as PSK', ({ chain }) => ({ psk: chain })],
    [
      'psk-chain-label',
      'the PSK was made with the label of the chain',
      ({ chain }) => ({ psk: expand(backend, chain, utf8('sealed-push/1 chain'), 32) }),
    ],
    [
      'psk-extract-first',
      'the PSK was made with HKDF-Extract before HKDF-Expand',
      ({ chain }) => pskOf(backend.hmacSha256(new Uint8Array(32), chain)),
    ],
    [
      'psk-suite-label',
      'the label of the PSK is that of another version',
      ({ chain }) => ({ psk: expand(backend, chain, utf8(`sealed-push/${suite.id + 1} psk`), 32) }),
    ],
    ['psk-id-without-epoch', 'psk_id is the kid without the epoch', ({ kid }) => ({ pskId: kid })],
    ['psk-id-swapped', 'psk_id is epoch ‖ kid', ({ kid, epoch }) => ({ pskId: concat(u16(epoch), kid) })],
    [
      'psk-id-little-endian',
      'the epoch in psk_id is little-endian',
      ({ kid, epoch }) => ({ pskId: concat(kid, u16(epoch).reverse()) }),
    ],
    [
      'psk-id-other-kid',
      'psk_id has the kid of another key',
      ({ epoch }) => ({ pskId: concat(other.phone.kid, u16(epoch)) }),
    ],
    [
      'psk-id-with-suite',
      'psk_id has the suite byte before it',
      ({ pskId }) => ({ pskId: concat(u8(suite.id), pskId) }),
    ],
  ];
}

function infoChanges({ suite, phone }: Field, other: Field): Change[] {
  const [origin, appId] = [utf8(phone.origin), utf8(phone.appId)];
  const infoOf =
    (...parts: readonly Uint8Array[]) =>
    () => ({
      info: concat(utf8(LABEL), u8(suite.id), ...parts),
    });
  const bound = (change: Partial<OpeningKey>) => () => ({ info: encodeInfo({ ...phone, ...change }) });
  const { registrationId } = phone;
  return [
    ['origin-host', 'sealed for another host', bound({ origin: 'https://chat.example.net' })],
    ['origin-subdomain', 'sealed for a host below it', bound({ origin: 'https://a.chat.example.org' })],
    [
      'origin-port',
      'sealed for another port of the host',
      bound({ origin: 'https://chat.example.org:8443' }),
    ],
    [
      'origin-default-port',
      'sealed for the origin with its port 443 written out',
      infoOf(u8len(utf8('https://chat.example.org:443')), u8len(appId), registrationId),
    ],
    [
      'origin-case',
      'sealed for the origin with a capital letter',
      infoOf(u8len(utf8('https://Chat.example.org')), u8len(appId), registrationId),
    ],
    [
      'origin-slash',
      'sealed for the origin with a slash behind it',
      infoOf(u8len(utf8('https://chat.example.org/')), u8len(appId), registrationId),
    ],
    [
      'origin-bare-host',
      'sealed for the host without https://',
      infoOf(u8len(utf8('chat.example.org')), u8len(appId), registrationId),
    ],
    ['app-id', 'sealed for another app', bound({ appId: 'org.example.chat.beta' })],
    ['app-id-case', 'sealed for the app id with a capital letter', bound({ appId: 'org.example.Chat' })],
    [
      'registration-id',
      'sealed for another registration',
      bound({ registrationId: other.phone.registrationId }),
    ],
    [
      'info-border',
      'the border between origin and app id was moved by one letter',
      infoOf(u8len(origin.slice(0, -1)), u8len(concat(origin.slice(-1), appId)), registrationId),
    ],
    ['info-no-lengths', 'info without the length bytes', infoOf(origin, appId, registrationId)],
    [
      'info-wide-lengths',
      'info with lengths of two bytes',
      infoOf(u16(origin.length), origin, u16(appId.length), appId, registrationId),
    ],
    [
      'info-swapped',
      'info with the app id before the origin',
      infoOf(u8len(appId), u8len(origin), registrationId),
    ],
    [
      'info-registration-first',
      'info with the registration before the origin',
      infoOf(registrationId, u8len(origin), u8len(appId)),
    ],
    [
      'info-registration-length',
      'info with a length byte before registration_id',
      infoOf(u8len(origin), u8len(appId), u8len(registrationId)),
    ],
    [
      'info-no-suite',
      'info without the suite byte',
      () => ({ info: concat(utf8(LABEL), u8len(origin), u8len(appId), registrationId) }),
    ],
    [
      'info-other-suite',
      'info with the suite byte of another suite',
      () => ({ info: concat(utf8(LABEL), u8(suite.id ^ 3), u8len(origin), u8len(appId), registrationId) }),
    ],
    [
      'info-token-label',
      'info with the label of push tokens',
      () => ({
        info: concat(utf8('sealed-push/1 token'), u8(suite.id), u8len(origin), u8len(appId), registrationId),
      }),
    ],
    [
      'info-label-zero',
      'info with a zero byte behind its label',
      () => ({ info: concat(utf8(`${LABEL}\0`), u8(suite.id), u8len(origin), u8len(appId), registrationId) }),
    ],
    ['info-empty', 'an empty info', () => ({ info: new Uint8Array(0) })],
  ];
}

function constructionChanges({ suite }: Field): Change[] {
  const otherAead = suite.aeadId === 0x0003 ? 0x0002 : 0x0003;
  return [
    [
      'base-mode',
      'sealed in base mode: anybody with the public key could',
      () => ({ mode: 0, psk: new Uint8Array(0), pskId: new Uint8Array(0) }),
    ],
    ['mode-byte-base', 'the mode byte is that of base mode, with PSK and psk_id', () => ({ mode: 0 })],
    ['mode-byte-auth', 'the mode byte is that of auth mode', () => ({ mode: 2 })],
    ['mode-byte-auth-psk', 'the mode byte is that of auth-PSK mode', () => ({ mode: 3 })],
    ['sequence-1', 'sealed as the second message of a context', () => ({ sequence: 1 })],
    [
      'aad-header',
      'the header as aad, which is empty in this protocol',
      ({ suiteByte, kid, epoch }) => ({ aad: concat(u8(suiteByte), kid, u16(epoch)) }),
    ],
    ['aad-info', 'info as aad as well', ({ info }) => ({ aad: info })],
    ['aead-other', "sealed with the other suite's AEAD", () => ({ suite: { ...suite, aeadId: otherAead } })],
    [
      'kdf-other',
      'the KDF in the suite_id of HPKE is HKDF-SHA512',
      () => ({ suite: { ...suite, kdfId: 0x0003 } }),
    ],
  ];
}
