// The body of messages:send, read as FCM reads it: unknown names, types, reserved keys, sizes and the form of
// ttl each give a field violation. Only messages to one device are simulated. Facts: 3.2, F2 and F3 of the
// providers page.
import { z } from 'zod';
import type { FieldViolation } from './fcm-answers.ts';
import { fcmDataBytesMax, fcmTtlSecondsMax } from './limits.ts';

export interface FcmMessage {
  token: string;
  data: Record<string, string>;
  priority: 'HIGH' | 'NORMAL';
  ttlSeconds: number;
  collapseKey: string | null;
  validateOnly: boolean;
}

const data = z.record(z.string(), z.string());
const anyObject = z.looseObject({});

const android = strict({
  collapse_key: z.string(),
  priority: z.string(),
  ttl: z.string(),
  restricted_package_name: z.string(),
  data,
  notification: anyObject,
  fcm_options: anyObject,
  direct_boot_ok: z.boolean(),
  bandwidth_constrained_ok: z.boolean(),
  restricted_satellite_ok: z.boolean(),
});

const requestSchema = strict({
  validate_only: z.boolean(),
  message: strict({
    name: z.string(),
    token: z.string(),
    data,
    notification: anyObject,
    android,
    webpush: anyObject,
    apns: anyObject,
    fcm_options: anyObject,
  }),
});

/** Returns the message, or what is wrong with it, at least one violation. */
export function parseFcmMessage(body: string): FcmMessage | FieldViolation[] {
  const json = parseJson(body);
  if (json === undefined) return [{ description: 'Invalid JSON payload received.' }];
  const parsed = requestSchema.safeParse(json);
  if (!parsed.success) return parsed.error.issues.map(violationOf);
  const { message, validate_only = false } = parsed.data;
  if (message === undefined) return [{ field: 'message', description: 'Message is not set.' }];
  if (message.token === undefined)
    return [{ field: 'message', description: 'Recipient of the message is not set.' }];

  const content = message.android?.data ?? message.data ?? {};
  const ttlSeconds = parseTtl(message.android?.ttl);
  const priority = parsePriority(message.android?.priority);
  const violations = dataViolations(content);
  if (ttlSeconds === null) violations.push(invalid('message.android.ttl'));
  if (priority === null) violations.push(invalid('message.android.priority'));
  if (violations.length > 0 || ttlSeconds === null || priority === null) return violations;
  const collapseKey = message.android?.collapse_key ?? null;
  return {
    token: message.token,
    data: content,
    priority,
    ttlSeconds,
    collapseKey,
    validateOnly: validate_only,
  };
}

// Names come in snake case or in camel case, as in every JSON form of a Google message.
function strict<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess(snakeNames, z.strictObject(shape).partial());
}

function snakeNames(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const named = Object.entries(value).map(([name, inner]) => [
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
    inner,
  ]);
  return Object.fromEntries(named);
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function violationOf(issue: z.core.$ZodIssue): FieldViolation {
  const field = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return invalid(field);
  const names = issue.keys.map((key) => `Unknown name "${key}" at '${field}': Cannot find field.`);
  return { field, description: `Invalid JSON payload received. ${names.join(' ')}` };
}

function invalid(field: string): FieldViolation {
  return { field, description: `Invalid value at '${field}'` };
}

function dataViolations(content: Record<string, string>): FieldViolation[] {
  const violations: FieldViolation[] = [];
  let bytes = 0;
  for (const [key, value] of Object.entries(content)) {
    if (isReserved(key))
      violations.push({ field: 'message.data', description: `Invalid data payload key: ${key}` });
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > fcmDataBytesMax)
    violations.push({ field: 'message.data', description: 'Android message is too big' });
  return violations;
}

function isReserved(key: string): boolean {
  return key === 'from' || key === 'message_type' || key.startsWith('google') || key.startsWith('gcm');
}

function parseTtl(ttl: string | undefined): number | null {
  if (ttl === undefined) return fcmTtlSecondsMax;
  if (!/^\d{1,10}(?:\.\d{1,9})?s$/.test(ttl)) return null;
  const seconds = Number(ttl.slice(0, -1));
  return seconds <= fcmTtlSecondsMax ? seconds : null;
}

function parsePriority(priority: string | undefined): 'HIGH' | 'NORMAL' | null {
  const upper = (priority ?? 'NORMAL').toUpperCase();
  return upper === 'HIGH' || upper === 'NORMAL' ? upper : null;
}
