// Bearer credentials (SPEC.md section 13). Only SHA-256 is stored, and what is compared is compared in constant time.
import { createHash } from 'node:crypto';
import { equalConstantTime } from '../protocol/wire/bytes.ts';

const BEARER = /^Bearer ([A-Za-z0-9._~+/=-]{1,1024})$/;

/** The credential of an Authorization header, or null if it has none of this form. */
export function parseBearer(header: string | undefined): string | null {
  return BEARER.exec(header ?? '')?.[1] ?? null;
}

/** SHA-256, 32 bytes. */
export function hashCredential(credential: string): Uint8Array {
  return createHash('sha256').update(credential).digest();
}

/** Whether a credential is the one with this hash. */
export function isCredential(credential: string, hash: Uint8Array): boolean {
  return equalConstantTime(hashCredential(credential), hash);
}
