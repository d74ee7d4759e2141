// The ES256 provider token of one APNs key: signed seldom, since APNs refuses a key that signs too often and a token that
// is older than an hour.
import type { KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';

/**
 * A token serves until its `iat` is this old. `iat` is a border of this grid, so that several processes, or one that
 * is restarted often, sign tokens of one age and do not look like many updates.
 */
const GRID_SECONDS = 45 * 60;
/** A border is used this long after it has passed, so that a clock ahead of Apple's signs no token of the future. */
const SKEW_SECONDS = 60;
/** APNs allows no new token before the last one is this old. */
const RESIGN_SECONDS_MIN = 20 * 60;

/** Signs and keeps the token; of the key itself nothing comes out. */
export class ApnsProviderToken {
  readonly #teamId: string;
  readonly #keyId: string;
  readonly #key: KeyObject;
  #jwt: Promise<string> | undefined;
  #issuedAt = 0;

  constructor(teamId: string, keyId: string, key: KeyObject) {
    this.#teamId = teamId;
    this.#keyId = keyId;
    this.#key = key;
  }

  /** The token to send now. */
  async read(nowSeconds: number): Promise<string> {
    const age = nowSeconds - this.#issuedAt;
    // A token of the future was signed by a clock that has been set right since: APNs takes none.
    if (this.#jwt === undefined || age >= GRID_SECONDS + SKEW_SECONDS || age < -SKEW_SECONDS) {
      const border = Math.floor((nowSeconds - SKEW_SECONDS) / GRID_SECONDS) * GRID_SECONDS;
      this.#jwt = this.#sign(Math.abs(border - this.#issuedAt) >= RESIGN_SECONDS_MIN ? border : nowSeconds);
    }
    return await this.#jwt;
  }

  /**
   * APNs says that a token is expired: signs another, unless that is too early. Whether `read` gives another one now.
   */
  async renew(refused: string, nowSeconds: number): Promise<boolean> {
    if (refused !== (await this.read(nowSeconds))) return true;
    if (nowSeconds - this.#issuedAt < RESIGN_SECONDS_MIN) return false;
    this.#jwt = this.#sign(nowSeconds);
    return true;
  }

  async #sign(issuedAt: number): Promise<string> {
    this.#issuedAt = issuedAt;
    return await new SignJWT()
      .setProtectedHeader({ alg: 'ES256', kid: this.#keyId })
      .setIssuer(this.#teamId)
      .setIssuedAt(issuedAt)
      .sign(this.#key);
  }
}
