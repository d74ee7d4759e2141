// Who a text speaks to: `@user`, and `@all` in a channel (docs/chat-api.md).

const MENTION = /(?<![a-z0-9@-])@([a-z0-9-]{1,32})(?![a-z0-9-])/g;
const EVERYBODY = 'all';

export interface Mentions {
  readonly users: ReadonlySet<string>;
  readonly everybody: boolean;
}

/** The mentions of a text; whether these users exist is not asked here. */
export function parseMentions(text: string): Mentions {
  const users = new Set<string>();
  for (const [, user] of text.matchAll(MENTION)) users.add(user as string);
  return { everybody: users.delete(EVERYBODY), users };
}

/** How a user is meant, if they are. A mention by name is the stronger one. */
export function mentionOf(mentions: Mentions, user: string): 'personal' | 'all' | undefined {
  if (mentions.users.has(user)) return 'personal';
  return mentions.everybody ? 'all' : undefined;
}
