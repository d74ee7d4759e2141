// Reading the committed vectors, as an implementation would: JSON, checked against the shape, bytes from hexadecimal.
import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import type { OpeningKey } from '../../../protocol/content/open/open.ts';
import type { CryptoBackend } from '../../../protocol/crypto/backend.ts';
import { nativeBackend } from '../../../protocol/crypto/backend-native.ts';
import { portableBackend } from '../../../protocol/crypto/backend-portable.ts';
import { findSuite } from '../../../protocol/wire/suites.ts';
import type { DeviceKeyForm } from '../shape/notification.ts';

/** Both backends, by the name that a test shows. */
export const BACKENDS: readonly (readonly [name: string, backend: CryptoBackend])[] = [
  ['native', nativeBackend],
  ['portable', portableBackend],
];

/** A file of vectors of one shape. */
export function readVectors<File>(name: string, shape: z.ZodType<File>): File {
  return shape.parse(JSON.parse(readFileSync(new URL(`../${name}`, import.meta.url), 'utf8')));
}

/** The bytes of hexadecimal. */
export function unhex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'hex'));
}

/** What the library opens with. */
export function openingKey(form: DeviceKeyForm): OpeningKey {
  return {
    suite: findSuite(form.suite, 'notification'),
    kid: unhex(form.kid),
    privateKey: unhex(form.private_key),
    origin: form.origin,
    appId: form.app_id,
    registrationId: unhex(form.registration_id),
    epoch: form.oldest_epoch,
    chain: unhex(form.oldest_chain),
    keepDays: form.keep_days,
  };
}
