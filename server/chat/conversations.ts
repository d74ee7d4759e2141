// Conversations: direct ones exist as soon as somebody writes, channels are made by the administrator
// (docs/chat-api.md).
import { ProblemError } from '../../protocol/wire/problem.ts';
import { CHANNEL_MEMBERS_MAX } from './ids.ts';
import type { ChatDatabase, Level } from './tables.ts';
import { requireUsers, USERS_PER_QUERY_MAX } from './users.ts';

/** What a new member is notified of: everything in a direct conversation, mentions in a channel. */
const DIRECT_LEVEL: Level = 'all';
const CHANNEL_LEVEL: Level = 'mentions';

export interface Conversation {
  readonly conversation_id: number;
  readonly kind: 'direct' | 'group' | 'channel';
  readonly key: string;
  readonly name: string | null;
}

/** The conversation of exactly these users; made if there is none yet. @throws ProblemError `not_found` */
export async function openDirect(
  transaction: ChatDatabase,
  sender: string,
  others: readonly string[],
): Promise<Conversation> {
  const members = [...new Set([sender, ...others])].sort();
  const key = `direct:${members.join(',')}`;
  const known = await readConversation(transaction, key);
  if (known !== null) return known;
  await requireUsers(transaction, members);
  const kind = members.length > 2 ? 'group' : 'direct';
  const made = await writeConversation(transaction, kind, key, null);
  await addMembers(transaction, made.conversation_id, members, DIRECT_LEVEL);
  return made;
}

/** The channel, for one of its members. @throws ProblemError `not_found`, `not_permitted` */
export async function openChannel(
  transaction: ChatDatabase,
  channel: string,
  user: string,
): Promise<Conversation> {
  const known = await readConversation(transaction, channelKey(channel));
  if (known === null) throw new ProblemError('not_found');
  const member = await transaction
    .selectFrom('chat_members')
    .select('user_id')
    .where('conversation_id', '=', known.conversation_id)
    .where('user_id', '=', user)
    .executeTakeFirst();
  if (member === undefined) throw new ProblemError('not_permitted');
  return known;
}

/**
 * Creates a channel, or renames a known one and adds members to it.
 * @throws ProblemError `not_found`; `malformed_request` if it would have more members than a channel may have
 */
export async function writeChannel(
  database: ChatDatabase,
  channel: string,
  name: string,
  members: readonly string[],
): Promise<void> {
  const distinct = [...new Set(members)];
  await database.transaction().execute(async (transaction) => {
    await requireUsers(transaction, distinct);
    const made = await writeConversation(transaction, 'channel', channelKey(channel), name);
    await addMembers(transaction, made.conversation_id, distinct, CHANNEL_LEVEL);
    await requireMembersInBounds(transaction, made.conversation_id);
  });
}

/** What a member is notified of from now on. @throws ProblemError `not_found`, `not_permitted` */
export async function writeLevel(
  database: ChatDatabase,
  channel: string,
  user: string,
  level: Level,
): Promise<void> {
  const { conversation_id } = await openChannel(database, channel, user);
  await database
    .updateTable('chat_members')
    .set({ level })
    .where('conversation_id', '=', conversation_id)
    .where('user_id', '=', user)
    .execute();
}

async function readConversation(database: ChatDatabase, key: string): Promise<Conversation | null> {
  const row = await database
    .selectFrom('chat_conversations')
    .selectAll()
    .where('key', '=', key)
    .executeTakeFirst();
  return row ?? null;
}

async function writeConversation(
  transaction: ChatDatabase,
  kind: Conversation['kind'],
  key: string,
  name: string | null,
): Promise<Conversation> {
  return await transaction
    .insertInto('chat_conversations')
    .values({ kind, key, name })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ name }))
    .returningAll()
    .executeTakeFirstOrThrow();
}

async function addMembers(
  transaction: ChatDatabase,
  conversationId: number,
  users: readonly string[],
  level: Level,
): Promise<void> {
  for (let start = 0; start < users.length; start += USERS_PER_QUERY_MAX) {
    const rows = users
      .slice(start, start + USERS_PER_QUERY_MAX)
      .map((user) => ({ conversation_id: conversationId, user_id: user, level }));
    await transaction
      .insertInto('chat_members')
      .values(rows)
      .onConflict((conflict) => conflict.columns(['conversation_id', 'user_id']).doNothing())
      .execute();
  }
}

/** @throws ProblemError `malformed_request` */
async function requireMembersInBounds(transaction: ChatDatabase, conversationId: number): Promise<void> {
  const { count } = await transaction
    .selectFrom('chat_members')
    .select((column) => column.fn.countAll<number>().as('count'))
    .where('conversation_id', '=', conversationId)
    .executeTakeFirstOrThrow();
  if (Number(count) > CHANNEL_MEMBERS_MAX) throw new ProblemError('malformed_request');
}

function channelKey(channel: string): string {
  return `channel:${channel}`;
}
