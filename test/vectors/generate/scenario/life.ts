// One device from its registration to its next: messages, a new key, what comes out of order, a replay, days without a
// push, a server that was restored, and one that has lost everything.
import { hex } from '../../../../protocol/wire/bytes.ts';
import type { ScenarioCase } from '../../shape/scenario.ts';
import { type Field, flip } from '../notification/field.ts';
import { message, payload } from '../payload-cbor.ts';
import { agreeing, noon, type Script, scenario } from './script.ts';

const LOUD = { result: 'valid', loud: true, ios: 'loud', android: 'loud' } as const;
const QUIET_REPLAY = { result: 'valid', loud: false, ios: 'quiet', android: 'nothing' } as const;

export function lifeScenario(field: Field): ScenarioCase {
  return scenario(
    field,
    [
      'life',
      'register, receive, rotate, out of order, replay, epoch skip, restored server, register again',
      'open',
      'Replay',
      'Epoch',
    ],
    live,
  );
}

function live(script: Script): void {
  script.register('alice-phone registers', 'registration');
  const first = script.addKey('its first key', 'key 1');
  const hello = script.seal(first, 0, message({}, { sent_at: noon(0), counter: 1, unread: 1 }));
  script.receive('the first message, on day 0', hello, noon(0) + 2000, LOUD);
  const late = script.seal(
    first,
    1,
    message({ reference: 4712, text: 'late' }, { sent_at: noon(1), counter: 2, unread: 2 }),
  );
  const third = script.seal(
    first,
    2,
    message({ reference: 4713 }, { sent_at: noon(2), counter: 3, unread: 3 }),
  );
  script.receive('the message of day 2, before that of day 1', third, noon(2) + 1000, LOUD);
  const second = script.addKey('a new key: day 0 begins again, and both keys live', 'key 2');
  script.receive(
    'the message of day 1 comes now, under the old key: unread stays',
    late,
    noon(2) + 2000,
    LOUD,
  );
  script.receive('the same envelope again: a replay', late, noon(2) + 3000, {
    ...QUIET_REPLAY,
    verdict: { replay: 'seen' },
  });
  script.receive('the same with a byte changed', flip(late, -1), noon(2) + 4000, {
    result: 'refused',
    step: 'aead',
  });
  const rotated = script.seal(
    second,
    0,
    message({ reference: 4714 }, { sent_at: noon(3), counter: 1, unread: 4 }),
  );
  script.receive('a message under the new key', rotated, noon(3) + 1000, LOUD);
  const read = script.seal(
    second,
    1,
    payload(2, { references: [4711, 4713] }, { sent_at: noon(4), counter: 2, unread: 2 }),
  );
  script.receive('two were read elsewhere', read, noon(4) + 1000, {
    result: 'valid',
    loud: false,
    ios: 'placeholder',
    android: 'nothing',
  });
  script.receive('the first message again: it is under a tombstone', hello, noon(4) + 2000, {
    result: 'valid',
    loud: false,
    ios: 'placeholder',
    verdict: { replay: 'seen', removed: true, expired: true },
  });
  const skipped = script.seal(
    second,
    40,
    message({ reference: 4715 }, { sent_at: noon(43), counter: 9, unread: 7 }),
  );
  script.receive(
    'day 40 of the new key, after weeks without a push: O moves to 36, and the old key goes',
    skipped,
    noon(43) + 1000,
    {
      ...LOUD,
      erased: [hex(first.kid)],
    },
  );
  const withheld = script.seal(second, 35, message({ reference: 4716 }, { sent_at: noon(38), counter: 5 }));
  script.receive('a push of day 35, withheld until now: its chain value is gone', withheld, noon(43) + 2000, {
    result: 'refused',
    step: 'epoch',
  });
  script.receive('a push under the old key: not ours', third, noon(43) + 3000, { result: 'not_ours' });
  const ahead = { ...agreeing(script, second, 40), counter: 12 };
  script.status('the server has sealed three more: pushes were lost or are on their way', ahead, {
    key: 'keep',
    synchronise: true,
  });
  const restored = { ...agreeing(script, second, 38), counter: 7, sent_at: noon(41) };
  script.status('the server was restored from a backup: counter and sent_at are behind', restored, {
    key: 'replace',
    synchronise: false,
  });
  const replaced = script.addKey('the key that the app makes then', 'key 3');
  const again = script.seal(
    replaced,
    0,
    message({ reference: 4717 }, { sent_at: noon(44), counter: 1, unread: 8 }),
  );
  script.receive('a message under it', again, noon(44) + 1000, LOUD);
  script.status('the server has lost the registration', null, { key: 'register', synchronise: false });
  const anew = script.addKey(
    'the key that the app registers with then, under the same registration_id',
    'key 4',
  );
  const welcome = script.seal(
    anew,
    0,
    message({ reference: 4718 }, { sent_at: noon(45), counter: 1, unread: 1 }),
  );
  script.receive('a message under it', welcome, noon(45) + 1000, LOUD);
  script.register('the user signs out and in again: nothing of before is kept', 'registration 2');
  const last = script.addKey('its key', 'key 5');
  script.receive('a push of the registration before: not ours', welcome, noon(45) + 2000, {
    result: 'not_ours',
  });
  const fresh = script.seal(last, 0, message({ reference: 4711 }, { sent_at: noon(46), counter: 1 }));
  script.receive(
    'a message with a reference that the registration before had removed',
    fresh,
    noon(46) + 1000,
    LOUD,
  );
}
