// The known answers of Zulip's own form: what its server writes and its app opens.
import { decodeBase64 } from '../../protocol/wire/zulip/base64.ts';

/** K1: tag 0x31, then the key of all secretboxes below. */
export const PUSH_KEY = 'MTaUDJDMWypQ1WufZ1NRTHSSvgYtXh1qVNSjN3aBiEFt';
export const KEY: Uint8Array = bytesOfHex('36940c90cc5b2a50d56b9f6753514c7492be062d5e1d6a54d4a337768188416d');
export const OTHER_PUSH_KEY = 'MY+paNlyduYJRQFNZva8w7Gv3PkBua9kIj581F9Vr301';
export const OTHER_KEY: Uint8Array = bytesOfHex(
  '8fa968d97276e60945014d66f6bcc3b1afdcf901b9af64223e7cd45f55af7d35',
);
/** 00 01 … 17: fixed for known answers alone. */
export const NONCE: Uint8Array = Uint8Array.from({ length: 24 }, (_, index) => index);

/** A plaintext, its length in bytes, and the secretbox under K1 and NONCE. */
export interface KnownBox {
  readonly name: string;
  readonly plaintext: string;
  readonly bytes: number;
  readonly encryptedData: string;
}

export const REMOVE: KnownBox = {
  name: 'V1, remove',
  plaintext:
    '{"realm_url":"http://zulip.testserver","realm_name":"Zulip Dev","user_id":10,"type":"remove","message_ids":[31,32]}',
  bytes: 115,
  encryptedData:
    'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXLoyXib6FhCH10rZ1RZHdpLJishlr8evOpc2ZEYvDYkEOlF3m8cZK85BDAE1Np0I0+HlDmA0URVjx5hsq8wGZtKQn+2XC5azPlvBWOdx4eS5zs+RKG1nxA72ALguG+Lnki6knUxT3ieVp2zFKjDGpk3JALq8YPCLYgCLzkQ3OkHD1uyQ=',
};
export const TEST: KnownBox = {
  name: 'V2, test',
  plaintext:
    '{"realm_url":"http://zulip.testserver","realm_name":"Zulip Dev","user_id":10,"type":"test","time":1754577820}',
  bytes: 109,
  encryptedData:
    'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXhn2OaMIdeNrRPRVXXK3+IbJishlr8evOpc2ZEYvDYkEOlF3m8cZK85BDAE1Np0I0+HlDmA0URVjx5hsq8wGZtKQn+2XC5azPlvBWOdx4eS5zs+RKG1nxA72ALguG+Lnki6knUxTxiftyj3hK1HqpkyMJfv9IV36LxDj7+kM=',
};
export const MESSAGE: KnownBox = {
  name: 'V3, message, beyond ASCII',
  plaintext:
    '{"realm_url":"https://chat.example.org","realm_name":"Exemple","user_id":7,"sender_id":3,"recipient_type":"channel","channel_name":"café","channel_id":12,"topic":"日本 🚀","type":"message","message_id":1001,"time":1754577820,"content":"naïve ≠ naive…","sender_full_name":"Zoë","sender_avatar_url":"https://chat.example.org/avatar/3"}',
  bytes: 344,
  encryptedData:
    'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXixOEjc0HCcjBnDAHgc1oMbJishlr8evOpc2ZEYvDYkEOlBTz8ZNc95hHAFxQtVs38W4bkg1RS1ah8R8n8jOou6gvvH3anZzbmu0GEdwsdyAktfJdNm/8RaWNMxnZv6P5nr5aAFKn1rsqjyYNw3q0n2RdO5cJGjvZ0TrrqVae0i2iinshk0U4wKlUQpiTzoug6iNE8mTG5doWhfxZWO7hiNNO1l+r14ZImXfMKBVGYtLCuLDAjiEf+t3Hn1pXFXMql/6beE766O+UI9pSUGw/Ir7VjsfOOqhX+CYiPA8ZUyyhAOOtS4YcyWCybyqeBvNL90c61bIEKgXh4M2yk8pKUOJ13Kv3zCIAssxvLaNQAGssnc0PknaQW+NfkYl+8momwZrx/t/3If6VP1gxzFgrYfIg8mBUnJFRED02yBIK43to5zNI4IDDx8D0y+vAI8jU7fBq+5dIP7wUW/faYQPVqrX/fGyIszO2',
};
export const EMPTY: KnownBox = {
  name: 'V4, an empty object',
  plaintext: '{}',
  bytes: 2,
  encryptedData: 'AAECAwQFBgcICQoLDA0ODxAREhMUFRYXXO6s4CQc5bl0QaBHwrudAbI9',
};
/** V5: V3 with its last character changed. */
export const BENT_MESSAGE: string = `${MESSAGE.encryptedData.slice(0, -1)}3`;

/** A token, its token_id, and the same as a signed 64-bit number, as Zulip's databases have it. */
export const TOKEN_IDS: readonly (readonly [string, string, bigint | null])[] = [
  ['c0ffee', '+wKIhyAx/Eg=', -359574906294109112n],
  ['android-tokenaz', 'iGFeKNj3ngQ=', -8619504682278609404n],
  ['abcdef', 'vvV+x/U6bUA=', -4686700439931294400n],
  ['C0FFEE', 'jS5/TZMf7/8=', null],
];
/** An id without its token. */
export const BARE_TOKEN_ID = ['hGsEWGmyyfI=', -8905019060418065934n] as const;

/** A registration that was sealed to the public key of the private key 00 01 … 1f. */
export const BOUNCER_PRIVATE_KEY: Uint8Array = Uint8Array.from({ length: 32 }, (_, index) => index);
export const BOUNCER_PUBLIC_KEY = 'j0DFrbaPJWJK5bIU6nZ6bslNgp09e14a0bpvPiE4KF8=';
export const SEALED_REGISTRATION =
  'NMc6r8wj/TxFnUyr4tanbDARvjit3oKOmmhHZneBpTfpuDyzRz5TkoDiAJ7zIQ4mba88mxSnOA92IkiGaY230mTYbwjW7rhKOVNCAi7hehvO3E0Scc9c7IXFviOn/dYeAes/o+qrDSDvPcXEbpBTeMul8IvDzWjzyLXMBmieqvvqiHYAZi/Ntg==';
export const REGISTRATION =
  '{"token":"c0ffee","token_kind":"apns","ios_app_id":"example.app","timestamp":1754577820}';

/** Bytes of a base64 text that is known to be one. */
export function bytesOf(text: string): Uint8Array {
  const bytes = decodeBase64(text);
  if (bytes === null) throw new RangeError('not base64');
  return bytes;
}

function bytesOfHex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}
