// notification-01.json and notification-02.json: one envelope each, and the keys of the device that receives it.
import { z } from 'zod';
import { type CaseHead, caseHead, type FileHead, fileHead, hexSchema, unsignedSchema } from './case.ts';
import { type PayloadForm, payloadForm } from './payload.ts';

/** What the device holds of one of its keys. Bytes in hexadecimal. */
export interface DeviceKeyForm {
  readonly suite: number;
  readonly kid: string;
  readonly private_key: string;
  readonly origin: string;
  readonly app_id: string;
  readonly registration_id: string;
  /** O. */
  readonly oldest_epoch: number;
  /** chain[O]. */
  readonly oldest_chain: string;
  readonly keep_days: number;
}

export const deviceKeyForm: z.ZodType<DeviceKeyForm> = z.strictObject({
  suite: unsignedSchema,
  kid: hexSchema(4),
  private_key: hexSchema(32),
  origin: z.string(),
  app_id: z.string(),
  registration_id: hexSchema(16),
  oldest_epoch: z.int().min(0).max(0xffff),
  oldest_chain: hexSchema(32),
  keep_days: z.int().min(1).max(28),
});

/** The KEM's and the key schedule's values, from the sender's randomness to the AEAD's key. */
export interface HpkeForm {
  readonly public_key: string;
  /** X25519: 32 bytes. X-Wing: ML-KEM's randomness, 32 bytes, then the X25519 private key, 32 bytes. */
  readonly ephemeral: string;
  readonly enc: string;
  /** X25519 only. */
  readonly dh?: string | undefined;
  readonly eae_prk?: string | undefined;
  readonly kem_context?: string | undefined;
  /** X-Wing only. */
  readonly ss_m?: string | undefined;
  readonly ss_x?: string | undefined;
  readonly shared_secret: string;
  readonly psk_id_hash: string;
  readonly info_hash: string;
  readonly key_schedule_context: string;
  readonly secret: string;
  readonly key: string;
  readonly nonce: string;
}

export const hpkeForm: z.ZodType<HpkeForm> = z.strictObject({
  public_key: hexSchema(),
  ephemeral: hexSchema(),
  enc: hexSchema(),
  dh: hexSchema(32).optional(),
  eae_prk: hexSchema(32).optional(),
  kem_context: hexSchema(64).optional(),
  ss_m: hexSchema(32).optional(),
  ss_x: hexSchema(32).optional(),
  shared_secret: hexSchema(32),
  psk_id_hash: hexSchema(32),
  info_hash: hexSchema(32),
  key_schedule_context: hexSchema(65),
  secret: hexSchema(32),
  key: hexSchema(32),
  nonce: hexSchema(12),
});

/** Every value between the inputs and the envelope. */
export interface SealingForm {
  readonly epoch: number;
  /** chain[epoch]. */
  readonly chain: string;
  readonly psk: string;
  readonly psk_id: string;
  readonly info: string;
  readonly hpke: HpkeForm;
  readonly cbor: string;
  readonly bucket: number;
  readonly plaintext: string;
  /** What the replay window keeps: SHA-256(envelope)[0..16]. */
  readonly replay_hash: string;
}

const sealingForm: z.ZodType<SealingForm> = z.strictObject({
  epoch: z.int().min(0).max(0xffff),
  chain: hexSchema(32),
  psk: hexSchema(32),
  psk_id: hexSchema(6),
  info: hexSchema(),
  hpke: hpkeForm,
  cbor: hexSchema(),
  bucket: unsignedSchema,
  plaintext: hexSchema(),
  replay_hash: hexSchema(16),
});

interface Arrived extends CaseHead {
  readonly keys: readonly DeviceKeyForm[];
  readonly envelope: string;
}

/** Where opening stopped. */
export type StepName = 'length' | 'suite' | 'epoch' | 'aead' | 'padding' | 'cbor' | 'schema';

export type NotificationCase =
  | (Arrived & {
      readonly result: 'valid';
      readonly payload: PayloadForm;
      /** O and chain[O] afterwards. */
      readonly moved_epoch: number;
      readonly moved_chain: string;
      readonly sealing: SealingForm;
    })
  | (Arrived & {
      readonly result: 'refused';
      readonly step: StepName;
      /** O and chain[O] afterwards, where the AEAD has opened; absent: nothing moves. */
      readonly moved_epoch?: number | undefined;
      readonly moved_chain?: string | undefined;
    })
  | (Arrived & { readonly result: 'not_ours' });

const arrived = { ...caseHead, keys: z.array(deviceKeyForm), envelope: hexSchema() };

const notificationCase: z.ZodType<NotificationCase> = z.union([
  z.strictObject({
    ...arrived,
    result: z.literal('valid'),
    payload: payloadForm,
    moved_epoch: unsignedSchema,
    moved_chain: hexSchema(32),
    sealing: sealingForm,
  }),
  z.strictObject({
    ...arrived,
    result: z.literal('refused'),
    step: z.enum(['length', 'suite', 'epoch', 'aead', 'padding', 'cbor', 'schema']),
    moved_epoch: unsignedSchema.optional(),
    moved_chain: hexSchema(32).optional(),
  }),
  z.strictObject({ ...arrived, result: z.literal('not_ours') }),
]);

export interface NotificationFile extends FileHead {
  readonly kind: 'notification';
  readonly suite: number;
  readonly cases: readonly NotificationCase[];
}

export const notificationFile: z.ZodType<NotificationFile> = z.strictObject({
  ...fileHead,
  kind: z.literal('notification'),
  suite: unsignedSchema,
  cases: z.array(notificationCase),
});
