// The Android phone (SPEC.md section 10): a data message wakes the app, which shows what is loud, quietly what is the
// newest of all but seems expired, and nothing else. It acts on `e`; on `c` whose attempt is ours and whose MAC is right;
// and, only while one of its accounts is without a key, on a template. Everything else is ignored.
import type { Payload } from '../../protocol/content/payload.ts';
import { judgeChallenge } from './challenge.ts';
import type { PhoneContext } from './context.ts';
import type { FcmDeletion, FcmDelivery } from './delivery.ts';
import type { PhoneEvent } from './events.ts';
import { fileMessage } from './inbox.ts';
import { receiveTemplate } from './legacy.ts';
import { type Opening, openDelivery } from './opening.ts';
import { presentPayload, presentPlaceholder, tellEffects } from './presentation.ts';
import { type Receipt, receiveOpening } from './receipt.ts';
import type { PhoneState } from './state.ts';
import { hintOf, type Taken, takeDurably } from './taking.ts';
import { wordPayload } from './wording.ts';

/** One placeholder at most: Android lets the app choose the identifier. */
export const PLACEHOLDER_IDENTIFIER = 'placeholder';

export async function receiveOnAndroid(phone: PhoneContext, push: FcmDelivery | FcmDeletion): Promise<void> {
  if (!('data' in push)) return phone.emit({ event: 'sync_hint', skipped: 0 });
  const { c, e } = push.data;
  if (c !== undefined) return handleChallenge(phone, c);
  const { registrations } = phone.file.state;
  const listsLegacy = registrations.some(({ e2ee, accepted }) => !e2ee && accepted);
  // Quietly: whoever can send to the token could otherwise ring a phone whose other accounts have keys.
  if (e === undefined && listsLegacy) return receiveTemplate(phone, push, { quiet: true });
  const hasKey = registrations.some(({ keys }) => keys.length > 0);
  if (e === undefined || !hasKey) return phone.emit({ event: 'ignored', reason: 'not_sealed' });
  const opening = openDelivery(phone, '', e);
  await takeDurably(phone, (state) => takeIn(phone, state, opening));
}

type Shown = Omit<Taken, 'hint'>;

function handleChallenge(phone: PhoneContext, value: string): void {
  const verdict = judgeChallenge(phone.backend, phone.file.state, value);
  if (verdict.kind === 'answer') phone.confirm(verdict.answer);
  else phone.emit({ event: 'ignored', reason: `challenge_${verdict.kind}` });
}

function takeIn(phone: PhoneContext, before: PhoneState, opening: Opening): Taken {
  const { state, receipt } = receiveOpening(before, opening);
  if (!receipt.opened) return { ...showPlaceholder(state, receipt.step), hint: null };
  const shown = show(phone, state, receipt);
  return {
    state: shown.state,
    events: [...tellEffects(receipt), ...shown.events],
    hint: hintOf(receipt),
  };
}

function show(phone: PhoneContext, state: PhoneState, receipt: Receipt): Shown {
  const { payload, verdict } = receipt;
  const wording = wordPayload(payload);
  if (wording === null) return { state, events: tellUnknown(payload) };
  const identifier = `${receipt.registrationId}-${wording.reference ?? payload.kind}`;
  // The clock of the phone may be wrong: what is newer than all the rest is shown, quietly.
  const quiet = verdict.changesState && verdict.expired && !verdict.removed && receipt.newest;
  if (!verdict.loud && !quiet) {
    const inbox = fileMessage(state.inbox, receipt, wording, identifier);
    return { state: { ...state, inbox }, events: [{ event: 'ignored', reason: reasonOf(receipt) }] };
  }
  const shown = presentPayload(state, receipt, wording, {
    identifier,
    sound: verdict.loud,
    at: phone.clock.nowMs(),
    badge: false,
  });
  return { state: shown.state, events: [shown.event] };
}

function showPlaceholder(state: PhoneState, diagnostic: string): Shown {
  const shown = presentPlaceholder(state, PLACEHOLDER_IDENTIFIER, diagnostic);
  return { state: shown.state, events: [shown.event] };
}

/** A kind of a later version shows nothing here, however urgent the bouncer made it. */
function tellUnknown({ kind }: Payload): readonly PhoneEvent[] {
  return kind === 'unknown' ? [{ event: 'ignored', reason: 'kind' }] : [];
}

/** Why an authentic message is not shown. */
function reasonOf({ verdict }: Receipt): string {
  if (verdict.replay === 'seen') return 'replayed';
  if (verdict.replay === 'below') return 'below_floor';
  if (verdict.fromFuture) return 'from_future';
  if (verdict.removed) return 'removed';
  return verdict.superseded ? 'superseded' : 'expired';
}
