// The inbox: the messages that the app knows, one entry per reference of a registration. The newest content stays,
// whatever the order of arrival.
import type { Receipt } from './receipt.ts';
import type { InboxEntry } from './state.ts';
import type { Wording } from './wording.ts';

/** The oldest leave; a real app would keep them in its database. */
const INBOX_ENTRIES_MAX = 5000;

/** The inbox with a message that arrived. Only what changed state and stands under no tombstone enters. */
export function fileMessage(
  inbox: readonly InboxEntry[],
  receipt: Receipt,
  wording: Wording,
  identifier: string,
): readonly InboxEntry[] {
  const { verdict } = receipt;
  if (wording.reference === null || !verdict.changesState || verdict.removed) return inbox;
  return fileEntry(inbox, {
    registrationId: receipt.registrationId,
    identifier,
    reference: wording.reference,
    title: wording.title,
    conversation: wording.conversation,
    text: wording.text,
    truncated: wording.truncated,
    sentAt: receipt.payload.sentAt,
    alerted: verdict.loud ? 1 : 0,
  });
}

/** The inbox with an entry; the sounds of an earlier one of its reference are added up. */
export function fileEntry(inbox: readonly InboxEntry[], entry: InboxEntry): readonly InboxEntry[] {
  const known = findEntry(inbox, entry);
  if (known === undefined) return [...inbox, entry].slice(-INBOX_ENTRIES_MAX);
  const alerted = known.alerted + entry.alerted;
  const newer = entry.sentAt >= known.sentAt ? entry : known;
  return inbox.map((old) => (old === known ? { ...newer, alerted } : old));
}

export function findEntry(
  inbox: readonly InboxEntry[],
  of: Pick<InboxEntry, 'registrationId' | 'reference'>,
): InboxEntry | undefined {
  return inbox.find(
    (entry) => entry.reference === of.reference && entry.registrationId === of.registrationId,
  );
}
