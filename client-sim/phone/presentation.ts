// Showing: an entry in the notification centre, one in the inbox, and the events that tell of it. Nothing of the
// received alert is kept (SPEC.md section 10).
import { decodeBase64url, isBase64url } from '../../protocol/wire/base64url.ts';
import type { PhoneEvent, PlaceholderEvent, ShownEvent } from './events.ts';
import { fileMessage } from './inbox.ts';
import { PLACEHOLDER_TEXT, placeholderEntry, showEntry } from './notification-center.ts';
import type { Receipt } from './receipt.ts';
import type { PhoneState } from './state.ts';
import type { Wording } from './wording.ts';

/** Shows an authentic payload. `at` in unix ms; `badge` where the phone has one. */
export function presentPayload(
  state: PhoneState,
  receipt: Receipt,
  wording: Wording,
  display: {
    readonly identifier: string;
    readonly sound: boolean;
    readonly at: number;
    readonly badge: boolean;
  },
): { readonly state: PhoneState; readonly event: ShownEvent } {
  const { identifier, sound } = display;
  const { reference, title, subtitle, body } = wording;
  const { registrationId } = receipt;
  const entry = { identifier, registrationId, reference, title, subtitle, body, sound, placeholder: false };
  const { center, replaced } = showEntry(state.center, entry);
  return {
    state: { ...state, center, inbox: fileMessage(state.inbox, receipt, wording, identifier) },
    event: {
      event: 'shown',
      identifier,
      reference,
      title,
      subtitle,
      body,
      sound,
      truncated: wording.truncated,
      sender: wording.sender,
      conversation: wording.conversation,
      sent_at: receipt.payload.sentAt,
      at: display.at,
      replaced: replaced ?? receipt.replacedIdentifier,
      ...(display.badge && { badge: sumUnread(state) }),
    },
  };
}

/** Shows the placeholder; `diagnostic` names the step that failed and stays on the device. */
export function presentPlaceholder(
  state: PhoneState,
  identifier: string,
  diagnostic: string,
): { readonly state: PhoneState; readonly event: PlaceholderEvent } {
  const { center } = showEntry(state.center, placeholderEntry(identifier));
  return {
    state: { ...state, center },
    event: { event: 'placeholder', identifier, text: PLACEHOLDER_TEXT, diagnostic },
  };
}

/** What an accepted payload did besides being shown. */
export function tellEffects(receipt: Receipt): readonly PhoneEvent[] {
  const events: PhoneEvent[] = [];
  if (receipt.removedEntries.length > 0) {
    events.push({
      event: 'removed',
      identifiers: receipt.removedEntries.map((entry) => entry.identifier),
      references: receipt.removedEntries.flatMap(({ reference }) => (reference === null ? [] : [reference])),
    });
  }
  if (receipt.skipped > 0) events.push({ event: 'sync_hint', skipped: receipt.skipped });
  return events;
}

/** The number on the app's icon: unread messages of all registrations. */
export function sumUnread(state: PhoneState): number {
  return state.registrations.reduce((sum, registration) => sum + registration.unread, 0);
}

/** The bytes of `e`, or null if it is not base64url. */
export function readEnvelope(value: unknown): Uint8Array | null {
  return typeof value === 'string' && isBase64url(value) ? decodeBase64url(value) : null;
}
