// Many handles gone at once raise an alarm, and nothing else (SPEC.md section 13.1).
import { afterEach, beforeEach, expect, test } from 'vitest';
import { keepHouse } from '../../server/notify/housekeeping.ts';
import { type Device, PushField } from './push-field.ts';

const MINUTE = 60_000;
let field: PushField;
let phones: Device[];

beforeEach(async () => {
  field = await PushField.lay();
  phones = [];
  for (let i = 0; i < 20; i += 1) phones.push(await field.addDevice('alice'));
});
afterEach(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

/** The next so many phones are gone. */
async function goDead(count: number): Promise<void> {
  const dead = new Set(phones.splice(0, count).map(({ token }) => token));
  field.bouncer.judge = ({ handle }) =>
    [...dead].some((token) => field.bouncer.receivedBy(token).some((received) => received.handle === handle))
      ? { status: 'gone', since: Math.floor(field.now / 1000) }
      : { status: 'accepted' };
  await field.run(field.message(['alice']));
  await keepHouse(field.context);
}

const alarms = () => field.events.filter((event) => event === 'many_handles_gone').length;

test('two of twenty within an hour are no alarm, three are one, and a fourth is none of its own [R-NOT-08]', async () => {
  await goDead(2);
  expect(alarms()).toBe(0);
  field.now += 30 * MINUTE;
  await goDead(1);
  expect(alarms()).toBe(1);
  field.now += 10 * MINUTE;
  await goDead(1);
  expect(alarms()).toBe(1);
  field.now += 55 * MINUTE;
  await goDead(3);
  expect(alarms()).toBe(2);
});

test('as many over several hours are none', async () => {
  for (let hour = 0; hour < 4; hour += 1) {
    await goDead(1);
    field.now += 61 * MINUTE;
  }
  expect(alarms()).toBe(0);
  const rows = await field.database
    .selectFrom('push_registrations')
    .select(['kind', 'handle_state'])
    .execute();
  expect(rows.filter(({ handle_state }) => handle_state === 'gone')).toHaveLength(4);
  expect(rows.every(({ kind }) => kind === 'sealed')).toBe(true);
});
