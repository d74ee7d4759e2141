// How far apart the background notifications of one device are (SPEC.md section 9): Apple drops those that come more often.
import type { Platform } from '../../protocol/wire/ids.ts';
import { MINUTE_MILLISECONDS } from './time.ts';

export const BACKGROUND_INTERVAL_MILLISECONDS_MAX: number = 20 * MINUTE_MILLISECONDS;
const INTERVAL_MILLISECONDS: Readonly<Record<Platform, number>> = {
  apns: BACKGROUND_INTERVAL_MILLISECONDS_MAX,
  fcm: 0,
};

/**
 * When a device may have its next one (unix ms). A latest one in the future is by a clock that was set back since: it
 * counts as of now.
 */
export function nextBackgroundAt(
  device: { readonly platform: Platform; readonly last_background_at: number },
  now: number,
): number {
  return Math.max(now, Math.min(device.last_background_at, now) + INTERVAL_MILLISECONDS[device.platform]);
}
