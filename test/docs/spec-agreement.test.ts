// SPEC.md's receiver and the library agree on what opens, at which step the rest is refused, and what may sound.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeInfo, encodePskId } from '../../protocol/content/info.ts';
import { judge } from '../../protocol/content/open/judge.ts';
import { openEnvelope } from '../../protocol/content/open/open.ts';
import { EMPTY_WINDOW, type ReplayWindow, recordPair } from '../../protocol/content/open/replay-window.ts';
import { buryRemoved, referenceKey, type Tombstones } from '../../protocol/content/open/tombstones.ts';
import { encodePayload, type Payload } from '../../protocol/content/payload.ts';
import { prepareSealingKey, sealNotification } from '../../protocol/content/seal/seal.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { prepareSender, sealHpke } from '../../protocol/crypto/hpke.ts';
import { derivePsk, stepChain } from '../../protocol/crypto/ratchet.ts';
import { equalConstantTime } from '../../protocol/wire/bytes.ts';
import { encodeEnvelope } from '../../protocol/wire/envelope.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { loadSpecModule, refusedStep, type SpecState } from './spec-module.ts';
import { BUCKET, notificationExample, OPENING_KEY, PAYLOADS, SEALING_KEY } from './worked-example.ts';

const module = loadSpecModule();
const { envelope } = notificationExample();
const specKey = { ...OPENING_KEY, suite: OPENING_KEY.suite.id };
const isOurs = (kid: Uint8Array): boolean => equalConstantTime(kid, OPENING_KEY.kid);

/** The outcome of opening in one word: a step, `kid` for one that is not ours, `opened`. */
function librarySays(bytes: Uint8Array): string {
  try {
    const opened = openEnvelope(nativeBackend, bytes, (kid) => (isOurs(kid) ? OPENING_KEY : null));
    return opened === null ? 'kid' : (opened.failure ?? 'opened');
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'open_failed') return error.step ?? 'no step';
    throw error;
  }
}

function specSays(bytes: Uint8Array): string {
  let said = 'opened';
  const step = refusedStep(() => {
    const opened = module.open(bytes, (kid) => (isOurs(kid) ? specKey : null));
    said = opened === null ? 'kid' : (opened.failedStep ?? 'opened');
  });
  return step ?? said;
}

test('a flipped bit in any byte is refused by both, at the same step', () => {
  for (const index of envelope.keys()) {
    const bent = envelope.slice();
    bent[index] = (bent[index] as number) ^ (1 << (index % 8));
    const said = specSays(bent);
    expect(said, `byte ${index}`).not.toBe('opened');
    expect(said, `byte ${index}`).toBe(librarySays(bent));
  }
});

test('every truncation and a longer envelope are refused by both, at the same step', () => {
  for (let length = 0; length <= envelope.length + 1; length += 1) {
    if (length === envelope.length) continue;
    const cut = new Uint8Array(length);
    cut.set(envelope.subarray(0, length));
    expect(specSays(cut), `${length} bytes`).toBe(librarySays(cut));
  }
});

/** An envelope of any epoch around any plaintext, which an honest server would not make. */
function sealPlaintext(epoch: number, padded: Uint8Array): Uint8Array {
  const psk = {
    psk: derivePsk(nativeBackend, stepChain(nativeBackend, OPENING_KEY.chain, epoch)),
    pskId: encodePskId(OPENING_KEY.kid, epoch),
  };
  const { suite, publicKey } = SEALING_KEY;
  const { enc, ciphertext } = sealHpke(
    nativeBackend,
    prepareSender(nativeBackend, suite, publicKey, encodeInfo(SEALING_KEY), psk),
    padded,
  );
  return encodeEnvelope(suite, OPENING_KEY.kid, epoch, enc, ciphertext);
}

test('both take the epochs of section 4.2 and no other, and keep the same chain value', () => {
  const { padded } = notificationExample();
  for (const [epoch, said] of [
    [0, 'opened'],
    [4, 'opened'],
    [5, 'opened'],
    [1023, 'opened'],
    [1024, 'epoch'],
  ] as const) {
    const made = sealPlaintext(epoch, padded);
    expect([specSays(made), librarySays(made)], `epoch ${epoch}`).toEqual([said, said]);
    if (said !== 'opened') continue;
    const spec = module.open(made, () => specKey);
    const library = openEnvelope(nativeBackend, made, () => OPENING_KEY);
    expect(spec?.oldestEpoch).toBe(Math.max(0, epoch - OPENING_KEY.keepDays - 1));
    expect(spec?.oldestEpoch).toBe(library?.advanced.epoch);
    expect(new Uint8Array(spec?.oldestChain ?? [])).toEqual(library?.advanced.chain);
  }
});

test('authentic plaintext that is wrong inside is refused by both, at the same step', () => {
  const filled = (...bytes: number[]): Uint8Array => {
    const padded = new Uint8Array(BUCKET);
    padded.set(bytes);
    return padded;
  };
  const dirty = filled(0, 1, 0xa0);
  dirty[BUCKET - 1] = 1;
  for (const [padded, said] of [
    [filled(0, 0), 'padding'],
    [filled(0x01, 0xff, 0xa0), 'padding'],
    [dirty, 'padding'],
    [filled(0, 1, 0xff), 'cbor'],
    [filled(0, 2, 0x18, 0x01), 'cbor'],
    [filled(0, 1, 0xa0), 'schema'],
    [filled(0, 1, 0x80), 'schema'],
  ] as const) {
    const made = sealPlaintext(3, padded);
    expect([specSays(made), librarySays(made)]).toEqual([said, said]);
  }
});

