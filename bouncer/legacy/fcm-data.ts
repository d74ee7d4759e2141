// A redacted notification for FCM (SPEC.md section 14): `t` template, `b` badge, `r` reference. The words are the app's.
import type { LegacyNotice } from '../providers/provider.ts';

export function buildLegacyFcmData(notice: LegacyNotice): Readonly<Record<string, string>> {
  return {
    t: notice.template,
    b: String(notice.badge),
    ...(notice.reference === undefined ? {} : { r: notice.reference }),
  };
}
