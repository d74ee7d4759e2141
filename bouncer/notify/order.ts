// One item of a batch, read: what is to be pushed to which handle, or why not (SPEC.md section 13).
import { decodeBase64url } from '../../protocol/wire/base64url.ts';
import {
  type LegacyNotificationItem,
  legacyNotificationItemSchema,
  type NotificationItem,
  notificationItemSchema,
  type Refusal,
  type Urgency,
} from '../../protocol/wire/bouncer-api.ts';
import { decodeEnvelope } from '../../protocol/wire/envelope.ts';
import { ProtocolError } from '../../protocol/wire/errors.ts';
import { EXPIRY_GRAIN_SECONDS, TTL_SECONDS_MAX } from '../../protocol/wire/limits.ts';
import { legacyUrgency } from '../legacy/urgency.ts';
import type { PushContent } from '../providers/provider.ts';

/** What is to be pushed, before the handle is looked up. */
export interface Order {
  readonly handle: string;
  readonly kind: 'sealed' | 'bare';
  readonly content: PushContent;
  readonly urgency: Urgency;
  /** Unix seconds. */
  readonly expiresAt: number;
  readonly collapse: string;
}

/** An order, or the code it is refused with. */
export type ParseOrder = (item: unknown, nowSeconds: number) => Order | Refusal;

/** An item of POST /v1/notifications. It is checked without keys that the envelope is one. */
export function parseSealedOrder(item: unknown, nowSeconds: number): Order | Refusal {
  const parsed = notificationItemSchema.safeParse(item);
  if (!parsed.success) {
    const onlyEnvelope = parsed.error.issues.every((issue) => issue.path[0] === 'envelope');
    return onlyEnvelope ? 'malformed_envelope' : 'malformed_item';
  }
  const { handle, envelope, urgency, expires_at, collapse } = parsed.data;
  const fault = findEnvelopeFault(parsed.data) ?? findExpiryFault(expires_at, nowSeconds);
  if (fault !== null) return fault;
  return {
    handle,
    kind: 'sealed',
    content: { kind: 'envelope', envelope },
    urgency,
    expiresAt: expires_at,
    collapse,
  };
}

/** An item of POST /v1/legacy-notifications. It has no field for text. */
export function parseLegacyOrder(item: unknown, nowSeconds: number): Order | Refusal {
  const parsed = legacyNotificationItemSchema.safeParse(item);
  if (!parsed.success) return 'malformed_item';
  const { handle, template, badge, reference, expires_at, collapse }: LegacyNotificationItem = parsed.data;
  const fault = findExpiryFault(expires_at, nowSeconds);
  if (fault !== null) return fault;
  return {
    handle,
    kind: 'bare',
    content: { kind: 'legacy', notice: { template, badge, reference } },
    urgency: legacyUrgency(template),
    expiresAt: expires_at,
    collapse,
  };
}

function findEnvelopeFault(item: NotificationItem): Refusal | null {
  try {
    decodeEnvelope(decodeBase64url(item.envelope));
    return null;
  } catch (error) {
    if (!(error instanceof ProtocolError)) throw error;
    return error.code === 'suite_unknown' ? 'unknown_suite' : 'malformed_envelope';
  }
}

/** A time that is no full hour, or beyond every ttl, would tell more than the protocol allows. */
function findExpiryFault(expiresAt: number, nowSeconds: number): Refusal | null {
  if (expiresAt % EXPIRY_GRAIN_SECONDS !== 0) return 'malformed_item';
  if (expiresAt > nowSeconds + TTL_SECONDS_MAX + 2 * EXPIRY_GRAIN_SECONDS) return 'malformed_item';
  return expiresAt <= nowSeconds ? 'expired' : null;
}
