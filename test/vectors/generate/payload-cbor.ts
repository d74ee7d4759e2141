// The payload of a case, from its JSON form to the CBOR of the wire, with the keys of SPEC.md section "Payload".
import { type CborMap, type CborValue, encodeCbor } from '../../../protocol/wire/cbor.ts';
import { unhex } from '../device/unhex.ts';
import type { BodyForm, MessageForm, PayloadForm, ReferenceForm } from '../shape/payload.ts';

/** Noon of 21 November 2026 (UTC), in unix ms. */
export const SENT_AT = 1_795_262_400_000;

/** A message that every part of the vectors starts from. */
export const HELLO: MessageForm = {
  reference: 4711,
  conversation: { kind: 3, id: 12, name: 'general', topic: 'lunch' },
  sender: { name: 'bob', avatar: '/avatar/2' },
  text: 'Soup or salad?',
};

/** A payload around a message; what is given replaces what HELLO says. */
export function message(body: Partial<MessageForm> = {}, head: Partial<PayloadForm> = {}): PayloadForm {
  return { sent_at: SENT_AT, counter: 17, ttl: 259_200, kind: 1, body: { ...HELLO, ...body }, ...head };
}

/** A payload of another kind. */
export function payload(kind: number, body: BodyForm = {}, head: Partial<PayloadForm> = {}): PayloadForm {
  return { sent_at: SENT_AT, counter: 17, ttl: 259_200, kind, body, ...head };
}

/** The payload as a CBOR map, open to change. */
export function payloadMap(form: PayloadForm): CborMap {
  return mapOf([
    [1, form.sent_at],
    [2, form.counter],
    [3, form.ttl],
    [4, form.kind],
    [5, bodyMap(form.body)],
    [6, form.unread],
    [7, form.removed?.map(referenceValue)],
  ]);
}

/** The payload's bytes. */
export function payloadCbor(form: PayloadForm): Uint8Array {
  return encodeCbor(payloadMap(form));
}

/** A reference's value: an integer, or the bytes of its hexadecimal. */
function referenceValue(reference: ReferenceForm): CborValue {
  return typeof reference === 'number' ? reference : unhex(reference);
}

function bodyMap(body: BodyForm): CborMap {
  if ('references' in body) return mapOf([[1, body.references.map(referenceValue)]]);
  if ('nonce' in body) return mapOf([[1, unhex(body.nonce)]]);
  if (!('reference' in body)) return mapOf([]);
  const { conversation, sender } = body;
  return mapOf([
    [1, referenceValue(body.reference)],
    [
      2,
      mapOf([
        [1, conversation.kind],
        [2, referenceValue(conversation.id)],
        [3, conversation.name],
        [4, conversation.topic],
      ]),
    ],
    [
      3,
      mapOf([
        [1, sender.name],
        [2, sender.avatar],
      ]),
    ],
    [4, body.text],
    [5, body.truncated],
    [6, body.edited],
    [7, body.mention],
  ]);
}

/** A map without the absent fields. */
function mapOf(pairs: readonly (readonly [number, CborValue | undefined])[]): CborMap {
  const map: CborMap = new Map();
  for (const [key, value] of pairs) if (value !== undefined) map.set(key, value);
  return map;
}
