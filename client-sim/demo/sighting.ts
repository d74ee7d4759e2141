// What each party saw of one message: the chat server, the bouncer (from the tap), Apple and Google (from their record),
// the phones.
import { decodeBase64url } from '../../protocol/wire/base64url.ts';
import type { PhoneProcess, Shown } from '../stack/phone-process.ts';
import type { ProviderEntry } from '../stack/provider-record.ts';
import type { Exchange } from '../stack/tap.ts';

/** One item of a request to the bouncer, as it was sent. */
export interface BouncerItem {
  readonly route: string;
  readonly item: Readonly<Record<string, unknown>>;
  /** Bytes of the envelope; null for a redacted notification. */
  readonly envelope_bytes: number | null;
}

/** One request to a provider, without the bouncer's credential. */
export interface ProviderSighting {
  readonly provider: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
  readonly status: number | null;
  readonly outcome: string;
}

/** What a phone received and what a person saw on it. */
export interface PhoneSighting {
  readonly phone: string;
  readonly kind: string;
  readonly shown: readonly Shown[];
}

export interface Sighting {
  readonly server: { readonly message_id: number; readonly sender: string; readonly text: string };
  readonly bouncer: readonly BouncerItem[];
  readonly providers: readonly ProviderSighting[];
  readonly phones: readonly PhoneSighting[];
}

const SHOWN_HEADERS = [
  'apns-topic',
  'apns-push-type',
  'apns-priority',
  'apns-expiration',
  'apns-collapse-id',
];

/** The items of the notification requests among some exchanges. */
export function bouncerItems(exchanges: readonly Exchange[]): readonly BouncerItem[] {
  return exchanges
    .filter(({ path }) => path === '/v1/notifications' || path === '/v1/legacy-notifications')
    .flatMap(({ path, body }) =>
      itemsOf(body).map((item) => ({ route: path, item, envelope_bytes: sizeOf(item) })),
    );
}

/** The pushes among some entries, with the headers that say something of the notification. */
export function providerSightings(entries: readonly ProviderEntry[]): readonly ProviderSighting[] {
  return entries
    .filter(({ provider }) => provider !== 'oauth')
    .map((entry) => ({
      provider: entry.provider,
      path: entry.path,
      headers: Object.fromEntries(
        Object.entries(entry.headers).filter(([name]) => SHOWN_HEADERS.includes(name)),
      ),
      body: entry.body,
      status: entry.status,
      outcome: entry.outcome,
    }));
}

/** What a phone has shown from its event number `from` on. */
export function phoneSighting(phone: PhoneProcess, from: number): PhoneSighting {
  const events = phone.events.slice(from).filter((line) => line['event'] === 'shown');
  return { phone: phone.name, kind: phone.kind, shown: events as unknown as readonly Shown[] };
}

function itemsOf(body: string): readonly Readonly<Record<string, unknown>>[] {
  return (JSON.parse(body) as { notifications: Readonly<Record<string, unknown>>[] }).notifications;
}

function sizeOf(item: Readonly<Record<string, unknown>>): number | null {
  return typeof item['envelope'] === 'string' ? decodeBase64url(item['envelope']).length : null;
}
