// The words of redacted notifications (SPEC.md section 14): all that a device without E2EE is ever told in words.
import type { Template } from '../../protocol/wire/bouncer-api.ts';

/** What an iPhone shows. A template without words shows nothing. */
export const WORDS: Readonly<Record<Template, string | null>> = {
  new_message: 'New message',
  mention: 'You were mentioned',
  direct_message: 'New direct message',
  removed: null,
  test: 'Test notification',
};
