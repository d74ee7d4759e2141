// A redacted notification for APNs (SPEC.md section 14): `t` template, `b` badge, `r` reference, words from the table.
import type { LegacyNotice } from '../providers/provider.ts';
import { WORDS } from './words.ts';

export function buildLegacyApnsBody(notice: LegacyNotice): string {
  const words = WORDS[notice.template];
  const fields = {
    t: notice.template,
    b: notice.badge,
    ...(notice.reference === undefined ? {} : { r: notice.reference }),
  };
  if (words === null) return JSON.stringify({ aps: { 'content-available': 1 }, ...fields });
  return JSON.stringify({
    aps: { alert: { body: words }, badge: notice.badge, sound: 'default' },
    ...fields,
  });
}
