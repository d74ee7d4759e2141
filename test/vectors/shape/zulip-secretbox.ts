// zulip-secretbox.json: suite 0x31, in Zulip's own form. Base64 is Zulip's: the standard alphabet, padded.
import { z } from 'zod';
import { type CaseHead, caseHead, type FileHead, fileHead, hexSchema, unsignedSchema } from './case.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The text of a push key, and the suites of every key that the device ever registered at the origin. */
interface KeyTaken extends CaseHead {
  readonly of: 'push_key';
  readonly text: string;
  readonly suites_used: readonly number[];
}

interface NotificationReceived extends CaseHead {
  readonly of: 'notification';
  /** What the device holds. */
  readonly push_key: string;
  readonly push_key_id: number;
  readonly realm_origin: string;
  readonly user_id: number;
  /** The body of APNs, or the data of FCM. */
  readonly received: JsonObject;
}

interface RegistrationReceived extends CaseHead {
  readonly of: 'registration';
  /** The bouncer's key pair, hexadecimal. */
  readonly public_key: string;
  readonly private_key: string;
  readonly received: {
    readonly bouncer_public_key: string;
    readonly encrypted_push_registration: string;
    readonly token_id: string;
  };
}

export type ZulipCase =
  | (KeyTaken & { readonly result: 'valid'; readonly key: string })
  | (KeyTaken & { readonly result: 'refused' })
  | (NotificationReceived & {
      readonly result: 'valid';
      readonly nonce: string;
      readonly plaintext: string;
      readonly payload: JsonObject;
    })
  | (NotificationReceived & {
      readonly result: 'refused';
      readonly step: 'id' | 'length' | 'aead' | 'schema' | 'type' | 'account';
    })
  | (NotificationReceived & { readonly result: 'not_ours' })
  | (RegistrationReceived & {
      readonly result: 'valid';
      readonly ephemeral: string;
      readonly plaintext: string;
      readonly registration: JsonObject;
    })
  | (RegistrationReceived & { readonly result: 'refused' | 'not_ours' });

const jsonObject: z.ZodType<JsonObject> = z.record(z.string(), z.unknown());

const keyTaken = {
  ...caseHead,
  of: z.literal('push_key'),
  text: z.string(),
  suites_used: z.array(unsignedSchema),
};
const notification = {
  ...caseHead,
  of: z.literal('notification'),
  push_key: z.string(),
  push_key_id: unsignedSchema,
  realm_origin: z.string(),
  user_id: unsignedSchema,
  received: jsonObject,
};
const registration = {
  ...caseHead,
  of: z.literal('registration'),
  public_key: hexSchema(32),
  private_key: hexSchema(32),
  received: z.strictObject({
    bouncer_public_key: z.string(),
    encrypted_push_registration: z.string(),
    token_id: z.string(),
  }),
};

const zulipCase: z.ZodType<ZulipCase> = z.union([
  z.strictObject({ ...keyTaken, result: z.literal('valid'), key: hexSchema(32) }),
  z.strictObject({ ...keyTaken, result: z.literal('refused') }),
  z.strictObject({
    ...notification,
    result: z.literal('valid'),
    nonce: hexSchema(24),
    plaintext: hexSchema(),
    payload: jsonObject,
  }),
  z.strictObject({
    ...notification,
    result: z.literal('refused'),
    step: z.enum(['id', 'length', 'aead', 'schema', 'type', 'account']),
  }),
  z.strictObject({ ...notification, result: z.literal('not_ours') }),
  z.strictObject({
    ...registration,
    result: z.literal('valid'),
    ephemeral: hexSchema(32),
    plaintext: hexSchema(),
    registration: jsonObject,
  }),
  z.strictObject({ ...registration, result: z.enum(['refused', 'not_ours']) }),
]);

export interface ZulipFile extends FileHead {
  readonly kind: 'zulip-secretbox';
  readonly cases: readonly ZulipCase[];
}

export const zulipFile: z.ZodType<ZulipFile> = z.strictObject({
  ...fileHead,
  kind: z.literal('zulip-secretbox'),
  cases: z.array(zulipCase),
});
