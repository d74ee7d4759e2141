// base64url.json, cbor.json, origin.json and ratchet.json.
import { portableBackend as backend } from '../../../protocol/crypto/backend-portable.ts';
import { hex, utf8 } from '../../../protocol/wire/bytes.ts';
import type {
  Base64urlCase,
  Base64urlFile,
  CborCase,
  CborFile,
  CborForm,
  OriginCase,
  OriginFile,
  RatchetCase,
  RatchetFile,
} from '../shape/encodings.ts';
import { BAD_ITEMS, bigMap } from './bad-cbor.ts';
import { draw } from './draw.ts';
import type { Flag } from './flags.ts';
import { countResults, flagsOf, headOf } from './told.ts';

/** What every file of this kind of vectors has at its head. */
function headed<Kind extends string, Case extends CborCase | Base64urlCase | OriginCase | RatchetCase>(
  kind: Kind,
  note: string,
  cases: readonly Case[],
) {
  const counts = countResults(cases);
  return { protocol: 'sealed-push/1' as const, kind, note, flags: flagsOf(cases), counts, cases };
}

const BASE64URL_VALID: readonly (readonly [id: string, text: string, bytes: string])[] = [
  ['empty', '', ''],
  ['1-byte', 'Zg', '66'],
  ['2-bytes', 'Zm8', '666f'],
  ['3-bytes', 'Zm9v', '666f6f'],
  ['4-bytes', 'Zm9vYg', '666f6f62'],
  ['minus', '-_8', 'fbff'],
  ['underscores', '____', 'ffffff'],
  ['zeros', 'AAAA', '000000'],
  ['zero', 'AA', '00'],
  ['all-bits', '_w', 'ff'],
];

const BASE64URL_REFUSED: readonly (readonly [id: string, comment: string, text: string])[] = [
  ['padding-2', 'two characters of padding', 'Zg=='],
  ['padding-1', 'one character of padding', 'Zm8='],
  ['padding-alone', 'padding alone', '='],
  ['padding-whole', 'padding where none is due', 'Zm9v===='],
  ['length-1', 'one character', 'Z'],
  ['length-5', 'five characters: a length of 1 modulo 4', 'Zm9vY'],
  ['spare-4', 'spare bits that are not zero, of one byte', 'Zh'],
  ['spare-4-all', 'all four spare bits set', '_3'],
  ['spare-2', 'spare bits that are not zero, of two bytes', 'Zm9'],
  ['spare-2-all', 'both spare bits set', '__7'],
  ['plus', 'a + of base64', '+_8'],
  ['slash', 'a / of base64', '-/8'],
  ['space', 'a space', 'Zm 9v'],
  ['space-behind', 'a space behind it', 'Zm9v '],
  ['newline', 'a newline within', 'Zm9v\nZm9v'],
  ['newline-behind', 'a newline behind it', 'Zm9v\n'],
  ['dot', 'a dot', 'Zm9.'],
  ['percent', 'an escaped character', 'Zm9v%2F'],
  ['nul', 'U+0000', 'Zm9\u0000'],
  ['letter', 'a letter beyond ASCII', 'Zm9ä'],
  ['full-width', 'a full-width letter', 'Ｚm9v'],
];

export function base64urlVectors(): Base64urlFile {
  const valid = BASE64URL_VALID.map(
    ([id, text, bytes]): Base64urlCase => ({
      ...headOf('base64url', [id, `the bytes ${bytes || '(none)'}`, 'encodings', 'Base64url']),
      result: 'valid',
      text,
      bytes,
    }),
  );
  const refused = BASE64URL_REFUSED.map(
    ([id, comment, text]): Base64urlCase => ({
      ...headOf('base64url', [id, comment, 'encodings', 'Base64url']),
      result: 'refused',
      text,
    }),
  );
  return headed('base64url', 'Unpadded canonical base64url, the one form of bytes in JSON.', [
    ...valid,
    ...refused,
  ]);
}

const BIG = Number.MAX_SAFE_INTEGER;

