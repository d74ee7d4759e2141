// The iPhone (SPEC.md section 10): iOS gives an alert with `mutable-content` to the extension, shows any other alert in
// the words it came with, and hands background pushes to the app.
import { judgeChallenge } from './challenge.ts';
import type { PhoneContext } from './context.ts';
import { type ApnsDelivery, readAps } from './delivery.ts';
import { runExtension } from './ios-extension.ts';
import { showAsHanded } from './legacy.ts';
import { type Opening, openDelivery } from './opening.ts';
import { presentPayload, sumUnread, tellEffects } from './presentation.ts';
import { type Receipt, receiveOpening } from './receipt.ts';
import type { PhoneState } from './state.ts';
import { hintOf, type Taken, takeDurably } from './taking.ts';
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
  const opening = openDelivery(phone, '', e);
  await takeDurably(phone, (state) => takeIn(phone, state, opening));
}

function takeIn(phone: PhoneContext, before: PhoneState, opening: Opening): Taken {
  const { state, receipt } = receiveOpening(before, opening);
  // There is no alert that a placeholder would have to stand for.
  if (!receipt.opened) return { state, events: [{ event: 'ignored', reason: receipt.step }], hint: null };
  const events = [...tellEffects(receipt)];
  if (sumUnread(state) !== sumUnread(before)) events.push({ event: 'badge', badge: sumUnread(state) });
  const hint = hintOf(receipt);
  const shown = showLocally(phone, state, receipt);
  if (shown === null) return { state, events, hint };
  return { state: shown.state, events: [...events, shown.event], hint };
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
