// Push tokens that do not open: the header, lengths, tampering, points of small order, and what a token is bound to.
import { portableBackend as backend } from '../../../../protocol/crypto/backend-portable.ts';
import { publicKeyOf } from '../../../../protocol/crypto/kem.ts';
import { concat, u8, u8len, utf8 } from '../../../../protocol/wire/bytes.ts';
import { SUITE_X25519_BASE, SUITE_XWING_BASE } from '../../../../protocol/wire/suites.ts';
import { unhex } from '../../device/unhex.ts';
import type { PushTokenCase } from '../../shape/push-token.ts';
import { draw } from '../draw.ts';
import { LOW_ORDER } from '../low-order.ts';
import { flip, frame } from '../notification/field.ts';
import type { Told } from '../told.ts';
import { APNS, FCM, type Field, honest, makeField, type Recipe, refused, seal, tokenInfo } from './field.ts';

const SUITE_BYTES = [0x00, 0x01, 0x02, 0x10, 0x13, 0x31, 0x80, 0xc0, 0xd1, 0xff];

export function closedTokenCases(field: Field): PushTokenCase[] {
  return [
    ...headerCases(field),
    ...lengthCases(field),
    ...tamperedCases(field),
    ...changes(field).map(([id, comment, section, change]) => {
      const recipe = honest(field, id);
      const { blob } = seal({ ...recipe, ...change(recipe) });
      const flag = section === 'token' ? 'Binding' : 'WrongConstruction';
      return refused(field, [id, comment, section, flag], blob);
    }),
    ...contextCases(field),
    suiteOfKey(field),
  ];
}

function headerCases(field: Field): PushTokenCase[] {
  const { blob } = seal(honest(field, 'header'));
  const twin = field.suite.id === 0x11 ? 0x12 : 0x11;
  const suites = [...SUITE_BYTES, twin].map((id) => {
    const name = id.toString(16).padStart(2, '0');
    const told: Told = [
      `suite-${name}`,
      `suite byte 0x${name}: unknown, for another use, or of another length`,
      'suites',
      'Suite',
      'Header',
    ];
    return refused(field, told, concat(u8(id), blob.slice(1)));
  });
  const bkids = [1, 2, 3, 4].flatMap((index) => {
    const changed = flip(blob, index);
    const held = { ...field, bkid: changed.slice(1, 5) };
    const unknown: Told = [
      `header-bkid-${index}`,
      `byte ${index}, in bkid, was changed: a key that the bouncer has not`,
      'token',
      'Header',
    ];
    const bound: Told = [
      `header-bkid-${index}-bound`,
      `byte ${index}, in bkid, was changed, and the bouncer has the same private key under that bkid`,
      'token',
      'Header',
      'Binding',
    ];
    return [refused(field, unknown, changed), refused(field, bound, changed, APNS, [field, held])];
  });
  return [...suites, ...bkids];
}

function lengthCases(field: Field): PushTokenCase[] {
  const { blob } = seal(honest(field, 'length'));
  const { encBytes } = field.suite;
  const cuts = [0, 1, 4, 5, 5 + encBytes, 5 + encBytes + 16, blob.length - 16, blob.length - 1].map(
    (length) =>
      refused(
        field,
        [`length-${length}`, `cut to ${length} bytes`, 'token', 'Length'],
        blob.slice(0, length),
      ),
  );
  const sizes = [511, 513, 1024].map((size) => {
    const recipe = honest(field, `bucket-${size}`);
    const told: Told = [
      `bucket-${size}`,
      `authentic, but its plaintext has ${size} bytes`,
      'token',
      'Bucket',
      'Length',
    ];
    return refused(field, told, seal({ ...recipe, plaintext: frame(recipe.cbor, size) }).blob);
  });
  const longer = concat(blob, u8(0));
  return [
    ...cuts,
    ...sizes,
    refused(field, ['length-one-more', 'one zero byte behind the tag', 'token', 'Length'], longer),
  ];
}

function tamperedCases(field: Field): PushTokenCase[] {
  const { blob } = seal(honest(field, 'tampered'));
  const ciphertext = 5 + field.suite.encBytes;
  const places: readonly (readonly [string, string, number, number?])[] = [
    ['enc-first', 'the first byte of enc', 5],
    ['enc-last', 'the last byte of enc', ciphertext - 1],
    ['enc-top-bit', 'the top bit of the X25519 key, which X25519 itself ignores', ciphertext - 1, 0x80],
    ['ciphertext-first', 'the first byte of the ciphertext', ciphertext],
    ['ciphertext-last', 'the last byte before the tag', blob.length - 17],
    ['tag-first', 'the first byte of the tag', blob.length - 16],
    ['tag-last', 'the last byte of the tag', blob.length - 1],
  ];
  const flipped = places.map(([name, says, index, mask]) =>
    refused(field, [`tampered-${name}`, `${says} was changed`, 'hpke', 'Tampered'], flip(blob, index, mask)),
  );
  const low = LOW_ORDER.map(([name, point]) => {
    const id = `low-order-${name}`;
    const comment = 'sealed over an all-zero X25519 secret, with a point of small order as the ephemeral key';
    const sealed = seal({ ...honest(field, id), low: unhex(point) });
    return refused(field, [id, comment, 'hpke', 'LowOrder'], sealed.blob);
  });
  return [...flipped, ...low];
}

