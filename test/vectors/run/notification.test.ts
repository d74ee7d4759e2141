// notification-01.json and notification-02.json through the library, on both backends: what opens, what is refused and
// where, and that sealing with the same randomness gives the same bytes.
import { expect, test } from 'vitest';
import { openEnvelope } from '../../../protocol/content/open/open.ts';
import type { CryptoBackend } from '../../../protocol/crypto/backend.ts';
import { createPortableBackend } from '../../../protocol/crypto/backend-portable.ts';
import { prepareSender, sealHpke } from '../../../protocol/crypto/hpke.ts';
import { derivePsk, stepChain } from '../../../protocol/crypto/ratchet.ts';
import { equalConstantTime, hex } from '../../../protocol/wire/bytes.ts';
import { encodeEnvelope } from '../../../protocol/wire/envelope.ts';
import { ProtocolError } from '../../../protocol/wire/errors.ts';
import type { Bucket } from '../../../protocol/wire/limits.ts';
import { pad } from '../../../protocol/wire/padding.ts';
import { findSuite } from '../../../protocol/wire/suites.ts';
import { openingKey } from '../device/opening-key.ts';
import { payloadFormOf } from '../device/payload-form.ts';
import { unhex } from '../device/unhex.ts';
import { type NotificationCase, notificationFile } from '../shape/notification.ts';
import { BACKENDS, readVectors } from './read.ts';

const FILES = ['notification-01.json', 'notification-02.json'].map(
  (name) => [name, readVectors(name, notificationFile)] as const,
);

/** What the library does with a case, in the words of the vectors. */
function outcome(backend: CryptoBackend, { keys, envelope }: NotificationCase): object {
  const held = keys.map(openingKey);
  try {
    const opened = openEnvelope(
      backend,
      unhex(envelope),
      (kid) => held.find((key) => equalConstantTime(key.kid, kid)) ?? null,
    );
    if (opened === null) return { result: 'not_ours' };
    const moved = { moved_epoch: opened.advanced.epoch, moved_chain: hex(opened.advanced.chain) };
    if (opened.payload === null) return { result: 'refused', step: opened.failure, ...moved };
    return { result: 'valid', payload: payloadFormOf(opened.payload), ...moved };
  } catch (error) {
    if (!(error instanceof ProtocolError) || error.code !== 'open_failed') throw error;
    return { result: 'refused', step: error.step };
  }
}

/** What a case says of the outcome. */
function expected(known: NotificationCase): object {
  if (known.result === 'not_ours') return { result: 'not_ours' };
  const moved =
    known.moved_epoch === undefined ? {} : { moved_epoch: known.moved_epoch, moved_chain: known.moved_chain };
  if (known.result === 'refused') return { result: 'refused', step: known.step, ...moved };
  return { result: 'valid', payload: known.payload, ...moved };
}

for (const [name, file] of FILES) {
  for (const [backendName, backend] of BACKENDS) {
    test(`every case of ${name} comes out as it says, on the ${backendName} backend`, () => {
      for (const known of file.cases) expect(outcome(backend, known), known.id).toEqual(expected(known));
    });
  }

  test(`every case of ${name} that opens is sealed to the same bytes again`, () => {
    for (const known of file.cases) {
      if (known.result === 'valid') expect(sealAgain(known), known.id).toBe(known.envelope);
    }
  });
}

function sealAgain({ sealing, keys, envelope }: NotificationCase & { result: 'valid' }): string {
  const key = keys.map(openingKey).find((held) => hex(held.kid) === envelope.slice(2, 10));
  if (key === undefined) throw new RangeError('the case has no key for its envelope');
  const suite = findSuite(Number.parseInt(envelope.slice(0, 2), 16), 'notification');
  const ephemeral = unhex(sealing.hpke.ephemeral);
  let drawn = 0;
  const backend = createPortableBackend((length) => {
    drawn += length;
    return ephemeral.slice(drawn - length, drawn);
  });
  const chain = stepChain(backend, key.chain, sealing.epoch - key.epoch);
  const psk = { psk: derivePsk(backend, chain), pskId: unhex(sealing.psk_id) };
  const sender = prepareSender(backend, suite, unhex(sealing.hpke.public_key), unhex(sealing.info), psk);
  const sealed = sealHpke(backend, sender, pad(unhex(sealing.cbor), sealing.bucket as Bucket));
  return hex(encodeEnvelope(suite, key.kid, sealing.epoch, sealed.enc, sealed.ciphertext));
}
