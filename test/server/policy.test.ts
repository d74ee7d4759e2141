// The policy as a table of cases (server/notify/policy.ts).
import { expect, test } from 'vitest';
import {
  type DeviceFacts,
  decideDevice,
  decideMember,
  type ServerPolicy,
} from '../../server/notify/policy.ts';

type Level = 'all' | 'mentions' | 'none';
type Mention = 'personal' | 'group' | 'all' | undefined;

test.each<[string, 'direct' | 'group' | 'channel', string, Level, Mention, string]>([
  // who                       conversation  member   level       mention     why
  ['a direct message', 'direct', 'alice', 'all', undefined, 'direct'],
  ['a group message', 'group', 'alice', 'all', undefined, 'direct'],
  ['a group message, mentioned', 'group', 'alice', 'all', 'personal', 'direct'],
  ['a muted group', 'group', 'alice', 'none', undefined, 'muted'],
  ['the sender of a direct message', 'direct', 'bob', 'all', undefined, 'sender'],
  ['the sender who mentions themselves', 'channel', 'bob', 'all', 'personal', 'sender'],
  ['a channel, everything wanted', 'channel', 'alice', 'all', undefined, 'channel'],
  ['a channel, mentions wanted', 'channel', 'alice', 'mentions', undefined, 'not_mentioned'],
  ['a channel, mentioned', 'channel', 'alice', 'mentions', 'personal', 'mention'],
  ['a channel, everybody mentioned', 'channel', 'alice', 'mentions', 'all', 'mention'],
  ['a channel, a group of theirs mentioned', 'channel', 'alice', 'mentions', 'group', 'mention'],
  ['a channel, everything wanted and mentioned', 'channel', 'alice', 'all', 'personal', 'mention'],
  ['a muted channel', 'channel', 'alice', 'none', undefined, 'muted'],
  ['a muted channel, mentioned', 'channel', 'alice', 'none', 'personal', 'muted'],
])('%s', (_case, kind, user, level, mention, reason) => {
  const event = { conversation: { kind, id: 1 }, sender: { user: 'bob', name: 'Bob' } };
  const decision = decideMember(event, { user, level, mention });
  expect(decision.reason).toBe(reason);
  expect(decision.notify).toBe(['direct', 'mention', 'channel'].includes(reason));
});

const sealed: DeviceFacts = {
  kind: 'sealed',
  handleState: 'active',
  keyState: 'live',
  keyAgeDays: 0,
  e2eeRequired: true,
};
const bare: DeviceFacts = { ...sealed, kind: 'bare', keyState: null, e2eeRequired: false };

test.each<[string, ServerPolicy, DeviceFacts, string]>([
  ['a device with a key', 'redact', sealed, 'sealed'],
  ['a device with a key, E2EE required', 'require_e2ee', sealed, 'sealed'],
  ['a key that is to be replaced still works', 'redact', { ...sealed, keyState: 'replace' }, 'sealed'],
  ['a key of 400 days', 'redact', { ...sealed, keyAgeDays: 400 }, 'sealed'],
  ['a key of 401 days [R-RAT-08]', 'redact', { ...sealed, keyAgeDays: 401 }, 'key_too_old'],
  ['a lost key does not fall back', 'redact', { ...sealed, keyState: 'lost' }, 'key_lost'],
  ['a replaced key', 'redact', { ...sealed, keyState: 'replaced' }, 'key_lost'],
  ['a registration without key', 'redact', { ...sealed, keyState: null }, 'key_lost'],
  ['a device without handle', 'redact', { ...sealed, handleState: 'none' }, 'no_handle'],
  ['a device whose handle is gone', 'redact', { ...sealed, handleState: 'gone' }, 'no_handle'],
  ['a device whose handle was refused', 'redact', { ...sealed, handleState: 'refused' }, 'no_handle'],
  ['a device without key', 'redact', bare, 'redacted'],
  ['a device without key, E2EE required', 'require_e2ee', bare, 'organisation_requires_e2ee'],
  ['a device that had a key', 'redact', { ...bare, e2eeRequired: true }, 'device_requires_e2ee'],
  ['a device without key whose handle is gone', 'redact', { ...bare, handleState: 'gone' }, 'no_handle'],
])('%s', (_case, policy, device, decision) => {
  expect(decideDevice(policy, device, 400)).toBe(decision);
});
