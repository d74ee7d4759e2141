// A clock of the server that was ahead once must not silence a device for as long (SPEC.md section 9).
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { judge } from '../../protocol/content/open/judge.ts';
import { EMPTY_WINDOW } from '../../protocol/content/open/replay-window.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { generateKeyPair } from '../../protocol/crypto/key-pair.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { SUITE_X25519_PSK } from '../../protocol/wire/suites.ts';
import { EventReader, writeEvent } from '../../server/notify/events.ts';
import { replaceKey } from '../../server/notify/registration-changes.ts';
import { sealEvents } from '../../server/notify/seal-events.ts';
import { type Device, PushField } from './push-field.ts';

const HOUR = 3_600_000;
let field: PushField;
let phone: Device;

beforeEach(async () => {
  field = await PushField.lay();
  phone = await field.addDevice('alice');
});
afterEach(async () => await field.clear());

/** A message is accepted and sealed; its sent_at. */
async function say(reference: number): Promise<number> {
  const { database, now } = field.context;
  await database.transaction().execute(async (transaction) => {
    const conversation = { kind: 'direct', id: 1 } as const;
    const sender = { user: 'bob', name: 'Bob' };
    const audience = [{ user: 'alice', level: 'all', unread: 1 }] as const;
    const body = { reference, conversation, sender, text: `message ${reference}`, audience };
    await writeEvent(transaction, { kind: 'message', id: `message:${reference}`, ...body }, now());
  });
  const reader = new EventReader();
  while (await sealEvents(field.context, reader));
  const row = await field.database
    .selectFrom('push_outbox')
    .select('sent_at')
    .orderBy('outbox_id', 'desc')
    .executeTakeFirstOrThrow();
  return row.sent_at;
}

async function writeNewKey(): Promise<void> {
  const { publicKey } = generateKeyPair(nativeBackend, SUITE_X25519_PSK);
  await replaceKey(field.context, phone.caller, phone.registrationId, {
    kid: encodeBase64url(randomBytes(4)),
    suite: SUITE_X25519_PSK.id,
    public_key: encodeBase64url(publicKey),
    chain: encodeBase64url(randomBytes(32)),
    keep_days: 3,
  });
}

async function keyStates(): Promise<string[]> {
  const rows = await field.database.selectFrom('push_keys').select('state').orderBy('created_at').execute();
  return rows.map(({ state }) => state);
}

/** What a phone with a fresh window makes of a message with this sent_at. */
function judged(sentAt: number) {
  const message = {
    reference: 1,
    conversation: { kind: 'direct', id: 1 },
    sender: { name: 'Bob' },
    text: '',
  } as const;
  return judge({
    payload: { kind: 'message', sentAt, counter: 1, ttlSeconds: 3 * 86_400, message } as const,
    hash: new Uint8Array(16),
    window: EMPTY_WINDOW,
    tombstones: new Map(),
    knownAt: null,
    keepDays: 3,
    nowMs: field.now,
  });
}

test('after a clock that was ahead, the first message under the new key is loud again', async () => {
  const right = field.now;
  field.now = right + 6 * HOUR;
  await say(1);
  field.now = right + 60_000;
  const ahead = await say(2);
  expect(ahead).toBe(right + 6 * HOUR + 1);
  expect(await keyStates()).toEqual(['replace']);
  expect(judged(ahead)).not.toMatchObject({ loud: true });
  await writeNewKey();
  field.now = right + HOUR;
  const sentAt = await say(3);
  expect(sentAt).toBe(field.now);
  expect(judged(sentAt)).toMatchObject({ loud: true });
  expect(await keyStates()).toEqual(['replaced', 'live']);
});

test('a new key while the clock is right leaves the times as they are', async () => {
  await say(1);
  const first = await say(2);
  field.now += 1;
  await writeNewKey();
  expect(await say(3)).toBeGreaterThan(first);
});
