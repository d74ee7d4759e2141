// A phone inside the test process, with one registered key, a clock that the test moves, and the server's half of the
// key, so that the test can seal what arrives.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onTestFinished } from 'vitest';
import type { Clock } from '../../client-sim/phone/clock.ts';
import type { PhoneContext } from '../../client-sim/phone/context.ts';
import type { ApnsDelivery, FcmDelivery } from '../../client-sim/phone/delivery.ts';
import type { PhoneEvent } from '../../client-sim/phone/events.ts';
import { makeKey } from '../../client-sim/phone/keyring.ts';
import { EMPTY_STATE, type HeldKey, type Registration } from '../../client-sim/phone/state.ts';
import { StateFile } from '../../client-sim/phone/state-file.ts';
import type { MessageBody } from '../../protocol/content/message.ts';
import type { Payload, PayloadBody, PayloadHead } from '../../protocol/content/payload.ts';
import { type PreparedKey, prepareSealingKey, sealNotification } from '../../protocol/content/seal/seal.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { sealHpke } from '../../protocol/crypto/hpke.ts';
import { stepChain } from '../../protocol/crypto/ratchet.ts';
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import { encodeEnvelope } from '../../protocol/wire/envelope.ts';
import { findSuite, SUITE_X25519_PSK, type Suite } from '../../protocol/wire/suites.ts';

export const NOW_MS = 1_790_000_000_000;
export const KEEP_DAYS = 3;
export const DAY_MS = 86_400_000;

/** Time that stands still until it is moved. */
export class TestClock implements Clock {
  #nowMs = NOW_MS;
  #timers: { readonly atMs: number; readonly run: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { atMs: this.#nowMs + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((known) => known !== timer);
    };
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    const due = this.#timers.filter((timer) => timer.atMs <= this.#nowMs);
    this.#timers = this.#timers.filter((timer) => timer.atMs > this.#nowMs);
    for (const timer of due) timer.run();
  }
}

export interface TestPhone {
  readonly context: PhoneContext;
  readonly clock: TestClock;
  readonly events: PhoneEvent[];
  readonly path: string;
  readonly registration: Registration;
  readonly key: HeldKey;
  /** Waits for confirmations that the phone handed to its app. */
  readonly confirmations: Parameters<PhoneContext['confirm']>[0][];
  /** Registrations whose server hinted that the session may have ended. */
  readonly sessionChecks: string[];
}

export async function buildTestPhone(suite: Suite = SUITE_X25519_PSK): Promise<TestPhone> {
  const folder = await mkdtemp(path.join(tmpdir(), 'phone-'));
  const statePath = path.join(folder, 'state.json');
  const clock = new TestClock();
  const key: HeldKey = { ...makeTestKey(suite), registered: true };
  const registration: Registration = {
    registrationId: nativeBackend.randomBytes(16),
    origin: 'https://chat.example.org',
    appId: 'chat.example.app',
    platform: 'apns',
    environment: 'production',
    e2ee: true,
    accepted: true,
    attempts: [],
    keys: [key],
    tombstones: new Map(),
    unread: 0,
    sentAt: 0,
    sessionAskedAt: 0,
    syncedTo: 0,
  };
  const file = new StateFile(statePath, { ...EMPTY_STATE, registrations: [registration] });
  onTestFinished(async () => {
    await file.commit().catch(() => undefined);
    await rm(folder, { recursive: true, force: true });
  });
  const events: PhoneEvent[] = [];
  const confirmations: TestPhone['confirmations'] = [];
  const sessionChecks: string[] = [];
  const context: PhoneContext = {
    backend: nativeBackend,
    clock,
    file,
    emit: (event) => void events.push(event),
    confirm: (answer) => void confirmations.push(answer),
    checkSession: (registrationId) => void sessionChecks.push(registrationId),
  };
  return { context, clock, events, path: statePath, registration, key, confirmations, sessionChecks };
}

export function makeTestKey(suite: Suite = SUITE_X25519_PSK, keepDays: number = KEEP_DAYS): HeldKey {
  return makeKey(nativeBackend, EMPTY_STATE, { suiteId: suite.id, keepDays, appBuild: 1 }, NOW_MS / 1000);
}

/** What the server would seal: the head may be given in parts, time and counter go on by themselves. */
export function sealFor(
  phone: Pick<TestPhone, 'registration' | 'key' | 'clock'>,
  body: PayloadBody,
  head: Partial<PayloadHead> = {},
  changes: { readonly epoch?: number; readonly origin?: string } = {},
): Uint8Array {
  const payload: Payload = {
    sentAt: phone.clock.nowMs(),
    counter: 1,
    ttlSeconds: KEEP_DAYS * 86_400,
    ...head,
    ...body,
  };
  return sealNotification(nativeBackend, prepareFor(phone, changes), payload);
}

/** What the server holds of the phone's key, made ready for a day. */
export function prepareFor(
  { registration, key }: Pick<TestPhone, 'registration' | 'key'>,
  { epoch = 0, origin = registration.origin }: { readonly epoch?: number; readonly origin?: string } = {},
): PreparedKey {
  return prepareSealingKey(nativeBackend, {
    suite: findSuite(key.suiteId, 'notification'),
    publicKey: key.publicKey,
    kid: key.kid,
    epoch,
    chain: stepChain(nativeBackend, key.chain, epoch),
    origin,
    appId: registration.appId,
    registrationId: registration.registrationId,
  });
}

/** An authentic envelope of anything at all, as many bytes as a bucket has. */
export function sealBytes({ sender, kid, epoch }: PreparedKey, padded: Uint8Array): Uint8Array {
  const { enc, ciphertext } = sealHpke(nativeBackend, sender, padded);
  return encodeEnvelope(sender.suite, kid, epoch, enc, ciphertext);
}

export function message(text: string, changes: Partial<MessageBody> = {}): PayloadBody {
  return {
    kind: 'message',
    message: {
      reference: 7,
      conversation: { kind: 'channel', id: 3, name: 'general', topic: 'tea' },
      sender: { name: 'Alice' },
      text,
      ...changes,
    },
  };
}

let deliveries = 0;

/** The frozen APNs body of an alert. */
export function apnsAlert(
  envelope: Uint8Array | string,
  collapseId: string | null = 'collapse-7',
): ApnsDelivery {
  return apns(
    { aps: { alert: { 'loc-key': 'SP' }, sound: 'default', 'mutable-content': 1 }, e: textOf(envelope) },
    'alert',
    collapseId,
  );
}

export function apnsBackground(envelope: Uint8Array): ApnsDelivery {
  return apns({ aps: { 'content-available': 1 }, e: textOf(envelope) }, 'background', null);
}

export function apns(
  payload: Readonly<Record<string, unknown>>,
  pushType: string,
  collapseId: string | null,
): ApnsDelivery {
  deliveries += 1;
  return {
    platform: 'apns',
    delivery_id: deliveries,
    sent_at: NOW_MS,
    push_type: pushType,
    priority: 10,
    collapse_id: collapseId,
    payload,
  };
}

export function fcm(
  data: Readonly<Record<string, string>>,
  priority: 'HIGH' | 'NORMAL' = 'HIGH',
): FcmDelivery {
  deliveries += 1;
  return { platform: 'fcm', delivery_id: deliveries, sent_at: NOW_MS, priority, data };
}

export function fcmData(envelope: Uint8Array): FcmDelivery {
  return fcm({ e: encodeBase64url(envelope) });
}

function textOf(envelope: Uint8Array | string): string {
  return typeof envelope === 'string' ? envelope : encodeBase64url(envelope);
}