test('both let the same notifications sound, through 1,200 arrivals', () => {
  const base = PAYLOADS.message.sentAt;
  const kinds = [PAYLOADS.message, PAYLOADS.test, PAYLOADS.badge] as const;
  let window: ReplayWindow = EMPTY_WINDOW;
  const tombstones = new Map([[referenceKey(4711), base + 40_000]]);
  const newest = new Map([[referenceKey(4711), base + 60_000]]);
  let state: SpecState = { pairs: [], floor: null, tombstones, newest };
  const counts = { loud: 0, quiet: 0 };
  fc.assert(
    fc.property(fc.nat(400), fc.nat(2), fc.integer({ min: -20, max: 5000 }), (step, kind, minutes) => {
      // A small range of times and no randomness in the bytes: repetitions and equal times are common.
      const payload = { ...(kinds[kind] as (typeof kinds)[number]), sentAt: base + step * 1000 };
      const bytes = Uint8Array.of(step & 0xff, step >>> 8, kind);
      const hash = nativeBackend.sha256(bytes).slice(0, 16);
      const nowMs = payload.sentAt + minutes * 60_000;
      const keepDays = OPENING_KEY.keepDays;
      const knownAt = base + 60_000;
      const library = judge({ payload, hash, window, tombstones, knownAt, keepDays, nowMs });
      const read = module.readPayload(module.decodeCbor(encodePayload(payload)));
      const spec = module.judge(module.replayHash(bytes), read, state, keepDays, nowMs);
      const { loud, changesState, expired, fromFuture, removed, superseded } = library;
      expect(spec).toMatchObject({ loud, changesState, expired, fromFuture, removed, superseded });
      counts[loud ? 'loud' : 'quiet'] += 1;
      if (!changesState) return;
      window = recordPair(window, { sentAt: payload.sentAt, hash, identifier: '' });
      state = module.record(state, spec.pair);
      expect(state.pairs.length).toBe(window.pairs.length);
      expect(state.floor?.sentAt).toBe(window.floor?.sentAt);
    }),
    { numRuns: 1200, seed: 7 },
  );
  expect(window.floor).not.toBeNull();
  expect(counts.loud).toBeGreaterThan(50);
  expect(counts.quiet).toBeGreaterThan(50);
});

test('both draw the borders of time and of tombstones at the same millisecond', () => {
  const { message } = PAYLOADS;
  const cbor = encodePayload(message);
  const hash = nativeBackend.sha256(envelope).slice(0, 16);
  const keepDays = OPENING_KEY.keepDays;
  const life = keepDays * 86_400_000 + 600_000;
  const said = new Set<string>();
  for (const delay of [-600_001, -600_000, 0, life - 1, life, life + 1]) {
    for (const removedAt of [message.sentAt - 1, message.sentAt, message.sentAt + 1]) {
      const tombstones = new Map([[referenceKey(4711), removedAt]]);
      const nowMs = message.sentAt + delay;
      const window = EMPTY_WINDOW;
      const library = judge({
        ...{ payload: message, hash, window, tombstones, knownAt: null, keepDays, nowMs },
      });
      const state: SpecState = { pairs: [], floor: null, tombstones, newest: new Map() };
      const spec = module.judge(
        module.replayHash(envelope),
        module.readPayload(module.decodeCbor(cbor)),
        state,
        keepDays,
        nowMs,
      );
      const { loud, changesState, expired, fromFuture, removed } = library;
      expect(spec, `${delay} ms, removed at ${removedAt}`).toMatchObject({
        ...{ loud, changesState, expired, fromFuture, removed },
      });
      said.add(`${loud} ${expired} ${fromFuture} ${removed}`);
    }
  }
  expect(said.size).toBe(6);
});

test('both bury the same references, and forget them at the same millisecond', () => {
  const DAY = 86_400_000;
  const keepDays = OPENING_KEY.keepDays;
  const reference = fc.nat(6).map((id) => (id < 4 ? id : Uint8Array.of(id)));
  const list = fc.uniqueArray(reference, { minLength: 1, maxLength: 4, selector: referenceKey });
  const { message } = PAYLOADS;
  if (message.kind !== 'message') throw new Error('the example is a message');
  const body = fc.oneof(
    list.map((references) => ({ kind: 'remove' as const, references })),
    reference.map((own) => ({ kind: 'message' as const, message: { ...message.message, reference: own } })),
  );
  let tombstones: Tombstones = new Map();
  let state: SpecState = { pairs: [], floor: null, tombstones: new Map(), newest: new Map() };
  let most = 0;
  const delays = [0, 1, keepDays * DAY + 599_999, keepDays * DAY + 600_000];
  fc.assert(
    fc.property(
      body,
      fc.option(list),
      fc.nat(3),
      fc.constantFrom(...delays),
      (kind, removed, step, delay) => {
        const head = { sentAt: message.sentAt + step, counter: 1, ttlSeconds: 60 };
        const payload: Payload = { ...head, ...(removed !== null && { removed }), ...kind };
        const nowMs = payload.sentAt + delay;
        tombstones = buryRemoved(tombstones, payload, keepDays, nowMs);
        state = module.bury(
          state,
          module.readPayload(module.decodeCbor(encodePayload(payload))),
          keepDays,
          nowMs,
        );
        expect(state.tombstones).toEqual(tombstones);
        most = Math.max(most, tombstones.size);
      },
    ),
    { numRuns: 600, seed: 7 },
  );
  expect(most).toBeGreaterThan(4);
});

test('the example of SPEC.md is not a special case: ten fresh envelopes open in both', () => {
  for (let count = 0; count < 10; count += 1) {
    const fresh = sealNotification(
      nativeBackend,
      prepareSealingKey(nativeBackend, SEALING_KEY),
      PAYLOADS.message,
      BUCKET,
    );
    expect([specSays(fresh), librarySays(fresh)]).toEqual(['opened', 'opened']);
  }
});
