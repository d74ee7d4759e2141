// alice-phone and its server, in one suite: what the device holds, what an honest server seals, and how a case is made of
// both. A refusal changes one part of the honest recipe, or of the sealed bytes.
import { encodeInfo, encodePskId } from '../../../../protocol/content/info.ts';
import type { OpeningKey } from '../../../../protocol/content/open/open.ts';
import { portableBackend as backend } from '../../../../protocol/crypto/backend-portable.ts';
import { publicKeyOf } from '../../../../protocol/crypto/kem.ts';
import { derivePsk, stepChain } from '../../../../protocol/crypto/ratchet.ts';
import { concat, hex, u8, u16 } from '../../../../protocol/wire/bytes.ts';
import { REPLAY_HASH_BYTES } from '../../../../protocol/wire/limits.ts';
import type { Suite } from '../../../../protocol/wire/suites.ts';
import type { DeviceKeyForm, HpkeForm, NotificationCase, StepName } from '../../shape/notification.ts';
import type { PayloadForm } from '../../shape/payload.ts';
import { draw } from '../draw.ts';
import { encapsulate, ephemeralBytes, type Schedule, sealByHand } from '../hpke-by-hand.ts';
import { message, payloadCbor } from '../payload-cbor.ts';
import { headOf, type Told } from '../told.ts';

/** The day on which most envelopes are sealed; the device keeps O = 10. */
const EPOCH = 12;
const OLDEST_EPOCH = 10;
const KEEP_DAYS = 3;
const EMPTY = new Uint8Array(0);

/** One device with one key of the suite. */
export interface Field {
  readonly suite: Suite;
  /** n01 or n02. */
  readonly prefix: string;
  readonly phone: OpeningKey;
  readonly publicKey: Uint8Array;
}

/** Everything that an envelope is made of. */
export interface Recipe extends Schedule {
  readonly suite: Suite;
  /** The byte in the header. */
  readonly suiteByte: number;
  readonly kid: Uint8Array;
  readonly epoch: number;
  readonly chain: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly ephemeral: Uint8Array;
  readonly low: Uint8Array | null;
  readonly cbor: Uint8Array;
  readonly plaintext: Uint8Array;
}

/** What an honest server may choose. */
export interface Choice {
  readonly epoch?: number;
  readonly bucket?: number;
  readonly cbor?: Uint8Array;
  /** Who receives it, if not the field's own phone; its chain is chain[O]. */
  readonly key?: OpeningKey;
}

/** A phone and its key; `name` makes another one of the same kind. */
export function makeField(suite: Suite, prefix: string, name = 'alice-phone'): Field {
  const privateKey = draw(`${prefix} ${name} private key`, suite.privateKeyBytes);
  const phone: OpeningKey = {
    suite,
    kid: draw(`${prefix} ${name} kid`, 4),
    privateKey,
    origin: 'https://chat.example.org',
    appId: 'org.example.chat',
    registrationId: draw(`${prefix} ${name} registration_id`, 16),
    epoch: OLDEST_EPOCH,
    chain: stepChain(backend, draw(`${prefix} ${name} chain[0]`, 32), OLDEST_EPOCH),
    keepDays: KEEP_DAYS,
  };
  return { suite, prefix, phone, publicKey: publicKeyOf(backend, suite.kemId, privateKey) };
}

/** What an honest server seals for the field's phone. */
export function honest(field: Field, id: string, choice: Choice = {}): Recipe {
  const { suite } = field;
  const { epoch = EPOCH, bucket = 512, cbor = payloadCbor(message()), key = field.phone } = choice;
  const chain = stepChain(backend, key.chain, epoch - key.epoch);
  return {
    suite,
    suiteByte: suite.id,
    kid: key.kid,
    epoch,
    chain,
    mode: 1,
    psk: derivePsk(backend, chain),
    pskId: encodePskId(key.kid, epoch),
    info: encodeInfo(key),
    aad: EMPTY,
    sequence: 0,
    publicKey: publicKeyOf(backend, suite.kemId, key.privateKey),
    ephemeral: draw(`${field.prefix} ${id} ephemeral`, ephemeralBytes(suite)),
    low: null,
    cbor,
    plaintext: frame(cbor, bucket),
  };
}

/** length ‖ CBOR ‖ zeros, to a size that need not be a bucket. */
export function frame(cbor: Uint8Array, size: number, length: number = cbor.length): Uint8Array {
  const plaintext = new Uint8Array(size);
  plaintext.set(concat(u16(length), cbor));
  return plaintext;
}

