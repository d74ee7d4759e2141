// scenario-01.json and scenario-02.json: what happens to one device, step by step, with its whole state after each.
import { z } from 'zod';
import { type CaseHead, caseHead, type FileHead, fileHead, hexSchema, unsignedSchema } from './case.ts';
import {
  type KnownForm,
  knownForm,
  type PairForm,
  pairForm,
  type VerdictForm,
  verdictFields,
} from './judgement.ts';
import { type DeviceKeyForm, deviceKeyForm, type StepName } from './notification.ts';
import { type PayloadForm, payloadForm } from './payload.ts';

/** What a device keeps of one key. */
export interface KeyStateForm {
  readonly kid: string;
  readonly oldest_epoch: number;
  readonly oldest_chain: string;
  /** The highest seen, or 0. */
  readonly counter: number;
  readonly sent_at: number;
  /** How many pairs are in the window. */
  readonly pairs: number;
  readonly floor: PairForm | null;
}

export interface DeviceStateForm {
  readonly registration_id: string;
  /** The highest that changed state, or 0. */
  readonly sent_at: number;
  readonly unread: number;
  readonly tombstones: readonly KnownForm[];
  readonly newest: readonly KnownForm[];
  /** Oldest first. */
  readonly keys: readonly KeyStateForm[];
}

/** The server's answer at an app start. */
export interface StatusForm {
  readonly kid: string;
  readonly suite: number;
  readonly epoch: number;
  readonly counter: number;
  readonly sent_at: number;
  readonly key_state: string;
}

export type Display = 'loud' | 'quiet' | 'newer' | 'placeholder' | 'nothing';

/** What every step has. */
interface StepHead {
  readonly comment: string;
  readonly state: DeviceStateForm;
}

export interface RegisterInput {
  readonly do: 'register';
  readonly registration_id: string;
  readonly origin: string;
  readonly app_id: string;
}

export interface AddKeyInput {
  readonly do: 'add_key';
  readonly key: DeviceKeyForm;
}

export interface ReceiveInput {
  readonly do: 'receive';
  readonly envelope: string;
  /** Unix ms. */
  readonly now: number;
}

export interface StatusInput {
  readonly do: 'status';
  readonly status: StatusForm | null;
}

export interface Erased {
  /** Kids that went. */
  readonly erased: readonly string[];
}

export interface Shown extends Erased {
  readonly ios: Display;
  readonly android: Display;
}

export type Received =
  | (Shown & {
      readonly result: 'valid';
      readonly payload: PayloadForm;
      readonly loud: boolean;
      readonly verdict: VerdictForm;
    })
  | (Shown & { readonly result: 'refused'; readonly step: StepName })
  | (Shown & { readonly result: 'not_ours' });

export interface Decided extends Erased {
  readonly key: 'keep' | 'replace' | 'register';
  readonly synchronise: boolean;
}

export type StepInput = RegisterInput | AddKeyInput | ReceiveInput | StatusInput;

export type ScenarioStep =
  | (StepHead & RegisterInput)
  | (StepHead & AddKeyInput & Erased)
  | (StepHead & ReceiveInput & Received)
  | (StepHead & StatusInput & Decided);

export interface ScenarioCase extends CaseHead {
  readonly result: 'valid';
  readonly steps: readonly ScenarioStep[];
}

export interface ScenarioFile extends FileHead {
  readonly kind: 'scenario';
  readonly suite: number;
  readonly cases: readonly ScenarioCase[];
}

const displayForm: z.ZodType<Display> = z.enum(['loud', 'quiet', 'newer', 'placeholder', 'nothing']);

const stepHead = {
  comment: z.string().min(1),
  state: z.strictObject({
    registration_id: hexSchema(16),
    sent_at: unsignedSchema,
    unread: unsignedSchema,
    tombstones: z.array(knownForm),
    newest: z.array(knownForm),
    keys: z
      .array(
        z.strictObject({
          kid: hexSchema(4),
          oldest_epoch: unsignedSchema,
          oldest_chain: hexSchema(32),
          counter: unsignedSchema,
          sent_at: unsignedSchema,
          pairs: unsignedSchema,
          floor: pairForm.nullable(),
        }),
      )
      .max(4),
  }),
};
const erased = { erased: z.array(hexSchema(4)) };
const receive = {
  ...stepHead,
  ...erased,
  do: z.literal('receive'),
  envelope: hexSchema(),
  now: unsignedSchema,
  ios: displayForm,
  android: displayForm,
};

const scenarioStep: z.ZodType<ScenarioStep> = z.union([
  z.strictObject({
    ...stepHead,
    do: z.literal('register'),
    registration_id: hexSchema(16),
    origin: z.string(),
    app_id: z.string(),
  }),
  z.strictObject({ ...stepHead, ...erased, do: z.literal('add_key'), key: deviceKeyForm }),
  z.strictObject({
    ...receive,
    result: z.literal('valid'),
    payload: payloadForm,
    loud: z.boolean(),
    verdict: z.strictObject(verdictFields),
  }),
  z.strictObject({
    ...receive,
    result: z.literal('refused'),
    step: z.enum(['length', 'suite', 'epoch', 'aead', 'padding', 'cbor', 'schema']),
  }),
  z.strictObject({ ...receive, result: z.literal('not_ours') }),
  z.strictObject({
    ...stepHead,
    ...erased,
    do: z.literal('status'),
    status: z
      .strictObject({
        kid: hexSchema(4),
        suite: unsignedSchema,
        epoch: unsignedSchema,
        counter: unsignedSchema,
        sent_at: unsignedSchema,
        key_state: z.string(),
      })
      .nullable(),
    key: z.enum(['keep', 'replace', 'register']),
    synchronise: z.boolean(),
  }),
]);

export const scenarioFile: z.ZodType<ScenarioFile> = z.strictObject({
  ...fileHead,
  kind: z.literal('scenario'),
  suite: unsignedSchema,
  cases: z.array(
    z.strictObject({ ...caseHead, result: z.literal('valid'), steps: z.array(scenarioStep).min(1) }),
  ),
});
