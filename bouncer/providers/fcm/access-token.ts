// The OAuth access token of one Google service account (RFC 7523 with RS256): cached, refreshed at 80 % of its life, one
// refresh at a time while the old token serves.
import type { KeyObject } from 'node:crypto';
import { request } from 'node:https';
import { SignJWT } from 'jose';
import { z } from 'zod';

const SCOPE = 'https://www.googleapis.com/auth/firebase.messaging';
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ASSERTION_SECONDS = 3_600;
/** An assertion may be this much younger than Google's clock says. */
const SKEW_SECONDS = 10;
const REFRESH_SHARE = 0.8;
const TIMEOUT_MS = 8_000;
const ANSWER_BYTES_MAX = 16_384;

/** The service account, as far as it is needed here. */
export interface ServiceAccount {
  readonly clientEmail: string;
  readonly key: KeyObject;
  readonly tokenUri: string;
  /** PEM certificates to trust instead of the system's. */
  readonly ca: string | undefined;
}

/** Why there is no token: Google refuses the account, or cannot be asked now. */
export class AccessTokenError extends Error {
  override readonly name = 'AccessTokenError';
  readonly refused: boolean;

  constructor(refused: boolean) {
    super(refused ? 'the service account is refused' : 'the token endpoint gives no answer');
    this.refused = refused;
  }
}

interface Held {
  readonly token: string;
  readonly refreshAt: number;
  readonly expiresAt: number;
}

const answerSchema = z.object({ access_token: z.string().min(1).max(4_096), expires_in: z.number().min(1) });

export class AccessToken {
  readonly #account: ServiceAccount;
  #held: Held | undefined;
  #refresh: Promise<Held> | undefined;

  constructor(account: ServiceAccount) {
    this.#account = account;
  }

  /** The token to send now. @throws AccessTokenError */
  async read(nowSeconds: number): Promise<string> {
    const held = this.#held;
    if (held !== undefined && nowSeconds < held.refreshAt) return held.token;
    const refresh = this.#refreshOnce(nowSeconds);
    if (held !== undefined && nowSeconds < held.expiresAt) {
      // The old one serves on; a failure shows when it has expired.
      refresh.catch(() => undefined);
      return held.token;
    }
    return (await refresh).token;
  }

  /** Google says that this token is no longer good. */
  forget(token: string): void {
    if (this.#held?.token === token) this.#held = undefined;
  }

  #refreshOnce(nowSeconds: number): Promise<Held> {
    this.#refresh ??= this.#fetch(nowSeconds).finally(() => {
      this.#refresh = undefined;
    });
    return this.#refresh;
  }

  async #fetch(nowSeconds: number): Promise<Held> {
    const assertion = await new SignJWT({ scope: SCOPE })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT' })
      .setIssuer(this.#account.clientEmail)
      .setAudience(this.#account.tokenUri)
      .setIssuedAt(nowSeconds - SKEW_SECONDS)
      .setExpirationTime(nowSeconds - SKEW_SECONDS + ASSERTION_SECONDS)
      .sign(this.#account.key);
    const answer = await this.#post(new URLSearchParams({ grant_type: GRANT_TYPE, assertion }).toString());
    this.#held = {
      token: answer.access_token,
      refreshAt: nowSeconds + Math.floor(answer.expires_in * REFRESH_SHARE),
      expiresAt: nowSeconds + answer.expires_in,
    };
    return this.#held;
  }

  #post(form: string): Promise<z.infer<typeof answerSchema>> {
    const { tokenUri, ca } = this.#account;
    return new Promise((resolve, reject) => {
      const unavailable = () => reject(new AccessTokenError(false));
      const outgoing = request(tokenUri, {
        method: 'POST',
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'content-length': Buffer.byteLength(form),
        },
        rejectUnauthorized: true,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        ...(ca === undefined ? {} : { ca }),
      });
      outgoing.on('error', unavailable);
      outgoing.on('response', (response) => {
        const status = response.statusCode ?? 0;
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (text: string) => {
          body += text;
          if (body.length > ANSWER_BYTES_MAX) outgoing.destroy();
        });
        response.on('error', unavailable);
        response.on('end', () => {
          const answer = status === 200 ? parseAnswer(body) : null;
          if (answer !== null) resolve(answer);
          else reject(new AccessTokenError(status >= 400 && status < 500 && status !== 429));
        });
      });
      outgoing.end(form);
    });
  }
}

function parseAnswer(body: string): z.infer<typeof answerSchema> | null {
  try {
    return answerSchema.parse(JSON.parse(body));
  } catch {
    return null;
  }
}
