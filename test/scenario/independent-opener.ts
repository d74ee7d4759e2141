// A program that knows the published format and none of our code: it opens the envelopes of the demonstration's JSON file
// with npm `hpke`, node:crypto and cbor-x.
import { createHmac } from 'node:crypto';
import { Decoder } from 'cbor-x';
import {
  AEAD_AES_256_GCM,
  AEAD_ChaCha20Poly1305,
  CipherSuite,
  KDF_HKDF_SHA256,
  KEM_DHKEM_X25519_HKDF_SHA256,
  KEM_MLKEM768_X25519,
} from 'hpke';

/** A phone's key as the demonstration writes it; byte strings in base64url. */
export interface PublishedKey {
  readonly kid: string;
  readonly suite: number;
  readonly private_key: string;
  readonly epoch: number;
  readonly chain: string;
  readonly origin: string;
  readonly app_id: string;
  readonly registration_id: string;
}

/** The payload, as nested maps with integer keys; null if the envelope is for none of the keys. */
export async function openIndependently(
  envelope: string,
  keys: readonly PublishedKey[],
): Promise<ReadonlyMap<number, unknown> | null> {
  const bytes = Buffer.from(envelope, 'base64url');
  const kid = bytes.subarray(1, 5);
  const key = keys.find((known) => Buffer.from(known.kid, 'base64url').equals(kid));
  if (key === undefined) return null;
  const suite = suiteOf(key);
  const encEnd = 7 + suite.KEM.Nenc;
  const privateKey = await suite.DeserializePrivateKey(Buffer.from(key.private_key, 'base64url'));
  const padded = await suite.Open(privateKey, bytes.subarray(7, encEnd), bytes.subarray(encEnd), {
    info: Buffer.concat([
      Buffer.from('sealed-push/1 notification'),
      bytes.subarray(0, 1),
      lengthPrefixed(key.origin),
      lengthPrefixed(key.app_id),
      Buffer.from(key.registration_id, 'base64url'),
    ]),
    psk: pskOf(key, bytes.readUInt16BE(5)),
    pskId: bytes.subarray(1, 7),
  });
  const plaintext = Buffer.from(padded);
  const cbor = plaintext.subarray(2, 2 + plaintext.readUInt16BE(0));
  return new Decoder({ mapsAsObjects: false }).decode(cbor) as ReadonlyMap<number, unknown>;
}

function suiteOf({ suite }: PublishedKey): CipherSuite {
  return suite === 1
    ? new CipherSuite(KEM_DHKEM_X25519_HKDF_SHA256, KDF_HKDF_SHA256, AEAD_ChaCha20Poly1305)
    : new CipherSuite(KEM_MLKEM768_X25519, KDF_HKDF_SHA256, AEAD_AES_256_GCM);
}

function lengthPrefixed(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.of(bytes.length), bytes]);
}

/** HKDF-Expand to one block: steps the chain to the epoch, then takes the key. */
function pskOf(key: PublishedKey, epoch: number): Buffer {
  const expand = (chain: Buffer, label: string): Buffer =>
    createHmac('sha256', chain).update(label).update(Buffer.of(1)).digest();
  let chain: Buffer = Buffer.from(key.chain, 'base64url');
  for (let day = key.epoch; day < epoch; day += 1) chain = expand(chain, 'sealed-push/1 chain');
  return expand(chain, 'sealed-push/1 psk');
}
