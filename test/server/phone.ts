// A device in a server test: it has real keys, registers like an app, and opens what was sealed to it.
import { randomBytes } from 'node:crypto';
import { type OpeningKey, openEnvelope } from '../../protocol/content/open/open.ts';
import type { Payload } from '../../protocol/content/payload.ts';
import { nativeBackend } from '../../protocol/crypto/backend-native.ts';
import { generateKeyPair } from '../../protocol/crypto/key-pair.ts';
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import type { NotificationItem } from '../../protocol/wire/bouncer-api.ts';
import { hex } from '../../protocol/wire/bytes.ts';
import { SEALED_TOKEN_BYTES_MIN } from '../../protocol/wire/limits.ts';
import type { DeviceKey, RegistrationRequest, TokenAttempt } from '../../protocol/wire/push-api.ts';
import { SUITE_X25519_PSK, type Suite } from '../../protocol/wire/suites.ts';
import { type Answer, APP_ID, type Field, ORIGIN } from './field.ts';
import { confirmationOf } from './strict-bouncer.ts';

export class Phone {
  readonly field: Field;
  readonly token: string;
  readonly registrationId: string = id(16);
  readonly #keys = new Map<string, OpeningKey>();
  request: RegistrationRequest;

  constructor(field: Field, token: string, platform: 'apns' | 'fcm' = 'fcm') {
    this.field = field;
    this.token = token;
    this.request = {
      registration_id: this.registrationId,
      app_id: APP_ID,
      platform,
      environment: platform === 'apns' ? 'production' : '',
      e2ee_required: true,
      key: this.makeKey(),
      token: makeAttempt(),
    };
  }

  /** A fresh key; the phone can open with it from now on. */
  makeKey(suite: Suite = SUITE_X25519_PSK): DeviceKey {
    const { publicKey, privateKey } = generateKeyPair(nativeBackend, suite);
    const kid = randomBytes(4);
    const chain = randomBytes(32);
    this.#keys.set(hex(kid), {
      suite,
      kid,
      origin: ORIGIN,
      appId: APP_ID,
      registrationId: decodeBase64url(this.registrationId),
      privateKey,
      epoch: 0,
      chain,
      keepDays: 3,
    });
    return {
      kid: encodeBase64url(kid),
      suite: suite.id,
      public_key: encodeBase64url(publicKey),
      chain: encodeBase64url(chain),
      keep_days: 3,
    };
  }

  async register(): Promise<Answer> {
    return await this.call('POST', '', this.request);
  }

  async confirm(attempt: TokenAttempt = this.request.token): Promise<Answer> {
    const challenge = this.field.bouncer.challengeOf(attempt.sealed_token);
    return await this.call('POST', '/confirmations', {
      attempt: attempt.attempt,
      challenge,
      confirmation: confirmationOf(challenge),
    });
  }

  /** Registered, and the challenge answered. */
  static async active(field: Field, token: string, platform: 'apns' | 'fcm' = 'fcm'): Promise<Phone> {
    const phone = new Phone(field, token, platform);
    const registered = await phone.register();
    if (registered.status !== 200) throw new Error(registered.text);
    const confirmed = await phone.confirm();
    if (confirmed.json.attempt_state !== 'active') throw new Error(confirmed.text);
    return phone;
  }

  async status(): Promise<Answer> {
    return await this.call('GET', '', undefined);
  }

  /** `part` is '' for the registration itself. */
  async call(method: string, part: string, body: unknown): Promise<Answer> {
    const one = method === 'POST' && part === '' ? '' : `/${this.registrationId}${part}`;
    return await this.field.call(method, `/v1/push/registrations${one}`, { token: this.token, body });
  }

  /** The envelopes that arrived for this phone so far. */
  get envelopes(): NotificationItem[] {
    return this.field.bouncer
      .receivedBy(this.request.token.sealed_token)
      .map(({ item }) => item as NotificationItem);
  }

  /** Opens what arrived; throws for what was not sealed to this phone. */
  get payloads(): Payload[] {
    return this.envelopes.map(({ envelope }) => this.open(envelope));
  }

  open(envelope: string): Payload {
    const opened = openEnvelope(
      nativeBackend,
      decodeBase64url(envelope),
      (kid) => this.#keys.get(hex(kid)) ?? null,
    );
    if (opened?.payload === null || opened === null) throw new Error('not for this phone');
    return opened.payload;
  }
}

export function makeAttempt(): TokenAttempt {
  return { attempt: id(16), sealed_token: id(SEALED_TOKEN_BYTES_MIN) };
}

export function id(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}
