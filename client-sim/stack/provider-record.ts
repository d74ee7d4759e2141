// What the simulated providers saw, asked of their control interface.
import { type Agent, fetch } from 'undici';
import { z } from 'zod';

/** One request to Apple or Google, with what has become of it. */
export interface ProviderEntry {
  /** Rising from 1. */
  readonly n: number;
  /** Unix ms. */
  readonly at: number;
  readonly provider: 'apns' | 'fcm' | 'oauth';
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly device_id: string | null;
  readonly status: number | null;
  readonly reason: string | null;
  readonly outcome: string;
}

const entrySchema: z.ZodType<ProviderEntry> = z.object({
  n: z.int(),
  at: z.number(),
  provider: z.enum(['apns', 'fcm', 'oauth']),
  path: z.string(),
  headers: z.record(z.string(), z.unknown()),
  body: z.string(),
  device_id: z.string().nullable(),
  status: z.int().nullable(),
  reason: z.string().nullable(),
  outcome: z.string(),
});
const recordSchema = z.object({ entries: z.array(entrySchema) });

/** The requests after number `after`, oldest first. */
export async function readProviderRecord(
  devices: string,
  agent: Agent,
  after = 0,
): Promise<readonly ProviderEntry[]> {
  const answer = await fetch(`${devices}/control/record?after=${after}`, { dispatcher: agent });
  return recordSchema.parse(await answer.json()).entries;
}

/** The envelope (base64url) that a push carries, or null. */
export function envelopeOf(entry: ProviderEntry): string | null {
  if (entry.provider === 'oauth') return null;
  try {
    const body = JSON.parse(entry.body) as { e?: unknown; message?: { data?: { e?: unknown } } };
    const envelope = entry.provider === 'apns' ? body.e : body.message?.data?.e;
    return typeof envelope === 'string' ? envelope : null;
  } catch {
    return null;
  }
}
