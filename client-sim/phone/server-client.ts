// The chat server as the app calls it (SPEC.md section 13): push registrations, and the small chat's messages. The
// session's token goes to the server's origin and nowhere else.
import { readFile } from 'node:fs/promises';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import {
  type ConfirmationBody,
  type DeviceKey,
  type Discovery,
  discoverySchema,
  type LegacyRegistration,
  type LegacyRegistrationRequest,
  legacyRegistrationSchema,
  type RegistrationRequest,
  type RegistrationStatus,
  registrationStatusSchema,
  type TokenAttempt,
} from '../../protocol/wire/push-api.ts';
import { callHttps, type HttpsRequest, readAnswer } from './https-client.ts';

const REGISTRATIONS = '/v1/push/registrations';
export const MESSAGES_PER_PAGE = 50;
/** 50 messages of 20,000 characters, in their longest JSON form. */
const PAGE_BYTES_MAX: number = 8 * 1024 * 1024;

/** A message as its reader gets it from the server. */
export interface ChatMessage {
  readonly message_id: number;
  readonly conversation:
    | { readonly direct: readonly string[] }
    | { readonly channel: string; readonly topic: string };
  readonly sender: string;
  readonly text: string;
  /** Unix ms. */
  readonly sent_at: number;
  readonly read: boolean;
}

const messagesSchema: z.ZodType<{ readonly messages: readonly ChatMessage[] }> = z.object({
  messages: z.array(
    z.object({
      message_id: z.int().min(0),
      conversation: z.union([
        z.object({ direct: z.array(z.string()) }),
        z.object({ channel: z.string(), topic: z.string() }),
      ]),
      sender: z.string(),
      text: z.string(),
      sent_at: z.int().min(0),
      read: z.boolean(),
    }),
  ),
});

/** Every function throws CallError. */
export class ServerClient {
  readonly #origin: string;
  readonly #sessionFile: string;
  readonly #dispatcher: Dispatcher;

  constructor(origin: string, sessionFile: string, dispatcher: Dispatcher) {
    this.#origin = origin;
    this.#sessionFile = sessionFile;
    this.#dispatcher = dispatcher;
  }

  async discover(): Promise<Discovery> {
    const call: HttpsRequest = { method: 'GET', url: `${this.#origin}/v1/push` };
    return readAnswer(discoverySchema, await callHttps(this.#dispatcher, call));
  }

  register(body: RegistrationRequest): Promise<RegistrationStatus> {
    return this.#status('POST', REGISTRATIONS, body);
  }

  readStatus(registrationId: string): Promise<RegistrationStatus> {
    return this.#status('GET', `${REGISTRATIONS}/${registrationId}`);
  }

  replaceKey(registrationId: string, key: DeviceKey): Promise<RegistrationStatus> {
    return this.#status('POST', `${REGISTRATIONS}/${registrationId}/keys`, key);
  }

  replaceToken(registrationId: string, token: TokenAttempt): Promise<RegistrationStatus> {
    return this.#status('POST', `${REGISTRATIONS}/${registrationId}/tokens`, token);
  }

  confirm(registrationId: string, body: ConfirmationBody): Promise<RegistrationStatus> {
    return this.#status('POST', `${REGISTRATIONS}/${registrationId}/confirmations`, body);
  }

  async remove(registrationId: string): Promise<void> {
    await this.#call({ method: 'DELETE' }, `${REGISTRATIONS}/${registrationId}`);
  }

  async registerLegacy(body: LegacyRegistrationRequest): Promise<LegacyRegistration> {
    const answer = await this.#call({ method: 'POST', body }, '/v1/push/legacy-registrations');
    return readAnswer(legacyRegistrationSchema, answer);
  }

  async readMessages(after: number): Promise<readonly ChatMessage[]> {
    const path = `/v1/chat/messages?after=${after}&limit=${MESSAGES_PER_PAGE}`;
    const answer = await this.#call({ method: 'GET', answerBytesMax: PAGE_BYTES_MAX }, path);
    return readAnswer(messagesSchema, answer).messages;
  }

  async markRead(messageIds: readonly number[]): Promise<void> {
    await this.#call({ method: 'POST', body: { message_ids: messageIds } }, '/v1/chat/read');
  }

  async endSession(): Promise<void> {
    await this.#call({ method: 'DELETE' }, '/v1/chat/session');
  }

  async #status(method: 'GET' | 'POST', path: string, body?: unknown): Promise<RegistrationStatus> {
    const answer = await this.#call({ method, ...(body !== undefined && { body }) }, path);
    return readAnswer(registrationStatusSchema, answer);
  }

  /** The session is read anew for every call: a sign-in replaces the file. */
  async #call(call: Omit<HttpsRequest, 'url' | 'credential'>, path: string): Promise<unknown> {
    const credential = (await readFile(this.#sessionFile, 'utf8')).trim();
    return callHttps(this.#dispatcher, { ...call, url: `${this.#origin}${path}`, credential });
  }
}
