// The notification centre: what the operating system shows now. A notification with the identifier of one that is
// shown takes its place (on iOS apns-collapse-id is the identifier); a message takes the place of what is shown under
// its reference (SPEC.md section 10).
import type { ReferenceText } from './reference.ts';
import type { CenterEntry } from './state.ts';

/** More than a person scrolls through; the oldest leave. */
const CENTER_ENTRIES_MAX = 1000;

export const PLACEHOLDER_TEXT = 'New notification';

/** Shows an entry; `replaced` is the identifier of what it took the place of. */
export function showEntry(
  center: readonly CenterEntry[],
  entry: CenterEntry,
): { readonly center: readonly CenterEntry[]; readonly replaced: string | null } {
  const isReplaced = (shown: CenterEntry): boolean =>
    shown.identifier === entry.identifier ||
    (entry.reference !== null &&
      shown.reference === entry.reference &&
      shown.registrationId === entry.registrationId);
  const replaced = center.find(isReplaced)?.identifier ?? null;
  const kept = center.filter((shown) => !isReplaced(shown));
  return { center: [...kept, entry].slice(-CENTER_ENTRIES_MAX), replaced };
}

/** What is shown under a reference of one registration. */
export function findShown(
  center: readonly CenterEntry[],
  { registrationId, reference }: Pick<CenterEntry, 'registrationId' | 'reference'>,
): CenterEntry | undefined {
  return center.find((shown) => shown.reference === reference && shown.registrationId === registrationId);
}

/** Takes away what is shown under references of one registration. */
export function removeReferences(
  center: readonly CenterEntry[],
  registrationId: string,
  references: readonly ReferenceText[],
): { readonly center: readonly CenterEntry[]; readonly removed: readonly CenterEntry[] } {
  const gone = new Set<ReferenceText | null>(references);
  const isGone = (shown: CenterEntry): boolean =>
    shown.reference !== null && shown.registrationId === registrationId && gone.has(shown.reference);
  return { center: center.filter((shown) => !isGone(shown)), removed: center.filter(isGone) };
}

/** Takes away the notification of an identifier. */
export function removeIdentifier(
  center: readonly CenterEntry[],
  identifier: string,
): { readonly center: readonly CenterEntry[]; readonly removed: CenterEntry | null } {
  return {
    center: center.filter((shown) => shown.identifier !== identifier),
    removed: center.find((shown) => shown.identifier === identifier) ?? null,
  };
}

/** What is shown where nothing authentic can be: never an error text, never ciphertext, never a sound. */
export function placeholderEntry(identifier: string): CenterEntry {
  return {
    identifier,
    registrationId: null,
    reference: null,
    title: PLACEHOLDER_TEXT,
    subtitle: '',
    body: '',
    sound: false,
    placeholder: true,
  };
}
