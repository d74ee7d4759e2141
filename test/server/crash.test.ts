// kill -9 of the real process: what was answered 2xx is sent, from one outbox row, whatever the instant.
import BetterSqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Field, until } from './field.ts';
import { Phone } from './phone.ts';
import { KEY_LIST } from './strict-bouncer.ts';

let field: Field;

beforeEach(async () => {
  field = await Field.lay();
  await field.start();
});
afterEach(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

interface Counts {
  readonly open: number;
  readonly waiting: number;
}

function count(): Counts {
  const sqlite = new BetterSqlite(field.environment['SERVER_DATABASE_FILE'] as string, { readonly: true });
  const one = (sql: string) => (sqlite.prepare(sql).get() as { n: number }).n;
  const counts = {
    open: one('select count(*) n from push_events where done_at is null'),
    waiting: one("select count(*) n from push_outbox where state = 'waiting'"),
  };
  sqlite.close();
  return counts;
}

test('killed between commit and sealing, and between sealing and sending: nothing is lost or doubled', async () => {
  const bob = await field.addUser('bob', 'Bob');
  const alice = await field.addUser('alice', 'Alice');
  const phones: Phone[] = [];
  for (let i = 0; i < 20; i += 1) phones.push(await Phone.active(field, alice));
  field.bouncer.weather = { kind: 'cut' };
  const accepted: number[] = [];
  let open = 0;
  for (let round = 0; round < 5 && (round < 2 || open === 0); round += 1) {
    const sending = Array.from({ length: 60 }, (_, i) =>
      field.send(bob, { direct: ['alice'] }, `round ${round} message ${i}`).then(
        (id) => accepted.push(id),
        () => undefined,
      ),
    );
    const enough = accepted.length + 25;
    await until(() => accepted.length >= enough, 'accepted messages');
    await field.kill();
    await Promise.all(sending);
    const counts = count();
    open += counts.open;
    console.log(`killed with ${counts.open} events not sealed and ${counts.waiting} items not sent`);
    expect(counts.open + counts.waiting).toBeGreaterThan(0);
    await field.start();
  }
  expect(open).toBeGreaterThan(0);
  field.bouncer.weather = { kind: 'fair' };
  await until(() => count().open === 0 && count().waiting === 0, 'everything sent');
  for (const phone of phones) {
    const envelopes = new Set(phone.envelopes.map(({ envelope }) => envelope));
    const references = [...envelopes].map((envelope) => {
      const payload = phone.open(envelope);
      return payload.kind === 'message' ? payload.message.reference : -1;
    });
    // One envelope for each message: a repetition has the same bytes.
    expect(references.length).toBe(new Set(references).size);
    for (const id of accepted) expect(references).toContain(id);
  }
}, 60_000);

test('an answer that was lost in the crash is sent again with the same bytes', async () => {
  const bob = await field.addUser('bob', 'Bob');
  const phone = await Phone.active(field, await field.addUser('alice', 'Alice'));
  let release = (): void => undefined;
  field.bouncer.hold = new Promise((resolve) => {
    release = resolve;
  });
  await field.send(bob, { direct: ['alice'] }, 'in flight');
  await until(() => field.bouncer.paths.includes('POST /v1/notifications'), 'the request');
  await field.kill();
  release();
  await until(() => phone.envelopes.length === 1, 'the first arrival');
  await field.start();
  await until(() => phone.envelopes.length === 2, 'the second arrival');
  expect(phone.envelopes[1]).toEqual(phone.envelopes[0]);
});

test('a restart without the bouncer answers discovery, and takes messages', async () => {
  await until(async () => (await field.call('GET', '/v1/push')).status === 200, 'the list');
  const bob = await field.addUser('bob', 'Bob');
  const alice = await field.addUser('alice', 'Alice');
  const phone = await Phone.active(field, alice);
  await field.stop();
  field.bouncer.weather = { kind: 'cut' };
  await field.start();
  expect((await field.call('GET', '/v1/push')).json.bouncer_keys).toEqual(KEY_LIST);
  expect((await phone.status()).json.attempt_state).toBe('active');
  await field.send(bob, { direct: ['alice'] }, 'patience');
  field.bouncer.weather = { kind: 'fair' };
  await until(() => phone.envelopes.length > 0, 'the message');
});

test('SIGTERM ends it with 0, soon, and keeps what was not sent', async () => {
  const bob = await field.addUser('bob', 'Bob');
  const phone = await Phone.active(field, await field.addUser('alice', 'Alice'));
  field.bouncer.weather = { kind: 'cut' };
  await field.send(bob, { direct: ['alice'] }, 'until tomorrow');
  const asked = Date.now();
  expect(await field.stop()).toBe(0);
  expect(Date.now() - asked).toBeLessThan(5000);
  field.bouncer.weather = { kind: 'fair' };
  await field.start();
  await until(() => phone.envelopes.length > 0, 'the message');
});
