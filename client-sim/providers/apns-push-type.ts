// Push types: which payload each goes with, and which ending its topic must have. Facts: 2.2 and A7 of the
// providers page.
import { z } from 'zod';
import type { ApnsReason } from './apns-reasons.ts';

/** Anything may stand beside `aps`, and in it. */
export interface ApnsPayload {
  aps?: { alert?: unknown; badge?: unknown; sound?: unknown; 'content-available'?: unknown } | undefined;
}

const payloadSchema: z.ZodType<ApnsPayload> = z.looseObject({
  aps: z
    .looseObject({
      alert: z.unknown().optional(),
      badge: z.unknown().optional(),
      sound: z.unknown().optional(),
      'content-available': z.unknown().optional(),
    })
    .optional(),
});

const topicEndings: ReadonlyMap<string, string> = new Map([
  ['alert', ''],
  ['background', ''],
  ['mdm', ''],
  ['widgets', ''],
  ['controls', ''],
  ['pushtotalk', '.voip-ptt'],
  ['voip', '.voip'],
  ['complication', '.complication'],
  ['fileprovider', '.pushkit.fileprovider'],
  ['location', '.location-query'],
  ['liveactivity', '.push-type.liveactivity'],
]);

/**
 * Returns null for what is no JSON object with a sensible `aps`. Apple documents no reason for such a body; it
 * cannot be delivered, so it counts as empty.
 */
export function parseApnsPayload(body: string): ApnsPayload | null {
  try {
    return payloadSchema.parse(JSON.parse(body));
  } catch {
    return null;
  }
}

/** The header may be missing on iOS; what shows something is then an alert. */
export function guessPushType(payload: ApnsPayload | null): string {
  return payload === null || showsSomething(payload) ? 'alert' : 'background';
}

/** A payload that cannot be read is left to later checks. */
export function pushTypeFault(
  pushType: string,
  topic: string,
  payload: ApnsPayload | null,
): ApnsReason | null {
  if (topicEndings.get(pushType) !== endingOf(topic)) return 'InvalidPushType';
  return payload === null || fits(pushType, payload) ? null : 'InvalidPushType';
}

/** The ending by which a topic is that of a special push type, or the empty text. */
export function endingOf(topic: string): string {
  for (const ending of topicEndings.values()) if (ending !== '' && topic.endsWith(ending)) return ending;
  return '';
}

function fits(pushType: string, payload: ApnsPayload): boolean {
  if (pushType === 'alert') return showsSomething(payload);
  if (pushType === 'background') return payload.aps?.['content-available'] === 1 && !showsSomething(payload);
  return true;
}

function showsSomething({ aps }: ApnsPayload): boolean {
  return aps?.alert !== undefined || aps?.badge !== undefined || aps?.sound !== undefined;
}
