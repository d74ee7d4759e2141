// HTTPS with JSON, as an app speaks it: bounded answers, a time limit, no redirects, one credential to one origin.
import { Agent, type Dispatcher, request } from 'undici';
import type { z } from 'zod';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { BODY_BYTES_MAX } from '../../protocol/wire/limits.ts';
import { type Problem, problemSchema } from '../../protocol/wire/problem.ts';

const ANSWER_MS = 30_000;
/** Preferred first. */
const KEY_EXCHANGES = 'X25519MLKEM768:X25519:P-256';

export interface HttpsRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  readonly credential?: string;
  readonly body?: unknown;
  /** Bytes of the answer; 64 KiB unless a route gives more. */
  readonly answerBytesMax?: number;
}

/** A call that did not succeed: the problem's code, or why there was no answer that could be used. */
export class CallError extends Error {
  override readonly name = 'CallError';
  readonly code: Problem['code'] | 'unreachable' | 'answer_malformed';
  readonly retryable: boolean;
  /** With `stale_request`: unix seconds. */
  readonly bouncerTime: number | undefined;

  constructor(code: CallError['code'], retryable: boolean, bouncerTime?: number) {
    super(code);
    this.code = code;
    this.retryable = retryable;
    this.bouncerTime = bouncerTime;
  }
}

/**
 * Connections that trust one authority. chain[0] travels in them: TLS 1.3, and a key exchange that a later quantum
 * computer does not open, where the server has it (SPEC.md section 4).
 */
export function createAgent(ca: string): Agent {
  return new Agent({ connect: { ca, minVersion: 'TLSv1.3', ecdhCurve: KEY_EXCHANGES } });
}

/** The body of a 2xx answer, null if it is empty. @throws CallError */
export async function callHttps(dispatcher: Dispatcher, call: HttpsRequest): Promise<unknown> {
  const { status, text } = await exchange(dispatcher, call);
  const body = text === '' ? null : parseJson(text);
  if (status >= 200 && status < 300) return body;
  const problem = problemSchema.safeParse(body);
  if (problem.success) {
    throw new CallError(problem.data.code, problem.data.retryable, problem.data.bouncer_time);
  }
  throw new CallError('answer_malformed', status >= 500);
}

/** The answer in the shape that its schema says. @throws CallError `answer_malformed` */
export function readAnswer<Answer>(schema: z.ZodType<Answer>, body: unknown): Answer {
  const parsed = schema.safeParse(body);
  if (!parsed.success) throw new CallError('answer_malformed', false);
  return parsed.data;
}

/** What a failure is called in an event. */
export function codeOf(error: unknown): string {
  return error instanceof CallError || error instanceof ProtocolError ? error.code : 'internal';
}

async function exchange(
  dispatcher: Dispatcher,
  call: HttpsRequest,
): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const answer = await request(call.url, {
      method: call.method,
      dispatcher,
      headers: {
        accept: 'application/json',
        ...(call.credential !== undefined && { authorization: `Bearer ${call.credential}` }),
        ...(call.body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    return {
      status: answer.statusCode,
      text: await readText(answer.body, call.answerBytesMax ?? BODY_BYTES_MAX),
    };
  } catch (error) {
    if (error instanceof CallError) throw error;
    throw new CallError('unreachable', true);
  }
}

async function readText(body: AsyncIterable<Uint8Array>, bytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > bytesMax) throw new CallError('answer_malformed', false);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
