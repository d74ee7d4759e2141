// FCM HTTP v1: one app's Firebase project (SPEC.md section 13).
import { textOf } from '../../../protocol/wire/bytes.ts';
import type { ProviderAnswer } from '../../http2-pool/outcome.ts';
import type { Http2Pool } from '../../http2-pool/pool.ts';
import {
  EXPIRED,
  MISCONFIGURED,
  PROVIDER_REFUSED,
  type Provider,
  type ProviderResult,
  type Push,
  RETRY_SOON,
} from '../provider.ts';
import type { ProviderLog } from '../provider-log.ts';
import { type AccessToken, AccessTokenError } from './access-token.ts';
import { buildFcmBody } from './body.ts';
import { FCM_REASONS, parseFcmReason, readFcmAnswer } from './errors.ts';

/** What one app's project is made of. */
export interface FcmParts {
  readonly projectId: string;
  readonly pool: Http2Pool;
  readonly accessToken: AccessToken;
  readonly log: ProviderLog;
  /** Unix milliseconds. */
  readonly now: () => number;
}

export class Fcm implements Provider {
  readonly #parts: FcmParts;

  constructor(parts: FcmParts) {
    this.#parts = parts;
  }

  async push(push: Push): Promise<ProviderResult> {
    const token = textOf(push.token);
    if (token === null) return PROVIDER_REFUSED;
    try {
      return await this.#send(push, token);
    } catch (error) {
      if (!(error instanceof AccessTokenError)) throw error;
      const result = error.refused ? MISCONFIGURED : RETRY_SOON;
      this.#parts.log(result, 0, 'UNAUTHENTICATED', FCM_REASONS);
      return result;
    }
  }

  async #send(push: Push, token: string): Promise<ProviderResult> {
    const { now, pool, accessToken } = this.#parts;
    for (let tries = 1; ; tries += 1) {
      if (push.expiresAt <= this.#nowSeconds()) return EXPIRED;
      const bearer = await accessToken.read(this.#nowSeconds());
      const answer = await pool.send(() => ({
        headers: {
          ':method': 'POST',
          ':path': `/v1/projects/${this.#parts.projectId}/messages:send`,
          authorization: `Bearer ${bearer}`,
          'content-type': 'application/json',
        },
        body: buildFcmBody(push, token, this.#nowSeconds()),
      }));
      if (answer.kind !== 'answered') return RETRY_SOON;
      const verdict = readFcmAnswer(answer, now());
      if (verdict.action === 'result') return this.#logged(verdict.result, answer);
      accessToken.forget(bearer);
      if (tries > 1) return this.#logged(MISCONFIGURED, answer);
    }
  }

  #logged(result: ProviderResult, answer: ProviderAnswer): ProviderResult {
    if (result.status !== 'accepted') {
      this.#parts.log(result, answer.httpStatus, parseFcmReason(answer.body), FCM_REASONS);
    }
    return result;
  }

  #nowSeconds(): number {
    return Math.floor(this.#parts.now() / 1000);
  }
}
