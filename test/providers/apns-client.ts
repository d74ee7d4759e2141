// A plain HTTP/2 client, with none of the care that a bouncer takes: it sends at once whatever it is told to.
import { type ClientHttp2Session, connect, constants, type OutgoingHttpHeaders } from 'node:http2';
import { appId } from './field.ts';

export interface Outcome {
  /** null when the stream ended without an answer. */
  status: number | null;
  headers: Record<string, unknown>;
  body: Record<string, unknown> | null;
  /** How the stream was closed: 'REFUSED_STREAM' and the like, 'NO_ERROR' when all was well. */
  closed: string;
}

export interface ApnsSend {
  token: string;
  jwt: string | null;
  /** undefined leaves a header out. */
  headers?: OutgoingHttpHeaders;
  body?: string;
}

export const alertBody: string = JSON.stringify({
  aps: { alert: { 'loc-key': 'SP' }, sound: 'default', 'mutable-content': 1 },
  e: 'AQIDBA',
});
export const backgroundBody: string = JSON.stringify({ aps: { 'content-available': 1 }, e: 'AQIDBA' });

export function connectTo(origin: string, ca: string): ClientHttp2Session {
  const session = connect(origin, { ca });
  // Every stream tells what became of it; the session's own error says nothing more.
  session.on('error', () => {});
  return session;
}

export function sendPush(
  session: ClientHttp2Session,
  { token, jwt, headers, body }: ApnsSend,
): Promise<Outcome> {
  return sendRequest(
    session,
    {
      ':method': 'POST',
      ':path': `/3/device/${token}`,
      ...(jwt === null ? {} : { authorization: `bearer ${jwt}` }),
      'apns-topic': appId,
      'apns-push-type': 'alert',
      ...headers,
    },
    body ?? alertBody,
  );
}

export function sendRequest(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders | string[],
  body: string,
): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const outcome: Outcome = { status: null, headers: {}, body: null, closed: 'NOT_SENT' };
  let text = '';
  try {
    const stream = session.request(headers);
    stream.on('error', () => {});
    stream.on('response', (received) => {
      outcome.status = received[':status'] ?? null;
      outcome.headers = received;
    });
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    stream.on('close', () => {
      outcome.closed = nameOf(stream.rstCode ?? 0);
      if (text.startsWith('{')) outcome.body = JSON.parse(text);
      resolve(outcome);
    });
    stream.end(body);
  } catch {
    resolve(outcome);
  }
  return promise;
}

const codes = Object.entries(constants).filter(([name]) =>
  /^NGHTTP2_(NO_ERROR|PROTOCOL_ERROR|INTERNAL_ERROR|REFUSED_STREAM|CANCEL|ENHANCE_YOUR_CALM)$/.test(name),
);

function nameOf(code: number): string {
  return codes.find(([, value]) => value === code)?.[0].slice('NGHTTP2_'.length) ?? String(code);
}
