// key-list.json: a signed list of bouncer keys, and the app that is handed it.
import { z } from 'zod';
import { type CaseHead, caseHead, type FileHead, fileHead, hexSchema, unsignedSchema } from './case.ts';

/** What an app keeps of the highest list seen. Times in unix seconds. */
export interface SeenForm {
  readonly version: number;
  readonly issued_at: number;
  readonly digest: string;
}

export interface TrustForm {
  readonly roots: readonly string[];
  readonly build_time: number;
  readonly lowest_version: number;
  readonly seen: SeenForm | null;
}

export interface BouncerKeyEntry {
  readonly bkid: string;
  readonly suite: number;
  readonly key: string;
  readonly not_before: number;
  readonly not_after: number;
}

export interface ListForm {
  readonly version: number;
  readonly issued_at: number;
  readonly valid_until: number;
  readonly bouncer_origin: string;
  readonly keys: readonly BouncerKeyEntry[];
}

/** As on the wire: base64url. */
export interface SignedForm {
  readonly root: string;
  readonly signature: string;
  readonly bytes: string;
}

/** The time that keys are chosen for, and the keys of suites 0x11 and 0x12, or null. */
export interface SelectForm {
  readonly now: number;
  readonly bkid_11: string | null;
  readonly bkid_12: string | null;
}

interface Relayed extends CaseHead {
  readonly trust: TrustForm;
  readonly bouncer_origin: string;
  readonly signed: SignedForm;
  /** The device's own clock, unix seconds. */
  readonly now: number;
}

export type KeyListCase =
  | (Relayed & {
      readonly result: 'valid';
      readonly list: ListForm;
      readonly seen: SeenForm;
      readonly select: SelectForm;
    })
  | (Relayed & { readonly result: 'refused'; readonly code: 'key_list_refused' | 'clock_wrong' });

const seenForm: z.ZodType<SeenForm> = z.strictObject({
  version: unsignedSchema,
  issued_at: unsignedSchema,
  digest: hexSchema(32),
});

const relayed = {
  ...caseHead,
  trust: z.strictObject({
    roots: z.array(hexSchema(32)),
    build_time: unsignedSchema,
    lowest_version: unsignedSchema,
    seen: seenForm.nullable(),
  }),
  bouncer_origin: z.string(),
  signed: z.strictObject({ root: z.string(), signature: z.string(), bytes: z.string() }),
  now: unsignedSchema,
};

const keyListCase: z.ZodType<KeyListCase> = z.union([
  z.strictObject({
    ...relayed,
    result: z.literal('valid'),
    list: z.strictObject({
      version: unsignedSchema,
      issued_at: unsignedSchema,
      valid_until: unsignedSchema,
      bouncer_origin: z.string(),
      keys: z.array(
        z.strictObject({
          bkid: hexSchema(4),
          suite: unsignedSchema,
          key: hexSchema(),
          not_before: unsignedSchema,
          not_after: unsignedSchema,
        }),
      ),
    }),
    seen: seenForm,
    select: z.strictObject({
      now: unsignedSchema,
      bkid_11: hexSchema(4).nullable(),
      bkid_12: hexSchema(4).nullable(),
    }),
  }),
  z.strictObject({
    ...relayed,
    result: z.literal('refused'),
    code: z.enum(['key_list_refused', 'clock_wrong']),
  }),
]);

export interface KeyListFile extends FileHead {
  readonly kind: 'key-list';
  readonly cases: readonly KeyListCase[];
}

export const keyListFile: z.ZodType<KeyListFile> = z.strictObject({
  ...fileHead,
  kind: z.literal('key-list'),
  cases: z.array(keyListCase),
});
