// A run of many messages: sends them, waits until they have all arrived or nothing moves any more, and accounts for each.
import { decodeBase64url } from '../../protocol/wire/base64url.ts';
import type { PhoneProcess } from '../stack/phone-process.ts';
import { envelopeOf, type ProviderEntry, readProviderRecord } from '../stack/provider-record.ts';
import type { Stack } from '../stack/stack.ts';
import { type Cast, recipientsOf } from './cast.ts';
import type { PlannedMessage } from './messages-file.ts';
import { addTallies, type SentMessage, type Tally, tallyPhone } from './tally.ts';

const IN_FLIGHT = 4;
/** Nothing new on any phone for this long: what has not come will not come. */
const QUIET_MS = 15_000;
const POLL_MS = 100;

/** What became of a run. */
export interface RunReport {
  readonly sent: number;
  readonly refused: number;
  readonly delivered: number;
  readonly tally: Tally;
  /** What the chat server knows of each. */
  readonly messages: readonly SentMessage[];
  /** The sizes of the envelopes that the providers saw, in bytes, ascending. */
  readonly envelopeBytes: readonly number[];
}

export async function runMessages(
  stack: Stack,
  cast: Cast,
  messages: readonly PlannedMessage[],
  progress: (sent: number) => void,
): Promise<RunReport> {
  const eventsBefore = new Map(stack.phones.map((phone) => [phone, phone.events.length]));
  const before = (await readProviderRecord(stack.addresses.devices, stack.agent)).at(-1)?.n ?? 0;
  const sent: SentMessage[] = [];
  const waiting = [...messages.entries()];
  const sendAll = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [index, message] = next;
      const accepted = await sendMessage(cast, message, `run-${index}`);
      if (accepted !== null) sent.push(accepted);
      progress(index + 1);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, sendAll));
  await settle(stack, cast, sent, eventsBefore);
  const record = await readProviderRecord(stack.addresses.devices, stack.agent, before);
  const tallies = await Promise.all(
    phonesWithUsers(cast).map(([user, phone]) => {
      const expected = sent.filter(({ recipients }) => recipients.includes(user));
      return tallyPhone(phone, expected, record);
    }),
  );
  return {
    sent: sent.length,
    refused: messages.length - sent.length,
    delivered: record.filter(({ outcome }) => outcome === 'delivered').length,
    tally: addTallies(tallies),
    messages: sent,
    envelopeBytes: envelopeSizes(record),
  };
}

async function sendMessage(
  cast: Cast,
  message: PlannedMessage,
  clientMessageId: string,
): Promise<SentMessage | null> {
  const session = cast.sessions.get(message.sender);
  if (session === undefined) return null;
  try {
    const messageId = await session.send(message.conversation, message.text, clientMessageId);
    const { sender, text } = message;
    return { messageId, sender, text, recipients: recipientsOf(message, cast.channels) };
  } catch {
    return null;
  }
}

/** Waits until every phone has shown as many as it should, or until nothing has moved for a while. */
async function settle(
  stack: Stack,
  cast: Cast,
  sent: readonly SentMessage[],
  eventsBefore: ReadonlyMap<PhoneProcess, number>,
): Promise<void> {
  const expected = new Map(
    phonesWithUsers(cast).map(([user, phone]) => [
      phone,
      sent.filter(({ recipients }) => recipients.includes(user)).length,
    ]),
  );
  let moved = Date.now();
  let last = -1;
  while (Date.now() - moved < QUIET_MS) {
    const shown = stack.phones.map((phone) => countShown(phone, eventsBefore.get(phone) ?? 0));
    if (stack.phones.every((phone, i) => (shown[i] as number) >= (expected.get(phone) ?? 0))) return;
    const total = shown.reduce((sum, count) => sum + count, 0);
    if (total !== last) moved = Date.now();
    last = total;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

function countShown(phone: PhoneProcess, from: number): number {
  return phone.events.slice(from).filter((line) => line['event'] === 'shown').length;
}

function phonesWithUsers(cast: Cast): readonly (readonly [string, PhoneProcess])[] {
  return [...cast.phones].flatMap(([user, phones]) => phones.map((phone) => [user, phone] as const));
}

function envelopeSizes(record: readonly ProviderEntry[]): readonly number[] {
  const sizes = record.flatMap((entry) => {
    const envelope = envelopeOf(entry);
    return envelope === null ? [] : [decodeBase64url(envelope).length];
  });
  return [...new Set(sizes)].sort((a, b) => a - b);
}
