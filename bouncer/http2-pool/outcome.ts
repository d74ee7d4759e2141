// How a request to a provider can end: answered, not processed, or ambiguous.
import type { OutgoingHttpHeaders } from 'node:http2';

/** What is sent: made at the moment of sending, so that times in it are right. */
export interface OutgoingRequest {
  /** Pseudo-headers included. */
  readonly headers: OutgoingHttpHeaders;
  readonly body: string;
}

/** The answer of the provider. `retire` closes the connection that it came on to new requests. */
export interface ProviderAnswer {
  readonly kind: 'answered';
  readonly httpStatus: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
  readonly retire: () => void;
}

export type Outcome =
  | ProviderAnswer
  /** It never went out, or the peer said that it did nothing with it: trying again is free. */
  | { readonly kind: 'not-processed' }
  /** It went out and no status came back: nobody knows. */
  | { readonly kind: 'ambiguous' };

export const NOT_PROCESSED: Outcome = { kind: 'not-processed' };
export const AMBIGUOUS: Outcome = { kind: 'ambiguous' };
