// A kid that comes a second time (SPEC.md section 4): what a device names its keys must not name notifications of the
// server's store, or one device could stop the revocation of others and everybody's background notifications.
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { REPLACED_KIDS_REMEMBERED_MAX } from '../../protocol/wire/limits.ts';
import type { DeviceKey } from '../../protocol/wire/push-api.ts';
import { removeHandles } from '../../server/notify/handle-removal.ts';
import { PushSide } from '../../server/notify/push-side.ts';
import { replaceKey } from '../../server/notify/registration-changes.ts';
import { register } from '../../server/notify/registrations.ts';
import { APP_ID } from './field.ts';
import { id } from './phone.ts';
import { type Device, PushField } from './push-field.ts';

const MINUTE = 60_000;
let field: PushField;
let phone: Device;
let push: PushSide;

beforeEach(async () => {
  field = await PushField.lay();
  phone = await field.addDevice('alice');
  push = new PushSide(field.context);
});
afterEach(async () => {
  expect(field.bouncer.violations).toEqual([]);
  await field.clear();
});

const keyOf = ({ key }: Device, kid: Uint8Array): DeviceKey => ({
  kid: encodeBase64url(kid),
  suite: key.suite.id,
  public_key: encodeBase64url(nativeBackend.x25519PublicKey(key.privateKey)),
  chain: encodeBase64url(key.chain),
  keep_days: key.keepDays,
});
const revoke = async (session: string) =>
  await field.database
    .transaction()
    .execute(async (transaction) => await push.revokeSession(transaction, session));
const kinds = () => field.payloads(phone).map(({ kind }) => kind);

test('who signs in again with the same registration and the same key is revoked again', async () => {
  await revoke(phone.caller.session);
  await field.run();
  field.now += 5 * MINUTE;
  await removeHandles(field.context);
  const session = 'another session';
  await register(
    field.context,
    { user: 'alice', session },
    {
      registration_id: phone.registrationId,
      app_id: APP_ID,
      platform: 'fcm',
      environment: '',
      e2ee_required: true,
      key: keyOf(phone, phone.key.kid),
      token: { attempt: id(16), sealed_token: phone.token },
    },
  );
  await revoke(session);
  await field.run();
  expect(kinds()).toEqual(['session', 'session']);
  expect(await field.database.selectFrom('push_keys').selectAll().execute()).toEqual([]);
});

test('a key of a kid that was forgotten holds up the removals of nobody', async () => {
  const other = await field.addDevice('bob');
  const readOne = async (user: string, reference: number) => {
    const sender = user === 'alice' ? { user: 'bob', name: 'Bob' } : { user: 'alice', name: 'Alice' };
    await field.run(field.message([user], { reference, sender }));
    field.now += MINUTE;
    await field.run({
      kind: 'read',
      id: `read:${user}:${reference}`,
      user,
      references: [reference],
      unread: 0,
    });
    field.now += MINUTE;
  };
  await readOne('alice', 1);
  const kids = Array.from({ length: REPLACED_KIDS_REMEMBERED_MAX + 1 }, () => randomBytes(4));
  for (const kid of [...kids, phone.key.kid]) {
    await replaceKey(field.context, phone.caller, phone.registrationId, keyOf(phone, kid));
    field.now += MINUTE;
  }
  await readOne('alice', 2);
  await readOne('bob', 3);
  expect(kinds()).toEqual(['message', 'remove', 'message', 'remove']);
  expect(field.payloads(other).map(({ kind }) => kind)).toEqual(['message', 'remove']);
});
