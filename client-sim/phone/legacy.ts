// Phones without E2EE (SPEC.md section 14): an iPhone shows the words it is handed, an Android phone the fixed words of
// the template that it is handed. `t` template, `b` badge, `r` reference.
import { TEMPLATES, type Template } from '../../protocol/wire/bouncer-api.ts';
import type { PhoneContext } from './context.ts';
import { type ApnsDelivery, type Delivery, type FcmDelivery, readAps } from './delivery.ts';
import type { PhoneEvent } from './events.ts';
import { PLACEHOLDER_TEXT, showEntry } from './notification-center.ts';
import { type ReferenceText, referenceTextSchema } from './reference.ts';
import type { CenterEntry, PhoneState } from './state.ts';

/** What an Android app says for a template. A template without words shows nothing. */
const WORDS: Readonly<Record<Template, string | null>> = {
  new_message: 'New message',
  mention: 'You were mentioned',
  direct_message: 'New direct message',
  removed: null,
  test: 'Test notification',
};

/** Words as the app's own table or the provider gives them. */
interface HandedWords {
  readonly identifier: string;
  readonly reference: ReferenceText | null;
  readonly title: string;
  readonly subtitle: string;
  readonly body: string;
  readonly sound: boolean;
  readonly badge: number | null;
  readonly sentAt: number;
}

export async function receiveOnLegacyPhone(phone: PhoneContext, push: Delivery): Promise<void> {
  if (push.platform === 'apns') {
    const isAlert = readAps(push)['alert'] !== undefined;
    return isAlert ? showAsHanded(phone, push) : takeAway(phone, push.payload);
  }
  if (!('data' in push)) return phone.emit({ event: 'sync_hint', skipped: 0 });
  return receiveTemplate(phone, push, { quiet: false });
}

/** A template on Android: fixed words, of no account; quiet: without a sound, and with nothing behind it. */
export async function receiveTemplate(
  phone: PhoneContext,
  push: FcmDelivery,
  { quiet }: { readonly quiet: boolean },
): Promise<void> {
  const { t, b, r } = push.data;
  const template = TEMPLATES.find((known) => known === t);
  if (template === undefined) return phone.emit({ event: 'ignored', reason: 'not_a_template' });
  const words = WORDS[template];
  if (words === null) return takeAway(phone, push.data);
  return showWords(phone, {
    identifier: `template-${r ?? push.delivery_id}`,
    reference: quiet ? null : readReference(r),
    title: '',
    subtitle: '',
    body: words,
    sound: !quiet,
    badge: readBadge(b),
    sentAt: push.sent_at,
  });
}

/** iOS shows an alert without an extension as it came. */
export async function showAsHanded(phone: PhoneContext, push: ApnsDelivery): Promise<void> {
  const aps = readAps(push);
  const alert = aps['alert'];
  const parts = typeof alert === 'object' && alert !== null ? (alert as Record<string, unknown>) : {};
  const body = typeof alert === 'string' ? alert : textOf(parts['body']);
  await showWords(phone, {
    identifier: push.collapse_id ?? `push-${push.delivery_id}`,
    reference: readReference(push.payload['r']),
    // The app's own strings have one entry, `SP`.
    title: parts['loc-key'] === undefined ? textOf(parts['title']) : PLACEHOLDER_TEXT,
    subtitle: textOf(parts['subtitle']),
    body,
    sound: aps['sound'] !== undefined,
    badge: readBadge(aps['badge']),
    sentAt: push.sent_at,
  });
}

async function showWords(phone: PhoneContext, words: HandedWords): Promise<void> {
  const { identifier, reference, title, subtitle, body, sound, badge } = words;
  let event: PhoneEvent | null = null;
  phone.file.update((state) => {
    const entry: CenterEntry = {
      identifier,
      registrationId: null,
      reference,
      title,
      subtitle,
      body,
      sound,
      placeholder: false,
    };
    const { center, replaced } = showEntry(state.center, entry);
    event = {
      event: 'shown',
      identifier,
      reference,
      title,
      subtitle,
      body,
      sound,
      truncated: false,
      sender: '',
      conversation: '',
      sent_at: words.sentAt,
      at: phone.clock.nowMs(),
      replaced,
      ...(badge !== null && { badge }),
    };
    return { ...countUnread(state, badge), center };
  });
  await phone.file.commit();
  if (event !== null) phone.emit(event);
}

/** A message was read elsewhere: the one that is named goes, or all of them once nothing is unread. */
async function takeAway(phone: PhoneContext, fields: Readonly<Record<string, unknown>>): Promise<void> {
  if (fields['t'] !== 'removed') return phone.emit({ event: 'ignored', reason: 'not_a_template' });
  const reference = readReference(fields['r']);
  const badge = readBadge(fields['b']);
  const isGone = (entry: CenterEntry): boolean =>
    entry.registrationId === null && (badge === 0 || (reference !== null && entry.reference === reference));
  const gone = phone.file.state.center.filter(isGone);
  phone.file.update((state) => ({
    ...countUnread(state, badge),
    center: state.center.filter((entry) => !isGone(entry)),
  }));
  await phone.file.commit();
  if (badge !== null) phone.emit({ event: 'badge', badge });
  if (gone.length === 0) return;
  phone.emit({
    event: 'removed',
    identifiers: gone.map((entry) => entry.identifier),
    references: gone.flatMap((entry) => (entry.reference === null ? [] : [entry.reference])),
  });
}

/** The count that a redacted notification carries is that of its one bare registration. */
function countUnread(state: PhoneState, badge: number | null): PhoneState {
  if (badge === null) return state;
  const registrations = state.registrations.map((registration) =>
    registration.e2ee ? registration : { ...registration, unread: badge },
  );
  return { ...state, registrations };
}

function readBadge(value: unknown): number | null {
  const count = typeof value === 'string' && /^[0-9]{1,5}$/.test(value) ? Number(value) : value;
  return typeof count === 'number' && Number.isInteger(count) && count >= 0 ? count : null;
}

function readReference(value: unknown): ReferenceText | null {
  const parsed = referenceTextSchema.safeParse(value);
  return parsed.success ? parsed.data : null;
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
