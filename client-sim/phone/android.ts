// The Android phone (SPEC.md section 10): a data message wakes the app, which shows what is loud, quietly what is the
// newest of all but seems expired, and nothing else. It acts on `e`, and on `c` whose attempt is ours and whose MAC is
// right; everything else is ignored.
import type { Payload } from '../../protocol/content/payload.ts';
import { judgeChallenge } from './challenge.ts';
import { correctedNowMs, type PhoneContext } from './context.ts';
import type { FcmDeletion, FcmDelivery } from './delivery.ts';
import type { PhoneEvent } from './events.ts';
import { fileMessage } from './inbox.ts';
import { presentPayload, presentPlaceholder, readEnvelope, tellEffects } from './presentation.ts';
import { type Receipt, receiveEnvelope } from './receipt.ts';
import type { PhoneState } from './state.ts';
import { wordPayload } from './wording.ts';

/** One placeholder at most: Android lets the app choose the identifier. */
const PLACEHOLDER_IDENTIFIER = 'placeholder';

export async function receiveOnAndroid(phone: PhoneContext, push: FcmDelivery | FcmDeletion): Promise<void> {
  if (!('data' in push)) return phone.emit({ event: 'sync_hint', skipped: 0 });
  const { c, e } = push.data;
  if (c !== undefined) return handleChallenge(phone, c);
  const hasKey = phone.file.state.registrations.some(({ keys }) => keys.length > 0);
  if (e === undefined || !hasKey) return phone.emit({ event: 'ignored', reason: 'not_sealed' });
  let events: readonly PhoneEvent[] = [];
  phone.file.update((state) => {
    const taken = takeIn(phone, state, e);
    events = taken.events;
    return taken.state;
  });
  await phone.file.commit();
  for (const event of events) phone.emit(event);
}

interface Taken {
  readonly state: PhoneState;
  readonly events: readonly PhoneEvent[];
}

function handleChallenge(phone: PhoneContext, value: string): void {
  const verdict = judgeChallenge(phone.backend, phone.file.state, value);
  if (verdict.kind === 'answer') phone.confirm(verdict.answer);
  else phone.emit({ event: 'ignored', reason: `challenge_${verdict.kind}` });
}

function takeIn(phone: PhoneContext, before: PhoneState, value: string): Taken {
  const envelope = readEnvelope(value);
  if (envelope === null) return showPlaceholder(before, 'length');
  const delivered = { envelope, identifier: '', nowMs: correctedNowMs(phone) };
  const { state, receipt } = receiveEnvelope(phone.backend, before, delivered);
  if (!receipt.opened) return showPlaceholder(state, receipt.step);
  const effects = tellEffects(receipt);
  const { payload, verdict } = receipt;
  if (payload.kind === 'session' && verdict.changesState) phone.checkSession();
  const shown = show(phone, state, receipt);
  return { state: shown.state, events: [...effects, ...shown.events] };
}

function show(phone: PhoneContext, state: PhoneState, receipt: Receipt): Taken {
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

function showPlaceholder(state: PhoneState, diagnostic: string): Taken {
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