const CBOR_VALID: readonly (readonly [id: string, bytes: string, value: CborForm])[] = [
  ['0', '00', 0],
  ['23', '17', 23],
  ['24', '1818', 24],
  ['255', '18ff', 255],
  ['256', '190100', 256],
  ['65535', '19ffff', 65_535],
  ['65536', '1a00010000', 65_536],
  ['2-32-minus-1', '1affffffff', 4_294_967_295],
  ['2-32', '1b0000000100000000', 4_294_967_296],
  ['2-53-minus-1', '1b001fffffffffffff', BIG],
  ['minus-1', '20', -1],
  ['minus-24', '37', -24],
  ['minus-25', '3818', -25],
  ['minus-256', '38ff', -256],
  ['minus-2-53-plus-1', '3b001ffffffffffffe', -BIG],
  ['bytes-empty', '40', { bytes: '' }],
  ['bytes-24', `5818${'aa'.repeat(24)}`, { bytes: 'aa'.repeat(24) }],
  ['bytes-256', `590100${'bb'.repeat(256)}`, { bytes: 'bb'.repeat(256) }],
  ['text-empty', '60', ''],
  ['text-ascii', '656c756e6368', 'lunch'],
  ['text-emoji', '64f09fa597', '🥗'],
  ['text-bom', '64efbbbf61', '\ufeffa'],
  ['text-nul', '6100', '\u0000'],
  ['text-decomposed', '6365cc81', 'e\u0301'],
  ['text-last', '64f48fbfbf', '\u{10ffff}'],
  ['text-256', `790100${'74'.repeat(256)}`, 't'.repeat(256)],
  ['array-empty', '80', []],
  ['array-mixed', '83014161f5', [1, { bytes: '61' }, true]],
  ['array-512', `990200${'00'.repeat(512)}`, Array.from({ length: 512 }, () => 0)],
  ['map-empty', 'a0', { map: [] }],
  ['map-1', 'a10102', { map: [[1, 2]] }],
  [
    'map-sorted',
    'a3000118180219010003',
    {
      map: [
        [0, 1],
        [24, 2],
        [256, 3],
      ],
    },
  ],
  ['map-key-max', 'a11b001fffffffffffff00', { map: [[BIG, 0]] }],
  ['map-512', bigMap(512), { map: Array.from({ length: 512 }, (_, key) => [key, 0] as const) }],
  ['false', 'f4', false],
  ['true', 'f5', true],
  ['null', 'f6', null],
  ['depth-4', '8181818101', [[[[1]]]]],
  ['depth-4-mixed', 'a10181a10180', { map: [[1, [{ map: [[1, []]] }]]] }],
  ['depth-siblings', '82818101818102', [[[1]], [[2]]]],
];

/** What only shows where the item is all there is. */
const CBOR_ALONE: readonly (readonly [id: string, comment: string, bytes: string])[] = [
  ['empty', 'no item', ''],
  ['trailing-item', 'two items', '0102'],
  ['trailing-byte', 'a map and a byte', 'a1010200'],
  ['text-long', 'a text that is longer than the rest', '65616263'],
  ['head-cut', 'a head without its argument', '19'],
  ['head-half', 'a head with half of its argument', '1901'],
  ['alone-depth-5', 'five arrays', '818181818100'],
  ['alone-depth-5-maps', 'five maps', 'a101a101a101a101a0'],
  ['depth-10000', '10,000 arrays', `${'81'.repeat(10_000)}00`],
  ['depth-10000-open', '10,000 arrays and nothing in them', '81'.repeat(10_000)],
  ['bignum', 'tag 2 of 9 bytes', 'c249010000000000000000'],
  ['negative-bignum', 'tag 3 of 9 bytes', 'c349010000000000000000'],
  ['decimal', 'tag 4, a decimal fraction', 'c48221196ab3'],
  ['tag-long', 'tag 1 in two bytes', 'd80100'],
  ['bytes-2-53', 'a byte string that declares 2^53 bytes', '5b0020000000000000'],
  ['map-2-32', 'a map that declares 2^32 pairs', 'bb0000000100000000'],
  ['map-odd', 'a map of two pairs with three items', 'a2010203'],
  ['map-unsorted-length', 'keys in the order of RFC 7049 (2^32 before 24)', 'a21b000000010000000000181800'],
];

