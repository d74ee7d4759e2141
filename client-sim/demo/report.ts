// The demonstration's words: who saw what of one message, and the totals of a run.
import type { Finding } from './channels.ts';
import type { Sighting } from './sighting.ts';
import type { Tally } from './tally.ts';

const EXCERPT_CHARACTERS = 64;
const PARTY_CHARACTERS = 22;
const FIELD_CHARACTERS = 16;

/** What each party saw of one message, as text for a terminal. */
export function renderSighting(sighting: Sighting, finding: Finding): string {
  const { server, bouncer, providers, phones } = sighting;
  return [
    '  What each party saw',
    '',
    ...block('chat server', { message: server.message_id, from: server.sender, text: quote(server.text) }),
    ...bouncer.flatMap(({ route, item, envelope_bytes }) =>
      block('bouncer', {
        request: `POST ${route}`,
        ...item,
        ...(envelope_bytes !== null && {
          envelope: `${envelope_bytes} bytes: ${excerpt(String(item['envelope']))}`,
        }),
      }),
    ),
    ...providers.flatMap(({ provider, path, headers, body }) =>
      block(provider === 'apns' ? 'Apple (APNs)' : 'Google (FCM)', {
        request: `POST ${excerpt(path)}`,
        ...headers,
        body: excerptBody(body),
      }),
    ),
    ...phones.flatMap(({ phone, shown }) =>
      shown.flatMap(({ title, subtitle, body }) =>
        block(phone, { showed: quote([title, subtitle, body].filter(Boolean).join(' · ')) }),
      ),
    ),
    '',
    '  Where the text is, in any of seven encodings',
    '',
    ...[...finding].map(
      ([channel, encodings]) =>
        `  ${channel.padEnd(PARTY_CHARACTERS)} ${encodings.length === 0 ? 'not found' : `found (${encodings.join(', ')})`}`,
    ),
  ].join('\n');
}

/** The totals of a run, one line each. */
export function renderTally(sent: number, refused: number, delivered: number, tally: Tally): string {
  return [
    `sent        ${sent} messages accepted by the chat server, ${refused} refused`,
    `delivered   ${delivered} notifications handed to phones by the providers`,
    `shown       ${tally.shown} (${tally.truncated} of them cut to fit and flagged)`,
    `superseded  ${tally.superseded} by the provider`,
    `expired     ${tally.expired}`,
    `gone        ${tally.gone}`,
    `failed      ${tally.failed}`,
  ].join('\n');
}

/** A party's name before the first of its fields, one field a line. */
function block(party: string, fields: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.entries(fields).map(([name, value], index) => {
    const label = index === 0 ? party : '';
    return `  ${label.padEnd(PARTY_CHARACTERS)} ${name.padEnd(FIELD_CHARACTERS)} ${String(value)}`;
  });
}

function quote(text: string): string {
  return JSON.stringify(text);
}

/** A provider's JSON body with its long texts shortened. */
function excerptBody(body: string): string {
  return JSON.stringify(JSON.parse(body), (_, value: unknown) =>
    typeof value === 'string' ? excerpt(value) : value,
  );
}

function excerpt(text: string): string {
  if (text.length <= EXCERPT_CHARACTERS) return text;
  return `${text.slice(0, EXCERPT_CHARACTERS / 2)}…(${text.length} characters)`;
}
