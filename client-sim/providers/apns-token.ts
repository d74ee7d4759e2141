// Provider tokens: ES256 JWTs by which a team shows that it may push. Signature, key, environment, age, and
// how often it is signed anew. Facts: 2.4 and A3 of the providers page.
import { compactVerify, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import type { ApnsAccount, ApnsEnvironment } from './accounts.ts';
import type { ApnsReason } from './apns-reasons.ts';
import type { Clock } from './clock.ts';
import {
  providerTokenAgeSecondsMax,
  providerTokenSkewSecondsMax,
  providerTokensCachedMax,
  providerTokenUpdateSecondsMin,
} from './limits.ts';

/** A token whose signature is right; its age is looked at on every use. */
export interface ProviderToken {
  account: ApnsAccount;
  issuedAtSeconds: number;
}

/** What one connection is bound to by its first good token. */
export interface ConnectionKey {
  account: ApnsAccount | null;
}

const headerSchema = z.object({ alg: z.literal('ES256'), kid: z.string().min(1).max(255) });
const claimsSchema = z.object({ iss: z.string().min(1).max(255), iat: z.int().min(0) });

export class ProviderTokens {
  readonly #accounts = new Map<string, ApnsAccount>();
  readonly #clock: Clock;
  readonly #verified = new Map<string, ProviderToken>();
  readonly #newestIssuedAt = new Map<ApnsAccount, number>();

  constructor(accounts: ApnsAccount[], clock: Clock) {
    for (const account of accounts) this.#accounts.set(keyOf(account.teamId, account.keyId), account);
    this.#clock = clock;
  }

  /** Checks signature, then key id, then age, and binds the connection. */
  async check(
    authorization: string | undefined,
    environment: ApnsEnvironment,
    connection: ConnectionKey,
  ): Promise<ProviderToken | ApnsReason> {
    const jwt = /^bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    if (jwt === undefined) return 'MissingProviderToken';
    const token = this.#verified.get(jwt) ?? (await this.#verify(jwt));
    if (token === null) return 'InvalidProviderToken';
    const reason = keyFault(token.account, environment, connection) ?? this.#ageFault(token);
    if (reason !== null) return reason;
    connection.account = token.account;
    return token;
  }

  async #verify(jwt: string): Promise<ProviderToken | null> {
    const token = await this.#readSigned(jwt).catch(() => null);
    if (token === null) return null;
    if (this.#verified.size >= providerTokensCachedMax) this.#verified.clear();
    this.#verified.set(jwt, token);
    return token;
  }

  // Throws on anything that is not a token of a known team, signed with that team's key.
  async #readSigned(jwt: string): Promise<ProviderToken> {
    const { kid } = headerSchema.parse(decodeProtectedHeader(jwt));
    const unverified = Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString();
    const claims = claimsSchema.parse(JSON.parse(unverified));
    const account = this.#accounts.get(keyOf(claims.iss, kid));
    if (account === undefined) throw new Error('unknown team or key');
    await compactVerify(jwt, account.publicKey, { algorithms: ['ES256'] });
    return { account, issuedAtSeconds: claims.iat };
  }

  // A token counts as an update when it is newer than all seen of its key. Machines that still use the one
  // before are no update, and neither is a second signature over the same time.
  #ageFault({ account, issuedAtSeconds }: ProviderToken): ApnsReason | null {
    const ageSeconds = this.#clock.nowSeconds() - issuedAtSeconds;
    if (ageSeconds < -providerTokenSkewSecondsMax) return 'InvalidProviderToken';
    if (ageSeconds > providerTokenAgeSecondsMax) return 'ExpiredProviderToken';
    const newest = this.#newestIssuedAt.get(account) ?? Number.NEGATIVE_INFINITY;
    if (issuedAtSeconds <= newest) return null;
    if (issuedAtSeconds - newest < providerTokenUpdateSecondsMin) return 'TooManyProviderTokenUpdates';
    this.#newestIssuedAt.set(account, issuedAtSeconds);
    return null;
  }
}

function keyFault(
  account: ApnsAccount,
  environment: ApnsEnvironment,
  { account: bound }: ConnectionKey,
): ApnsReason | null {
  if (bound !== null && bound.teamId !== account.teamId) return 'InvalidProviderToken';
  if (bound !== null && bound.keyId !== account.keyId) return 'UnrelatedKeyIdInToken';
  if (!account.environments.has(environment)) return 'BadEnvironmentKeyIdInToken';
  return null;
}

function keyOf(teamId: string, keyId: string): string {
  return `${teamId}/${keyId}`;
}
