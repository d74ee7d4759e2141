// Any file of vectors, by its kind; schema.json is made of this.
import { z } from 'zod';
import { type ChallengeFile, challengeFile, type RevocationFile, revocationFile } from './challenge.ts';
import {
  type Base64urlFile,
  base64urlFile,
  type CborFile,
  cborFile,
  type OriginFile,
  originFile,
  type RatchetFile,
  ratchetFile,
} from './encodings.ts';
import { type JudgementFile, judgementFile } from './judgement.ts';
import { type KeyListFile, keyListFile } from './key-list.ts';
import { type NotificationFile, notificationFile } from './notification.ts';
import { type PushTokenFile, pushTokenFile } from './push-token.ts';
import { type ScenarioFile, scenarioFile } from './scenario.ts';
import { type ZulipFile, zulipFile } from './zulip-secretbox.ts';

export type VectorFile =
  | NotificationFile
  | PushTokenFile
  | KeyListFile
  | JudgementFile
  | ScenarioFile
  | ChallengeFile
  | RevocationFile
  | Base64urlFile
  | CborFile
  | OriginFile
  | RatchetFile
  | ZulipFile;

export const vectorFile: z.ZodType<VectorFile> = z.union([
  notificationFile,
  judgementFile,
  scenarioFile,
  pushTokenFile,
  keyListFile,
  challengeFile,
  revocationFile,
  base64urlFile,
  cborFile,
  originFile,
  ratchetFile,
  zulipFile,
]);

/** The JSON Schema of every file, as committed. */
export function vectorSchema(): object {
  return {
    title: 'Sealed Push, version 1: test vectors',
    description: 'One file of test/vectors; `kind` says which. See README.md beside it.',
    ...z.toJSONSchema(vectorFile, { io: 'input', reused: 'ref' }),
  };
}
