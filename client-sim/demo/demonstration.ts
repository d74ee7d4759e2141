// One message to three phones, and what each party saw of it.
import type { PhoneProcess } from '../stack/phone-process.ts';
import { readProviderRecord } from '../stack/provider-record.ts';
import type { Stack } from '../stack/stack.ts';
import type { Cast } from './cast.ts';
import { bouncerItems, phoneSighting, providerSightings, type Sighting } from './sighting.ts';

const SHOWN_MS = 20_000;

/**
 * Sends one message and waits until every phone has shown it.
 * @throws Error if a phone shows nothing in time
 */
export async function demonstrateMessage(
  stack: Stack,
  cast: Cast,
  sender: string,
  recipients: readonly string[],
  text: string,
): Promise<Sighting> {
  const phones = recipients.flatMap((user) => cast.phones.get(user) ?? []);
  const eventsBefore = new Map(phones.map((phone) => [phone, phone.events.length]));
  const exchangesBefore = stack.tap.exchanges.length;
  const record = await readProviderRecord(stack.addresses.devices, stack.agent);
  const session = cast.sessions.get(sender);
  if (session === undefined) throw new Error('the sender has no account');
  const messageId = await session.send({ direct: recipients }, text);
  await Promise.all(phones.map((phone) => waitForShown(phone, eventsBefore.get(phone) ?? 0)));
  const [message] = await session.messagesAfter(messageId - 1, 1);
  const after = record.at(-1)?.n ?? 0;
  return {
    server: { message_id: messageId, sender: message?.sender ?? '', text: message?.text ?? '' },
    bouncer: bouncerItems(stack.tap.exchanges.slice(exchangesBefore)),
    providers: providerSightings(await readProviderRecord(stack.addresses.devices, stack.agent, after)),
    phones: phones.map((phone) => phoneSighting(phone, eventsBefore.get(phone) ?? 0)),
  };
}

async function waitForShown(phone: PhoneProcess, from: number): Promise<void> {
  const seen = new Set(phone.events.slice(0, from));
  await phone.waitFor((line) => line['event'] === 'shown' && !seen.has(line), SHOWN_MS);
}
