// The people of the demonstration and their phones: alice has an iPhone and an Android phone, everybody else who is written
// to has one phone, everybody who writes has an account.
import type { ChatClient } from '../chat-client.ts';
import type { PhoneKind, PhoneProcess } from '../stack/phone-process.ts';
import type { Stack } from '../stack/stack.ts';
import type { PlannedMessage } from './messages-file.ts';

/** How many users a run may be written to: each has a phone, and each phone is a process. */
export const READERS_MAX = 12;

/** Who takes part. Sessions are those of a browser; each phone has a session of its own. */
export interface Cast {
  readonly sessions: ReadonlyMap<string, ChatClient>;
  /** User → phones. */
  readonly phones: ReadonlyMap<string, readonly PhoneProcess[]>;
  /** Channel → members. */
  readonly channels: ReadonlyMap<string, readonly string[]>;
}

/** Makes the accounts, the channels and the phones that the messages need. */
export async function gatherCast(
  stack: Stack,
  messages: readonly PlannedMessage[],
  usersWithoutKey: readonly string[],
): Promise<Cast> {
  const users = usersIn(messages);
  const channels = channelsIn(messages);
  const sessions = new Map<string, ChatClient>();
  for (const user of users) sessions.set(user, await stack.operator.addUser(user, nameOf(user)));
  for (const [channel, members] of channels) {
    await stack.operator.addChannel(channel, nameOf(channel), members);
    for (const session of sessions.values()) await session.notifyMe(channel, 'all');
  }
  const phones = new Map<string, readonly PhoneProcess[]>();
  for (const [index, user] of readersIn(messages).entries()) {
    const kinds = phoneKinds(user, index, usersWithoutKey.includes(user));
    phones.set(user, await Promise.all(kinds.map((kind) => startPhone(stack, user, kind))));
  }
  return { sessions, phones, channels };
}

/** Everybody who is notified of any of the messages. */
export function readersIn(messages: readonly PlannedMessage[]): readonly string[] {
  const channels = channelsIn(messages);
  return [...new Set(messages.flatMap((message) => recipientsOf(message, channels)))];
}

/** Everybody who is to be notified of a message. */
export function recipientsOf(
  message: PlannedMessage,
  channels: ReadonlyMap<string, readonly string[]>,
): readonly string[] {
  const { conversation, sender } = message;
  const readers = 'direct' in conversation ? conversation.direct : (channels.get(conversation.channel) ?? []);
  return [...new Set(readers)].filter((user) => user !== sender);
}

/** Everybody who writes or is written to directly. */
function usersIn(messages: readonly PlannedMessage[]): readonly string[] {
  const users = messages.flatMap(({ sender, conversation }) =>
    'direct' in conversation ? [sender, ...conversation.direct] : [sender],
  );
  return [...new Set(['alice', ...users])];
}

/** The channels of the messages; everybody is a member. */
function channelsIn(messages: readonly PlannedMessage[]): ReadonlyMap<string, readonly string[]> {
  const names = messages.flatMap(({ conversation }) =>
    'channel' in conversation ? [conversation.channel] : [],
  );
  return new Map([...new Set(names)].map((channel) => [channel, usersIn(messages)]));
}

function phoneKinds(user: string, index: number, withoutKey: boolean): readonly PhoneKind[] {
  if (withoutKey) return ['legacy-android'];
  if (user === 'alice') return ['iphone', 'android'];
  return [index % 2 === 0 ? 'iphone' : 'android'];
}

async function startPhone(stack: Stack, user: string, kind: PhoneKind): Promise<PhoneProcess> {
  const name = user === 'alice' ? `alice-${kind}` : `${user}-phone`;
  return stack.startPhone(name, kind, await stack.operator.logIn(user));
}

function nameOf(id: string): string {
  return id.charAt(0).toUpperCase() + id.slice(1);
}