/** An envelope, and the values on the way. */
export interface SealedByHand {
  readonly envelope: Uint8Array;
  readonly hpke: HpkeForm;
}

/** The envelope of a recipe. */
export function seal(recipe: Recipe): SealedByHand {
  const encapsulated = encapsulate(recipe.suite, recipe.publicKey, recipe.ephemeral, recipe.low);
  const { ciphertext, steps } = sealByHand(recipe, encapsulated.sharedSecret, recipe.plaintext);
  const header = concat(u8(recipe.suiteByte), recipe.kid, u16(recipe.epoch));
  return {
    envelope: concat(header, encapsulated.enc, ciphertext),
    hpke: {
      public_key: hex(recipe.publicKey),
      ephemeral: hex(recipe.ephemeral),
      enc: hex(encapsulated.enc),
      ...encapsulated.steps,
      shared_secret: hex(encapsulated.sharedSecret),
      ...steps,
    },
  };
}

/** A case that opens to this payload. */
export function valid(
  field: Field,
  told: Told,
  form: PayloadForm,
  choice: Choice = {},
  keys: readonly OpeningKey[] = [choice.key ?? field.phone],
): NotificationCase {
  const recipe = honest(field, told[0], { cbor: payloadCbor(form), ...choice });
  const { envelope, hpke } = seal(recipe);
  const { chain, psk, info, cbor, plaintext, epoch } = recipe;
  return {
    ...headOf(field.prefix, told),
    result: 'valid',
    keys: keys.map(keyForm),
    envelope: hex(envelope),
    payload: form,
    ...moved(choice.key ?? field.phone, epoch),
    sealing: {
      epoch,
      chain: hex(chain),
      psk: hex(psk),
      psk_id: hex(recipe.pskId),
      info: hex(info),
      hpke,
      cbor: hex(cbor),
      bucket: plaintext.length,
      plaintext: hex(plaintext),
      replay_hash: hex(backend.sha256(envelope).subarray(0, REPLAY_HASH_BYTES)),
    },
  };
}

/** A case of which nothing is authenticated. */
export function refused(
  field: Field,
  told: Told,
  step: StepName,
  envelope: Uint8Array,
  keys: readonly OpeningKey[] = [field.phone],
): NotificationCase {
  const head = headOf(field.prefix, told);
  return { ...head, result: 'refused', step, keys: keys.map(keyForm), envelope: hex(envelope) };
}

/** A case that opens and is refused then: O moves all the same. */
export function refusedInside(
  field: Field,
  told: Told,
  step: 'padding' | 'cbor' | 'schema',
  change: Partial<Recipe>,
  choice: Choice = {},
): NotificationCase {
  const recipe = { ...honest(field, told[0], { epoch: 15, ...choice }), ...change };
  return {
    ...headOf(field.prefix, told),
    result: 'refused',
    step,
    keys: [keyForm(field.phone)],
    envelope: hex(seal(recipe).envelope),
    ...moved(field.phone, recipe.epoch),
  };
}

/** A case whose kid is none of the device's. */
export function notOurs(
  field: Field,
  told: Told,
  envelope: Uint8Array,
  keys: readonly OpeningKey[] = [field.phone],
): NotificationCase {
  const head = headOf(field.prefix, told);
  return { ...head, result: 'not_ours', keys: keys.map(keyForm), envelope: hex(envelope) };
}

/** A copy with one byte changed. */
export function flip(bytes: Uint8Array, index: number, mask = 0x01): Uint8Array {
  const changed = bytes.slice();
  const at = index < 0 ? bytes.length + index : index;
  changed[at] = (changed[at] as number) ^ mask;
  return changed;
}

/** O and chain[O] after an envelope of this epoch has opened. */
function moved(key: OpeningKey, epoch: number): { moved_epoch: number; moved_chain: string } {
  const oldest = Math.max(key.epoch, epoch - key.keepDays - 1);
  return { moved_epoch: oldest, moved_chain: hex(stepChain(backend, key.chain, oldest - key.epoch)) };
}

/** A key in the form of the vectors. */
export function keyForm(key: OpeningKey): DeviceKeyForm {
  return {
    suite: key.suite.id,
    kid: hex(key.kid),
    private_key: hex(key.privateKey),
    origin: key.origin,
    app_id: key.appId,
    registration_id: hex(key.registrationId),
    oldest_epoch: key.epoch,
    oldest_chain: hex(key.chain),
    keep_days: key.keepDays,
  };
}
