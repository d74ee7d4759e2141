// Which provider serves a handle: by app, platform and environment. Apps of one team and key share their connections to
// APNs, since APNs binds a connection to them; FCM connections belong to one project.
import type { Environment, Platform } from '../../protocol/wire/ids.ts';
import type { ApnsConfig, AppConfig, FcmConfig, ProviderEndpoint } from '../apps.ts';
import { Http2Pool, type PoolOptions } from '../http2-pool/pool.ts';
import { errorCode, oneOf } from '../log/content-free.ts';
import type { Log } from '../log/log.ts';
import { Apns } from './apns/apns.ts';
import { ApnsProviderToken } from './apns/provider-token.ts';
import { APNS_REASONS, parseApnsReason } from './apns/reasons.ts';
import { AccessToken } from './fcm/access-token.ts';
import { Fcm } from './fcm/fcm.ts';
import type { Provider } from './provider.ts';
import { APNS, buildProviderLog, FCM } from './provider-log.ts';

/** Times in milliseconds. A caller waits for all of it, so the sum stays well below its own patience. */
const POOL_BOUNDS = {
  queueMax: 20_000,
  queueWaitMs: 5_000,
  connectTimeoutMs: 5_000,
  requestTimeoutMs: 8_000,
} as const;
const APNS_CONNECTIONS_MAX = 4;
const APNS_IN_FLIGHT_MAX = 500;
/** FCM advertises 100 streams. */
const FCM_CONNECTIONS_MAX = 6;
const FCM_IN_FLIGHT_MAX = 100;

/** The providers of all apps. `close` lets what is in flight finish. */
export class ProviderDirectory {
  readonly #providers = new Map<string, Provider>();
  readonly #pools = new Map<string, Http2Pool>();
  readonly #apnsTokens = new Map<string, ApnsProviderToken>();
  readonly #log: Log;
  readonly #now: () => number;

  /** `now` in unix milliseconds. */
  constructor(apps: ReadonlyMap<string, AppConfig>, log: Log, now: () => number) {
    this.#log = log;
    this.#now = now;
    for (const app of apps.values()) {
      if (app.apns !== undefined) this.#addApns(app.appId, app.apns);
      if (app.fcm !== undefined) this.#addFcm(app.appId, app.fcm);
    }
  }

  /** Null if this bouncer does not serve the app there. */
  find(appId: string, platform: Platform, environment: Environment): Provider | null {
    return this.#providers.get(providerKey(appId, platform, environment)) ?? null;
  }

  async close(graceMs: number): Promise<void> {
    await Promise.all([...this.#pools.values()].map((pool) => pool.close(graceMs)));
  }

  #addApns(appId: string, apns: ApnsConfig): void {
    const tokenKey = `${apns.teamId}/${apns.keyId}`;
    const token = this.#apnsTokens.get(tokenKey) ?? new ApnsProviderToken(apns.teamId, apns.keyId, apns.key);
    this.#apnsTokens.set(tokenKey, token);
    for (const environment of ['production', 'sandbox'] as const) {
      const endpoint = apns[environment];
      if (endpoint === undefined) continue;
      const pool = this.#pool(`apns ${endpoint.origin} ${tokenKey}`, {
        ...poolOptions(endpoint),
        canary: true,
        connectionsMax: APNS_CONNECTIONS_MAX,
        inFlightMax: APNS_IN_FLIGHT_MAX,
      });
      const log = buildProviderLog(this.#log, appId, APNS);
      const apnsOfApp = new Apns({ topic: apns.topic, pool, token, log, now: this.#now });
      this.#providers.set(providerKey(appId, 'apns', environment), apnsOfApp);
    }
  }

  #addFcm(appId: string, fcm: FcmConfig): void {
    const pool = this.#pool(`fcm ${fcm.endpoint.origin} ${fcm.projectId}`, {
      ...poolOptions(fcm.endpoint),
      canary: false,
      connectionsMax: FCM_CONNECTIONS_MAX,
      inFlightMax: FCM_IN_FLIGHT_MAX,
    });
    const { clientEmail, key, tokenUri } = fcm;
    const accessToken = new AccessToken({ clientEmail, key, tokenUri, ca: fcm.endpoint.ca });
    const log = buildProviderLog(this.#log, appId, FCM);
    const fcmOfApp = new Fcm({ projectId: fcm.projectId, pool, accessToken, log, now: this.#now });
    this.#providers.set(providerKey(appId, 'fcm', ''), fcmOfApp);
  }

  #pool(key: string, options: PoolOptions): Http2Pool {
    const provider = key.startsWith('apns') ? APNS : FCM;
    const pool =
      this.#pools.get(key) ??
      new Http2Pool(options, {
        onUnreachable: (error) => this.#log('provider_unreachable', { provider, code: errorCode(error) }),
        onGoaway: (code, debugData) =>
          this.#log('provider_went_away', {
            provider,
            code,
            reason: oneOf(APNS_REASONS, parseApnsReason(debugData).reason),
          }),
      });
    this.#pools.set(key, pool);
    return pool;
  }
}

function poolOptions(endpoint: ProviderEndpoint): Pick<PoolOptions, 'origin' | 'ca'> & typeof POOL_BOUNDS {
  return { ...POOL_BOUNDS, origin: endpoint.origin, ca: endpoint.ca };
}

function providerKey(appId: string, platform: Platform, environment: Environment): string {
  return `${platform} ${environment} ${appId}`;
}
