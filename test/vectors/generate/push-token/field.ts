// alice-phone's push token on its way to the bouncer, in one suite: what an honest app seals, and how a case is made.
import { portableBackend as backend } from '../../../../protocol/crypto/backend-portable.ts';
import { publicKeyOf } from '../../../../protocol/crypto/kem.ts';
import { concat, hex, u8, u8len, utf8 } from '../../../../protocol/wire/bytes.ts';
import { type CborMap, type CborValue, encodeCbor } from '../../../../protocol/wire/cbor.ts';
import type { Suite } from '../../../../protocol/wire/suites.ts';
import { unhex } from '../../device/unhex.ts';
import type { HpkeForm } from '../../shape/notification.ts';
import type { BouncerKeyForm, ContextForm, PushTokenCase, TokenForm } from '../../shape/push-token.ts';
import { draw } from '../draw.ts';
import { encapsulate, ephemeralBytes, type Schedule, sealByHand } from '../hpke-by-hand.ts';
import { frame } from '../notification/field.ts';
import { headOf, type Told } from '../told.ts';

const EMPTY = new Uint8Array(0);
const BUCKET = 512;

export const APNS: ContextForm = {
  origin: 'https://chat.example.org',
  app_id: 'org.example.chat',
  platform: 'apns',
  environment: 'production',
};
export const FCM: ContextForm = { ...APNS, platform: 'fcm', environment: '' };

export const APNS_TOKEN: TokenForm = {
  token: hex(draw('alice-phone apns token', 32)),
  issued_at: 1_795_262_400,
  attempt: hex(draw('alice-phone attempt', 16)),
  confirm_key: hex(draw('alice-phone confirm_key', 32)),
};
export const FCM_TOKEN: TokenForm = {
  ...APNS_TOKEN,
  token: 'alice-phone:APA91bHun4MxP5egoKMwt2KZFBaFUH-1RYqx',
};

/** The bouncer's key of one suite. */
export interface Field {
  readonly suite: Suite;
  /** t11 or t12. */
  readonly prefix: string;
  readonly bkid: Uint8Array;
  readonly privateKey: Uint8Array;
}

/** Everything that a blob is made of. */
export interface Recipe extends Schedule {
  readonly suiteByte: number;
  readonly bkid: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly ephemeral: Uint8Array;
  readonly low: Uint8Array | null;
  readonly cbor: Uint8Array;
  readonly plaintext: Uint8Array;
}

export function makeField(suite: Suite, prefix: string, name = 'bouncer'): Field {
  return {
    suite,
    prefix,
    bkid: draw(`${prefix} ${name} bkid`, 4),
    privateKey: draw(`${prefix} ${name} private key`, suite.privateKeyBytes),
  };
}

/** The token as a CBOR map, open to change. */
export function tokenMap({ platform }: ContextForm, token: TokenForm): CborMap {
  return new Map<number, CborValue>([
    [1, platform === 'apns' ? unhex(token.token) : token.token],
    [2, token.issued_at],
    [3, unhex(token.attempt)],
    [4, unhex(token.confirm_key)],
  ]);
}

export function tokenInfo(suite: Suite, bkid: Uint8Array, context: ContextForm): Uint8Array {
  const { origin, app_id, platform, environment } = context;
  const names = [origin, app_id, platform, environment].map((name) => u8len(utf8(name)));
  return concat(utf8('sealed-push/1 token'), u8(suite.id), bkid, ...names);
}

/** What an honest app seals. */
export function honest(
  field: Field,
  id: string,
  context: ContextForm = APNS,
  token: TokenForm = context.platform === 'apns' ? APNS_TOKEN : FCM_TOKEN,
): Recipe {
  const { suite, bkid, privateKey } = field;
  const cbor = encodeCbor(tokenMap(context, token));
  return {
    suite,
    suiteByte: suite.id,
    bkid,
    mode: 0,
    psk: EMPTY,
    pskId: EMPTY,
    info: tokenInfo(suite, bkid, context),
    aad: EMPTY,
    sequence: 0,
    publicKey: publicKeyOf(backend, suite.kemId, privateKey),
    ephemeral: draw(`${field.prefix} ${id} ephemeral`, ephemeralBytes(suite)),
    low: null,
    cbor,
    plaintext: frame(cbor, BUCKET),
  };
}

/** The blob of a recipe, and the values on the way. */
export function seal(recipe: Recipe): { readonly blob: Uint8Array; readonly hpke: HpkeForm } {
  const encapsulated = encapsulate(recipe.suite, recipe.publicKey, recipe.ephemeral, recipe.low);
  const { ciphertext, steps } = sealByHand(recipe, encapsulated.sharedSecret, recipe.plaintext);
  return {
    blob: concat(u8(recipe.suiteByte), recipe.bkid, encapsulated.enc, ciphertext),
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

/** A case that opens to this token. */
export function valid(
  field: Field,
  told: Told,
  context: ContextForm,
  token: TokenForm,
  others: readonly Field[] = [],
): PushTokenCase {
  const recipe = honest(field, told[0], context, token);
  const { blob, hpke } = seal(recipe);
  return {
    ...headOf(field.prefix, told),
    result: 'valid',
    bouncer_keys: [...others, field].map(keyForm),
    context,
    blob: hex(blob),
    token,
    info_hash: hex(backend.sha256(recipe.info)),
    sealing: {
      suite: field.suite.id,
      bkid: hex(field.bkid),
      info: hex(recipe.info),
      cbor: hex(recipe.cbor),
      plaintext: hex(recipe.plaintext),
      hpke,
    },
  };
}

/** A case that the bouncer refuses. */
export function refused(
  field: Field,
  told: Told,
  blob: Uint8Array,
  context: ContextForm = APNS,
  keys: readonly Field[] = [field],
): PushTokenCase {
  const head = headOf(field.prefix, told);
  return { ...head, result: 'refused', bouncer_keys: keys.map(keyForm), context, blob: hex(blob) };
}

function keyForm({ suite, bkid, privateKey }: Field): BouncerKeyForm {
  return { suite: suite.id, bkid: hex(bkid), private_key: hex(privateKey) };
}
