// The state file's text: JSON, bytes in base64url. A key whose record or replay window is broken is dead; a
// registration whose record is broken is gone; a text that is no state at all leaves an empty phone (SPEC.md section 4).
import { z } from 'zod';
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import {
  appIdSchema,
  base64urlSchema,
  environmentSchema,
  originSchema,
  platformSchema,
  registrationIdSchema,
  secondsSchema,
} from '../../protocol/wire/ids.ts';
import {
  ATTEMPT_BYTES,
  CHAIN_BYTES,
  CONFIRM_KEY_BYTES,
  EPOCH_MAX,
  KEEP_DAYS_MAX,
  KEEP_DAYS_MIN,
  KID_BYTES,
  LIVE_KIDS_MAX,
  MAC_BYTES,
  PUBLIC_KEY_BYTES_MAX,
  PUBLIC_KEY_BYTES_MIN,
  REGISTRATION_ID_BYTES,
  REPLAY_HASH_BYTES,
  REPLAY_WINDOW_PAIRS,
  SEALED_TOKEN_BYTES_MAX,
  SEALED_TOKEN_BYTES_MIN,
} from '../../protocol/wire/limits.ts';
import { findSuite } from '../../protocol/wire/suites.ts';
import { referenceTextSchema } from './reference.ts';
import { EMPTY_STATE, type HeldKey, type PhoneState, type Registration } from './state.ts';

const SHA256_BYTES = 32;

/** A state, and what of the text could not be used. */
export interface DecodedState {
  readonly state: PhoneState;
  /** Nothing could be used. */
  readonly corrupt: boolean;
  readonly deadKeys: number;
  readonly deadRegistrations: number;
}

/** Entries never change, so each is turned into text once: a phone with a full inbox writes as fast as an empty one. */
const entryTexts = new WeakMap<object, string>();

export function encodeState(state: PhoneState): string {
  const { inbox, center, ...rest } = state;
  const head = JSON.stringify(textOf(rest)).slice(0, -1);
  return `${head},"inbox":[${encodeEntries(inbox)}],"center":[${encodeEntries(center)}]}`;
}

export function decodeState(text: string): DecodedState {
  const parsed = stateSchema.safeParse(parseJson(text));
  if (!parsed.success) return { state: EMPTY_STATE, corrupt: true, deadKeys: 0, deadRegistrations: 0 };
  let deadKeys = 0;
  let deadRegistrations = 0;
  const registrations: Registration[] = [];
  for (const record of parsed.data.registrations) {
    const registration = registrationSchema.safeParse(record);
    if (!registration.success) {
      deadRegistrations += 1;
      continue;
    }
    const keys = registration.data.keys.map((key) => keySchema.safeParse(key));
    const alive = keys.flatMap((key): HeldKey[] => (key.success ? [key.data] : []));
    deadKeys += keys.length - alive.length;
    registrations.push({ ...registration.data, keys: alive });
  }
  return { state: { ...parsed.data, registrations }, corrupt: false, deadKeys, deadRegistrations };
}

function bytes(min: number, max: number = min): z.ZodType<Uint8Array> {
  return base64urlSchema(min, max).transform(decodeBase64url);
}

const sentAt = z.int().min(0);
const count = z.int().min(0);
const hash = bytes(REPLAY_HASH_BYTES);

const windowSchema = z.strictObject({
  pairs: z.array(z.strictObject({ sentAt, hash, identifier: z.string().max(255) })).max(REPLAY_WINDOW_PAIRS),
  floor: z.strictObject({ sentAt, hash }).nullable(),
});

