// Every file of vectors, by its name, as text, and the schema. Nothing here writes; main.ts does, and a test compares.
import { type VectorFile, vectorSchema } from '../shape/file.ts';
import { challengeVectors } from './challenge/file.ts';
import { revocationVectors } from './challenge/revocation.ts';
import { base64urlVectors, cborVectors } from './encodings.ts';
import { judgementVectors } from './judgement/file.ts';
import { keyListVectors } from './key-list/file.ts';
import { notificationFiles } from './notification/file.ts';
import { originVectors } from './origins.ts';
import { pushTokenVectors } from './push-token/file.ts';
import { ratchetVectors } from './ratchet.ts';
import { scenarioFiles } from './scenario/file.ts';
import { zulipVectors } from './zulip/file.ts';

export function generatedFiles(): Record<string, string> {
  const files: Record<string, VectorFile> = {
    ...notificationFiles(),
    'judgement.json': judgementVectors(),
    ...scenarioFiles(),
    'push-token.json': pushTokenVectors(),
    'key-list.json': keyListVectors(),
    'challenge.json': challengeVectors(),
    'revocation.json': revocationVectors(),
    'base64url.json': base64urlVectors(),
    'cbor.json': cborVectors(),
    'origin.json': originVectors(),
    'ratchet.json': ratchetVectors(),
    'zulip-secretbox.json': zulipVectors(),
  };
  const texts = Object.entries({ ...files, 'schema.json': vectorSchema() });
  return Object.fromEntries(texts.map(([name, file]) => [name, `${JSON.stringify(file, null, 1)}\n`]));
}
