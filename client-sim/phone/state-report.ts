// The answer to the `state` command: what the phone knows and shows; its key material only where that was asked for, so
// that an independent program can open the envelopes.
import { encodeBase64url } from '../../protocol/wire/base64url.ts';
import type { PhoneEvent } from './events.ts';
import { sumUnread } from './presentation.ts';
import type { HeldKey, PhoneState, Registration } from './state.ts';
import { wordBody } from './wording.ts';

export function reportState(state: PhoneState, withKeys: boolean): PhoneEvent {
  const missing = state.registrations.flatMap(({ keys }) => keys).reduce((sum, key) => sum + key.missing, 0);
  return {
    event: 'state',
    inbox: state.inbox.map((entry) => ({
      identifier: entry.identifier,
      reference: entry.reference,
      title: entry.title,
      body: wordBody(entry.text, entry.conversation),
      text: entry.text,
      truncated: entry.truncated,
      sent_at: entry.sentAt,
      alerted: entry.alerted,
    })),
    center: state.center.map(({ registrationId: _, ...shown }) => shown),
    counts: {
      inbox: state.inbox.length,
      center: state.center.length,
      unread: sumUnread(state),
      missing,
      queued_revocations: state.revocations.length,
    },
    ...(withKeys && {
      keys: state.registrations.flatMap((registration) =>
        registration.keys.map((key) => reportKey(registration, key)),
      ),
    }),
  };
}

function reportKey(registration: Registration, key: HeldKey): Readonly<Record<string, unknown>> {
  return {
    kid: encodeBase64url(key.kid),
    suite: key.suiteId,
    private_key: encodeBase64url(key.privateKey),
    public_key: encodeBase64url(key.publicKey),
    epoch: key.epoch,
    chain: encodeBase64url(key.chain),
    keep_days: key.keepDays,
    origin: registration.origin,
    app_id: registration.appId,
    registration_id: encodeBase64url(registration.registrationId),
  };
}
