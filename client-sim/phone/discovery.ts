// Discovery (SPEC.md section 5): the server's document, read over the TLS that the app validated, and the list of
// bouncer keys in it, which only a root key that is compiled into the app can vouch for.
import type { KeyList } from '../../protocol/registration/key-list.ts';
import { verifyKeyList } from '../../protocol/registration/seal/verify-key-list.ts';
import type { PhoneConfig } from './config.ts';
import type { PhoneContext } from './context.ts';
import { CallError } from './https-client.ts';
import type { ServerClient } from './server-client.ts';
import type { PhoneState } from './state.ts';

/** 2025-01-01: no list that had expired by then is believed. */
const BUILD_TIME = 1_735_689_600;
const LOWEST_KEY_LIST_VERSION = 1;
/** The server tells whole seconds, some of them spent on the way. */
const CLOCK_GRAIN_MS = 2000;

export interface Discovered {
  readonly bouncerOrigin: string;
  readonly keys: KeyList;
  /** Unix seconds, for which a key of the list is chosen: no server's word of the time is in it. */
  readonly keysNow: number;
  readonly keepDaysMax: number;
  /** The origin that people are told to sign in at instead, if the server has moved. */
  readonly moved: string | null;
}

/**
 * Reads and verifies; keeps the newest list seen, and by how much the device's clock is wrong.
 * @throws CallError `wrong_origin`, `unknown_app`, or what the call met
 * @throws ProtocolError `key_list_refused`, `clock_wrong`
 */
export async function discover(
  phone: Pick<PhoneContext, 'backend' | 'clock' | 'file'>,
  config: PhoneConfig,
  server: ServerClient,
): Promise<Discovered> {
  const document = await server.discover();
  // Shown, and never followed: a new origin is a new sign-in.
  if (document.origin !== config.serverOrigin) throw new CallError('wrong_origin', false);
  if (!document.app_ids.includes(config.appId)) throw new CallError('unknown_app', false);
  const bouncerOrigin = document.bouncer_origin;
  const nowMs = phone.clock.nowMs();
  const seen = phone.file.state.trust.find((known) => known.bouncerOrigin === bouncerOrigin) ?? null;
  const verified = verifyKeyList(
    phone.backend,
    { roots: config.roots, buildTime: BUILD_TIME, lowestVersion: LOWEST_KEY_LIST_VERSION, seen },
    bouncerOrigin,
    document.bouncer_keys,
    Math.floor(nowMs / 1000),
  );
  phone.file.update((state) => ({
    ...correctClock(state, document.server_time, nowMs),
    trust: [
      ...state.trust.filter((known) => known.bouncerOrigin !== bouncerOrigin),
      { ...verified.seen, bouncerOrigin },
    ],
  }));
  await phone.file.commit();
  return {
    bouncerOrigin,
    keys: verified.list,
    keysNow: verified.now,
    keepDaysMax: document.keep_days_max,
    moved: document.moved ?? null,
  };
}

/** The state with what a TLS answer says of the clock; `serverTime` in unix seconds. */
export function correctClock(state: PhoneState, serverTime: number, nowMs: number): PhoneState {
  const offsetMs = serverTime * 1000 - nowMs;
  return { ...state, clockOffsetMs: Math.abs(offsetMs) > CLOCK_GRAIN_MS ? offsetMs : 0 };
}
