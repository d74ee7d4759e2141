// What APNs looks at in a request besides the provider token, and the push it makes of it. Facts: 2.2 and 2.3 of the
// providers page, A2 and A7. The order is: method, path and form of the device token, repeated headers,
// apns-id; the provider token; topic, push type, priority; collapse id, expiration; size. Whose device token it is
// comes last, so that a request with a made-up token tells an operator whether the credentials are right.
import type { ApnsAccount } from './accounts.ts';
import {
  type ApnsPayload,
  endingOf,
  guessPushType,
  parseApnsPayload,
  pushTypeFault,
} from './apns-push-type.ts';
import type { ApnsReason } from './apns-reasons.ts';
import {
  apnsCollapseIdBytesMax,
  apnsDeviceTokenCharactersMax,
  apnsPayloadBytesMax,
  apnsStorageSecondsMax,
  apnsTopicCharactersMax,
  apnsVoipPayloadBytesMax,
} from './limits.ts';

export type ApnsHeaders = Readonly<{ [name: string]: string | string[] | undefined }>;

export interface ApnsRequest {
  headers: ApnsHeaders;
  /** Names and values in turn, as received. */
  rawHeaders: readonly string[];
  /** The first part of it, at least as much as may be. */
  body: string;
  bodyBytes: number;
}

export interface ApnsHead {
  deviceToken: string;
  apnsId: string | null;
}

export interface ApnsPush {
  topic: string;
  pushType: string;
  priority: number;
  collapseId: string | null;
  /** Unix time in milliseconds; null: one attempt. */
  expiresAtMs: number | null;
  payload: ApnsPayload;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Before the provider token is looked at. */
export function checkHead(request: ApnsRequest): ApnsHead | ApnsReason {
  const { headers } = request;
  if (headers[':method'] !== 'POST') return 'MethodNotAllowed';
  const path = /^\/3\/device(?:\/([^/?]*))?$/.exec(textOf(headers[':path']) ?? '');
  if (path === null) return 'BadPath';
  const deviceToken = path[1] ?? '';
  if (deviceToken === '') return 'MissingDeviceToken';
  if (!isDeviceToken(deviceToken)) return 'BadDeviceToken';
  if (hasRepeatedHeader(request.rawHeaders)) return 'DuplicateHeaders';
  const apnsId = textOf(headers['apns-id']) ?? null;
  if (apnsId !== null && !uuid.test(apnsId)) return 'BadMessageId';
  return { deviceToken: deviceToken.toLowerCase(), apnsId };
}

/** After the provider token. */
export function checkPush(request: ApnsRequest, account: ApnsAccount, nowMs: number): ApnsPush | ApnsReason {
  const { headers, body, bodyBytes } = request;
  const topic = textOf(headers['apns-topic']) ?? '';
  const payload = parseApnsPayload(body);
  const pushType = textOf(headers['apns-push-type']) ?? guessPushType(payload);
  const priority = textOf(headers['apns-priority']) ?? '10';
  const collapseId = textOf(headers['apns-collapse-id']) ?? null;
  const expiration = textOf(headers['apns-expiration']);
  const reason =
    topicFault(topic, account) ??
    pushTypeFault(pushType, topic, payload) ??
    priorityFault(priority, pushType) ??
    collapseFault(collapseId) ??
    expirationFault(expiration) ??
    sizeFault(bodyBytes, pushType);
  if (reason !== null) return reason;
  if (payload === null) return 'PayloadEmpty';
  const expiresAtMs = expiryMs(expiration, nowMs);
  return { topic, pushType, priority: Number(priority), collapseId, expiresAtMs, payload };
}

function textOf(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function isDeviceToken(token: string): boolean {
  return token.length <= apnsDeviceTokenCharactersMax && /^(?:[0-9a-f]{2})+$/i.test(token);
}

function hasRepeatedHeader(rawHeaders: readonly string[]): boolean {
  const names = new Set<string>();
  for (let i = 0; i < rawHeaders.length; i += 2) names.add(rawHeaders[i] ?? '');
  return names.size * 2 !== rawHeaders.length;
}

function topicFault(topic: string, account: ApnsAccount): ApnsReason | null {
  if (topic === '') return 'MissingTopic';
  if (topic.length > apnsTopicCharactersMax || !/^[A-Za-z0-9.-]+$/.test(topic)) return 'BadTopic';
  const ending = endingOf(topic);
  const base = topic.slice(0, topic.length - ending.length);
  return account.topics.has(topic) || account.topics.has(base) ? null : 'TopicDisallowed';
}

function priorityFault(priority: string, pushType: string): ApnsReason | null {
  const known = priority === '10' || priority === '5' || priority === '1';
  return known && (pushType !== 'background' || priority !== '10') ? null : 'BadPriority';
}

// Node hands header values over as Latin-1: one character is one byte on the wire.
function collapseFault(collapseId: string | null): ApnsReason | null {
  if (collapseId === null) return null;
  return collapseId.length > 0 && collapseId.length <= apnsCollapseIdBytesMax ? null : 'BadCollapseId';
}

function expirationFault(expiration: string | undefined): ApnsReason | null {
  return expiration === undefined || /^\d{1,10}$/.test(expiration) ? null : 'BadExpirationDate';
}

function sizeFault(bodyBytes: number, pushType: string): ApnsReason | null {
  const bytesMax = pushType === 'voip' ? apnsVoipPayloadBytesMax : apnsPayloadBytesMax;
  return bodyBytes <= bytesMax ? null : 'PayloadTooLarge';
}

// Without the header the notification is kept as long as APNs keeps any.
function expiryMs(expiration: string | undefined, nowMs: number): number | null {
  const latestMs = nowMs + apnsStorageSecondsMax * 1000;
  if (expiration === undefined) return latestMs;
  return expiration === '0' ? null : Math.min(Number(expiration) * 1000, latestMs);
}