export function cborVectors(): CborFile {
  const valid = CBOR_VALID.map(
    ([id, bytes, value]): CborCase => ({
      ...headOf('cbor', [id, `the value is ${id.replaceAll('-', ' ')}`, 'cbor', 'Cbor']),
      result: 'valid',
      bytes,
      value,
    }),
  );
  const nested = BAD_ITEMS.filter(([id]) => !id.startsWith('depth-5'));
  const refused = [...nested, ...CBOR_ALONE].map(
    ([id, comment, bytes]): CborCase => ({
      ...headOf('cbor', [id, comment, 'cbor', 'Cbor']),
      result: 'refused',
      bytes,
    }),
  );
  return headed('cbor', 'The strict CBOR profile: one data item each.', [...valid, ...refused]);
}

const LABEL_63 = 'a'.repeat(63);
const ORIGIN_255 = `https://${LABEL_63}.${LABEL_63}.${LABEL_63}.${'b'.repeat(49)}:65535`;

const ORIGINS_VALID: readonly string[] = [
  'https://chat.example.org',
  'https://chat.example.org:8443',
  'https://chat.example.org:1',
  'https://chat.example.org:65535',
  'https://chat.example.org:80',
  'https://chat.example.org:4430',
  'https://chat.example.org:44',
  'https://a',
  'https://localhost',
  'https://a-b.example',
  'https://1chat.example',
  'https://chat.123.example',
  'https://xn--mnchen-3ya.example',
  'https://192.0.2.1',
  'https://192.0.2.1:8443',
  'https://0.0.0.0',
  'https://255.255.255.255',
  `https://${LABEL_63}`,
  ORIGIN_255,
];

const ORIGINS_REFUSED: readonly (readonly [id: string, comment: string, text: string])[] = [
  ['empty', 'nothing', ''],
  ['http', 'http', 'http://chat.example.org'],
  ['scheme-case', 'a capital letter in the scheme', 'HTTPS://chat.example.org'],
  ['no-scheme', 'no scheme', 'chat.example.org'],
  ['no-host', 'no host', 'https://'],
  ['host-case', 'a capital letter in the host', 'https://Chat.example.org'],
  ['slash', 'a slash behind it', 'https://chat.example.org/'],
  ['path', 'a path', 'https://chat.example.org/chat'],
  ['query', 'a query', 'https://chat.example.org?a'],
  ['fragment', 'a fragment', 'https://chat.example.org#a'],
  ['user', 'a user', 'https://alice@chat.example.org'],
  ['port-443', 'the default port', 'https://chat.example.org:443'],
  ['port-0', 'port 0', 'https://chat.example.org:0'],
  ['port-zero-before', 'a port with a zero before it', 'https://chat.example.org:08443'],
  ['port-65536', 'port 65536', 'https://chat.example.org:65536'],
  ['port-6-digits', 'a port of six digits', 'https://chat.example.org:100000'],
  ['port-empty', 'a colon without a port', 'https://chat.example.org:'],
  ['port-sign', 'a port with a sign', 'https://chat.example.org:+8443'],
  ['dot-behind', 'a dot behind the host', 'https://chat.example.org.'],
  ['dot-before', 'a dot before the host', 'https://.example.org'],
  ['dots', 'two dots', 'https://chat..example.org'],
  ['hyphen-before', 'a label that begins with a hyphen', 'https://-chat.example.org'],
  ['hyphen-behind', 'a label that ends with a hyphen', 'https://chat-.example.org'],
  ['underscore', 'an underscore', 'https://my_chat.example.org'],
  ['label-64', 'a label of 64 bytes', `https://${'a'.repeat(64)}.example`],
  ['length-256', '256 bytes', ORIGIN_255.replace('bbb', 'bbbb')],
  ['unicode', 'a U-label', 'https://münchen.example'],
  ['full-width', 'a full-width letter', 'https://ｃhat.example.org'],
  ['percent', 'an escaped letter', 'https://%63hat.example.org'],
  ['space-before', 'a space before it', ' https://chat.example.org'],
  ['space-behind', 'a space behind it', 'https://chat.example.org '],
  ['newline', 'a newline behind it, which $ lets through in some languages', 'https://chat.example.org\n'],
  ['newline-port', 'a newline behind the port', 'https://chat.example.org:8443\n'],
  ['tab', 'a tab within', 'https://chat\t.example.org'],
  ['nul', 'U+0000 behind it', 'https://chat.example.org\u0000'],
  ['ipv4-256', 'an IPv4 address with 256', 'https://192.0.2.256'],
  ['ipv4-zero', 'an IPv4 address with a leading zero', 'https://192.0.02.1'],
  ['ipv4-3', 'an IPv4 address of three numbers', 'https://192.0.2'],
  ['ipv4-5', 'five numbers', 'https://192.0.2.1.1'],
  ['ipv4-hex', 'an IPv4 address in hexadecimal', 'https://0xc0.0.2.1'],
  ['ipv4-number', 'an IPv4 address as one number', 'https://3221225985'],
  ['ends-in-number', 'a host whose last label is a number', 'https://chat.example.1'],
  ['ipv6', 'an IPv6 address', 'https://[2001:db8::1]'],
];

