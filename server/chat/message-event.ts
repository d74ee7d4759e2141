// What the push side is told of a message: who can see it, what they chose and whether they were meant. Who is notified
// is decided there.
import type { EventReference, MessageEvent } from '../notify/push-service.ts';
import type { Conversation } from './conversations.ts';
import { mentionOf, parseMentions } from './mentions.ts';
import type { NewMessage } from './messages.ts';
import type { ChatDatabase } from './tables.ts';

/** How the push side names a message. */
export function referenceOf(messageId: number): EventReference {
  return messageId;
}

/** Read in the message's own transaction: members and counts as they are with it. */
export async function buildMessageEvent(
  transaction: ChatDatabase,
  conversation: Conversation,
  messageId: number,
  sender: string,
  message: NewMessage,
): Promise<MessageEvent> {
  const members = await transaction
    .selectFrom('chat_members')
    .innerJoin('chat_users', 'chat_users.user_id', 'chat_members.user_id')
    .select(['chat_users.user_id', 'chat_users.name', 'chat_users.unread', 'chat_members.level'])
    .where('conversation_id', '=', conversation.conversation_id)
    .orderBy('chat_users.user_id')
    .execute();
  const mentions = parseMentions(message.text);
  const spokenTo = conversation.kind === 'channel' ? mentions : { ...mentions, everybody: false };
  return {
    kind: 'message',
    id: `message:${messageId}`,
    reference: referenceOf(messageId),
    conversation: {
      kind: conversation.kind,
      id: conversation.conversation_id,
      ...(conversation.name !== null && { name: conversation.name }),
      ...('topic' in message.conversation && { topic: message.conversation.topic }),
    },
    sender: { user: sender, name: members.find((member) => member.user_id === sender)?.name ?? sender },
    text: message.text,
    audience: members.map(({ user_id: user, level, unread }) => ({
      user,
      level,
      mention: mentionOf(spokenTo, user),
      unread,
    })),
  };
}
