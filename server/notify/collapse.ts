// Collapse identifiers (SPEC.md section 13): a retry or an edit replaces its twin on the device, and nobody but this
// server can tell what it stands for.
//
//   collapse = HMAC-SHA256(collapse_key, "sealed-push/1 collapse" ‖ registration_id ‖ kid ‖ reference)[0..16]
import type { Reference } from '../../protocol/content/field.ts';
import type { CryptoBackend } from '../../protocol/crypto/backend.ts';
import { decodeBase64url, encodeBase64url } from '../../protocol/wire/base64url.ts';
import { utf8 } from '../../protocol/wire/bytes.ts';
import { encodeCbor } from '../../protocol/wire/cbor.ts';
import { COLLAPSE_BYTES } from '../../protocol/wire/limits.ts';

const LABEL = utf8('sealed-push/1 collapse');
const SENT_AT_BYTES = 8;

/** What the notification is about: a reference, or its own sent_at (unix ms) where there is none. */
export type CollapseSubject = { readonly reference: Reference } | { readonly sentAt: number };

/** 16 bytes in base64url. `kid` is empty for a device without a key. */
export function buildCollapse(
  backend: CryptoBackend,
  collapseKey: Uint8Array,
  registrationId: string,
  kid: string,
  subject: CollapseSubject,
): string {
  const mac = backend.hmacSha256(
    collapseKey,
    LABEL,
    decodeBase64url(registrationId),
    decodeBase64url(kid),
    // CBOR of a reference never has the form of 8 bytes that begin with zeros.
    'reference' in subject ? encodeCbor(subject.reference) : encodeSentAt(subject.sentAt),
  );
  return encodeBase64url(mac.subarray(0, COLLAPSE_BYTES));
}

function encodeSentAt(sentAt: number): Uint8Array {
  const bytes = new Uint8Array(SENT_AT_BYTES);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(sentAt));
  return bytes;
}
