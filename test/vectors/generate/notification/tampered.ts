// Refusals behind the header: enc, ciphertext and tag changed after sealing, and points of small order in enc.
import { concat } from '../../../../protocol/wire/bytes.ts';
import { unhex } from '../../device/unhex.ts';
import type { NotificationCase } from '../../shape/notification.ts';
import { LOW_ORDER } from '../low-order.ts';
import type { Told } from '../told.ts';
import { type Field, flip, honest, refused, seal } from './field.ts';

const X25519_BYTES = 32;

export function tamperedCases(field: Field): NotificationCase[] {
  return [...flippedCases(field), ...replacedCases(field), ...lowOrderCases(field)];
}

function flippedCases(field: Field): NotificationCase[] {
  const { envelope } = seal(honest(field, 'tampered'));
  const { encBytes, tagBytes } = field.suite;
  const [enc, ciphertext] = [7, 7 + encBytes];
  const x25519 = ciphertext - X25519_BYTES;
  const places: readonly (readonly [name: string, says: string, index: number, mask?: number])[] = [
    ['enc-first', 'the first byte of enc', enc],
    ['enc-middle', 'a byte in the middle of enc', enc + encBytes / 2],
    ['enc-x25519-first', 'the first byte of the X25519 key in enc', x25519],
    ['enc-last', 'the last byte of enc', ciphertext - 1],
    ['enc-top-bit', 'the top bit of the X25519 key, which X25519 itself ignores', ciphertext - 1, 0x80],
    ['ciphertext-first', 'the first byte of the ciphertext', ciphertext],
    ['ciphertext-middle', 'a byte in the middle of the ciphertext', ciphertext + 256],
    ['ciphertext-last', 'the last byte before the tag', envelope.length - tagBytes - 1],
    ['tag-first', 'the first byte of the tag', envelope.length - tagBytes],
    ['tag-last', 'the last byte of the tag', envelope.length - 1],
  ];
  const wanted = places.filter(([name]) => name !== 'enc-x25519-first' || encBytes > X25519_BYTES);
  return wanted.map(([name, says, index, mask]) => {
    const told: Told = [`tampered-${name}`, `${says} was changed`, 'open', 'Tampered'];
    return refused(field, told, 'aead', flip(envelope, index, mask));
  });
}

function replacedCases(field: Field): NotificationCase[] {
  const { suite } = field;
  const { envelope } = seal(honest(field, 'tampered'));
  const other = seal(honest(field, 'tampered-other')).envelope;
  const [enc, ciphertext, tag] = [7, 7 + suite.encBytes, envelope.length - suite.tagBytes];
  const join = (...parts: readonly Uint8Array[]): Uint8Array => concat(...parts);
  return [
    refused(
      field,
      ['tampered-enc-zero', 'enc is all zeros', 'hpke', 'Tampered', 'LowOrder'],
      'aead',
      join(envelope.slice(0, enc), new Uint8Array(suite.encBytes), envelope.slice(ciphertext)),
    ),
    refused(
      field,
      ['tampered-enc-other', 'enc is that of another envelope of the same key and day', 'hpke', 'Tampered'],
      'aead',
      join(envelope.slice(0, enc), other.slice(enc, ciphertext), envelope.slice(ciphertext)),
    ),
    refused(
      field,
      ['tampered-tag-zero', 'the tag is all zeros', 'open', 'Tampered'],
      'aead',
      join(envelope.slice(0, tag), new Uint8Array(suite.tagBytes)),
    ),
    refused(
      field,
      [
        'tampered-tag-other',
        'the tag is that of another envelope of the same key and day',
        'open',
        'Tampered',
      ],
      'aead',
      join(envelope.slice(0, tag), other.slice(tag)),
    ),
    refused(
      field,
      ['tampered-tag-front', 'the tag stands before the ciphertext instead of behind it', 'hpke', 'Tampered'],
      'aead',
      join(envelope.slice(0, ciphertext), envelope.slice(tag), envelope.slice(ciphertext, tag)),
    ),
  ];
}

/** Sealed so that only the check for an all-zero secret refuses: whoever leaves it out opens these. */
function lowOrderCases(field: Field): NotificationCase[] {
  return LOW_ORDER.map(([name, point]) => {
    const id = `low-order-${name}`;
    const { envelope } = seal({ ...honest(field, id), low: unhex(point) });
    const comment = 'sealed over an all-zero X25519 secret, with a point of small order as the ephemeral key';
    return refused(field, [id, comment, 'hpke', 'LowOrder'], 'aead', envelope);
  });
}
