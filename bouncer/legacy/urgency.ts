// Whether a template wakes the screen (SPEC.md section 14).
import type { Template, Urgency } from '../../protocol/wire/bouncer-api.ts';
import { WORDS } from './words.ts';

export function legacyUrgency(template: Template): Urgency {
  return WORDS[template] === null ? 'background' : 'alert';
}
