// push-token.json: one sealed push token each, and the keys of the bouncer that opens it.
import { z } from 'zod';
import { type CaseHead, caseHead, type FileHead, fileHead, hexSchema, unsignedSchema } from './case.ts';
import { type HpkeForm, hpkeForm } from './notification.ts';

/** A sealing key of the bouncer, as the bouncer holds it. */
export interface BouncerKeyForm {
  readonly suite: number;
  readonly bkid: string;
  readonly private_key: string;
}

export interface ContextForm {
  readonly origin: string;
  readonly app_id: string;
  readonly platform: string;
  readonly environment: string;
}

export interface TokenForm {
  /** Hexadecimal for apns, the text itself for fcm. */
  readonly token: string;
  /** Unix seconds. */
  readonly issued_at: number;
  readonly attempt: string;
  readonly confirm_key: string;
}

/** Every value between the inputs and the blob. */
export interface TokenSealingForm {
  readonly suite: number;
  readonly bkid: string;
  readonly info: string;
  readonly cbor: string;
  readonly plaintext: string;
  readonly hpke: HpkeForm;
}

interface Received extends CaseHead {
  readonly bouncer_keys: readonly BouncerKeyForm[];
  readonly context: ContextForm;
  readonly blob: string;
}

export type PushTokenCase =
  | (Received & {
      readonly result: 'valid';
      readonly token: TokenForm;
      readonly info_hash: string;
      readonly sealing: TokenSealingForm;
    })
  | (Received & { readonly result: 'refused' });

const received = {
  ...caseHead,
  bouncer_keys: z.array(
    z.strictObject({ suite: unsignedSchema, bkid: hexSchema(4), private_key: hexSchema(32) }),
  ),
  context: z.strictObject({
    origin: z.string(),
    app_id: z.string(),
    platform: z.string(),
    environment: z.string(),
  }),
  blob: hexSchema(),
};

const pushTokenCase: z.ZodType<PushTokenCase> = z.union([
  z.strictObject({
    ...received,
    result: z.literal('valid'),
    token: z.strictObject({
      token: z.string().min(1),
      issued_at: unsignedSchema,
      attempt: hexSchema(16),
      confirm_key: hexSchema(32),
    }),
    info_hash: hexSchema(32),
    sealing: z.strictObject({
      suite: unsignedSchema,
      bkid: hexSchema(4),
      info: hexSchema(),
      cbor: hexSchema(),
      plaintext: hexSchema(512),
      hpke: hpkeForm,
    }),
  }),
  z.strictObject({ ...received, result: z.literal('refused') }),
]);

export interface PushTokenFile extends FileHead {
  readonly kind: 'push-token';
  readonly cases: readonly PushTokenCase[];
}

export const pushTokenFile: z.ZodType<PushTokenFile> = z.strictObject({
  ...fileHead,
  kind: z.literal('push-token'),
  cases: z.array(pushTokenCase),
});
