// What an APNs answer means: every status and reason that Apple documents, and what is done about it.
import { constants } from 'node:http2';
import { z } from 'zod';
import type { ProviderAnswer } from '../../http2-pool/outcome.ts';
import {
  ACCEPTED,
  MISCONFIGURED,
  PROVIDER_REFUSED,
  type ProviderResult,
  RETRY_SOON,
  retryAfter,
} from '../provider.ts';

/** What one answer asks for. */
export type ApnsVerdict =
  | { readonly action: 'result'; readonly result: ProviderResult }
  /** Sign anew if that is allowed, and try once more. */
  | { readonly action: 'renew-token' }
  /** This connection is at fault: try once more on another. */
  | { readonly action: 'reconnect' };

/** Apple asks for a quarter of an hour. */
const SERVER_ERROR_SECONDS = 15 * 60;
/** Per device, where Apple says nothing. */
const TOO_MANY_REQUESTS_SECONDS = 60;
/** APNs takes no new provider token before. */
const TOKEN_UPDATES_SECONDS = 20 * 60;
/** A 410 that is no proof: the device was registered after what it speaks of. */
const STALE_GONE_SECONDS = 300;

type Rule =
  | 'refused'
  | 'misconfigured'
  | 'gone'
  | 'renew-token'
  | 'reconnect'
  | 'wait'
  | 'wait-token'
  | 'server-error';

const RULES = {
  BadCollapseId: 'refused',
  BadDeviceToken: 'refused',
  BadExpirationDate: 'refused',
  BadMessageId: 'refused',
  BadPriority: 'refused',
  BadTopic: 'misconfigured',
  DeviceTokenNotForTopic: 'refused',
  DuplicateHeaders: 'refused',
  IdleTimeout: 'reconnect',
  InvalidPushType: 'refused',
  MissingDeviceToken: 'refused',
  MissingTopic: 'misconfigured',
  PayloadEmpty: 'refused',
  TopicDisallowed: 'misconfigured',
  BadCertificate: 'misconfigured',
  BadCertificateEnvironment: 'misconfigured',
  BadEnvironmentKeyIdInToken: 'misconfigured',
  BadEnvironmentKeyInToken: 'misconfigured',
  ExpiredProviderToken: 'renew-token',
  Forbidden: 'misconfigured',
  InvalidProviderToken: 'misconfigured',
  MissingProviderToken: 'misconfigured',
  UnrelatedKeyIdInToken: 'misconfigured',
  BadPath: 'refused',
  MethodNotAllowed: 'refused',
  ExpiredToken: 'gone',
  Unregistered: 'gone',
  PayloadTooLarge: 'refused',
  TooManyProviderTokenUpdates: 'wait-token',
  TooManyRequests: 'wait',
  InternalServerError: 'server-error',
  ServiceUnavailable: 'server-error',
  Shutdown: 'reconnect',
} as const satisfies Readonly<Record<string, Rule>>;

/** Every reason of Apple's that is known here. */
export const APNS_REASONS: readonly string[] = Object.keys(RULES);

/** For a reason that is not known, or none. */
const RULES_BY_STATUS: Readonly<Record<number, Rule>> = {
  [constants.HTTP_STATUS_FORBIDDEN]: 'misconfigured',
  [constants.HTTP_STATUS_GONE]: 'gone',
  [constants.HTTP_STATUS_MISDIRECTED_REQUEST]: 'reconnect',
  [constants.HTTP_STATUS_TOO_MANY_REQUESTS]: 'wait',
};

const answerSchema = z.object({ reason: z.string(), timestamp: z.int().min(0).optional() });

/** The reason and the time (unix ms) in a body or in the data of a GOAWAY. */
export function parseApnsReason(body: string): {
  readonly reason: string;
  readonly timestamp: number | undefined;
} {
  try {
    const { reason, timestamp } = answerSchema.parse(JSON.parse(body));
    return { reason, timestamp };
  } catch {
    return { reason: '', timestamp: undefined };
  }
}

/** What to do about an answer. `registeredAt` in unix seconds. */
export function readApnsAnswer(answer: ProviderAnswer, registeredAt: number, nowMs: number): ApnsVerdict {
  if (answer.httpStatus === constants.HTTP_STATUS_OK) return { action: 'result', result: ACCEPTED };
  const { reason, timestamp } = parseApnsReason(answer.body);
  const rule = ruleOf(answer.httpStatus, reason);
  if (rule === 'renew-token' || rule === 'reconnect') return { action: rule };
  if (rule === 'refused') return { action: 'result', result: PROVIDER_REFUSED };
  if (rule === 'misconfigured') return { action: 'result', result: MISCONFIGURED };
  if (rule === 'gone') return { action: 'result', result: readGone(timestamp, registeredAt) };
  const fallback = {
    wait: TOO_MANY_REQUESTS_SECONDS,
    'wait-token': TOKEN_UPDATES_SECONDS,
    'server-error': SERVER_ERROR_SECONDS,
  }[rule];
  return { action: 'result', result: retryAfter(answer.retryAfter, fallback, nowMs) };
}

/** What remains of a verdict when its second try is spent. */
export function lastResult(verdict: ApnsVerdict, answer: ProviderAnswer, nowMs: number): ProviderResult {
  if (verdict.action === 'result') return verdict.result;
  if (verdict.action === 'renew-token') return MISCONFIGURED;
  const unavailable = answer.httpStatus >= constants.HTTP_STATUS_INTERNAL_SERVER_ERROR;
  return unavailable ? retryAfter(answer.retryAfter, SERVER_ERROR_SECONDS, nowMs) : RETRY_SOON;
}

function ruleOf(httpStatus: number, reason: string): Rule {
  const known = (RULES as Readonly<Record<string, Rule>>)[reason];
  // A reason decides only under the kind of status that it belongs to: 410 alone may end a handle.
  if (known !== undefined && (known !== 'gone' || httpStatus === constants.HTTP_STATUS_GONE)) return known;
  if (httpStatus >= constants.HTTP_STATUS_INTERNAL_SERVER_ERROR) return 'server-error';
  return RULES_BY_STATUS[httpStatus] ?? 'refused';
}

/** A 410 ends the handle only if it speaks of a time after the registration. */
function readGone(timestampMs: number | undefined, registeredAt: number): ProviderResult {
  if (timestampMs !== undefined && timestampMs > registeredAt * 1000) {
    return { status: 'gone', since: Math.floor(timestampMs / 1000) };
  }
  return { status: 'retry', afterSeconds: STALE_GONE_SECONDS };
}
