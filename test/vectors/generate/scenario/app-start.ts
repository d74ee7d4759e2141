// App starts: what the server's answer asks of the device.

import type { OpeningKey } from '../../../../protocol/content/open/open.ts';
import { hex } from '../../../../protocol/wire/bytes.ts';
import type { ScenarioCase, StatusForm } from '../../shape/scenario.ts';
import type { Field } from '../notification/field.ts';
import { message } from '../payload-cbor.ts';
import { agreeing, noon, type Script, scenario } from './script.ts';

const KEEP = { key: 'keep', synchronise: false } as const;
const REPLACE = { key: 'replace', synchronise: false } as const;

export function appStartScenarios(field: Field): ScenarioCase[] {
  return [agreement(field), disagreement(field), beside(field), outlived(field), reach(field)];
}

/** A device that has received one message on day 2. */
function begin(script: Script): OpeningKey {
  script.register('alice-phone registers', 'registration');
  const key = script.addKey('its key, keep_days 3', 'key');
  const sealed = script.seal(key, 2, message({}, { sent_at: noon(2), counter: 7 }));
  script.receive('a message on day 2, with counter 7', sealed, noon(2) + 1000, {
    result: 'valid',
    loud: true,
  });
  return key;
}

function agreement(field: Field): ScenarioCase {
  return scenario(
    field,
    ['start-agreement', 'the server agrees, or is ahead', 'appStart', 'Epoch'],
    (script) => {
      const key = begin(script);
      const says = (change: Partial<StatusForm>): StatusForm => ({ ...agreeing(script, key, 2), ...change });
      script.status('the same in everything', says({}), KEEP);
      script.status(
        'a counter above: pushes were lost or are on their way',
        says({ counter: 8, sent_at: noon(2) + 5 }),
        { key: 'keep', synchronise: true },
      );
      script.status('epoch 4: O stays 0', says({ epoch: 4 }), KEEP);
      script.status('epoch 5: O moves to 1', says({ epoch: 5 }), KEEP);
      script.status('epoch 5 again', says({ epoch: 5 }), KEEP);
      script.status('epoch 1, which is O: late, and not behind', says({ epoch: 1 }), KEEP);
      const next = script.seal(key, 6, message({ reference: 2 }, { sent_at: noon(6), counter: 9 }));
      script.receive('a message on day 6', next, noon(6) + 1000, { result: 'valid', loud: true });
    },
  );
}

function disagreement(field: Field): ScenarioCase {
  return scenario(
    field,
    [
      'start-disagreement',
      'each of what makes the app send a new key: nothing else changes',
      'appStart',
      'Epoch',
    ],
    (script) => {
      const key = begin(script);
      const other = { ...agreeing(script, key, 2) };
      const says = (change: Partial<StatusForm>): StatusForm => ({ ...other, ...change });
      script.status('a counter below: the server was restored', says({ counter: 6 }), REPLACE);
      script.status('a sent_at below', says({ sent_at: noon(2) - 1 }), REPLACE);
      script.status('another kid', says({ kid: hex(Uint8Array.of(1, 2, 3, 4)) }), REPLACE);
      script.status('another suite', says({ suite: key.suite.id ^ 3 }), REPLACE);
      script.status('the key is marked replace', says({ key_state: 'replace' }), REPLACE);
      script.status('the server has lost its chain value', says({ key_state: 'lost' }), REPLACE);
      script.status('the server does not know the registration', null, {
        key: 'register',
        synchronise: false,
      });
      const fresh = script.addKey('the new key', 'key 2');
      script.status('the server still names the old key', says({}), REPLACE);
      script.status('the server names the new key', agreeing(script, fresh, 0), KEEP);
    },
  );
}

function reach(field: Field): ScenarioCase {
  return scenario(
    field,
    [
      'start-reach',
      "the server's epoch at the borders of what the device can follow",
      'appStart',
      'Epoch',
      'Limit',
    ],
    (script) => {
      const key = begin(script);
      const says = (epoch: number): StatusForm => agreeing(script, key, epoch);
      script.status('epoch 1024, O + 1024: further than the device can follow', says(1024), REPLACE);
      script.status('epoch 1023, O + 1023: O moves to 1019', says(1023), KEEP);
      script.status('epoch 1018, O − 1: the server was restored', says(1018), REPLACE);
      script.status('epoch 1019, which is O', says(1019), KEEP);
      const gone = script.seal(key, 1018, message({ reference: 2 }, { sent_at: noon(1018), counter: 8 }));
      script.receive('a push of day 1018: its chain value is gone', gone, noon(1019), {
        result: 'refused',
        step: 'epoch',
      });
    },
  );
}

function beside(field: Field): ScenarioCase {
  return scenario(
    field,
    ['start-beside', 'what an answer does beside asking for a new key', 'appStart', 'Epoch'],
    (script) => {
      const key = begin(script);
      const says = (change: Partial<StatusForm>): StatusForm => ({ ...agreeing(script, key, 2), ...change });
      const ahead = { counter: 9, sent_at: noon(9) };
      const both = { key: 'replace', synchronise: true } as const;
      script.status(
        'marked replace, a counter above, epoch 9: O moves to 5',
        says({ ...ahead, epoch: 9, key_state: 'replace' }),
        both,
      );
      script.status('lost, and epoch 10: O moves to 6', says({ epoch: 10, key_state: 'lost' }), REPLACE);
      script.status('a counter below, and epoch 11: O moves to 7', says({ epoch: 11, counter: 6 }), REPLACE);
      script.status('out of reach, and a counter above: O stays', says({ ...ahead, epoch: 1031 }), both);
      script.status(
        'another kid with an epoch and a counter above: nothing of it counts',
        says({ ...ahead, epoch: 20, kid: '01020304' }),
        REPLACE,
      );
      script.status(
        'another suite with an epoch and a counter above: nothing of it counts',
        says({ ...ahead, epoch: 20, suite: key.suite.id ^ 3 }),
        REPLACE,
      );
      script.status('a key_state of a later version', says({ epoch: 7, key_state: 'resting' }), REPLACE);
    },
  );
}

function outlived(field: Field): ScenarioCase {
  return scenario(
    field,
    [
      'start-outlived',
      'the epoch of an answer erases old keys like that of an envelope',
      'replacement',
      'Epoch',
      'Limit',
    ],
    (script) => {
      const old = begin(script);
      const held = script.seal(old, 3, message({ reference: 3 }, { sent_at: noon(3), counter: 8 }));
      const fresh = script.addKey('a new key', 'key 2');
      const says = (epoch: number): StatusForm => agreeing(script, fresh, epoch);
      script.status('epoch 4: a day before keep_days + 2 of the old key', says(4), KEEP);
      script.status('epoch 2000, out of reach: nothing goes', says(2000), REPLACE);
      script.status('epoch 5: the old key goes', says(5), { ...KEEP, erased: [hex(old.kid)] });
      script.receive('a push under it: not ours', held, noon(5), { result: 'not_ours' });
    },
  );
}
