// judgement.json: what is known when an authentic payload has arrived, the verdict, and the state afterwards.
import { z } from 'zod';
import { type CaseHead, caseHead, type FileHead, fileHead, hexSchema, unsignedSchema } from './case.ts';
import { type PayloadForm, payloadForm, type ReferenceForm, referenceForm } from './payload.ts';

export interface PairForm {
  readonly sent_at: number;
  readonly hash: string;
}

/** A reference and the sent_at that was known of it, or that removed it. */
export interface KnownForm {
  readonly reference: ReferenceForm;
  readonly sent_at: number;
}

export interface ReplayStateForm {
  /** Ascending. */
  readonly pairs: readonly PairForm[];
  readonly floor: PairForm | null;
  readonly tombstones: readonly KnownForm[];
  readonly newest: readonly KnownForm[];
}

/** What is said of a payload, but for whether it may sound. */
export interface VerdictForm {
  readonly replay: 'new' | 'seen' | 'below';
  readonly changes_state: boolean;
  readonly expired: boolean;
  readonly from_future: boolean;
  readonly removed: boolean;
  readonly superseded: boolean;
}

export interface JudgementCase extends CaseHead, VerdictForm {
  readonly result: 'loud' | 'quiet';
  readonly payload: PayloadForm;
  readonly replay_hash: string;
  readonly keep_days: number;
  /** Unix ms. */
  readonly now: number;
  readonly state: ReplayStateForm;
  readonly after: ReplayStateForm;
}

export interface JudgementFile extends FileHead {
  readonly kind: 'judgement';
  readonly cases: readonly JudgementCase[];
}

export const pairForm: z.ZodType<PairForm> = z.strictObject({ sent_at: unsignedSchema, hash: hexSchema(16) });

export const knownForm: z.ZodType<KnownForm> = z.strictObject({
  reference: referenceForm,
  sent_at: unsignedSchema,
});

const stateForm: z.ZodType<ReplayStateForm> = z.strictObject({
  pairs: z.array(pairForm).max(256),
  floor: pairForm.nullable(),
  tombstones: z.array(knownForm),
  newest: z.array(knownForm),
});

/** The fields of {@link VerdictForm}, for z.strictObject. */
export const verdictFields: {
  readonly replay: z.ZodType<'new' | 'seen' | 'below'>;
  readonly changes_state: z.ZodType<boolean>;
  readonly expired: z.ZodType<boolean>;
  readonly from_future: z.ZodType<boolean>;
  readonly removed: z.ZodType<boolean>;
  readonly superseded: z.ZodType<boolean>;
} = {
  replay: z.enum(['new', 'seen', 'below']),
  changes_state: z.boolean(),
  expired: z.boolean(),
  from_future: z.boolean(),
  removed: z.boolean(),
  superseded: z.boolean(),
};

export const judgementFile: z.ZodType<JudgementFile> = z.strictObject({
  ...fileHead,
  kind: z.literal('judgement'),
  cases: z.array(
    z.strictObject({
      ...caseHead,
      result: z.enum(['loud', 'quiet']),
      ...verdictFields,
      payload: payloadForm,
      replay_hash: hexSchema(16),
      keep_days: z.int().min(1).max(28),
      now: unsignedSchema,
      state: stateForm,
      after: stateForm,
    }),
  ),
});
