// The payload (SPEC.md section 9): what the phone learns, as a CBOR map.
//
//   {1 sent_at, 2 counter, 3 ttl, 4 kind, 5 body, ?6 unread, ?7 removed}
import { type CborMap, decodeCbor, encodeCbor } from '../wire/cbor.ts';
import {
  REMOVE_REFERENCES_MAX,
  REMOVED_REFERENCES_MAX,
  TEST_NONCE_BYTES,
  TTL_SECONDS_MAX,
} from '../wire/limits.ts';
import { type Reference, readBytes, readInteger, readMap, readReferences } from './field.ts';
import { decodeMessage, encodeMessage, type MessageBody } from './message.ts';

const KIND = { message: 1, remove: 2, badge: 3, test: 4, session: 5 } as const;

/** What every payload has. */
export interface PayloadHead {
  /** Unix ms; rises with every envelope of a registration. */
  readonly sentAt: number;
  /** Per kid, from 1; shows gaps and nothing else. */
  readonly counter: number;
  /** 1 second … keep_days. */
  readonly ttlSeconds: number;
  /** Unread messages of this account. */
  readonly unread?: number;
  /** References pushed lately and read since, newest first; 1 … 32 of them. */
  readonly removed?: readonly Reference[];
}

/** What happened. */
export type PayloadBody =
  | { readonly kind: 'message'; readonly message: MessageBody }
  /** Take these away: 1 … 300 references. */
  | { readonly kind: 'remove'; readonly references: readonly Reference[] }
  /** Only the unread count, or the epoch, is news. */
  | { readonly kind: 'badge' }
  /** The user asked for a test; 16 bytes to echo. */
  | { readonly kind: 'test'; readonly nonce: Uint8Array }
  /** Ask the server whether this session still lives. */
  | { readonly kind: 'session' }
  /** A kind of a later version; comes from decoding only. */
  | { readonly kind: 'unknown'; readonly id: number };

export type Payload = PayloadHead & PayloadBody;

/** What the AEAD protects. @throws ProtocolError `cbor_unencodable` */
export function encodePayload(payload: Payload): Uint8Array {
  const map: CborMap = new Map([
    [1, payload.sentAt],
    [2, payload.counter],
    [3, payload.ttlSeconds],
    [4, payload.kind === 'unknown' ? payload.id : KIND[payload.kind]],
  ]);
  map.set(5, encodeBody(payload));
  if (payload.unread !== undefined) map.set(6, payload.unread);
  if (payload.removed !== undefined) map.set(7, [...payload.removed]);
  return encodeCbor(map);
}

/** @throws ProtocolError `cbor_malformed`, `payload_malformed` */
export function decodePayload(bytes: Uint8Array): Payload {
  const map = readMap(decodeCbor(bytes));
  return {
    sentAt: readInteger(map.get(1), 0, Number.MAX_SAFE_INTEGER),
    counter: readInteger(map.get(2), 1, Number.MAX_SAFE_INTEGER),
    ttlSeconds: readInteger(map.get(3), 1, TTL_SECONDS_MAX),
    ...(map.has(6) && { unread: readInteger(map.get(6), 0, Number.MAX_SAFE_INTEGER) }),
    ...(map.has(7) && { removed: readReferences(map.get(7), REMOVED_REFERENCES_MAX) }),
    ...decodeBody(readInteger(map.get(4), 0, Number.MAX_SAFE_INTEGER), readMap(map.get(5))),
  };
}

/** Whether a kind is one that sounds (SPEC.md section 10). */
export function alerts(payload: PayloadBody): boolean {
  return payload.kind === 'message' || payload.kind === 'test';
}

function encodeBody(payload: PayloadBody): CborMap {
  if (payload.kind === 'message') return encodeMessage(payload.message);
  if (payload.kind === 'remove') return new Map([[1, [...payload.references]]]);
  if (payload.kind === 'test') return new Map([[1, payload.nonce]]);
  return new Map();
}

function decodeBody(id: number, map: CborMap): PayloadBody {
  switch (id) {
    case KIND.message:
      return { kind: 'message', message: decodeMessage(map) };
    case KIND.remove:
      return { kind: 'remove', references: readReferences(map.get(1), REMOVE_REFERENCES_MAX) };
    case KIND.badge:
      return { kind: 'badge' };
    case KIND.test:
      return { kind: 'test', nonce: readBytes(map.get(1), TEST_NONCE_BYTES) };
    case KIND.session:
      return { kind: 'session' };
    default:
      return { kind: 'unknown', id };
  }
}
