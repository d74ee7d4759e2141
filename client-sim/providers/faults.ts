// Faults to order: the next so many requests of a provider meet them instead of, or beside, the normal answer.
import { z } from 'zod';
import { faultLatencyMsMax, faultsMax, faultTimesMax } from './limits.ts';
import type { Provider } from './record.ts';

/**
 * With `status`, the answer is the fault's. With `goaway`, the connection says goodbye and this request is the
 * last it serves. With `reset`, the socket dies before an answer; with `stall`, no answer comes. `latency_ms`
 * alone delays the normal answer, after the push was taken; `hold_ms` delays taking it, and what the sender has given up by
 * then is not taken.
 */
export interface Fault {
  provider: Provider;
  status?: number | undefined;
  reason?: string | undefined;
  /** Seconds, or an HTTP date as it is to be sent. */
  retry_after?: number | string | undefined;
  latency_ms?: number | undefined;
  hold_ms?: number | undefined;
  goaway?: true | undefined;
  reset?: true | undefined;
  stall?: true | undefined;
  /** How many requests pass before the fault begins. */
  after_requests: number;
  times: number;
}

export const faultSchema: z.ZodType<Fault> = z.strictObject({
  provider: z.enum(['apns', 'fcm', 'oauth']),
  status: z.int().min(200).max(599).optional(),
  reason: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional(),
  retry_after: z.union([z.int().min(0).max(86_400), z.string().regex(/^[\w ,:+-]{1,40}$/)]).optional(),
  latency_ms: z.int().min(0).max(faultLatencyMsMax).optional(),
  hold_ms: z.int().min(0).max(faultLatencyMsMax).optional(),
  goaway: z.literal(true).optional(),
  reset: z.literal(true).optional(),
  stall: z.literal(true).optional(),
  after_requests: z.int().min(0).max(faultTimesMax).default(0),
  times: z.int().min(1).max(faultTimesMax).default(1),
});

export class Faults {
  #ordered: Fault[] = [];

  /** Returns false when too many are waiting. */
  add(fault: Fault): boolean {
    if (this.#ordered.length >= faultsMax) return false;
    this.#ordered.push({ ...fault });
    return true;
  }

  clear(): void {
    this.#ordered = [];
  }

  /** The fault that this request meets; one request is counted. Faults of a provider act one after the other. */
  take(provider: Provider): Fault | null {
    if (this.#ordered.length === 0) return null;
    const fault = this.#ordered.find((candidate) => candidate.provider === provider);
    if (fault === undefined) return null;
    if (fault.after_requests > 0) {
      fault.after_requests -= 1;
      return null;
    }
    fault.times -= 1;
    if (fault.times === 0) this.#ordered = this.#ordered.filter((other) => other !== fault);
    return fault;
  }
}
