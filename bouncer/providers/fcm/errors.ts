// What an FCM v1 answer means: every error that Google documents, and what is done about it.
import { constants } from 'node:http2';
import { z } from 'zod';
import type { ProviderAnswer } from '../../http2-pool/outcome.ts';
import { ACCEPTED, MISCONFIGURED, PROVIDER_REFUSED, type ProviderResult, retryAfter } from '../provider.ts';

/** What one answer asks for. */
export type FcmVerdict =
  | { readonly action: 'result'; readonly result: ProviderResult }
  /** Fetch another access token, and try once more. */
  | { readonly action: 'renew-token' };

const QUOTA_SECONDS = 60;
const SERVER_ERROR_SECONDS = 30;

type Rule = 'refused' | 'misconfigured' | 'gone' | 'renew-token' | 'quota' | 'server-error';

const RULES = {
  INVALID_ARGUMENT: 'refused',
  THIRD_PARTY_AUTH_ERROR: 'misconfigured',
  UNAUTHENTICATED: 'renew-token',
  SENDER_ID_MISMATCH: 'refused',
  PERMISSION_DENIED: 'misconfigured',
  UNREGISTERED: 'gone',
  NOT_FOUND: 'misconfigured',
  QUOTA_EXCEEDED: 'quota',
  RESOURCE_EXHAUSTED: 'quota',
  INTERNAL: 'server-error',
  UNAVAILABLE: 'server-error',
} as const satisfies Readonly<Record<string, Rule>>;

/** Every error code and status of Google's that is known here. */
export const FCM_REASONS: readonly string[] = Object.keys(RULES);

const RULES_BY_STATUS: Readonly<Record<number, Rule>> = {
  [constants.HTTP_STATUS_UNAUTHORIZED]: 'renew-token',
  [constants.HTTP_STATUS_FORBIDDEN]: 'misconfigured',
  [constants.HTTP_STATUS_NOT_FOUND]: 'misconfigured',
  [constants.HTTP_STATUS_TOO_MANY_REQUESTS]: 'quota',
};

const FCM_ERROR_TYPE = 'type.googleapis.com/google.firebase.fcm.v1.FcmError';

const answerSchema = z.object({
  error: z.object({
    status: z.string().default(''),
    details: z.array(z.object({ '@type': z.string(), errorCode: z.string().optional() })).default([]),
  }),
});

/** The FcmError's code, else the status, else nothing. */
export function parseFcmReason(body: string): string {
  try {
    const { status, details } = answerSchema.parse(JSON.parse(body)).error;
    return details.find((detail) => detail['@type'] === FCM_ERROR_TYPE)?.errorCode ?? status;
  } catch {
    return '';
  }
}

export function readFcmAnswer(answer: ProviderAnswer, nowMs: number): FcmVerdict {
  if (answer.httpStatus === constants.HTTP_STATUS_OK) return { action: 'result', result: ACCEPTED };
  const rule = ruleOf(answer.httpStatus, parseFcmReason(answer.body));
  if (rule === 'renew-token') return { action: 'renew-token' };
  if (rule === 'refused') return { action: 'result', result: PROVIDER_REFUSED };
  if (rule === 'misconfigured') return { action: 'result', result: MISCONFIGURED };
  if (rule === 'gone')
    return { action: 'result', result: { status: 'gone', since: Math.floor(nowMs / 1000) } };
  const fallback = rule === 'quota' ? QUOTA_SECONDS : SERVER_ERROR_SECONDS;
  return { action: 'result', result: retryAfter(answer.retryAfter, fallback, nowMs) };
}

function ruleOf(httpStatus: number, reason: string): Rule {
  const known = (RULES as Readonly<Record<string, Rule>>)[reason];
  // A 404 without UNREGISTERED is a wrong project or URL, and UNREGISTERED counts under a 404 only.
  if (known !== undefined && (known !== 'gone' || httpStatus === constants.HTTP_STATUS_NOT_FOUND))
    return known;
  if (httpStatus >= constants.HTTP_STATUS_INTERNAL_SERVER_ERROR) return 'server-error';
  return RULES_BY_STATUS[httpStatus] ?? 'refused';
}
