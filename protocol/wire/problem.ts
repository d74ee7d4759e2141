// The table of HTTP errors (RFC 9457; SPEC.md section 11). A code, a status and a fixed text: nothing of the input.
import { z } from 'zod';

interface Row {
  readonly status: number;
  readonly retryable: boolean;
  readonly title: string;
}

const PROBLEMS = {
  malformed_request: { status: 400, retryable: false, title: 'The request is not of the documented shape.' },
  malformed_json: { status: 400, retryable: false, title: 'The body is not JSON.' },
  not_authenticated: { status: 401, retryable: false, title: 'The credential is missing or wrong.' },
  not_permitted: { status: 403, retryable: false, title: 'This credential may not do that.' },
  not_found: { status: 404, retryable: false, title: 'There is nothing here.' },
  method_not_allowed: { status: 405, retryable: false, title: 'This path has other methods.' },
  request_timeout: { status: 408, retryable: true, title: 'The request took too long to arrive.' },
  body_too_large: { status: 413, retryable: false, title: 'The body is larger than this route takes.' },
  unsupported_media_type: { status: 415, retryable: false, title: 'The body must be application/json.' },
  headers_too_large: { status: 431, retryable: false, title: 'The headers are too large.' },
  rate_limited: { status: 429, retryable: true, title: 'Too many requests; nothing was lost.' },
  internal: { status: 500, retryable: true, title: 'Something went wrong on this side.' },
  shutting_down: { status: 503, retryable: true, title: 'The service is about to stop.' },

  // Registration at the bouncer (SPEC.md section 5).
  unknown_app: { status: 422, retryable: false, title: 'This bouncer does not serve that app.' },
  wrong_environment: { status: 422, retryable: false, title: 'The platform has no such environment.' },
  push_token_refused: { status: 422, retryable: false, title: 'The sealed push token cannot be used.' },
  stale_request: {
    status: 422,
    retryable: false,
    title: 'The sealed push token is too old or from the future.',
  },
  attempt_conflict: { status: 409, retryable: false, title: 'This attempt is known with other bytes.' },
  unknown_handle: { status: 404, retryable: false, title: 'There is no such handle.' },
  confirmation_refused: { status: 422, retryable: false, title: 'The confirmation is not accepted.' },
  bare_tokens_refused: { status: 422, retryable: false, title: 'This app takes sealed push tokens only.' },
  cleartext_disabled: { status: 403, retryable: false, title: 'This bouncer forwards no cleartext.' },

  // Registration at the chat server (SPEC.md section 5).
  wrong_origin: { status: 421, retryable: false, title: 'This server is reached under another origin.' },
  kid_conflict: { status: 409, retryable: false, title: 'This kid is in use with other bytes.' },
  registration_conflict: {
    status: 409,
    retryable: false,
    title: 'This registration belongs to another session.',
  },
  unknown_registration: { status: 404, retryable: false, title: 'There is no such registration.' },
  too_many_devices: {
    status: 409,
    retryable: false,
    title: 'This user has as many devices as a user may have.',
  },
  suite_refused: { status: 422, retryable: false, title: 'This suite is unknown, or not for this use.' },
  key_refused: { status: 422, retryable: false, title: 'The public key is not usable.' },
  e2ee_required: {
    status: 409,
    retryable: false,
    title: 'This device has a key and gets no redacted notification.',
  },
  legacy_refused: {
    status: 403,
    retryable: false,
    title: 'This server sends nothing to devices without a key.',
  },
  bouncer_unavailable: { status: 503, retryable: true, title: 'The bouncer cannot be reached now.' },
  bouncer_refused: { status: 502, retryable: false, title: 'The bouncer refused the request.' },
} as const;

/** The closed list of codes. */
export type ProblemCode = keyof typeof PROBLEMS;

/** The body of every answer that is not a success: `application/problem+json`. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: ProblemCode;
  readonly retryable: boolean;
  readonly retry_after_seconds?: number | undefined;
  /** With `stale_request`: the bouncer's clock, unix seconds. */
  readonly bouncer_time?: number | undefined;
}

/** What an answer with a code says beside its fixed text. */
export type ProblemExtras = Pick<Problem, 'retry_after_seconds' | 'bouncer_time'>;

export const PROBLEM_CODES: readonly ProblemCode[] = Object.keys(PROBLEMS) as ProblemCode[];
export const PROBLEM_MEDIA_TYPE = 'application/problem+json';

/** The body of an answer with this code. */
export function buildProblem(code: ProblemCode, extras: ProblemExtras = {}): Problem {
  const row: Row = PROBLEMS[code];
  return { type: `urn:sealed-push:problem:${code}`, ...row, code, ...extras };
}

/** Unknown members are ignored in answers. */
export const problemSchema: z.ZodType<Problem> = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  code: z.enum(PROBLEM_CODES as [ProblemCode, ...ProblemCode[]]),
  retryable: z.boolean(),
  retry_after_seconds: z.int().min(0).optional(),
  bouncer_time: z.int().min(0).optional(),
});

/** A failure that the caller may know about; the one way for a route to answer with a problem. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';
  readonly code: ProblemCode;
  readonly extras: ProblemExtras;

  constructor(code: ProblemCode, extras: ProblemExtras = {}) {
    super(PROBLEMS[code].title);
    this.code = code;
    this.extras = extras;
  }
}
