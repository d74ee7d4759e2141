// Google's token endpoint: a service account's signed assertion becomes an access token. Facts: 3.1 and F1 of
// the providers page.
import { compactVerify } from 'jose';
import { z } from 'zod';
import type { FcmAccount } from './accounts.ts';
import type { Clock } from './clock.ts';
import { answerJson, type FcmAnswer } from './fcm-answers.ts';
import {
  accessTokenSecondsMax,
  accessTokensMax,
  assertionLifeSecondsMax,
  assertionSkewSecondsMax,
} from './limits.ts';
import type { RandomBytes } from './random.ts';

const grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const messagingScope = 'https://www.googleapis.com/auth/firebase.messaging';

const claimsSchema = z.object({
  iss: z.string().min(1).max(255),
  scope: z.string().max(2048).default(''),
  aud: z.string().max(2048),
  iat: z.int().min(0),
  exp: z.int().min(0),
});

interface AccessToken {
  account: FcmAccount;
  expiresAtMs: number;
}

export interface AccessTokensOptions {
  accounts: FcmAccount[];
  clock: Clock;
  random: RandomBytes;
}

export class AccessTokens {
  readonly #accounts: FcmAccount[];
  readonly #clock: Clock;
  readonly #random: RandomBytes;
  readonly #granted = new Map<string, AccessToken>();
  #lifeSeconds = accessTokenSecondsMax;

  constructor({ accounts, clock, random }: AccessTokensOptions) {
    this.#accounts = accounts;
    this.#clock = clock;
    this.#random = random;
  }

  /** The life of tokens granted from now on. */
  setLife(seconds: number): void {
    this.#lifeSeconds = seconds;
  }

  revokeAll(): void {
    this.#granted.clear();
  }

  /** Whose token a request carries, or null where there is none that is valid. */
  find(authorization: string | undefined): FcmAccount | null {
    const token = /^bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    const granted = token === undefined ? undefined : this.#granted.get(token);
    return granted !== undefined && granted.expiresAtMs > this.#clock.nowMs() ? granted.account : null;
  }

  async answer(contentType: string | undefined, body: string, tokenUri: string): Promise<FcmAnswer> {
    if (!/^application\/x-www-form-urlencoded(?:;|$)/i.test(contentType ?? ''))
      return refuse('invalid_request', 'Could not determine the grant type.');
    const form = new URLSearchParams(body);
    const grant = form.get('grant_type');
    if (grant === null) return refuse('invalid_request', 'Required parameter is missing: grant_type');
    if (grant !== grantType) return refuse('unsupported_grant_type', 'Invalid grant_type');
    const assertion = form.get('assertion');
    if (!assertion) return refuse('invalid_request', 'Missing required parameter: assertion');
    return this.#answerAssertion(assertion, tokenUri);
  }

  async #answerAssertion(assertion: string, tokenUri: string): Promise<FcmAnswer> {
    const claims = readClaims(assertion);
    if (claims === null) return refuse('invalid_grant', 'Invalid JWT: not a well-formed assertion.');
    const account = this.#accounts.find((candidate) => candidate.clientEmail === claims.iss);
    if (account === undefined) return refuse('invalid_grant', 'Invalid grant: account not found');
    const signed = await compactVerify(assertion, account.publicKey, { algorithms: ['RS256'] }).catch(
      () => null,
    );
    if (signed === null) return refuse('invalid_grant', 'Invalid JWT Signature.');
    if (claims.aud !== tokenUri) return refuse('invalid_grant', 'Invalid JWT: Failed audience check.');
    if (!isTimely(claims, this.#clock.nowSeconds()))
      return refuse(
        'invalid_grant',
        'Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat and exp values in the JWT claim.',
      );
    if (!claims.scope.split(' ').includes(messagingScope))
      return refuse('invalid_scope', 'Invalid OAuth scope or ID token audience provided.');
    return answerJson(200, {
      access_token: this.#grant(account),
      expires_in: this.#lifeSeconds,
      token_type: 'Bearer',
    });
  }

  #grant(account: FcmAccount): string {
    const token = `ya29.c.${this.#random(96).toString('base64url')}`;
    if (this.#granted.size >= accessTokensMax) {
      for (const oldest of this.#granted.keys()) {
        this.#granted.delete(oldest);
        break;
      }
    }
    this.#granted.set(token, { account, expiresAtMs: this.#clock.nowMs() + this.#lifeSeconds * 1000 });
    return token;
  }
}

function refuse(error: string, error_description: string): FcmAnswer {
  return answerJson(400, { error, error_description }, error);
}

function readClaims(assertion: string): z.infer<typeof claimsSchema> | null {
  try {
    return claimsSchema.parse(JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString()));
  } catch {
    return null;
  }
}

function isTimely({ iat, exp }: { iat: number; exp: number }, nowSeconds: number): boolean {
  return (
    exp > nowSeconds && exp - iat <= assertionLifeSecondsMax && iat <= nowSeconds + assertionSkewSecondsMax
  );
}
