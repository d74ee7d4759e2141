// The epochs that a device accepts, at their borders, and what they do to O; then padding that is authentic and wrong.
import type { OpeningKey } from '../../../../protocol/content/open/open.ts';
import type { NotificationCase } from '../../shape/notification.ts';
import { draw } from '../draw.ts';
import { message, payloadCbor } from '../payload-cbor.ts';
import type { Told } from '../told.ts';
import { type Field, frame, honest, refused, refusedInside, seal, valid } from './field.ts';

/** alice-phone after `epoch` days: O is there, and the chain is what it was given. */
function keyAt(field: Field, epoch: number, keepDays = 3): OpeningKey {
  const chain = draw(`${field.prefix} chain[${epoch}]`, 32);
  return { ...field.phone, epoch, chain, keepDays };
}

export function epochCases(field: Field): NotificationCase[] {
  const opens = (told: Told, key: OpeningKey, epoch: number): NotificationCase =>
    valid(field, told, message(), { key, epoch });
  const stops = (told: Told, key: OpeningKey, epoch: number): NotificationCase => {
    const sealed = seal({
      ...honest(field, told[0], { key: { ...key, epoch: Math.min(epoch, key.epoch) }, epoch }),
      kid: key.kid,
    });
    return refused(field, told, 'epoch', sealed.envelope, [key]);
  };
  const ten = keyAt(field, 10);
  return [
    opens(
      ['epoch-first', 'O = 0, epoch 0: the day on which the key was made', 'ratchet', 'Epoch', 'Limit'],
      keyAt(field, 0),
      0,
    ),
    opens(['epoch-oldest', 'epoch = O: the oldest that is kept', 'ratchet', 'Epoch', 'Limit'], ten, 10),
    opens(['epoch-oldest-plus-1', 'epoch = O + 1', 'ratchet', 'Epoch'], ten, 11),
    opens(['epoch-stays', 'epoch = O + keep_days + 1: O stays', 'ratchet', 'Epoch', 'Limit'], ten, 14),
    opens(['epoch-moves', 'epoch = O + keep_days + 2: O moves by one', 'ratchet', 'Epoch', 'Limit'], ten, 15),
    opens(
      ['epoch-keep-1', 'keep_days is 1: O moves to epoch − 2', 'ratchet', 'Epoch', 'Limit'],
      keyAt(field, 10, 1),
      20,
    ),
    opens(
      ['epoch-keep-28', 'keep_days is 28: O moves to epoch − 29', 'ratchet', 'Epoch', 'Limit'],
      keyAt(field, 10, 28),
      60,
    ),
    opens(
      ['epoch-1023-ahead', 'epoch = O + 1023: the furthest that is accepted', 'ratchet', 'Epoch', 'Limit'],
      ten,
      1033,
    ),
    opens(['epoch-two-bytes', 'epoch 256: the high byte counts', 'ratchet', 'Epoch'], keyAt(field, 255), 256),
    opens(
      ['epoch-last', 'O = epoch = 65535: the last day', 'ratchet', 'Epoch', 'Limit'],
      keyAt(field, 65_535),
      65_535,
    ),
    stops(
      ['epoch-before-oldest', 'epoch = O − 1: its chain value is erased', 'ratchet', 'Epoch', 'Limit'],
      ten,
      9,
    ),
    stops(['epoch-zero-late', 'epoch 0 at O = 10', 'ratchet', 'Epoch'], ten, 0),
    stops(
      [
        'epoch-1024-ahead',
        'epoch = O + 1024: authentic, and further than is accepted',
        'ratchet',
        'Epoch',
        'Limit',
      ],
      ten,
      1034,
    ),
    stops(
      [
        'epoch-last-early',
        'epoch 65535 at O = 0: authentic, and further than is accepted',
        'ratchet',
        'Epoch',
      ],
      keyAt(field, 0),
      65_535,
    ),
    stops(
      ['epoch-no-wrap', 'epoch 0 at O = 65535: epochs do not wrap', 'ratchet', 'Epoch', 'Limit'],
      keyAt(field, 65_535),
      0,
    ),
  ];
}

export function paddingCases(field: Field): NotificationCase[] {
  const cbor = payloadCbor(message());
  const whole = frame(cbor, 512);
  const padded = (told: Told, plaintext: Uint8Array): NotificationCase =>
    refusedInside(field, told, 'padding', { plaintext });
  const marked = (index: number, byte: number): Uint8Array => {
    const plaintext = whole.slice();
    plaintext[index] = byte;
    return plaintext;
  };
  const full = new Uint8Array(510).fill(0x20);
  return [
    padded(
      ['padding-first', 'the first byte of the padding is 01', 'padding', 'Padding'],
      marked(2 + cbor.length, 0x01),
    ),
    padded(
      ['padding-middle', 'a byte in the middle of the padding is ff', 'padding', 'Padding'],
      marked(300, 0xff),
    ),
    padded(['padding-last', 'the last byte of the padding is 01', 'padding', 'Padding'], marked(511, 0x01)),
    padded(
      ['padding-0x80', 'the padding begins with 80, as ISO/IEC 7816-4 has it', 'padding', 'Padding'],
      marked(2 + cbor.length, 0x80),
    ),
    padded(
      ['padding-length-0', 'a length of 0', 'padding', 'Padding', 'Limit'],
      frame(new Uint8Array(0), 512),
    ),
    padded(
      ['padding-length-one-less', 'a length that leaves out the last byte of the CBOR', 'padding', 'Padding'],
      frame(cbor, 512, cbor.length - 1),
    ),
    padded(
      ['padding-length-511', 'a length of bucket − 1', 'padding', 'Padding', 'Limit'],
      frame(full, 512, 511),
    ),
    padded(
      ['padding-length-512', 'a length of bucket', 'padding', 'Padding', 'Limit'],
      frame(full, 512, 512),
    ),
    padded(
      ['padding-length-max', 'a length of 65535', 'padding', 'Padding', 'Limit'],
      frame(cbor, 512, 0xffff),
    ),
    padded(
      ['padding-length-little-endian', 'the length is little-endian', 'padding', 'Padding'],
      frame(cbor, 512, cbor.length << 8),
    ),
    refusedInside(
      field,
      [
        'padding-length-one-more',
        'a length that takes a zero byte of the padding to the CBOR: a trailing byte',
        'cbor',
        'Padding',
        'Cbor',
      ],
      'cbor',
      { plaintext: frame(cbor, 512, cbor.length + 1) },
    ),
    refusedInside(
      field,
      [
        'padding-length-counts-itself',
        'the length counts its own two bytes: two trailing bytes',
        'cbor',
        'Padding',
        'Cbor',
      ],
      'cbor',
      { plaintext: frame(cbor, 512, cbor.length + 2) },
    ),
    refusedInside(
      field,
      [
        'padding-all-zero',
        'the CBOR is bucket − 2 zero bytes: the integer 0 and trailing bytes',
        'cbor',
        'Padding',
        'Cbor',
      ],
      'cbor',
      { plaintext: frame(new Uint8Array(510), 512) },
    ),
  ];
}
