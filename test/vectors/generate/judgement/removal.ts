// Judgements of what was removed or edited before, and of what a payload removes.
import type { JudgementCase, KnownForm } from '../../shape/judgement.ts';
import { HELLO, message, payload, SENT_AT } from '../payload-cbor.ts';
import { DAY_MS, HASH, judged, type Said, SECOND_MS, says, TOLERANCE_MS } from './field.ts';

const QUIET: Said = { result: 'quiet' };
const UNCHANGED: Said = { result: 'quiet', changes_state: false };
const REMOVED: Said = { result: 'quiet', removed: true };
const SUPERSEDED: Said = { result: 'quiet', superseded: true };
const REFERENCE = HELLO.reference;
const LOW_HASH = '00'.repeat(16);

export function removalCases(): JudgementCase[] {
  return [...tombstoneCases(), ...buryCases(), ...supersededCases()];
}

function tombstoneCases(): JudgementCase[] {
  const told = says('staleness', 'Tombstone');
  const under = (sentAt: number, reference: KnownForm['reference'] = REFERENCE) => ({
    tombstones: [{ reference, sent_at: sentAt }],
  });
  const bytesMessage = message({ reference: '07' });
  return [
    judged(told('tombstone-later', 'removed by what was sent later'), { state: under(SENT_AT + 1) }, REMOVED),
    judged(
      told('tombstone-same', 'removed by what was sent in the same millisecond'),
      { state: under(SENT_AT) },
      REMOVED,
    ),
    judged(told('tombstone-earlier', 'removed by what was sent before: a later message passes'), {
      state: under(SENT_AT - 1),
    }),
    judged(told('tombstone-other', 'another reference was removed'), { state: under(SENT_AT + 1, 4712) }),
    judged(told('tombstone-type', 'the integer 7 was removed, the byte 07 is another reference'), {
      payload: bytesMessage,
      state: under(SENT_AT + 1, 7),
    }),
    judged(
      told('tombstone-bytes', 'the byte 07 was removed'),
      { payload: bytesMessage, state: under(SENT_AT + 1, '07') },
      REMOVED,
    ),
    judged(told('tombstone-longer', 'the bytes 0007 were removed, the byte 07 is another reference'), {
      payload: bytesMessage,
      state: under(SENT_AT + 1, '0007'),
    }),
    judged(told('tombstone-test', 'a test has no reference'), {
      payload: payload(4, { nonce: 'a0'.repeat(16) }),
      state: under(SENT_AT + 1),
    }),
    judged(
      told('tombstone-and-expired', 'removed and expired'),
      { state: under(SENT_AT + 1), now: SENT_AT + 9 * DAY_MS },
      { result: 'quiet', removed: true, expired: true },
    ),
    judged(told('tombstone-conversation', 'the conversation has the number of the removed reference'), {
      payload: message({ reference: 1, conversation: { kind: 3, id: 4711 } }),
      state: under(SENT_AT + 1),
    }),
  ];
}

function buryCases(): JudgementCase[] {
  const told = says('staleness', 'Tombstone');
  const known = (reference: number, sentAt: number): KnownForm => ({ reference, sent_at: sentAt });
  const now = SENT_AT + SECOND_MS;
  const life = 3 * DAY_MS + TOLERANCE_MS;
  const remove = payload(2, { references: [4711] });
  return [
    judged(told('bury-removed', 'a message that removes two others'), {
      payload: message({}, { removed: [4702, '07'] }),
    }),
    judged(told('bury-own', 'its own reference among those removed is left out'), {
      payload: message({}, { removed: [REFERENCE, 4702] }),
    }),
    judged(
      told('bury-raise', 'a tombstone is raised to the newer sent_at'),
      { payload: remove, state: { tombstones: [known(4711, SENT_AT - 5)] } },
      QUIET,
    ),
    judged(
      told('bury-never-lower', 'a tombstone is not lowered by an older remove'),
      { payload: remove, state: { tombstones: [known(4711, SENT_AT + 5)] } },
      QUIET,
    ),
    judged(told('bury-old-stays', 'a tombstone stays to the last millisecond of keep_days and tolerance'), {
      state: { tombstones: [known(1, now - life + 1)] },
    }),
    judged(told('bury-old-goes', 'a tombstone goes after keep_days and tolerance'), {
      state: { tombstones: [known(1, now - life)] },
    }),
    judged(told('bury-newest-goes', 'the newest sent_at of a reference goes in the same way'), {
      state: { newest: [known(1, now - life), known(2, now - life + 1)] },
    }),
    judged(told('bury-newest-raised', 'a message raises what is known of its reference'), {
      state: { newest: [known(4711, SENT_AT - 5)] },
    }),
    judged(
      told('bury-not-by-replay', 'a replay buries nothing'),
      { payload: message({}, { removed: [1] }), state: { pairs: [{ sent_at: SENT_AT, hash: HASH }] } },
      { ...UNCHANGED, replay: 'seen' },
    ),
    judged(
      told('bury-not-below', 'what is below the floor buries nothing'),
      { payload: remove, state: { floor: { sent_at: SENT_AT + 1, hash: LOW_HASH } } },
      { ...UNCHANGED, replay: 'below' },
    ),
    judged(
      told('bury-of-removed', 'a message under a tombstone removes others all the same'),
      { payload: message({}, { removed: [1] }), state: { tombstones: [known(4711, SENT_AT + 1)] } },
      REMOVED,
    ),
  ];
}

function supersededCases(): JudgementCase[] {
  const told = says('staleness', 'Superseded');
  const knows = (sentAt: number, reference: KnownForm['reference'] = REFERENCE) => ({
    newest: [{ reference, sent_at: sentAt }],
  });
  return [
    judged(
      told('superseded', 'a newer state of the message is known'),
      { state: knows(SENT_AT + 1) },
      SUPERSEDED,
    ),
    judged(told('superseded-same', 'a state of the same sent_at is known'), { state: knows(SENT_AT) }),
    judged(told('superseded-older', 'an older state of the message is known: an edit'), {
      payload: message({ edited: true }),
      state: knows(SENT_AT - 1),
    }),
    judged(told('superseded-other', 'another reference is known in a newer state'), {
      state: knows(SENT_AT + 1, 4712),
    }),
    judged(told('superseded-test', 'a test has no reference'), {
      payload: payload(4, { nonce: 'a0'.repeat(16) }),
      state: knows(SENT_AT + 1),
    }),
    judged(
      told('superseded-replay', 'a replay of what was edited since'),
      { state: { ...knows(SENT_AT + 1), pairs: [{ sent_at: SENT_AT, hash: HASH }] } },
      { ...UNCHANGED, replay: 'seen', superseded: true },
    ),
    judged(
      told('superseded-and-removed', 'superseded and under a tombstone'),
      { state: { ...knows(SENT_AT + 1), tombstones: [{ reference: REFERENCE, sent_at: SENT_AT + 2 }] } },
      { result: 'quiet', superseded: true, removed: true },
    ),
  ];
}
