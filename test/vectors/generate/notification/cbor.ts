// Authentic envelopes around CBOR that the strict profile refuses. Where it can be, the fault sits in the value of a key
// that no version knows, so that nothing but a strict decoder notices it.
import { concat, u8, utf8 } from '../../../../protocol/wire/bytes.ts';
import { unhex } from '../../device/unhex.ts';
import type { NotificationCase } from '../../shape/notification.ts';
import { BAD_ITEMS, withRawPair } from '../bad-cbor.ts';
import { message, payload, payloadCbor } from '../payload-cbor.ts';
import type { Told } from '../told.ts';
import { type Field, frame, refusedInside } from './field.ts';

const UNKNOWN_KEY = 99;

export function cborCases(field: Field): NotificationCase[] {
  const around = (told: Told, cbor: Uint8Array): NotificationCase => {
    const bucket = [512, 1024, 1856].find((size) => cbor.length <= size - 2) ?? 1856;
    return refusedInside(field, told, 'cbor', { cbor, plaintext: frame(cbor, bucket) });
  };
  const good = payloadCbor(message());
  const small = payloadCbor(payload(3));
  const inside = BAD_ITEMS.map(([name, says, item]) => {
    const told: Told = [`cbor-${name}`, `the value of an unknown key is ${says}`, 'cbor', 'Cbor'];
    return around(told, withRawPair(small, UNKNOWN_KEY, unhex(item)));
  });
  const outside: readonly (readonly [name: string, says: string, cbor: Uint8Array])[] = [
    ['trailing-byte', 'a good payload with a byte behind it', concat(good, u8(0x01))],
    ['trailing-item', 'a good payload twice', concat(good, good)],
    ['truncated', 'a good payload without its last byte', good.slice(0, -1)],
    ['one-byte', 'the head of a map alone', good.slice(0, 1)],
    ['key-long', 'the key 1 in two bytes', concat(good.slice(0, 1), unhex('1801'), good.slice(2))],
    ['map-long-head', 'the size of the outermost map in two bytes', concat(unhex('b805'), good.slice(1))],
    [
      'map-indefinite-outermost',
      'the outermost map with an indefinite length',
      concat(u8(0xbf), good.slice(1), u8(0xff)),
    ],
    ['tagged', 'a good payload with tag 55799 before it', concat(unhex('d9d9f7'), good)],
    [
      'duplicate-sent-at',
      'sent_at twice',
      concat(u8((good[0] as number) + 1), good.slice(1, 11), good.slice(1)),
    ],
    ['unsorted-last', 'the key 98 behind 99', withRawPair(withRawPair(good, UNKNOWN_KEY, u8(0)), 98, u8(0))],
    [
      'duplicate-unknown',
      'the key 99 twice',
      withRawPair(withRawPair(good, UNKNOWN_KEY, u8(0)), UNKNOWN_KEY, u8(0)),
    ],
    ['json', 'JSON in the place of CBOR', utf8('{"text":"hello"}')],
  ];
  return [
    ...inside,
    ...outside.map(([name, says, cbor]) => around([`cbor-${name}`, says, 'cbor', 'Cbor'], cbor)),
  ];
}