type Change = readonly [
  id: string,
  comment: string,
  section: 'token' | 'hpke',
  change: (recipe: Recipe) => Partial<Recipe>,
];

function changes(field: Field): Change[] {
  const { suite, bkid } = field;
  const other = makeField(suite, field.prefix, 'other bouncer');
  const bound = (change: Partial<typeof APNS>) => () => ({
    info: tokenInfo(suite, bkid, { ...APNS, ...change }),
  });
  const names = [APNS.origin, APNS.app_id, APNS.platform, APNS.environment].map((name) => utf8(name));
  const [origin, appId, platform, environment] = names as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
  const infoOf =
    (label: string, ...parts: readonly Uint8Array[]) =>
    () => ({ info: concat(utf8(label), ...parts) });
  const label = 'sealed-push/1 token';
  const lengths = names.map((name) => u8len(name));
  const otherAead = suite.aeadId === 0x0003 ? 0x0002 : 0x0003;
  const otherKey = publicKeyOf(backend, suite.kemId, other.privateKey);
  return [
    ['key-other', "sealed to another key under this key's bkid", 'token', () => ({ publicKey: otherKey })],
    ['info-origin', 'sealed for another origin', 'token', bound({ origin: 'https://chat.example.net' })],
    [
      'info-origin-port',
      'sealed for another port',
      'token',
      bound({ origin: 'https://chat.example.org:8443' }),
    ],
    [
      'info-origin-case',
      'sealed for the origin with a capital letter',
      'token',
      bound({ origin: 'https://Chat.example.org' }),
    ],
    ['info-app-id', 'sealed for another app', 'token', bound({ app_id: 'org.example.chat.beta' })],
    ['info-platform', 'sealed for the other platform', 'token', bound({ platform: 'fcm' })],
    ['info-sandbox', 'sealed for the sandbox', 'token', bound({ environment: 'sandbox' })],
    ['info-no-environment', 'sealed for an empty environment', 'token', bound({ environment: '' })],
    [
      'info-other-bkid',
      'sealed with another bkid in info',
      'token',
      () => ({ info: tokenInfo(suite, other.bkid, APNS) }),
    ],
    [
      'info-border',
      'the border between origin and app id was moved by one letter',
      'token',
      bound({ origin: 'https://chat.example.or', app_id: 'gorg.example.chat' }),
    ],
    ['info-no-bkid', 'info without bkid', 'token', infoOf(label, u8(suite.id), ...lengths)],
    ['info-no-suite', 'info without the suite byte', 'token', infoOf(label, bkid, ...lengths)],
    [
      'info-no-lengths',
      'info without the length bytes',
      'token',
      infoOf(label, u8(suite.id), bkid, ...names),
    ],
    [
      'info-swapped',
      'info with environment before platform',
      'token',
      infoOf(label, u8(suite.id), bkid, u8len(origin), u8len(appId), u8len(environment), u8len(platform)),
    ],
    [
      'info-notification-label',
      'info with the label of notifications',
      'token',
      infoOf('sealed-push/1 notification', u8(suite.id), bkid, ...lengths),
    ],
    ['psk-mode', 'sealed in PSK mode', 'hpke', () => ({ mode: 1, psk: draw('t psk', 32), pskId: bkid })],
    ['mode-byte-psk', 'the mode byte is that of PSK mode', 'hpke', () => ({ mode: 1 })],
    [
      'aad-header',
      'the header as aad, which is empty in this protocol',
      'hpke',
      () => ({ aad: concat(u8(suite.id), bkid) }),
    ],
    ['sequence-1', 'sealed as the second message of a context', 'hpke', () => ({ sequence: 1 })],
    [
      'aead-other',
      "sealed with the other suite's AEAD",
      'hpke',
      () => ({ suite: { ...suite, aeadId: otherAead } }),
    ],
  ];
}

/** A good blob that a server hands in for something else. */
function contextCases(field: Field): PushTokenCase[] {
  const { blob } = seal(honest(field, 'context'));
  const fcm = seal(honest(field, 'context-fcm', FCM)).blob;
  const told = (id: string, comment: string): Told => [`context-${id}`, comment, 'token', 'Binding'];
  return [
    refused(field, told('origin', 'a good blob, handed in by another server'), blob, {
      ...APNS,
      origin: 'https://evil.example.net',
    }),
    refused(field, told('app-id', 'a good blob, handed in for another app'), blob, {
      ...APNS,
      app_id: 'org.example.other',
    }),
    refused(field, told('environment', 'a good blob, handed in for the sandbox'), blob, {
      ...APNS,
      environment: 'sandbox',
    }),
    refused(field, told('platform', 'a good blob of apns, handed in for fcm'), blob, FCM),
    refused(field, told('platform-fcm', 'a good blob of fcm, handed in for apns'), fcm, APNS),
  ];
}

/** Private keys have 32 bytes in both suites: whoever looks a key up by its bkid alone would open this. */
function suiteOfKey(field: Field): PushTokenCase {
  const { blob } = seal(honest(field, 'suite-of-key'));
  const suite = field.suite.id === 0x11 ? SUITE_XWING_BASE : SUITE_X25519_BASE;
  const comment = "the bouncer's key of this bkid has the same 32 bytes and is of the other suite";
  return refused(field, ['suite-of-key', comment, 'token', 'Suite'], blob, APNS, [{ ...field, suite }]);
}
