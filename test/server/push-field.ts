// The push side in this process, on a real file, with a clock that the test sets.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthority, issueCertificate } from '../../client-sim/certificates.ts';
import { type OpeningKey, openEnvelope } from '../../protocol/content/open/open.ts';
import type { Payload } from '../../protocol/content/payload.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { generateKeyPair } from '../../protocol/crypto/key-pair.ts';
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import { SUITE_X25519_PSK, type Suite } from '../../protocol/wire/suites.ts';
import type { Log, LogEvent } from '../../server/log/log.ts';
import { sealBackground } from '../../server/notify/background.ts';
import { BouncerClient } from '../../server/notify/bouncer-client.ts';
import type { NotifyContext } from '../../server/notify/context.ts';
import { Delivery } from '../../server/notify/delivery.ts';
import { EventReader, writeEvent } from '../../server/notify/events.ts';
import type { ServerPolicy } from '../../server/notify/policy.ts';
import type { MessageEvent, PushEvent } from '../../server/notify/push-service.ts';
import { confirm } from '../../server/notify/registration-changes.ts';
import { register } from '../../server/notify/registrations.ts';
import { sealEvents } from '../../server/notify/seal-events.ts';
import { StorageKey } from '../../server/notify/storage-key.ts';
import type { NotifyTables } from '../../server/notify/tables.ts';
import { type Database, openDatabase } from '../../server/store/database.ts';
import { APP_ID, ORIGIN } from './field.ts';
import { API_KEY, confirmationOf, SERVER_ID, StrictBouncer } from './strict-bouncer.ts';

export const DAY = 86_400_000;

export class PushField {
  readonly folder: string;
  readonly bouncer: StrictBouncer;
  readonly database: Database;
  readonly client: BouncerClient;
  readonly events: LogEvent[] = [];
  storageKey: StorageKey = new StorageKey(randomBytes(32));
  policy: ServerPolicy = 'redact';
  confirmedDay: number | null = null;
  #messages = 0;
  now: number = Date.UTC(2030, 0, 1, 12);

  private constructor(folder: string, bouncer: StrictBouncer, database: Database, ca: string) {
    this.folder = folder;
    this.bouncer = bouncer;
    this.database = database;
    this.client = new BouncerClient({ origin: bouncer.origin, serverId: SERVER_ID, apiKey: API_KEY, ca });
  }

  static async lay(): Promise<PushField> {
    const authority = await createAuthority();
    const certificate = await issueCertificate(authority, { hosts: ['127.0.0.1'] });
    const folder = mkdtempSync(join(tmpdir(), 'sealed-push-side-'));
    const database = await openDatabase(join(folder, 'push.sqlite'));
    return new PushField(folder, await StrictBouncer.start(certificate), database, authority.certPem);
  }

  get context(): NotifyContext {
    const log: Log = {
      write: (event) => void this.events.push(event),
      count: (event) => this.events.filter((written) => written === event).length,
    };
    return {
      database: this.database.$pickTables<keyof NotifyTables>(),
      bouncer: this.client,
      backend: nativeBackend,
      storageKey: this.storageKey,
      origin: ORIGIN,
      movedTo: null,
      appIds: [APP_ID],
      keepDaysMax: 3,
      confirmedDay: this.confirmedDay,
      policy: this.policy,
      log,
      now: () => this.now,
      random: () => 0.5,
    };
  }

  /** A message of bob to these users. */
  message(users: readonly string[], changes: Partial<MessageEvent> = {}): MessageEvent {
    this.#messages += 1;
    return {
      kind: 'message',
      id: `message:${this.#messages}`,
      reference: this.#messages,
      conversation: { kind: 'direct', id: 1 },
      sender: { user: 'bob', name: 'Bob' },
      text: `message ${this.#messages}`,
      audience: users.map((user) => ({ user, level: 'all', unread: 1 })),
      ...changes,
    };
  }

  /** Records events, seals what is to be sealed, and delivers it. */
  async run(...events: readonly PushEvent[]): Promise<void> {
    const { context } = this;
    await context.database.transaction().execute(async (transaction) => {
      for (const event of events) await writeEvent(transaction, event, this.now);
    });
    const reader = new EventReader();
    while (await sealEvents(context, reader));
    while (await sealBackground(context));
    const delivery = new Delivery(context, () => undefined);
    await delivery.run();
    await delivery.drain();
  }

  /** An active device of a user, with what opens its envelopes. */
  async addDevice(
    user: string,
    platform: 'apns' | 'fcm' = 'fcm',
    suite: Suite = SUITE_X25519_PSK,
  ): Promise<Device> {
    const { publicKey, privateKey } = generateKeyPair(nativeBackend, suite);
    const [kid, chain, registrationId, attempt] = [4, 32, 16, 16].map((n) => randomBytes(n)) as [
      Buffer,
      Buffer,
      Buffer,
      Buffer,
    ];
    const caller = { user, session: `session-${registrationId.toString('hex')}` };
    const token = { attempt: encodeBase64url(attempt), sealed_token: encodeBase64url(randomBytes(565)) };
    await register(this.context, caller, {
      registration_id: encodeBase64url(registrationId),
      app_id: APP_ID,
      platform,
      environment: platform === 'apns' ? 'production' : '',
      e2ee_required: true,
      key: {
        kid: encodeBase64url(kid),
        suite: suite.id,
        public_key: encodeBase64url(publicKey),
        chain: encodeBase64url(chain),
        keep_days: 3,
      },
      token,
    });
    const challenge = this.bouncer.challengeOf(token.sealed_token);
    const answer = { attempt: token.attempt, challenge, confirmation: confirmationOf(challenge) };
    await confirm(this.context, caller, encodeBase64url(registrationId), answer);
    const key: OpeningKey = {
      suite,
      kid,
      origin: ORIGIN,
      appId: APP_ID,
      registrationId,
      privateKey,
      epoch: 0,
      chain,
      keepDays: 3,
    };
    return {
      registrationId: encodeBase64url(registrationId),
      kid: encodeBase64url(kid),
      caller,
      key,
      token: token.sealed_token,
    };
  }

  /** What arrived for a device, opened. */
  payloads(device: Device): Payload[] {
    return this.bouncer.receivedBy(device.token).map(({ item }) => {
      if (!('envelope' in item)) throw new Error('not sealed');
      const opened = openEnvelope(nativeBackend, decodeBase64url(item.envelope), () => device.key);
      if (opened?.payload === null || opened === null) throw new Error('not for this device');
      return opened.payload;
    });
  }

  async clear(): Promise<void> {
    await this.client.close();
    await this.database.destroy();
    await this.bouncer.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export interface Device {
  readonly registrationId: string;
  readonly kid: string;
  readonly caller: { readonly user: string; readonly session: string };
  readonly key: OpeningKey;
  readonly token: string;
}