const keySchema = z
  .strictObject({
    kid: bytes(KID_BYTES),
    suiteId: z.int(),
    privateKey: bytes(1, PUBLIC_KEY_BYTES_MAX),
    publicKey: bytes(PUBLIC_KEY_BYTES_MIN, PUBLIC_KEY_BYTES_MAX),
    epoch: z.int().min(0).max(EPOCH_MAX),
    chain: bytes(CHAIN_BYTES),
    keepDays: z.int().min(KEEP_DAYS_MIN).max(KEEP_DAYS_MAX),
    madeAt: secondsSchema,
    appBuild: count,
    registered: z.boolean(),
    counter: count,
    sentAt,
    missing: count,
    window: windowSchema,
  })
  .refine((key) => isOfSuite(key.suiteId, key.privateKey, key.publicKey));

const attemptSchema = z.strictObject({
  attempt: bytes(ATTEMPT_BYTES),
  confirmKey: bytes(CONFIRM_KEY_BYTES),
  infoHash: bytes(SHA256_BYTES),
  blob: bytes(SEALED_TOKEN_BYTES_MIN, SEALED_TOKEN_BYTES_MAX),
  token: z.string(),
  issuedAt: secondsSchema,
  state: z.enum(['pending', 'active']),
  bouncerOrigin: originSchema,
  replaces: bytes(ATTEMPT_BYTES).nullable(),
});

const registrationSchema = z.strictObject({
  registrationId: bytes(REGISTRATION_ID_BYTES),
  origin: originSchema,
  appId: appIdSchema,
  platform: platformSchema,
  environment: environmentSchema,
  e2ee: z.boolean(),
  accepted: z.boolean(),
  attempts: z.array(attemptSchema),
  keys: z.array(z.unknown()).max(LIVE_KIDS_MAX),
  tombstones: z.array(z.tuple([z.string(), sentAt])).transform((entries) => new Map(entries)),
  unread: count,
  sentAt,
  sessionAskedAt: count,
  syncedTo: count,
});

const inboxEntrySchema = z.strictObject({
  registrationId: registrationIdSchema,
  identifier: z.string().nullable(),
  reference: referenceTextSchema,
  title: z.string(),
  conversation: z.string(),
  text: z.string(),
  truncated: z.boolean(),
  sentAt,
  alerted: count,
});

const centerEntrySchema = z.strictObject({
  identifier: z.string(),
  registrationId: registrationIdSchema.nullable(),
  reference: referenceTextSchema.nullable(),
  title: z.string(),
  subtitle: z.string(),
  body: z.string(),
  sound: z.boolean(),
  placeholder: z.boolean(),
});

const stateSchema = z.strictObject({
  device: z.strictObject({ deviceId: z.string(), token: z.string() }).nullable(),
  registrations: z.array(z.unknown()),
  trust: z.array(
    z.strictObject({
      bouncerOrigin: originSchema,
      version: count,
      issuedAt: secondsSchema,
      digest: bytes(SHA256_BYTES),
    }),
  ),
  revocations: z.array(
    z.strictObject({
      bouncerOrigin: originSchema,
      origin: originSchema,
      attempt: bytes(ATTEMPT_BYTES),
      mac: bytes(MAC_BYTES),
    }),
  ),
  suiteFloors: z.array(z.strictObject({ origin: originSchema, suiteId: z.int().min(0).max(255) })),
  clockOffsetMs: z.int(),
  inbox: z.array(inboxEntrySchema),
  center: z.array(centerEntrySchema),
});

function encodeEntries(entries: readonly object[]): string {
  const texts = entries.map((entry) => {
    const known = entryTexts.get(entry);
    if (known !== undefined) return known;
    const text = JSON.stringify(entry);
    entryTexts.set(entry, text);
    return text;
  });
  return texts.join(',');
}

function isOfSuite(suiteId: number, privateKey: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    const suite = findSuite(suiteId, 'notification');
    return privateKey.length === suite.privateKeyBytes && publicKey.length === suite.publicKeyBytes;
  } catch {
    return false;
  }
}

/** Bytes become base64url, maps become entries, all the way down. */
function textOf(value: unknown): unknown {
  if (value instanceof Uint8Array) return encodeBase64url(value);
  if (value instanceof Map) return [...value];
  if (Array.isArray(value)) return value.map(textOf);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, textOf(member)]));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
