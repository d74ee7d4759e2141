// The demonstration's words: who saw what of one message, and the totals of a run.
import type { Finding } from './channels.ts';
import type { Sighting } from './sighting.ts';
import type { Tally } from './tally.ts';

const EXCERPT_CHARACTERS = 64;
const LABEL_CHARACTERS = 22;

/** What each party saw of one message, as text for a terminal. */
export function renderSighting(sighting: Sighting, finding: Finding): string {
  const { server } = sighting;
  const lines = [
    row('chat server', `message ${server.message_id} from ${server.sender}: ${JSON.stringify(server.text)}`),
    ...sighting.bouncer.map(({ route, item, envelope_bytes }) =>
      row(
        'bouncer',
        `${route} ${envelope_bytes === null ? 'no envelope' : `${envelope_bytes} bytes`}: ${excerpts(item)}`,
      ),
    ),
    ...sighting.providers.map((push) =>
      row(push.provider === 'apns' ? 'Apple (APNs)' : 'Google (FCM)', `${excerptBody(push.body)}`),
    ),
    ...sighting.phones.flatMap(({ phone, shown }) =>
      shown.map((one) =>
        row(
          phone,
          `showed ${JSON.stringify([one.title, one.subtitle, one.body].filter(Boolean).join(' · '))}`,
        ),
      ),
    ),
    '',
    ...[...finding].map(([channel, encodings]) =>
      row(
        channel,
        encodings.length === 0 ? 'does not hold the text' : `holds the text (${encodings.join(', ')})`,
      ),
    ),
  ];
  return lines.join('\n');
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

function row(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_CHARACTERS)} ${text}`;
}

function excerpts(item: Readonly<Record<string, unknown>>): string {
  return Object.entries(item)
    .map(([name, value]) => `${name} ${excerpt(String(value))}`)
    .join(', ');
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
