// APNs: one app in one environment (SPEC.md section 13).

import { hex } from '../../../protocol/wire/bytes.ts';
import type { OutgoingRequest, ProviderAnswer } from '../../http2-pool/outcome.ts';
import type { Http2Pool } from '../../http2-pool/pool.ts';
import { EXPIRED, type Provider, type ProviderResult, type Push, RETRY_SOON } from '../provider.ts';
import type { ProviderLog } from '../provider-log.ts';
import { buildApnsBody } from './body.ts';
import type { ApnsProviderToken } from './provider-token.ts';
import { APNS_REASONS, type ApnsVerdict, lastResult, parseApnsReason, readApnsAnswer } from './reasons.ts';

const PRIORITY_NOW = '10';
const PRIORITY_POWER_AWARE = '5';

/** What one app in one environment is made of. */
export interface ApnsParts {
  readonly topic: string;
  /** Shared by all apps of a team and key in this environment. */
  readonly pool: Http2Pool;
  readonly token: ApnsProviderToken;
  readonly log: ProviderLog;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export class Apns implements Provider {
  readonly #parts: ApnsParts;

  constructor(parts: ApnsParts) {
    this.#parts = parts;
  }

  async push(push: Push): Promise<ProviderResult> {
    const { now, pool, token, log } = this.#parts;
    for (let tries = 1; ; tries += 1) {
      const nowSeconds = Math.floor(now() / 1000);
      if (push.expiresAt <= nowSeconds) return EXPIRED;
      const jwt = await token.read(nowSeconds);
      const answer = await pool.send(() => this.#request(push, jwt));
      // Asking again after an ambiguous one is safe, since the collapse id makes a second copy replace the first.
      if (answer.kind !== 'answered') return RETRY_SOON;
      const verdict = readApnsAnswer(answer, push.registeredAt, now());
      const again = tries === 1 && (await this.#prepareAgain(verdict.action, answer, jwt));
      if (again) continue;
      const result = lastResult(verdict, answer, now());
      if (result.status !== 'accepted')
        log(result, answer.httpStatus, parseApnsReason(answer.body).reason, APNS_REASONS);
      return result;
    }
  }

  async #prepareAgain(action: ApnsVerdict['action'], answer: ProviderAnswer, jwt: string): Promise<boolean> {
    if (action === 'reconnect') {
      answer.retire();
      return true;
    }
    if (action !== 'renew-token') return false;
    const nowSeconds = Math.floor(this.#parts.now() / 1000);
    return await this.#parts.token.renew(jwt, nowSeconds);
  }

  #request(push: Push, jwt: string): OutgoingRequest {
    return {
      headers: {
        ':method': 'POST',
        ':path': `/3/device/${hex(push.token)}`,
        authorization: `bearer ${jwt}`,
        'apns-topic': this.#parts.topic,
        'apns-push-type': push.urgency,
        'apns-priority': push.urgency === 'alert' ? PRIORITY_NOW : PRIORITY_POWER_AWARE,
        'apns-expiration': String(push.expiresAt),
        ...(push.collapse === undefined ? {} : { 'apns-collapse-id': push.collapse }),
        'content-type': 'application/json',
      },
      body: buildApnsBody(push.content, push.urgency),
    };
  }
}
