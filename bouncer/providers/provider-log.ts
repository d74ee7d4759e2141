// What is logged of a provider's answer that is not a success: the app, the provider, the status and a known reason.
import { type ContentFreeText, configured, literal, oneOf } from '../log/content-free.ts';
import type { Log } from '../log/log.ts';
import type { ProviderResult } from './provider.ts';

/** Logs an answer; a reason that is not in the list of known ones becomes `other`. */
export type ProviderLog = (
  result: ProviderResult,
  httpStatus: number,
  reason: string,
  knownReasons: readonly string[],
) => void;

export const APNS: ContentFreeText = literal('apns');
export const FCM: ContentFreeText = literal('fcm');

export function buildProviderLog(log: Log, appId: string, provider: ContentFreeText): ProviderLog {
  return (result, httpStatus, reason, knownReasons) => {
    const misconfigured = result.status === 'retry' && result.misconfigured === true;
    log(misconfigured ? 'provider_misconfigured' : 'provider_refused', {
      app: configured(appId),
      provider,
      http_status: httpStatus,
      reason: oneOf(knownReasons, reason),
    });
  };
}
