// The two tables of errors (SPEC.md section 11): codes, statuses, texts that are fixed.
import { expect, test } from 'vitest';
import { ProtocolError, type ProtocolErrorCode } from '../../protocol/wire/errors.ts';
import { buildProblem, PROBLEM_CODES, ProblemError, problemSchema } from '../../protocol/wire/problem.ts';

const STATUSES = [400, 401, 403, 404, 405, 408, 409, 413, 415, 421, 422, 429, 431, 500, 502, 503];

test('every code is its own, in snake case', () => {
  expect(new Set(PROBLEM_CODES).size).toBe(PROBLEM_CODES.length);
  for (const code of PROBLEM_CODES) expect(code).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
});

test('no two codes share a text', () => {
  expect(new Set(PROBLEM_CODES.map((code) => buildProblem(code).title)).size).toBe(PROBLEM_CODES.length);
});

test.each(PROBLEM_CODES)('%s has a body of the documented shape', (code) => {
  const problem = buildProblem(code);
  expect(problemSchema.parse(problem)).toEqual(problem);
  expect(Object.keys(problem).sort()).toEqual(['code', 'retryable', 'status', 'title', 'type']);
  expect(problem.type).toBe(`urn:sealed-push:problem:${code}`);
  expect(STATUSES).toContain(problem.status);
  expect(problem.title).toMatch(/^[A-Z][^{}$%]*\.$/);
});

test('what is retryable may succeed when the same request comes again', () => {
  expect(PROBLEM_CODES.filter((code) => buildProblem(code).retryable)).toEqual([
    'request_timeout',
    'rate_limited',
    'internal',
    'shutting_down',
    'bouncer_unavailable',
  ]);
});

test('extras are the two numbers and nothing else', () => {
  const problem = buildProblem('stale_request', { bouncer_time: 1_790_000_000 });
  expect(problem.bouncer_time).toBe(1_790_000_000);
  expect(buildProblem('rate_limited', { retry_after_seconds: 7 }).retry_after_seconds).toBe(7);
});

test('unknown members of an answer are ignored, an unknown code is refused', () => {
  const problem = buildProblem('internal');
  expect(problemSchema.parse({ ...problem, instance: '/a' })).toEqual(problem);
  expect(problemSchema.safeParse({ ...problem, code: 'new_code' }).success).toBe(false);
});

test('the text of a ProblemError is the fixed one of its code', () => {
  const error = new ProblemError('unknown_handle');
  expect(error.message).toBe(buildProblem('unknown_handle').title);
  expect(error.name).toBe('ProblemError');
  expect(error.extras).toEqual({});
});

/** The closed list: the type makes a missing or superfluous code fail to compile. */
const TEXTS: Record<ProtocolErrorCode, string> = {
  base64url_malformed: 'not canonical unpadded base64url',
  cbor_malformed: 'not CBOR of the strict profile',
  cbor_unencodable: 'a value that the CBOR profile has no form for',
  origin_malformed: 'not an origin of this protocol',
  app_id_malformed: 'not an app id of this protocol',
  envelope_malformed: 'not an envelope',
  suite_unknown: 'a suite that is unknown or not for this use',
  key_malformed: 'not a key of this suite',
  epoch_out_of_range: 'an epoch outside the range',
  payload_too_large: 'the payload does not fit the bucket',
  payload_malformed: 'not a payload',
  open_failed: 'could not be opened',
  key_list_refused: 'the list of bouncer keys is refused',
  clock_wrong: 'only the clock of this device makes the list of bouncer keys expired',
  no_bouncer_key: 'the list has no key for this suite and time',
};

test.each(Object.entries(TEXTS))('the text of %s is fixed', (code, text) => {
  const error = new ProtocolError(code as ProtocolErrorCode);
  expect(error.message).toBe(text);
  expect(error.code).toBe(code);
  expect(error.name).toBe('ProtocolError');
});

test('the text is the same whatever step failed: the step is a field of its own [R-ERR-02]', () => {
  const texts = (['length', 'suite', 'epoch', 'aead'] as const).map((step) => {
    const error = new ProtocolError('open_failed', step);
    expect(error.step).toBe(step);
    return error.message;
  });
  expect(new Set(texts)).toEqual(new Set(['could not be opened']));
});
