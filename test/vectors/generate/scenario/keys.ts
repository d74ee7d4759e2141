// Two live keys and more: when the old one goes, and what moves the chain of which.
import { hex } from '../../../../protocol/wire/bytes.ts';
import type { ScenarioCase } from '../../shape/scenario.ts';
import { type Field, flip } from '../notification/field.ts';
import { message, payload } from '../payload-cbor.ts';
import { noon, scenario } from './script.ts';

const LOUD = { result: 'valid', loud: true } as const;

export function keyScenarios(field: Field): ScenarioCase[] {
  return [twoKeys(field), fiveKeys(field), chain(field), remembering(field), future(field)];
}

function twoKeys(field: Field): ScenarioCase {
  return scenario(
    field,
    [
      'two-keys',
      'two live keys with different keep_days: when the old one goes',
      'replacement',
      'Epoch',
      'Limit',
    ],
    (script) => {
      script.register('alice-phone registers', 'registration');
      const old = script.addKey('a key with keep_days 5', 'old key', 5);
      const newest = script.addKey('a new key with keep_days 1', 'new key', 1);
      let count = 0;
      const next = (key: typeof old, epoch: number) => {
        count += 1;
        return script.seal(
          key,
          epoch,
          message({ reference: count }, { sent_at: noon(count), counter: count, ttl: 3600 }),
        );
      };
      script.receive('under the new key, epoch 0', next(newest, 0), noon(1), { ...LOUD, erased: [] });
      script.receive('under the old key, epoch 900: it erases nothing', next(old, 900), noon(2), {
        ...LOUD,
        erased: [],
      });
      script.receive(
        "the new key's keep_days + 2 is 3: it is the old key's that counts",
        next(newest, 3),
        noon(3),
        { ...LOUD, erased: [] },
      );
      script.receive("epoch 6: a day before the old key's keep_days + 2", next(newest, 6), noon(4), {
        ...LOUD,
        erased: [],
      });
      const forged = flip(next(newest, 7), -1);
      script.receive('epoch 7, but it does not open: nothing goes', forged, noon(5), {
        result: 'refused',
        step: 'aead',
        erased: [],
      });
      const held = next(old, 901);
      const broken = script.seal(newest, 7, message(), { plaintext: new Uint8Array(512) });
      script.receive('epoch 7, authentic and broken: the old key goes all the same', broken, noon(6), {
        result: 'refused',
        step: 'padding',
        erased: [hex(old.kid)],
      });
      script.receive('the old key is gone', held, noon(6), { result: 'not_ours' });
      script.receive('the new key stays', next(newest, 8), noon(7), { ...LOUD, erased: [] });
    },
  );
}

function fiveKeys(field: Field): ScenarioCase {
  return scenario(
    field,
    ['five-keys', 'at most four keys live: a fifth erases the oldest', 'replacement', 'Limit'],
    (script) => {
      script.register('alice-phone registers', 'registration');
      const [first, second] = [1, 2, 3, 4].map((index) => script.addKey(`key ${index}`, `key ${index}`));
      if (first === undefined || second === undefined) throw new RangeError('no keys');
      const early = script.seal(first, 0, message({ reference: 1 }, { sent_at: noon(0), counter: 1 }));
      const late = script.seal(first, 0, message({ reference: 2 }, { sent_at: noon(0) + 1, counter: 2 }));
      const other = script.seal(second, 0, message({ reference: 3 }, { sent_at: noon(0) + 2, counter: 1 }));
      script.receive('a message under the first key: all four live', early, noon(0) + 1000, LOUD);
      const fifth = script.addKey('a fifth key', 'key 5', 3, [hex(first.kid)]);
      script.receive('a message under the first key: not ours', late, noon(0) + 2000, { result: 'not_ours' });
      script.receive('a message under the second key: it lives', other, noon(0) + 3000, LOUD);
      const newest = script.seal(fifth, 5, message({ reference: 4 }, { sent_at: noon(5), counter: 1 }));
      const erased = script.state.keys.slice(0, -1).map(({ kid }) => kid);
      script.receive('epoch 5 of the fifth key: all others go', newest, noon(5) + 1000, { ...LOUD, erased });
    },
  );
}

