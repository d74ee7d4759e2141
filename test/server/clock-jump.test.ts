// A clock that jumps (SPEC.md section 4.2): what cannot be undone waits until another clock, or the operator, says so too.
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ConfigError, parseConfig } from '../../server/config.ts';
import { keepHouse } from '../../server/notify/housekeeping.ts';
import { readRegistration } from '../../server/notify/registration-changes.ts';
import { DAY, type Device, PushField } from './push-field.ts';

let field: PushField;
let phone: Device;

beforeEach(async () => {
  field = await PushField.lay();
  phone = await field.addDevice('alice');
  await keepHouse(field.context);
});
afterEach(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

const today = () => Math.floor(field.now / DAY);
const status = async () => await readRegistration(field.context, phone.caller, phone.registrationId);
const rows = async () => await field.database.selectFrom('push_outbox').select('kind').execute();

test.each([
  ['nobody says so', null],
  ['the operator vouches for another day', -1],
])(
  'a year ahead, and %s: nothing steps, nobody is called silent, nothing is forgotten',
  async (_case, days) => {
    await field.run(field.message(['alice']));
    field.now += 365 * DAY;
    field.confirmedDay = days === null ? null : today() + days;
    await keepHouse(field.context);
    await field.run();
    expect(await status()).toMatchObject({ epoch: 0, counter: 1, key_state: 'live' });
    expect(await rows()).toEqual([{ kind: 'message' }]);
    expect(field.events).toContain('clock_jumped');
  },
);

test('a year ahead, and the operator vouches for the day: everything goes on', async () => {
  await field.run(field.message(['alice']));
  field.now += 365 * DAY;
  field.confirmedDay = today();
  await keepHouse(field.context);
  expect(await rows()).toEqual([]);
  await field.run();
  expect(await status()).toMatchObject({ epoch: 365, counter: 2 });
  expect(field.payloads(phone).map(({ kind }) => kind)).toEqual(['message', 'badge']);
  expect(field.events).not.toContain('clock_jumped');
});

test('a key of 400 days is sealed to; one that is older is not, and its device is asked for another [R-RAT-08]', async () => {
  for (const [days, state, sent] of [
    [400, 'live', 1],
    [401, 'replace', 1],
  ] as const) {
    await field.database
      .updateTable('push_keys')
      .set({ day_zero: today() - days })
      .execute();
    await field.run(field.message(['alice']));
    expect(await status()).toMatchObject({ key_state: state });
    expect(field.payloads(phone).length, `${days} days`).toBe(sent);
  }
  expect(field.events).toContain('device_skipped');
});

test('as long as devices wait for another key, the operator is told how many', async () => {
  await field.database.updateTable('push_keys').set({ state: 'lost' }).execute();
  await keepHouse(field.context);
  expect(field.events.filter((event) => event === 'devices_wait')).toHaveLength(1);
  await field.database.updateTable('push_keys').set({ state: 'live' }).execute();
  await keepHouse(field.context);
  expect(field.events.filter((event) => event === 'devices_wait')).toHaveLength(1);
});

test.each([
  ['2030-01-31', 21_945],
  ['2030-02-30', null],
  ['21945', null],
])('SERVER_CONFIRMED_DAY=%s', (text, day) => {
  const environment = {
    SERVER_ORIGIN: 'https://chat.example',
    SERVER_SOCKET_FILE: '/run/chat.sock',
    SERVER_PROXY: 'nginx',
    SERVER_DATABASE_FILE: 'chat.sqlite',
    SERVER_STORAGE_KEY_FILE: 'storage-key',
    SERVER_ADMIN_KEY_FILE: 'admin-key',
    SERVER_BOUNCER_ORIGIN: 'https://bouncer.example',
    SERVER_BOUNCER_CREDENTIAL_FILE: 'bouncer.json',
    SERVER_APP_IDS: 'org.example.chat',
  };
  expect(parseConfig(environment).confirmedDay).toBeNull();
  const parse = () => parseConfig({ ...environment, SERVER_CONFIRMED_DAY: text });
  if (day === null) expect(parse).toThrow(ConfigError);
  else expect(parse().confirmedDay).toBe(day);
});
