// The JSON bodies sent to FCM (SPEC.md section 13): data messages of one field, never a notification.

import { buildLegacyFcmData } from '../../legacy/fcm-data.ts';
import type { Push, PushContent } from '../provider.ts';

/** FCM keeps no message longer than four weeks. */
const TTL_SECONDS_MAX = 2_419_200;

/** `nowSeconds` is the moment of sending. There is no collapse_key: FCM keeps four per device and drops the rest. */
export function buildFcmBody(push: Push, token: string, nowSeconds: number): string {
  const ttl = Math.min(TTL_SECONDS_MAX, Math.max(0, push.expiresAt - nowSeconds));
  const priority = push.urgency === 'alert' ? 'HIGH' : 'NORMAL';
  return JSON.stringify({
    message: { token, data: buildData(push.content), android: { priority, ttl: `${ttl}s` } },
  });
}

function buildData(content: PushContent): Readonly<Record<string, string>> {
  if (content.kind === 'envelope') return { e: content.envelope };
  if (content.kind === 'challenge') return { c: content.challenge };
  return buildLegacyFcmData(content.notice);
}
