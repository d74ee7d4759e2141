// challenge.json and revocation.json: the MACs under an attempt's confirm_key.
import { z } from 'zod';
import { type CaseHead, caseHead, type FileHead, fileHead, hexSchema } from './case.ts';

/** What the app keeps of an attempt, and the bouncer too. */
export interface AttemptForm {
  readonly attempt: string;
  readonly confirm_key: string;
  readonly info: string;
  /** SHA-256(info). */
  readonly info_hash: string;
}

const attemptForm: z.ZodType<AttemptForm> = z.strictObject({
  attempt: hexSchema(16),
  confirm_key: hexSchema(32),
  info: hexSchema(),
  info_hash: hexSchema(32),
});

interface Pushed extends CaseHead {
  readonly of: 'challenge';
  readonly attempt: AttemptForm;
  /** What was pushed, after base64url. */
  readonly c: string;
}

interface Answered extends CaseHead {
  readonly of: 'confirmation';
  readonly result: 'valid' | 'refused';
  readonly attempt: AttemptForm;
  /** What the bouncer sent. */
  readonly challenge: string;
  /** What it got. */
  readonly confirmation: string;
}

export type ChallengeCase =
  | (Pushed & {
      readonly result: 'valid';
      readonly challenge: string;
      readonly mac: string;
      /** The app's answer. */
      readonly confirmation: string;
    })
  | (Pushed & { readonly result: 'refused' })
  | Answered;

const pushed = { ...caseHead, of: z.literal('challenge'), attempt: attemptForm, c: hexSchema() };

const challengeCase: z.ZodType<ChallengeCase> = z.union([
  z.strictObject({
    ...pushed,
    result: z.literal('valid'),
    challenge: hexSchema(16),
    mac: hexSchema(16),
    confirmation: hexSchema(32),
  }),
  z.strictObject({ ...pushed, result: z.literal('refused') }),
  z.strictObject({
    ...caseHead,
    of: z.literal('confirmation'),
    result: z.enum(['valid', 'refused']),
    attempt: attemptForm,
    challenge: hexSchema(16),
    confirmation: hexSchema(),
  }),
]);

export interface ChallengeFile extends FileHead {
  readonly kind: 'challenge';
  readonly cases: readonly ChallengeCase[];
}

export const challengeFile: z.ZodType<ChallengeFile> = z.strictObject({
  ...fileHead,
  kind: z.literal('challenge'),
  cases: z.array(challengeCase),
});

export interface RevocationCase extends CaseHead {
  readonly result: 'valid' | 'refused';
  readonly attempt: AttemptForm;
  /** What the bouncer got. */
  readonly mac: string;
}

export interface RevocationFile extends FileHead {
  readonly kind: 'revocation';
  readonly cases: readonly RevocationCase[];
}

export const revocationFile: z.ZodType<RevocationFile> = z.strictObject({
  ...fileHead,
  kind: z.literal('revocation'),
  cases: z.array(
    z.strictObject({
      ...caseHead,
      result: z.enum(['valid', 'refused']),
      attempt: attemptForm,
      mac: hexSchema(),
    }),
  ),
});
