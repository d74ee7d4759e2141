// Our side of the benchmark: a message of 1,024 bytes, sealed for one device and opened again, with warm keys, and cold
// from the store. An item is what goes into a JSON body: payload → CBOR → padding → HPKE → envelope → base64url, or back.
import { randomBytes } from 'node:crypto';
import BetterSqlite from 'better-sqlite3';
import { encodeInfo, encodePskId } from '../../../protocol/content/info.ts';
import { openEnvelope } from '../../../protocol/content/open/open.ts';
import { encodePayload, type Payload } from '../../../protocol/content/payload.ts';
import { prepareSealingKey, type SealingKey, sealNotification } from '../../../protocol/content/seal/seal.ts';
import { nativeBackend } from '../../../protocol/crypto/backend-native.ts';
import { generateKeyPair, type KeyPair } from '../../../protocol/crypto/key-pair.ts';
import { derivePsk } from '../../../protocol/crypto/ratchet.ts';
import { decodeBase64url, encodeBase64url } from '../../../protocol/wire/base64url.ts';
import { utf8 } from '../../../protocol/wire/bytes.ts';
import { pad } from '../../../protocol/wire/padding.ts';
import { findSuite, type Suite } from '../../../protocol/wire/suites.ts';
import { StorageKey } from '../../../server/notify/storage-key.ts';
import type { Job } from '../measure.ts';

const BUCKET = 1856;
const TEXT_BYTES = 1024;
const SENTENCE = 'Wir treffen uns um neun im großen Saal 🙂 – bring the notes, please. ';
const KEEP_DAYS = 3;

/** A device as the server knows it, with its private key beside. */
export interface Device {
  readonly key: SealingKey;
  readonly keys: KeyPair;
}

/** What a general library needs for the same job: HPKE in PSK mode of the padded plaintext. */
export interface HpkeInput {
  readonly keys: KeyPair;
  readonly info: Uint8Array;
  readonly psk: Uint8Array;
  readonly pskId: Uint8Array;
  readonly plaintext: Uint8Array;
}

const payload: Payload = {
  sentAt: 1_790_000_000_000,
  counter: 1_000,
  ttlSeconds: 86_400,
  unread: 3,
  kind: 'message',
  message: {
    reference: 123_456,
    conversation: { kind: 'channel', id: 42, name: 'general', topic: 'weekly meeting' },
    sender: { name: 'Bob', avatar: '/avatar/bob.png' },
    text: textOf(TEXT_BYTES),
  },
};

export function createDevice(suite: Suite): Device {
  const keys = generateKeyPair(nativeBackend, suite);
  return {
    keys,
    key: {
      suite,
      publicKey: keys.publicKey,
      kid: randomBytes(4),
      origin: 'https://chat.example.org',
      appId: 'org.example.chat',
      registrationId: randomBytes(16),
      epoch: 7,
      chain: randomBytes(32),
    },
  };
}

export function hpkeInput({ key, keys }: Device): HpkeInput {
  return {
    keys,
    info: encodeInfo(key),
    psk: derivePsk(nativeBackend, key.chain),
    pskId: encodePskId(key.kid, key.epoch),
    plaintext: pad(encodePayload(payload), BUCKET),
  };
}

/** With the key made ready beforehand. */
export function sealWarm(name: string, { key }: Device): Job {
  const prepared = prepareSealingKey(nativeBackend, key);
  return {
    name,
    run(items) {
      for (let item = 0; item < items; item += 1) {
        encodeBase64url(sealNotification(nativeBackend, prepared, payload, BUCKET));
      }
    },
  };
}

/** With the key read from SQLite, its chain decrypted and made ready, for each item anew. */
export function sealCold(name: string, { key }: Device): Job {
  const storageKey = new StorageKey(randomBytes(32));
  const owner = { registration_id: encodeBase64url(key.registrationId), kid: encodeBase64url(key.kid) };
  const store = new BetterSqlite(':memory:');
  store.exec('create table keys (registration_id, kid, suite, public_key, chain, epoch)');
  const chain = storageKey.sealChain(owner, key.chain);
  store
    .prepare('insert into keys values (?, ?, ?, ?, ?, ?)')
    .run(owner.registration_id, owner.kid, key.suite.id, key.publicKey, chain, key.epoch);
  const find = store.prepare<[string, string], StoredKey>(
    'select * from keys where registration_id = ? and kid = ?',
  );
  return {
    name,
    run(items) {
      for (let item = 0; item < items; item += 1) {
        const row = find.get(owner.registration_id, owner.kid) as StoredKey;
        const prepared = prepareSealingKey(nativeBackend, {
          suite: findSuite(row.suite, 'notification'),
          publicKey: row.public_key,
          kid: decodeBase64url(row.kid),
          epoch: row.epoch,
          chain: storageKey.openChain(row, row.chain) as Uint8Array,
          origin: key.origin,
          appId: key.appId,
          registrationId: decodeBase64url(row.registration_id),
        });
        encodeBase64url(sealNotification(nativeBackend, prepared, payload, BUCKET));
      }
    },
  };
}

/** Opens one envelope again and again; whether it was seen before is not this job's question. */
export function openWarm(name: string, { key, keys }: Device): Job {
  const prepared = prepareSealingKey(nativeBackend, key);
  const envelope = encodeBase64url(sealNotification(nativeBackend, prepared, payload, BUCKET));
  const openingKey = { ...key, privateKey: keys.privateKey, keepDays: KEEP_DAYS };
  return {
    name,
    run(items) {
      for (let item = 0; item < items; item += 1) {
        openEnvelope(nativeBackend, decodeBase64url(envelope), () => openingKey);
      }
    },
  };
}

interface StoredKey {
  readonly registration_id: string;
  readonly kid: string;
  readonly suite: number;
  readonly public_key: Uint8Array;
  readonly chain: Uint8Array;
  readonly epoch: number;
}

function textOf(bytes: number): string {
  const text = SENTENCE.repeat(Math.floor(bytes / utf8(SENTENCE).length));
  return text + '.'.repeat(bytes - utf8(text).length);
}
