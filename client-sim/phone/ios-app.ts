// The iPhone (SPEC.md section 10): iOS gives an alert with `mutable-content` to the extension, shows any other alert in
// the words it came with, and hands background pushes to the app.
import { judgeChallenge } from './challenge.ts';
import { correctedNowMs, type PhoneContext } from './context.ts';
import { type ApnsDelivery, readAps } from './delivery.ts';
import type { PhoneEvent } from './events.ts';
import { runExtension } from './ios-extension.ts';
import { showAsHanded } from './legacy.ts';
import { presentPayload, readEnvelope, sumUnread, tellEffects } from './presentation.ts';
import { type Receipt, receiveEnvelope } from './receipt.ts';
import type { PhoneState } from './state.ts';
import { wordPayload } from './wording.ts';

export async function receiveOnIphone(phone: PhoneContext, push: ApnsDelivery): Promise<void> {
  const aps = readAps(push);
  if (aps['alert'] === undefined) return receiveInBackground(phone, push);
  // Whoever can send to the token can leave `mutable-content` out: no protocol can prevent it.
  return aps['mutable-content'] === 1 ? runExtension(phone, push) : showAsHanded(phone, push);
}

async function receiveInBackground(phone: PhoneContext, push: ApnsDelivery): Promise<void> {
  const { c, e } = push.payload;
  if (c !== undefined) {
    const verdict = judgeChallenge(phone.backend, phone.file.state, c);
    if (verdict.kind === 'answer') return phone.confirm(verdict.answer);
    return phone.emit({ event: 'ignored', reason: `challenge_${verdict.kind}` });
  }
  const envelope = readEnvelope(e);
  if (envelope === null) return phone.emit({ event: 'ignored', reason: 'length' });
  let events: readonly PhoneEvent[] = [];
  phone.file.update((state) => {
    const taken = takeIn(phone, state, envelope);
    events = taken.events;
    return taken.state;
  });
  await phone.file.commit();
  for (const event of events) phone.emit(event);
}

function takeIn(
  phone: PhoneContext,
  before: PhoneState,
  envelope: Uint8Array,
): { readonly state: PhoneState; readonly events: readonly PhoneEvent[] } {
  const delivered = { envelope, identifier: '', nowMs: correctedNowMs(phone) };
  const { state, receipt } = receiveEnvelope(phone.backend, before, delivered);
  // There is no alert that a placeholder would have to stand for.
  if (!receipt.opened) return { state, events: [{ event: 'ignored', reason: receipt.step }] };
  const events = [...tellEffects(receipt)];
  if (sumUnread(state) !== sumUnread(before)) events.push({ event: 'badge', badge: sumUnread(state) });
  if (receipt.payload.kind === 'session' && receipt.verdict.changesState) phone.checkSession();
  const shown = showLocally(phone, state, receipt);
  if (shown === null) return { state, events };
  return { state: shown.state, events: [...events, shown.event] };
}

/** Display follows the kind, not the transport's urgency: what is loud becomes a local notification. */
function showLocally(
  phone: PhoneContext,
  state: PhoneState,
  receipt: Receipt,
): ReturnType<typeof presentPayload> | null {
  const wording = wordPayload(receipt.payload);
  if (wording === null || !receipt.verdict.loud) return null;
  return presentPayload(state, receipt, wording, {
    identifier: `local-${receipt.registrationId}-${wording.reference ?? receipt.payload.kind}`,
    sound: true,
    at: phone.clock.nowMs(),
    badge: true,
  });
}