function chain(field: Field): ScenarioCase {
  return scenario(
    field,
    ['chain', 'what moves O, and what does not', 'ratchet', 'Epoch', 'Limit'],
    (script) => {
      script.register('alice-phone registers', 'registration');
      const key = script.addKey('its key, keep_days 3', 'key');
      let count = 0;
      const at = (epoch: number) => {
        count += 1;
        return script.seal(
          key,
          epoch,
          message({ reference: count }, { sent_at: noon(epoch), counter: count }),
        );
      };
      const oldest = (): number | undefined => script.state.keys[0]?.oldest_epoch;
      const insist = (epoch: number): void => {
        if (oldest() !== epoch) throw new RangeError(`O is ${oldest()}, not ${epoch}`);
      };
      const early = at(5);
      script.receive('epoch 4: O stays 0', at(4), noon(4), LOUD);
      insist(0);
      script.receive('epoch 5: O moves to 1', early, noon(5), LOUD);
      insist(1);
      script.receive('epoch 20 with a byte changed: O stays', flip(at(20), -1), noon(20), {
        result: 'refused',
        step: 'aead',
      });
      insist(1);
      const broken = script.seal(key, 20, payload(3), { plaintext: new Uint8Array(512) });
      script.receive('epoch 20, authentic and broken: O moves to 16', broken, noon(20), {
        result: 'refused',
        step: 'padding',
      });
      insist(16);
      script.receive('epoch 16: the oldest that is kept', at(16), noon(16), LOUD);
      script.receive('epoch 15: gone', at(15), noon(16), { result: 'refused', step: 'epoch' });
      script.receive('epoch 5 again: what the window knows cannot be opened any more', early, noon(16), {
        result: 'refused',
        step: 'epoch',
      });
      script.receive('epoch 1040, O + 1024: too far', at(1040), noon(1040), {
        result: 'refused',
        step: 'epoch',
      });
      insist(16);
      const furthest = at(1039);
      script.receive('epoch 1039, O + 1023: O moves to 1035', furthest, noon(1039), LOUD);
      insist(1035);
      script.receive('the same again: a replay moves nothing', furthest, noon(1039) + 1, {
        loud: false,
        verdict: { replay: 'seen' },
      });
      const future = script.seal(key, 1041, message({ reference: 99 }, { sent_at: noon(1042), counter: 99 }));
      script.receive('from the future: nothing is recorded, and O moves to 1037', future, noon(1041), {
        loud: false,
        verdict: { from_future: true },
      });
      insist(1037);
      script.receive('the same a day later: now it is new', future, noon(1042), LOUD);
    },
  );
}

function remembering(field: Field): ScenarioCase {
  return scenario(
    field,
    [
      'remembering',
      'what is removed is remembered for the largest keep_days of the keys',
      'staleness',
      'Tombstone',
    ],
    (script) => {
      script.register('alice-phone registers', 'registration');
      const old = script.addKey('a key with keep_days 7', 'old key', 7);
      const week = 604_800;
      const removed = script.seal(old, 0, message({}, { sent_at: noon(0), counter: 1, ttl: week }));
      const edited = script.seal(
        old,
        0,
        message({ reference: 2 }, { sent_at: noon(0) + 1, counter: 2, ttl: week }),
      );
      const fresh = script.addKey('a new key with keep_days 1', 'new key', 1);
      const removal = payload(2, { references: [4711] }, { sent_at: noon(0) + 1000, counter: 1 });
      script.receive(
        'the message is removed before it has come',
        script.seal(fresh, 0, removal),
        noon(0) + 2000,
        { loud: false },
      );
      const edit = message({ reference: 2, edited: true }, { sent_at: noon(0) + 1500, counter: 2 });
      script.receive(
        'another is edited before it has come',
        script.seal(fresh, 0, edit),
        noon(0) + 2000,
        LOUD,
      );
      const later = message({ reference: 3 }, { sent_at: noon(2), counter: 3 });
      script.receive(
        'two days later: neither is forgotten',
        script.seal(fresh, 2, later),
        noon(2) + 1000,
        LOUD,
      );
      script.receive('the removed message, withheld until now', removed, noon(2) + 2000, {
        loud: false,
        verdict: { removed: true },
      });
      script.receive('the edited one as it was before, withheld until now', edited, noon(2) + 3000, {
        loud: false,
        verdict: { superseded: true },
      });
      const last = message({ reference: 4 }, { sent_at: noon(3), counter: 4 });
      script.receive(
        'epoch 9 ends the old key: the same push forgets by the keys that are left',
        script.seal(fresh, 9, last),
        noon(3) + 1000,
        LOUD,
      );
    },
  );
}

function future(field: Field): ScenarioCase {
  return scenario(
    field,
    [
      'outlived-by-future',
      'an epoch is authenticated once the AEAD has opened, whatever the payload says',
      'replacement',
      'Future',
      'Replay',
    ],
    (script) => {
      script.register('alice-phone registers', 'registration');
      const [first] = [script.addKey('its first key', 'key 1')];
      const second = script.addKey('its second key', 'key 2');
      const ahead = script.seal(second, 5, message({}, { sent_at: noon(9), counter: 1 }));
      script.receive(
        'epoch 5, from the future: nothing is recorded, and the first key goes',
        ahead,
        noon(5),
        {
          loud: false,
          verdict: { from_future: true },
          erased: [hex(first.kid)],
        },
      );
    },
  );
}
