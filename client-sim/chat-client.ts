// The small chat's HTTP API as its users' apps call it (docs/chat-api.md).
import { type Agent, fetch } from 'undici';
import { z } from 'zod';

const REQUEST_MS = 15_000;

/** Where a message is written. */
export type ConversationAddress =
  | { readonly direct: readonly string[] }
  | { readonly channel: string; readonly topic: string };

/** A message as its reader gets it from the server. */
export interface ChatMessage {
  readonly message_id: number;
  readonly sender: string;
  readonly text: string;
}

const sessionAnswer = z.object({ session_token: z.string() });
const messageAnswer = z.object({ message_id: z.int() });
const messagesAnswer = z.object({
  messages: z.array(z.object({ message_id: z.int(), sender: z.string(), text: z.string() })),
});

/** An answer that is not a success. */
class ChatError extends Error {
  override readonly name = 'ChatError';
  readonly status: number;

  constructor(status: number) {
    super(`the chat server answered ${status}`);
    this.status = status;
  }
}

/** Calls with one credential: the operator's, or a user's session token. */
export class ChatClient {
  readonly #origin: string;
  readonly #dispatcher: Agent;
  readonly #credential: string;

  constructor(origin: string, dispatcher: Agent, credential: string) {
    this.#origin = origin;
    this.#dispatcher = dispatcher;
    this.#credential = credential;
  }

  /** Operator: makes a user and logs them in. */
  async addUser(user: string, name: string): Promise<ChatClient> {
    await this.#call('POST', '/v1/chat/users', { user, name });
    return this.logIn(user);
  }

  /** Operator: one more session of a user. */
  async logIn(user: string): Promise<ChatClient> {
    const answer = sessionAnswer.parse(await this.#call('POST', '/v1/chat/sessions', { user }));
    return new ChatClient(this.#origin, this.#dispatcher, answer.session_token);
  }

  /** Operator: makes a channel. */
  async addChannel(channel: string, name: string, members: readonly string[]): Promise<void> {
    await this.#call('POST', '/v1/chat/channels', { channel, name, members });
  }

  /** The credential itself, for a phone that logs in with it. */
  get sessionToken(): string {
    return this.#credential;
  }

  async notifyMe(channel: string, level: 'all' | 'mentions' | 'none'): Promise<void> {
    await this.#call('PUT', `/v1/chat/channels/${channel}/notifications`, { level });
  }

  /** The message's id; the same `clientMessageId` again gives the same id. */
  async send(conversation: ConversationAddress, text: string, clientMessageId?: string): Promise<number> {
    const id = clientMessageId === undefined ? {} : { client_message_id: clientMessageId };
    const answer = await this.#call('POST', '/v1/chat/messages', { conversation, text, ...id });
    return messageAnswer.parse(answer).message_id;
  }

  async messagesAfter(messageId: number, limit: number): Promise<readonly ChatMessage[]> {
    const answer = await this.#call('GET', `/v1/chat/messages?after=${messageId}&limit=${limit}`);
    return messagesAnswer.parse(answer).messages;
  }

  async #call(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await fetch(`${this.#origin}${path}`, {
      method,
      dispatcher: this.#dispatcher,
      headers: {
        authorization: `Bearer ${this.#credential}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    const text = await answer.text();
    if (!answer.ok) throw new ChatError(answer.status);
    return text === '' ? null : JSON.parse(text);
  }
}
