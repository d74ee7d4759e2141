// The JSON bodies sent to APNs (SPEC.md section 13). Those with an envelope and with a challenge are frozen.
import type { Urgency } from '../../../protocol/wire/bouncer-api.ts';
import { buildLegacyApnsBody } from '../../legacy/apns-body.ts';
import type { PushContent } from '../provider.ts';

/** At most 4,078 bytes: the envelope is at most 3,999 characters. */
export function buildApnsBody(content: PushContent, urgency: Urgency): string {
  if (content.kind === 'legacy') return buildLegacyApnsBody(content.notice);
  if (urgency === 'background') return `{"aps":{"content-available":1},${buildField(content)}}`;
  if (content.kind === 'challenge') {
    return `{"aps":{"alert":{"loc-key":"SP"},"mutable-content":1,"interruption-level":"passive"},${buildField(content)}}`;
  }
  return `{"aps":{"alert":{"loc-key":"SP"},"sound":"default","mutable-content":1},${buildField(content)}}`;
}

/** base64url needs no escaping in JSON. */
function buildField(content: Exclude<PushContent, { readonly kind: 'legacy' }>): string {
  return content.kind === 'envelope' ? `"e":"${content.envelope}"` : `"c":"${content.challenge}"`;
}
