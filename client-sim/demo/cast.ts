// The people of the demonstration and their phones: alice has an iPhone and an Android phone, bob has a phone without
// E2EE, everybody else who is written to gets one phone, everybody who writes an account.
import type { ChatClient } from '../chat-client.ts';
import type { PhoneProcess } from '../stack/phone-process.ts';
import type { Stack } from '../stack/stack.ts';
import type { PlannedMessage } from './messages-file.ts';

const PHONES_MAX = 12;

/** Who takes part. Sessions are those of a browser; each phone has a session of its own. */
export interface Cast {
  readonly sessions: ReadonlyMap<string, ChatClient>;
  /** User → phones. */
  readonly phones: ReadonlyMap<string, readonly PhoneProcess[]>;
  /** Channel → members. */
  readonly channels: ReadonlyMap<string, readonly string[]>;
}

/** Makes the accounts, the channels and the phones that the messages need. */
export async function gatherCast(stack: Stack, messages: readonly PlannedMessage[]): Promise<Cast> {
  const users = [...new Set(['alice', 'bob', ...messages.flatMap(usersOf)])];
  const sessions = new Map<string, ChatClient>();
  for (const user of users) sessions.set(user, await stack.operator.addUser(user, nameOf(user)));
  const channels = new Map<string, readonly string[]>();
  for (const channel of new Set(messages.flatMap(channelOf))) {
    channels.set(channel, users);
    await stack.operator.addChannel(channel, nameOf(channel), users);
    for (const session of sessions.values()) await session.notifyMe(channel, 'all');
  }
  const phones = new Map<string, readonly PhoneProcess[]>([
    [
      'alice',
      [
        await stack.startPhone('alice-iphone', 'iphone', await stack.operator.logIn('alice')),
        await stack.startPhone('alice-android', 'android', await stack.operator.logIn('alice')),
      ],
    ],
    ['bob', [await stack.startPhone('bob-phone', 'legacy-android', await stack.operator.logIn('bob'))]],
  ]);
  const others = new Set(messages.flatMap((message) => recipientsOf(message, channels)));
  for (const user of others) {
    if (phones.has(user) || phones.size >= PHONES_MAX) continue;
    const kind = phones.size % 2 === 0 ? 'iphone' : 'android';
    phones.set(user, [await stack.startPhone(`${user}-phone`, kind, await stack.operator.logIn(user))]);
  }
  return { sessions, phones, channels };
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

function usersOf(message: PlannedMessage): readonly string[] {
  const { conversation, sender } = message;
  return 'direct' in conversation ? [sender, ...conversation.direct] : [sender];
}

function channelOf(message: PlannedMessage): readonly string[] {
  return 'channel' in message.conversation ? [message.conversation.channel] : [];
}

function nameOf(id: string): string {
  return id.charAt(0).toUpperCase() + id.slice(1);
}
