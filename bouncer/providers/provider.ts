// What the bouncer asks of a provider, and what can come of it (SPEC.md section 13). APNs and FCM implement it.
import type { Refusal, Template, Urgency } from '../../protocol/wire/bouncer-api.ts';

/** A redacted notification: the words belong to the template (SPEC.md section 14). */
export interface LegacyNotice {
  readonly template: Template;
  readonly badge: number;
  /** base64url of 16 bytes. */
  readonly reference: string | undefined;
}

/** What is pushed. There is no field that could hold text of a request. */
export type PushContent =
  | { readonly kind: 'envelope'; readonly envelope: string }
  | { readonly kind: 'challenge'; readonly challenge: string }
  | { readonly kind: 'legacy'; readonly notice: LegacyNotice };

/** One push to one device. Times in unix seconds. */
export interface Push {
  readonly token: Uint8Array;
  readonly content: PushContent;
  readonly urgency: Urgency;
  readonly expiresAt: number;
  /** base64url of 16 bytes: the provider may replace an earlier push with the same. */
  readonly collapse: string | undefined;
  /** When the device was last known to hold the token. */
  readonly registeredAt: number;
}

export type ProviderResult =
  | { readonly status: 'accepted' }
  /** Unix seconds since when the token is dead, as far as the provider tells. */
  | { readonly status: 'gone'; readonly since: number }
  /** `misconfigured`: our credential or configuration is at fault, which the operator mends, not the chat server. */
  | { readonly status: 'retry'; readonly afterSeconds: number; readonly misconfigured?: true }
  | {
      readonly status: 'refused';
      readonly code: Extract<Refusal, 'provider_refused' | 'expired'>;
    };

/** One app at one provider in one environment. */
export interface Provider {
  /** Never throws: whatever happens is a result. */
  push(push: Push): Promise<ProviderResult>;
}

export const ACCEPTED: ProviderResult = { status: 'accepted' };
export const EXPIRED: ProviderResult = { status: 'refused', code: 'expired' };
export const PROVIDER_REFUSED: ProviderResult = { status: 'refused', code: 'provider_refused' };

/** The chat server holds the notification until the operator has mended it, or until it expires. */
export const MISCONFIGURED_SECONDS = 600;
export const MISCONFIGURED: ProviderResult = {
  status: 'retry',
  afterSeconds: MISCONFIGURED_SECONDS,
  misconfigured: true,
};

/** After a request whose fate is unknown, or that nobody took. */
const RETRY_SOON_SECONDS = 5;
export const RETRY_SOON: ProviderResult = { status: 'retry', afterSeconds: RETRY_SOON_SECONDS };

const RETRY_AFTER_SECONDS_MAX = 86_400;

/** What a provider's `Retry-After` says (RFC 9110 section 10.2.3: seconds or a date), or the fallback. */
export function retryAfter(
  header: string | undefined,
  fallbackSeconds: number,
  nowMs: number,
): ProviderResult {
  const seconds = parseRetryAfter(header, nowMs) ?? fallbackSeconds;
  return { status: 'retry', afterSeconds: Math.min(RETRY_AFTER_SECONDS_MAX, Math.max(0, seconds)) };
}

function parseRetryAfter(header: string | undefined, nowMs: number): number | null {
  if (header === undefined) return null;
  if (/^[0-9]{1,9}$/.test(header)) return Number(header);
  const date = header.endsWith(' GMT') ? Date.parse(header) : Number.NaN;
  return Number.isNaN(date) ? null : Math.ceil((date - nowMs) / 1000);
}
