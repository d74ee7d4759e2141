// The phone before its first unlock (SPEC.md section 4): storage that is locked is not broken storage. Nothing can be
// opened, so what should be shown is the placeholder, and nothing of the app's changes.
import { PLACEHOLDER_IDENTIFIER } from './android.ts';
import type { PhoneContext } from './context.ts';
import { type Delivery, readAps } from './delivery.ts';
import { identifierOf } from './ios-extension.ts';
import { showAsHanded } from './legacy.ts';
import { presentPlaceholder } from './presentation.ts';

export async function receiveWhileLocked(phone: PhoneContext, push: Delivery): Promise<void> {
  if (push.platform === 'apns') {
    const aps = readAps(push);
    if (aps['alert'] === undefined) return phone.emit({ event: 'ignored', reason: 'locked' });
    // What iOS shows by itself needs no storage.
    return aps['mutable-content'] === 1
      ? showPlaceholder(phone, identifierOf(push))
      : showAsHanded(phone, push);
  }
  if ('data' in push && push.data['e'] !== undefined) return showPlaceholder(phone, PLACEHOLDER_IDENTIFIER);
  phone.emit({ event: 'ignored', reason: 'locked' });
}

/** The notification centre is the operating system's: it is the one thing that changes. */
async function showPlaceholder(phone: PhoneContext, identifier: string): Promise<void> {
  phone.file.update((state) => presentPlaceholder(state, identifier, 'locked').state);
  await phone.file.commit();
  phone.emit(presentPlaceholder(phone.file.state, identifier, 'locked').event);
}
