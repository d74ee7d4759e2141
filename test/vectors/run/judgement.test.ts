// judgement.json through the library: the verdict, and the state that it leaves.
import { expect, test } from 'vitest';
import { decodePayload } from '../../../protocol/content/payload.ts';
import { stateFormOf, stateOf, takePayload, verdictFormOf } from '../device/replay.ts';
import { unhex } from '../device/unhex.ts';
import { payloadCbor } from '../generate/payload-cbor.ts';
import { judgementFile } from '../shape/judgement.ts';
import { readVectors } from './read.ts';

const { cases } = readVectors('judgement.json', judgementFile);

test('every payload is judged as its case says, and leaves the state that it says', () => {
  for (const known of cases) {
    const arrived = {
      payload: decodePayload(payloadCbor(known.payload)),
      hash: unhex(known.replay_hash),
      keepDays: known.keep_days,
      nowMs: known.now,
    };
    const { verdict, state } = takePayload(stateOf(known.state), arrived, known.keep_days);
    expect(known, known.id).toMatchObject(verdictFormOf(verdict));
    expect(stateFormOf(state), known.id).toEqual(known.after);
  }
});
