// What fast-check draws from: values of the CBOR profile, and payloads of the schema.
import fc from 'fast-check';
import type { Reference } from '../../protocol/content/field.ts';
import type { MessageBody } from '../../protocol/content/message.ts';
import type { Payload } from '../../protocol/content/payload.ts';
import type { CborValue } from '../../protocol/wire/cbor.ts';
import { CBOR_DEPTH_MAX, TTL_SECONDS_MAX } from '../../protocol/wire/limits.ts';

const wideInteger: fc.Arbitrary<number> = fc
  .oneof(
    fc.maxSafeInteger(),
    fc.integer({ min: -300, max: 300 }),
    fc.integer({ min: -70_000, max: 70_000 }),
    fc.integer(),
  )
  .map((value) => value + 0);

const scalar: fc.Arbitrary<CborValue> = fc.oneof(
  wideInteger,
  fc.boolean(),
  fc.constant(null),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.uint8Array({ maxLength: 300 }),
);

/** Any value of the profile: at most four levels of arrays and maps. */
export const anyCbor: fc.Arbitrary<CborValue> = nested(CBOR_DEPTH_MAX);

function nested(levels: number): fc.Arbitrary<CborValue> {
  if (levels === 0) return scalar;
  const inner = nested(levels - 1);
  const key = fc.oneof(fc.nat({ max: 30 }), fc.maxSafeNat());
  return fc.oneof(
    scalar,
    fc.array(inner, { maxLength: 4 }),
    fc.array(fc.tuple(key, inner), { maxLength: 4 }).map((pairs) => new Map(pairs)),
  );
}

/** Text of whole code points, many scripts, at most `bytesMax` bytes of UTF-8. */
function text(bytesMax: number): fc.Arbitrary<string> {
  return fc
    .oneof(
      fc.string({ unit: 'binary', maxLength: bytesMax }),
      fc.string({ unit: 'grapheme', maxLength: bytesMax }),
    )
    .map((drawn) => {
      let kept = '';
      let bytes = 0;
      for (const character of drawn) {
        bytes += Buffer.byteLength(character);
        if (bytes > bytesMax) break;
        kept += character;
      }
      return kept;
    });
}

const reference: fc.Arbitrary<Reference> = fc.oneof(
  fc.maxSafeNat(),
  fc.uint8Array({ minLength: 1, maxLength: 16 }),
);

const message: fc.Arbitrary<MessageBody> = fc.record(
  {
    reference,
    conversation: fc.record(
      {
        kind: fc.constantFrom('direct' as const, 'group' as const, 'channel' as const),
        id: reference,
        name: text(128),
        topic: text(128),
      },
      { requiredKeys: ['kind', 'id'] },
    ),
    sender: fc.record({ name: text(128), avatar: fc.constant('/avatars/1.png') }, { requiredKeys: ['name'] }),
    text: text(900),
    truncated: fc.constant(true as const),
    edited: fc.constant(true as const),
    mention: fc.constantFrom('personal' as const, 'group' as const, 'all' as const),
  },
  { requiredKeys: ['reference', 'conversation', 'sender', 'text'] },
);

const head = {
  sentAt: fc.maxSafeNat(),
  counter: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  ttlSeconds: fc.integer({ min: 1, max: TTL_SECONDS_MAX }),
  unread: fc.maxSafeNat(),
  removed: fc.array(reference, { minLength: 1, maxLength: 32 }),
};
const headKeys = ['sentAt', 'counter', 'ttlSeconds', 'kind'] as const;

/** Any payload of the schema that fits the default bucket. */
export const anyPayload: fc.Arbitrary<Payload> = fc.oneof(
  fc.record(
    { ...head, kind: fc.constant('message' as const), message },
    { requiredKeys: [...headKeys, 'message'] },
  ),
  fc.record(
    {
      ...head,
      kind: fc.constant('remove' as const),
      references: fc.array(reference, { minLength: 1, maxLength: 60 }),
    },
    { requiredKeys: [...headKeys, 'references'] },
  ),
  fc.record({ ...head, kind: fc.constant('badge' as const) }, { requiredKeys: [...headKeys] }),
  fc.record(
    { ...head, kind: fc.constant('test' as const), nonce: fc.uint8Array({ minLength: 16, maxLength: 16 }) },
    { requiredKeys: [...headKeys, 'nonce'] },
  ),
  fc.record({ ...head, kind: fc.constant('session' as const) }, { requiredKeys: [...headKeys] }),
);
