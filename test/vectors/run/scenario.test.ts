// scenario-01.json and scenario-02.json through the library, on both backends: every step, with the state that it leaves.
import { expect, test } from 'vitest';
import type { CryptoBackend } from '../../../protocol/crypto/backend.ts';
import { openingKey } from '../device/opening-key.ts';
import {
  addKey,
  erasedBetween,
  judgeStatus,
  type Phone,
  phoneFormOf,
  receive,
  register,
} from '../device/phone.ts';
import { unhex } from '../device/unhex.ts';
import { type StepInput, scenarioFile } from '../shape/scenario.ts';
import { BACKENDS, readVectors } from './read.ts';

const NAMES = ['scenario-01.json', 'scenario-02.json'];

/** The device after a step, and what came of it. */
function take(backend: CryptoBackend, phone: Phone | null, input: StepInput): { phone: Phone; came: object } {
  if (input.do === 'register') return { phone: register(input), came: {} };
  if (phone === null) throw new RangeError('a scenario begins with register');
  switch (input.do) {
    case 'add_key': {
      const after = addKey(phone, openingKey(input.key));
      return { phone: after, came: { erased: erasedBetween(phone, after) } };
    }
    case 'receive': {
      const { phone: after, received } = receive(backend, phone, unhex(input.envelope), input.now);
      return { phone: after, came: received };
    }
    case 'status': {
      const { phone: after, decided } = judgeStatus(backend, phone, input.status);
      return { phone: after, came: decided };
    }
  }
}

for (const name of NAMES) {
  const { cases } = readVectors(name, scenarioFile);
  for (const { id, comment, steps } of cases) {
    test.each(BACKENDS)(`${id}: ${comment}, on the %s backend`, (_, backend) => {
      let phone: Phone | null = null;
      for (const step of steps) {
        const taken = take(backend, phone, step);
        phone = taken.phone;
        expect(step, step.comment).toMatchObject(taken.came);
        expect(phoneFormOf(phone), step.comment).toEqual(step.state);
      }
    });
  }
}
