// What arrives twice, late, out of order, after an edit or a removal.
import type { ScenarioCase } from '../../shape/scenario.ts';
import type { Field } from '../notification/field.ts';
import { message, payload } from '../payload-cbor.ts';
import { noon, scenario } from './script.ts';

const LOUD = { result: 'valid', loud: true, ios: 'loud', android: 'loud' } as const;
const SECOND = 1000;
const HOUR = 3_600_000;

export function arrivalScenarios(field: Field): ScenarioCase[] {
  return [edits(field), late(field), kinds(field), twoKids(field), ties(field)];
}

function edits(field: Field): ScenarioCase {
  return scenario(
    field,
    [
      'edits',
      'an edit, a retry of what was edited, a removal, and the message once more',
      'staleness',
      'Superseded',
      'Tombstone',
    ],
    (script) => {
      script.register('alice-phone registers', 'registration');
      const key = script.addKey('its key', 'key');
      const at = (counter: number) => ({ sent_at: noon(0) + counter * SECOND, counter });
      const original = script.seal(key, 0, message({}, at(1)));
      const retry = script.seal(key, 0, message({}, at(2)));
      const edit = script.seal(key, 0, message({ text: 'Soup!', edited: true }, at(3)));
      const removal = script.seal(key, 0, payload(2, { references: [4711] }, at(4)));
      const behind = script.seal(
        key,
        0,
        message({ text: 'Salad!' }, { sent_at: noon(0) + 3500, counter: 5 }),
      );
      const once = script.seal(key, 0, message({ text: 'Soup, then.' }, at(6)));
      const other = script.seal(
        key,
        0,
        message({ reference: '07' }, { sent_at: noon(0) + 7 * SECOND, counter: 7, removed: [7, 4711] }),
      );
      const seven = script.seal(key, 0, message({ reference: 7 }, { sent_at: noon(0) + 6500, counter: 8 }));
      const now = noon(0) + 10 * SECOND;
      script.receive('a message', original, now, LOUD);
      script.receive('its edit', edit, now, LOUD);
      script.receive('an envelope of before the edit: superseded', retry, now, {
        result: 'valid',
        loud: false,
        ios: 'newer',
        android: 'nothing',
        verdict: { superseded: true, changes_state: true },
      });
      script.receive('the first envelope again: a replay, and superseded', original, now, {
        loud: false,
        ios: 'newer',
        android: 'nothing',
        verdict: { replay: 'seen', superseded: true },
      });
      script.receive('its removal', removal, now, { loud: false, ios: 'placeholder', android: 'nothing' });
      script.receive('another state, sent before the removal: not shown again', behind, now, {
        loud: false,
        ios: 'placeholder',
        android: 'nothing',
        verdict: { removed: true },
      });
      script.receive('a state sent after the removal: it passes', once, now, LOUD);
      script.receive(
        'another message that removes the integer 7, and 4711 again; its own reference is the byte 07',
        other,
        now,
        LOUD,
      );
      script.receive('the message 7, sent before: not shown', seven, now, {
        loud: false,
        ios: 'placeholder',
        android: 'nothing',
        verdict: { removed: true },
      });
    },
  );
}

function late(field: Field): ScenarioCase {
  return scenario(
    field,
    [
      'late',
      'expired, from the future, and the unread count of what is newest',
      'staleness',
      'Expiry',
      'Future',
    ],
    (script) => {
      script.register('alice-phone registers', 'registration');
      const key = script.addKey('its key', 'key');
      const at = (counter: number, hours: number, unread: number) =>
        message({ reference: counter }, { sent_at: noon(0) + hours * HOUR, counter, unread, ttl: 3600 });
      const first = script.seal(key, 0, at(1, 0, 1));
      const second = script.seal(key, 0, at(2, 1, 2));
      const third = script.seal(key, 0, at(3, 2, 3));
      const fourth = script.seal(key, 0, at(4, 5, 4));
      script.receive(
        'the newest of all, but its time seems over: quietly on Android too',
        third,
        noon(0) + 4 * HOUR,
        { loud: false, ios: 'quiet', android: 'quiet', verdict: { expired: true } },
      );
      script.receive(
        'an older one, over as well: nothing on Android, and unread stays',
        second,
        noon(0) + 4 * HOUR,
        { loud: false, ios: 'quiet', android: 'nothing', verdict: { expired: true, changes_state: true } },
      );
      script.receive('an hour ahead of the clock: nothing changes', fourth, noon(0) + 4 * HOUR, {
        loud: false,
        ios: 'quiet',
        android: 'nothing',
        verdict: { from_future: true },
      });
      script.receive(
        'the oldest, with the clock set back: loud, and unread stays',
        first,
        noon(0) + SECOND,
        LOUD,
      );
      script.receive('what came from the future before, at its time', fourth, noon(0) + 5 * HOUR, LOUD);
      script.receive('the same again, after its time', fourth, noon(2), {
        loud: false,
        ios: 'quiet',
        android: 'nothing',
        verdict: { replay: 'seen', expired: true },
      });
    },
  );
}

