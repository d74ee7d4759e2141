// Refusals in the header: every byte of it, every kind of suite id, every border of a length.

import { portableBackend as backend } from '../../../../protocol/crypto/backend-portable.ts';
import { stepChain } from '../../../../protocol/crypto/ratchet.ts';
import { concat, u8 } from '../../../../protocol/wire/bytes.ts';
import type { NotificationCase } from '../../shape/notification.ts';
import type { Flag } from '../flags.ts';
import { message, payloadCbor } from '../payload-cbor.ts';
import { type Field, flip, frame, honest, notOurs, refused, seal } from './field.ts';

const OTHER_SUITES: readonly (readonly [id: number, says: string, ...flags: Flag[]])[] = [
  [0x00, 'no suite'],
  [0x03, 'the next free id'],
  [0x10, 'a free id'],
  [0x11, 'a suite for push tokens'],
  [0x12, 'a suite for push tokens'],
  [0x31, "Zulip's secretbox, which is no envelope"],
  [0x7f, 'the last id below private use'],
  [0x80, 'private use, the first id'],
  [0xbf, 'private use, the last id'],
  [0xc0, 'the first greased id', 'Grease'],
  [0xca, 'a greased id', 'Grease'],
  [0xda, 'a greased id', 'Grease'],
  [0xe1, 'a greased id: 0xe0 over 0x01', 'Grease'],
  [0xf2, 'a greased id: 0xf0 over 0x02', 'Grease'],
  [0xff, 'the last greased id', 'Grease'],
];

export function headerCases(field: Field): NotificationCase[] {
  return [...suiteCases(field), ...kidCases(field), ...epochByteCases(field), ...lengthCases(field)];
}

function suiteCases(field: Field): NotificationCase[] {
  const cases = OTHER_SUITES.map(([id, says, ...flags]) => {
    const name = `suite-${hexByte(id)}`;
    const { envelope } = seal({ ...honest(field, name), suiteByte: id });
    const told = [name, `suite byte 0x${hexByte(id)}: ${says}`, 'suites', 'Suite', ...flags] as const;
    return refused(field, told, 'suite', envelope);
  });
  const twin = field.suite.id === 0x01 ? 0x02 : 0x01;
  const name = `suite-${hexByte(twin)}`;
  const { envelope } = seal({ ...honest(field, name), suiteByte: twin });
  const comment = 'the suite byte of the other suite for notifications, whose envelopes have other lengths';
  return [...cases, refused(field, [name, comment, 'suites', 'Suite', 'Header'], 'length', envelope)];
}

function kidCases(field: Field): NotificationCase[] {
  const { envelope } = seal(honest(field, 'header-kid'));
  const strange = [1, 2, 3, 4].map((index) =>
    notOurs(
      field,
      [
        `header-kid-${index}`,
        `byte ${index} of the envelope, in kid, was changed: not ours`,
        'layout',
        'Header',
      ],
      flip(envelope, index),
    ),
  );
  // A twin key under the changed kid: the same secrets, so that only psk_id can tell.
  const bound = [1, 2, 3, 4].map((index) => {
    const changed = flip(envelope, index);
    const comment = `byte ${index}, in kid, was changed, and the device holds the same secrets under that kid`;
    const twin = { ...field.phone, kid: changed.slice(1, 5) };
    const told = [`header-kid-${index}-bound`, comment, 'binding', 'Header', 'Binding'] as const;
    return refused(field, told, 'aead', changed, [field.phone, twin]);
  });
  return [...strange, ...bound];
}

function epochByteCases(field: Field): NotificationCase[] {
  const { envelope } = seal(honest(field, 'header-epoch'));
  const comment = 'of the envelope, in epoch, was changed to another day that the device accepts';
  const high = `byte 5 ${comment}`;
  const low = `byte 6 ${comment}`;
  // chain[e] is the same for every e here: only psk_id can tell the days apart.
  const [first, other] = [
    honest(field, 'header-epoch-bound'),
    honest(field, 'header-epoch-bound', { epoch: 13 }),
  ];
  const bound = seal({ ...first, pskId: other.pskId });
  const told = 'sealed with the chain of the day in the header, but psk_id names the day after';
  return [
    refused(field, ['header-epoch-high', high, 'binding', 'Header', 'Epoch'], 'aead', flip(envelope, 5)),
    refused(field, ['header-epoch-low', low, 'binding', 'Header', 'Epoch'], 'aead', flip(envelope, 6)),
    refused(field, ['header-epoch-psk-id', told, 'binding', 'Binding', 'Epoch'], 'aead', bound.envelope),
    chainOfNextDay(field),
  ];
}

function chainOfNextDay(field: Field): NotificationCase {
  const recipe = honest(field, 'header-epoch-chain');
  const next = honest(field, 'header-epoch-chain', { epoch: recipe.epoch + 1 });
  const { envelope } = seal({ ...recipe, psk: next.psk, chain: stepChain(backend, recipe.chain, 1) });
  const comment = 'sealed with the PSK of the day after the one in the header';
  return refused(field, ['header-epoch-chain', comment, 'ratchet', 'WrongPsk', 'Epoch'], 'aead', envelope);
}

function lengthCases(field: Field): NotificationCase[] {
  const whole = seal(honest(field, 'length')).envelope;
  const { encBytes, tagBytes, buckets } = field.suite;
  const cut = (length: number, says: string): NotificationCase =>
    refused(
      field,
      [`length-${length}`, `cut to ${length} bytes: ${says}`, 'open', 'Length'],
      'length',
      whole.slice(0, length),
    );
  const resized = buckets.flatMap((bucket) =>
    [bucket - 1, bucket + 1].map((size) => {
      const name = `bucket-${size}`;
      const recipe = { ...honest(field, name), plaintext: frame(payloadCbor(message()), size) };
      const told = [
        name,
        `authentic, but its plaintext has ${size} bytes`,
        'padding',
        'Bucket',
        'Length',
      ] as const;
      return refused(field, told, 'length', seal(recipe).envelope);
    }),
  );
  const others = [256, 768, 2048, 4096, ...(buckets.some((bucket) => bucket === 2944) ? [] : [2944])];
  const strange = others.map((size) => {
    const name = `bucket-${size}`;
    const recipe = { ...honest(field, name), plaintext: frame(payloadCbor(message()), size) };
    const told = [name, `authentic, but ${size} is no bucket of this suite`, 'padding', 'Bucket'] as const;
    return refused(field, told, 'length', seal(recipe).envelope);
  });
  return [
    cut(0, 'nothing'),
    cut(1, 'the suite byte alone'),
    cut(6, 'one byte less than a header'),
    cut(7, 'the header alone'),
    cut(7 + encBytes, 'header and enc'),
    cut(7 + encBytes + tagBytes, 'an empty plaintext would fit'),
    cut(whole.length - tagBytes, 'without the tag'),
    cut(whole.length - 1, 'without the last byte'),
    refused(
      field,
      ['length-one-more', 'one zero byte behind the tag', 'open', 'Length'],
      'length',
      concat(whole, u8(0)),
    ),
    refused(
      field,
      ['length-twice', 'the envelope twice, one behind the other', 'open', 'Length'],
      'length',
      concat(whole, whole),
    ),
    ...resized,
    ...strange,
  ];
}

function hexByte(byte: number): string {
  return byte.toString(16).padStart(2, '0');
}
