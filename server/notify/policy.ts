// Who is notified, and how: two pure functions, and the table of their cases in test/server/policy.test.ts.
import type { Policy } from '../../protocol/wire/push-api.ts';
import type { Member, MessageEvent } from './push-service.ts';
import type { HandleState, KeyState } from './tables.ts';

/** What devices without E2EE are sent. The other policies of the protocol are refused at start. */
export type ServerPolicy = Extract<Policy, 'redact' | 'require_e2ee'>;

/** Why a member is notified, or is not. */
export type MemberDecision =
  | { readonly notify: true; readonly reason: 'direct' | 'mention' | 'channel' }
  | { readonly notify: false; readonly reason: 'sender' | 'muted' | 'not_mentioned' };

/**
 * Direct messages and mentions by default, channels by the member's level, never the sender. Who muted a
 * conversation is not notified of a mention there either.
 */
export function decideMember(
  event: Pick<MessageEvent, 'conversation' | 'sender'>,
  member: Pick<Member, 'user' | 'level' | 'mention'>,
): MemberDecision {
  if (member.user === event.sender.user) return { notify: false, reason: 'sender' };
  if (member.level === 'none') return { notify: false, reason: 'muted' };
  if (event.conversation.kind !== 'channel') return { notify: true, reason: 'direct' };
  if (member.mention !== undefined) return { notify: true, reason: 'mention' };
  if (member.level === 'all') return { notify: true, reason: 'channel' };
  return { notify: false, reason: 'not_mentioned' };
}

/** What the policy knows of a device. */
export interface DeviceFacts {
  readonly kind: 'sealed' | 'bare';
  readonly handleState: HandleState;
  /** Of the key that is sealed to; null for bare devices. */
  readonly keyState: KeyState | null;
  readonly keyAgeDays: number;
  /** A key was registered on this device at some time, and the device said that it wants nothing else. */
  readonly e2eeRequired: boolean;
}

/** How a device is notified, or why it is not. Nothing ever leads from `sealed` to `redacted`. */
export type DeviceDecision =
  | 'sealed'
  | 'redacted'
  | 'no_handle'
  | 'key_lost'
  | 'key_too_old'
  | 'organisation_requires_e2ee'
  | 'device_requires_e2ee';

/** `keyAgeDaysMax`: no sealing under older keys. */
export function decideDevice(
  policy: ServerPolicy,
  device: DeviceFacts,
  keyAgeDaysMax: number,
): DeviceDecision {
  if (device.kind === 'bare') {
    if (policy === 'require_e2ee') return 'organisation_requires_e2ee';
    if (device.e2eeRequired) return 'device_requires_e2ee';
    return device.handleState === 'active' ? 'redacted' : 'no_handle';
  }
  if (device.keyState !== 'live' && device.keyState !== 'replace') return 'key_lost';
  if (device.keyAgeDays > keyAgeDaysMax) return 'key_too_old';
  return device.handleState === 'active' ? 'sealed' : 'no_handle';
}
