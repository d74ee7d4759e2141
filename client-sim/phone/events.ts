// What a phone tells, one JSON object per line: what arrived, what was shown, what was taken away. Key material appears
// only where the `state` command asked for it.
import type { ReferenceText } from './reference.ts';

/** A notification as a person sees it. Times in unix ms. */
export interface ShownEvent {
  readonly event: 'shown';
  readonly identifier: string;
  readonly reference: ReferenceText | null;
  readonly title: string;
  readonly subtitle: string;
  readonly body: string;
  readonly sound: boolean;
  readonly truncated: boolean;
  readonly sender: string;
  readonly conversation: string;
  readonly sent_at: number;
  readonly at: number;
  /** What it took the place of. */
  readonly replaced: string | null;
  /** The number on the app's icon, where the phone has one. */
  readonly badge?: number;
}

export interface PlaceholderEvent {
  readonly event: 'placeholder';
  readonly identifier: string;
  readonly text: string;
  /** Where it stopped; stays on the device. */
  readonly diagnostic: string;
}

export type PhoneEvent =
  | {
      readonly event: 'ready';
      readonly name: string;
      readonly kind: string;
      readonly registration_id: string;
      readonly kid?: string;
    }
  | {
      readonly event: 'received';
      readonly delivery_id: number;
      readonly push: unknown;
      readonly provider_sent_at: number;
    }
  | ShownEvent
  | PlaceholderEvent
  | {
      readonly event: 'removed';
      readonly identifiers: readonly string[];
      readonly references: readonly ReferenceText[];
    }
  | { readonly event: 'badge'; readonly badge: number }
  /** Pushes were lost or are on the way: a reason to synchronise, not an error. */
  | { readonly event: 'sync_hint'; readonly skipped: number }
  /** The server tells people to sign in at another origin: shown, and never followed. */
  | { readonly event: 'moved'; readonly origin: string }
  /** The keys of an earlier installation were erased. */
  | { readonly event: 'wiped' }
  /** Keys and messages of the account are erased. */
  | { readonly event: 'signed_out' }
  | { readonly event: 'ignored'; readonly reason: string }
  | { readonly event: 'state'; readonly [field: string]: unknown }
  | { readonly event: 'done'; readonly op: string }
  | { readonly event: 'failed'; readonly op: string; readonly code: string };

export type Emit = (event: PhoneEvent) => void;
