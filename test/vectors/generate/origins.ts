// origin.json: origins and app ids.
import type { OriginCase, OriginFile } from '../shape/encodings.ts';
import { headed } from './headed.ts';
import { headOf } from './told.ts';

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
  ['ends-in-hex', 'a host whose last label is a hexadecimal number', 'https://chat.0x7f'],
  ['ends-in-0x', 'a host whose last label is 0x', 'https://chat.0x'],
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
