// ratchet.json: chain values and PSKs.
import { portableBackend as backend } from '../../../protocol/crypto/backend-portable.ts';
import { hex, utf8 } from '../../../protocol/wire/bytes.ts';
import type { RatchetCase, RatchetFile } from '../shape/encodings.ts';
import { draw } from './draw.ts';
import type { Flag } from './flags.ts';
import { headed } from './headed.ts';
import { headOf } from './told.ts';

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
