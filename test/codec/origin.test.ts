// Origins and app ids (SPEC.md section 5): one form, compared as bytes.
import { expect, test } from 'vitest';
import { utf8 } from '../../protocol/wire/bytes.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import {
  encodeAppId,
  encodeOrigin,
  isAppId,
  isOrigin,
  ORIGIN_EXPRESSION,
} from '../../protocol/wire/origin.ts';

const LABEL = 'a'.repeat(63);
/** 255 bytes: https:// and four labels with their dots. */
const LONGEST = `https://${LABEL}.${LABEL}.${LABEL}.${'a'.repeat(55)}`;

const ORIGINS: readonly string[] = [
  'https://chat.example.org',
  'https://localhost',
  'https://a',
  'https://1a.example',
  'https://a-b.c--d.example',
  'https://xn--bcher-kva.example',
  'https://xn--80akhbyknj4f',
  'https://chat.example.org:8443',
  'https://chat.example.org:80',
  'https://chat.example.org:1',
  'https://chat.example.org:4430',
  'https://chat.example.org:65535',
  'https://192.0.2.1',
  'https://127.0.0.1:8443',
  'https://0.0.0.0',
  'https://255.255.255.255',
  `https://${LABEL}.example`,
  LONGEST,
];

test.each(ORIGINS)('%s is an origin', (origin) => {
  expect(isOrigin(origin)).toBe(true);
  expect(encodeOrigin(origin)).toEqual(utf8(origin));
});

const NOT_ORIGINS: readonly (readonly [string, string])[] = [
  ['the empty text', ''],
  ['no host', 'https://'],
  ['http', 'http://chat.example.org'],
  ['another scheme', 'wss://chat.example.org'],
  ['an upper-case scheme', 'HTTPS://chat.example.org'],
  ['no scheme', 'chat.example.org'],
  ['an upper-case host', 'https://Chat.example.org'],
  ['a trailing slash', 'https://chat.example.org/'],
  ['a path', 'https://chat.example.org/a'],
  ['a query', 'https://chat.example.org?a'],
  ['a fragment', 'https://chat.example.org#a'],
  ['a trailing dot', 'https://chat.example.org.'],
  ['a trailing dot before a port', 'https://chat.example.org.:8443'],
  ['a leading dot', 'https://.example.org'],
  ['an empty label', 'https://chat..example.org'],
  ['port 443', 'https://chat.example.org:443'],
  ['port 0', 'https://chat.example.org:0'],
  ['port 65536', 'https://chat.example.org:65536'],
  ['port 99999', 'https://chat.example.org:99999'],
  ['a port of six digits', 'https://chat.example.org:100000'],
  ['a port with a leading zero', 'https://chat.example.org:08443'],
  ['port 0443', 'https://chat.example.org:0443'],
  ['an empty port', 'https://chat.example.org:'],
  ['a port that is text', 'https://chat.example.org:https'],
  ['two ports', 'https://chat.example.org:1:2'],
  ['user info', 'https://alice@chat.example.org'],
  ['user info with a password', 'https://alice:secret@chat.example.org'],
  ['empty user info', 'https://@chat.example.org'],
  ['IPv6', 'https://[2001:db8::1]'],
  ['IPv6 with a port', 'https://[::1]:8443'],
  ['letters outside ASCII', 'https://bücher.example'],
  ['full-width letters', 'https://ｃhat.example.org'],
  ['a Kelvin sign', 'https://\u212aelvin.example'],
  ['an A-label that decodes to nothing', 'https://xn--.example'],
  ['an A-label that is not Punycode', 'https://xn--a-ecp.ru-.example'],
  ['an A-label of plain ASCII', 'https://xn--abc-.example'],
  ['a label that begins with a hyphen', 'https://-a.example'],
  ['a label that ends with a hyphen', 'https://a-.example'],
  ['an underscore', 'https://a_b.example'],
  ['a label of 64 bytes', `https://a${LABEL}.example`],
  ['256 bytes', `${LONGEST}a`],
  ['a wildcard', 'https://*.example'],
  ['an IPv4 address out of range', 'https://256.0.0.1'],
  ['an IPv4 address of five parts', 'https://1.2.3.4.5'],
  ['an IPv4 address of three parts', 'https://127.0.1'],
  ['an IPv4 address of two parts', 'https://127.1'],
  ['an IPv4 address as one number', 'https://2130706433'],
  ['an IPv4 address in hexadecimal', 'https://0x7f000001'],
  ['an IPv4 address with a hexadecimal part', 'https://0x7f.0.0.1'],
  ['an IPv4 address in octal', 'https://0177.0.0.1'],
  ['an IPv4 address with a leading zero', 'https://192.0.02.1'],
  ['a name that ends in a number', 'https://chat.1'],
  ['a percent escape', 'https://chat%2eexample.org'],
  ['a space before', ' https://chat.example.org'],
  ['a space after', 'https://chat.example.org '],
  ['a line break after', 'https://chat.example.org\n'],
  ['a tab inside', 'https://chat.\texample.org'],
  ['U+0000', 'https://chat.example.org\0'],
  ['a soft hyphen', 'https://ch\u00adat.example.org'],
  ['a backslash', 'https:\\\\chat.example.org'],
];

test.each(NOT_ORIGINS)('%s is no origin [R-ORI-01]', (_name, text) => {
  expect(isOrigin(text)).toBe(false);
  expect(() => encodeOrigin(text)).toThrow(new ProtocolError('origin_malformed'));
});

test('the expression alone refuses port 443, as others apply it without a URL parser', () => {
  expect(ORIGIN_EXPRESSION.test('https://chat.example.org:443')).toBe(false);
  expect(ORIGIN_EXPRESSION.test('https://chat.example.org:4430')).toBe(true);
  expect(ORIGIN_EXPRESSION.test('https://chat.example.org')).toBe(true);
});

test.each(['a', 'org.example.chat', 'Org_Example-1.Chat', '-', 'a'.repeat(255)])(
  '"%s" is an app id',
  (appId) => {
    expect(isAppId(appId)).toBe(true);
    expect(encodeAppId(appId)).toEqual(utf8(appId));
  },
);

test.each(['', 'a b', 'a/b', 'a:b', 'ä', 'a\n', 'a\0', 'ａ', '*', 'a'.repeat(256)])(
  '"%s" is no app id',
  (text) => {
    expect(isAppId(text)).toBe(false);
    expect(() => encodeAppId(text)).toThrow(new ProtocolError('app_id_malformed'));
  },
);
