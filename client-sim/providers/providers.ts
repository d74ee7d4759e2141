// Apple's and Google's push services in one process, put together from their parts.
import type { Accounts } from './accounts.ts';
import { ApnsListener, type TlsFiles } from './apns-listener.ts';
import { ProviderTokens } from './apns-token.ts';
import { Clock } from './clock.ts';
import { buildDeviceListener } from './device-listener.ts';
import { Devices } from './devices.ts';
import { Faults } from './faults.ts';
import { FcmListener } from './fcm-listener.ts';
import { AccessTokens } from './fcm-oauth.ts';
import { originOf } from './listening.ts';
import { buildRandom } from './random.ts';
import { ProviderRecord } from './record.ts';

export interface ProvidersOptions {
  host: string;
  apnsPort: number;
  apnsSandboxPort: number;
  fcmPort: number;
  devicePort: number;
  tls: TlsFiles;
  accounts: Accounts;
  seed: number;
  /** Unix time in milliseconds. */
  nowMs: () => number;
}

export interface RunningProviders {
  /** As printed when the process is ready. */
  addresses: {
    apns: string;
    apns_sandbox: string;
    fcm: string;
    oauth_token_uri: string;
    devices: string;
  };
  close(): Promise<void>;
}

export async function startProviders(options: ProvidersOptions): Promise<RunningProviders> {
  const { host, tls, accounts } = options;
  const clock = new Clock(options.nowMs);
  const random = buildRandom(options.seed);
  const record = new ProviderRecord();
  const faults = new Faults();
  const devices = new Devices({ clock, random, settle: (entry, outcome) => record.settle(entry, outcome) });
  const tokens = new ProviderTokens(accounts.apns, clock);
  const accessTokens = new AccessTokens({ accounts: accounts.fcm, clock, random });
  const shared = { tls, clock, random, record, faults, devices };

  const apns = new ApnsListener({ ...shared, environment: 'production', tokens });
  const sandbox = new ApnsListener({ ...shared, environment: 'sandbox', tokens });
  const fcm = new FcmListener({ ...shared, accounts: accounts.fcm, accessTokens });
  const allowStreams = (count: number): void => {
    apns.allowStreams(count);
    sandbox.allowStreams(count);
  };
  const app = buildDeviceListener(tls, { clock, devices, record, faults, accessTokens, allowStreams });

  const close = async (): Promise<void> => {
    apns.close();
    sandbox.close();
    fcm.close();
    await app.close();
  };
  try {
    const apnsPort = await apns.listen(host, options.apnsPort);
    const sandboxPort = await sandbox.listen(host, options.apnsSandboxPort);
    const { origin, tokenUri } = await fcm.listen(host, options.fcmPort);
    const devicesOrigin = await app.listen({ host, port: options.devicePort });
    const addresses = {
      apns: originOf(host, apnsPort),
      apns_sandbox: originOf(host, sandboxPort),
      fcm: origin,
      oauth_token_uri: tokenUri,
      devices: devicesOrigin,
    };
    return { addresses, close };
  } catch (error) {
    await close();
    throw error;
  }
}
