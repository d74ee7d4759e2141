// The keys of the vectors as the library takes them.
import type { OpeningKey } from '../../../protocol/content/open/open.ts';
import { findSuite } from '../../../protocol/wire/suites.ts';
import type { DeviceKeyForm } from '../shape/notification.ts';
import { unhex } from './unhex.ts';

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
