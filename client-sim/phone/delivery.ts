// One line of what the operating system hands to the app, as the providers stand-in writes it.
import { z } from 'zod';

/** A push as APNs delivered it; `collapse_id` becomes the notification's identifier. */
export interface ApnsDelivery {
  readonly platform: 'apns';
  readonly delivery_id: number;
  /** Unix ms at which the provider accepted it. */
  readonly sent_at: number;
  readonly push_type: string;
  readonly priority: number;
  readonly collapse_id: string | null;
  readonly payload: Readonly<Record<string, unknown>>;
}

/** A data message of FCM. */
export interface FcmDelivery {
  readonly platform: 'fcm';
  readonly delivery_id: number;
  readonly sent_at: number;
  readonly priority: 'HIGH' | 'NORMAL';
  readonly data: Readonly<Record<string, string>>;
}

/** FCM dropped everything that waited for this device. */
export interface FcmDeletion {
  readonly platform: 'fcm';
  readonly delivery_id: number;
  readonly sent_at: number;
  readonly deleted_messages: true;
}

export type Delivery = ApnsDelivery | FcmDelivery | FcmDeletion;

const head = { delivery_id: z.int().min(0), sent_at: z.int().min(0) };

export const deliverySchema: z.ZodType<Delivery> = z.union([
  z.object({
    platform: z.literal('apns'),
    ...head,
    push_type: z.string(),
    priority: z.int(),
    collapse_id: z.string().max(64).nullable(),
    payload: z.record(z.string(), z.unknown()),
  }),
  z.object({ platform: z.literal('fcm'), ...head, deleted_messages: z.literal(true) }),
  z.object({
    platform: z.literal('fcm'),
    ...head,
    priority: z.enum(['HIGH', 'NORMAL']),
    data: z.record(z.string(), z.string()),
  }),
]);

/** What is printed of a delivery. */
export function contentOf(delivery: Delivery): unknown {
  if (delivery.platform === 'apns') return delivery.payload;
  return 'data' in delivery ? delivery.data : { deleted_messages: true };
}

/** The `aps` dictionary of a push; empty if there is none. */
export function readAps(delivery: ApnsDelivery): Readonly<Record<string, unknown>> {
  const aps = delivery.payload['aps'];
  return typeof aps === 'object' && aps !== null ? (aps as Record<string, unknown>) : {};
}
