// HTTP calls of the tests, and what comes back.
import { type Agent, request } from 'undici';

export interface Credential {
  readonly origin: string;
  readonly server_id: string;
  readonly api_key: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  readonly body: any;
  readonly text: string;
}

/** `body` goes as JSON, `raw` as it stands; `as` authenticates a chat server. */
export interface CallOptions {
  readonly as?: Credential | undefined;
  readonly body?: unknown;
  readonly raw?: string;
  readonly headers?: Record<string, string>;
}

export async function call(
  agent: Agent,
  url: string,
  method: string,
  { as, body, raw, headers }: CallOptions = {},
): Promise<Answer> {
  const text = raw ?? (body === undefined ? undefined : JSON.stringify(body));
  const answer = await request(url, {
    method: method as 'GET',
    dispatcher: agent,
    headers: {
      ...(as === undefined ? {} : { authorization: basic(as) }),
      ...(text === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(text === undefined ? {} : { body: text }),
  });
  return readAnswer(answer.statusCode, answer.headers, await answer.body.text());
}

function basic(credential: Credential): string {
  return `Basic ${Buffer.from(`${credential.server_id}:${credential.api_key}`).toString('base64')}`;
}

function readAnswer(status: number, headers: Answer['headers'], text: string): Answer {
  const isJson = String(headers['content-type'] ?? '').includes('json');
  return { status, headers, text, body: isJson && text !== '' ? JSON.parse(text) : null };
}