function kinds(field: Field): ScenarioCase {
  return scenario(
    field,
    ['kinds', 'every kind, and one of a later version', 'payload', 'Kind', 'UnknownKind'],
    (script) => {
      script.register('alice-phone registers', 'registration');
      const key = script.addKey('its key', 'key');
      const at = (counter: number) => ({ sent_at: noon(0) + counter * SECOND, counter });
      const send = (
        comment: string,
        form: Parameters<typeof script.seal>[2],
        expected: Parameters<typeof script.receive>[3],
      ) => script.receive(comment, script.seal(key, 0, form), noon(0) + 20 * SECOND, expected);
      const silent = { result: 'valid', loud: false, ios: 'placeholder', android: 'nothing' } as const;
      send('a message', message({}, { ...at(1), unread: 1 }), LOUD);
      send('a badge: the count', payload(3, {}, { ...at(2), unread: 5 }), silent);
      send('a session: nothing to show', payload(5, {}, at(3)), silent);
      send('a test', payload(4, { nonce: 'a0'.repeat(16) }, at(4)), LOUD);
      send(
        'a kind of a later version: it removes, and shows nothing',
        payload(9, {}, { ...at(5), removed: [4711], unread: 0 }),
        silent,
      );
      send(
        'the message again in a state of before: under the tombstone that the unknown kind made',
        message({}, { sent_at: noon(0) + 4500, counter: 6 }),
        { loud: false, ios: 'placeholder', android: 'nothing', verdict: { removed: true } },
      );
    },
  );
}

function twoKids(field: Field): ScenarioCase {
  return scenario(
    field,
    ['two-kids', 'what belongs to a kid and what to the registration', 'window', 'Replay', 'Tombstone'],
    (script) => {
      script.register('alice-phone registers', 'registration');
      const old = script.addKey('its key', 'key 1');
      const first = script.seal(old, 0, message({}, { sent_at: noon(0), counter: 41, unread: 3 }));
      script.receive('a message under it', first, noon(0) + SECOND, LOUD);
      const fresh = script.addKey('a new key: its window and its counters are empty', 'key 2');
      const twin = script.seal(fresh, 0, message({}, { sent_at: noon(0), counter: 1 }));
      script.receive(
        'the same payload, sealed for the new key: another envelope, and new',
        twin,
        noon(0) + 2 * SECOND,
        LOUD,
      );
      const removal = script.seal(
        fresh,
        0,
        payload(2, { references: [4711] }, { sent_at: noon(0) + 5 * SECOND, counter: 2 }),
      );
      script.receive('a removal under the new key', removal, noon(0) + 6 * SECOND, { loud: false });
      const edit = script.seal(
        old,
        0,
        message({ edited: true }, { sent_at: noon(0) + 4 * SECOND, counter: 42 }),
      );
      script.receive(
        'an edit of before, under the old key: the tombstone is of the registration',
        edit,
        noon(0) + 7 * SECOND,
        { loud: false, verdict: { removed: true } },
      );
    },
  );
}

function ties(field: Field): ScenarioCase {
  return scenario(
    field,
    [
      'ties',
      'one sent_at twice, an expired removal, superseded and removed at once',
      'staleness',
      'Superseded',
      'Expiry',
    ],
    (script) => {
      script.register('alice-phone registers', 'registration');
      const key = script.addKey('its key', 'key');
      const first = message({ reference: 1 }, { sent_at: noon(0), counter: 1, unread: 1 });
      const twin = message({ reference: 2 }, { sent_at: noon(0), counter: 2, unread: 9 });
      script.receive('a message', script.seal(key, 0, first), noon(0) + SECOND, LOUD);
      script.receive(
        'another of the same sent_at: unread stays',
        script.seal(key, 0, twin),
        noon(0) + SECOND,
        LOUD,
      );
      const old = script.seal(key, 0, message({ reference: 3 }, { sent_at: noon(0) + 1000, counter: 3 }));
      const edit = script.seal(
        key,
        0,
        message({ reference: 3, edited: true }, { sent_at: noon(0) + 2000, counter: 4 }),
      );
      script.receive('an edit, before what it edits', edit, noon(0) + 3 * SECOND, LOUD);
      const removal = payload(2, { references: [3] }, { sent_at: noon(0) + 5000, counter: 5, ttl: 1 });
      script.receive(
        'an expired removal, the newest of all: not shown, and it removes',
        script.seal(key, 0, removal),
        noon(1),
        {
          loud: false,
          ios: 'placeholder',
          android: 'nothing',
          verdict: { expired: true, changes_state: true },
        },
      );
      script.receive('what was edited: superseded and removed, and superseded is asked first', old, noon(1), {
        loud: false,
        ios: 'newer',
        android: 'nothing',
        verdict: { superseded: true, removed: true },
      });
    },
  );
}