const APP_IDS_VALID: readonly string[] = [
  'org.example.chat',
  'a',
  '0',
  '.',
  '_',
  '-',
  'A-Z_09.',
  'A'.repeat(255),
];

const APP_IDS_REFUSED: readonly (readonly [id: string, comment: string, text: string])[] = [
  ['empty', 'nothing', ''],
  ['256', '256 bytes', 'A'.repeat(256)],
  ['space', 'a space', 'org.example chat'],
  ['slash', 'a slash', 'org/example'],
  ['colon', 'a colon', 'org:example'],
  ['plus', 'a plus', 'org+example'],
  ['letter', 'a letter beyond ASCII', 'org.éxample'],
  ['newline', 'a newline behind it, which $ lets through in some languages', 'org.example.chat\n'],
  ['nul', 'U+0000 behind it', 'org.example.chat\u0000'],
];

export function originVectors(): OriginFile {
  const made = (
    of: 'origin' | 'app_id',
    result: 'valid' | 'refused',
    [id, comment, text]: readonly [string, string, string],
  ): OriginCase => ({
    ...headOf(of === 'origin' ? 'origin' : 'app-id', [id, comment, 'origins', 'Origin']),
    result,
    of,
    text,
  });
  const numbered = (text: string, index: number) =>
    [`valid-${index + 1}`, `${text.length} bytes, allowed`, text] as const;
  return headed('origin', 'Origins and app ids, compared as bytes everywhere.', [
    ...ORIGINS_VALID.map((text, index) => made('origin', 'valid', numbered(text, index))),
    ...ORIGINS_REFUSED.map((told) => made('origin', 'refused', told)),
    ...APP_IDS_VALID.map((text, index) => made('app_id', 'valid', numbered(text, index))),
    ...APP_IDS_REFUSED.map((told) => made('app_id', 'refused', told)),
  ]);
}

export function ratchetVectors(): RatchetFile {
  const first = draw('ratchet chain[0]', 32);
  // HKDF-Expand(k, L, 32) = HMAC(k, L ‖ 01): written out here, because the library's own function is what is tested.
  const hmac = (key: Uint8Array, label: string): Uint8Array =>
    backend.hmacSha256(key, utf8(label), Uint8Array.of(1));
  const chains = [first];
  for (let epoch = 1; epoch <= 1023; epoch += 1) {
    chains.push(hmac(chains[epoch - 1] as Uint8Array, 'sealed-push/1 chain'));
  }
  const from = (start: number, epoch: number, ...flags: Flag[]): RatchetCase => ({
    ...headOf('ratchet', [
      `${start}-to-${epoch}`,
      `from chain[${start}], ${epoch - start} steps`,
      'ratchet',
      'Epoch',
      ...flags,
    ]),
    result: 'valid',
    chain_epoch: start,
    chain: hex(chains[start] as Uint8Array),
    epoch,
    expected_chain: hex(chains[epoch] as Uint8Array),
    expected_psk: hex(hmac(chains[epoch] as Uint8Array, 'sealed-push/1 psk')),
  });
  const cases = [0, 1, 2, 3, 7, 30, 31, 255, 256, 365, 400, 1022].map((epoch) => from(0, epoch));
  return headed('ratchet', 'The daily ratchet: chain values and PSKs.', [
    ...cases,
    from(0, 1023, 'Limit'),
    from(1, 2),
    from(3, 3),
    from(255, 256),
    from(400, 1023),
    from(1023, 1023),
  ]);
}
