// The notification service extension (SPEC.md section 10): it rewrites an alert before iOS shows it, within 30 seconds.
// Authentic content is shown in any case, passive and without sound when it is not loud; everything else becomes the
// placeholder. `c` comes before `e`.
import type { Payload } from '../../protocol/content/payload.ts';
import { expectsChallenge, judgeChallenge } from './challenge.ts';
import type { PhoneContext } from './context.ts';
import type { ApnsDelivery } from './delivery.ts';
import type { PhoneEvent } from './events.ts';
import { findShown } from './notification-center.ts';
import { type Opening, openDelivery } from './opening.ts';
import { presentPayload, presentPlaceholder, tellEffects } from './presentation.ts';
import { type Receipt, receiveOpening } from './receipt.ts';
import type { PhoneState } from './state.ts';
import { hintOf, type Taken, takeQuietly } from './taking.ts';
import { type Wording, wordPayload } from './wording.ts';

/** iOS takes the extension down after about this long (docs of UNNotificationServiceExtension). */
export const EXTENSION_LIMIT_MS = 30_000;

/** Handles an alert with `mutable-content`. */
export async function runExtension(phone: PhoneContext, push: ApnsDelivery): Promise<void> {
  const identifier = identifierOf(push);
  if (push.payload['c'] !== undefined) return handleChallenge(phone, identifier, push.payload['c']);
  const work = handleEnvelope(phone, identifier, push.payload['e']).catch(() => 'storage' as const);
  const result = await withinLimit(phone, work);
  if (typeof result === 'string') return fallBack(phone, identifier, result);
  result();
}

/** What iOS calls a notification. */
export function identifierOf(push: ApnsDelivery): string {
  return push.collapse_id ?? `push-${push.delivery_id}`;
}

function handleChallenge(phone: PhoneContext, identifier: string, value: unknown): void {
  const verdict = judgeChallenge(phone.backend, phone.file.state, value);
  // The app is in the foreground while it waits for a challenge, and shows none of them.
  const hidden = verdict.kind === 'answered' || expectsChallenge(phone.file.state);
  if (verdict.kind === 'answer') phone.confirm(verdict.answer);
  else if (hidden) phone.emit({ event: 'ignored', reason: `challenge_${verdict.kind}` });
  else fallBack(phone, identifier, 'challenge');
}

/** What shows it, once the replay state is durable: nothing sounds before that. */
async function handleEnvelope(phone: PhoneContext, identifier: string, value: unknown): Promise<() => void> {
  const opening = openDelivery(phone, identifier, value);
  return takeQuietly(phone, (state) => rewrite(phone, state, identifier, opening));
}

function rewrite(phone: PhoneContext, before: PhoneState, identifier: string, opening: Opening): Taken {
  const { state, receipt } = receiveOpening(before, opening);
  if (!receipt.opened) return { ...failed(state, identifier, receipt.step, []), hint: null };
  const hint = hintOf(receipt);
  const effects = tellEffects(receipt);
  const wording = wordNewest(state, receipt);
  const refusal = refuse(receipt, receipt.payload, wording);
  if (wording === null || refusal !== null) {
    return { ...failed(state, identifier, refusal ?? 'kind', effects), hint };
  }
  const shown = presentPayload(state, receipt, wording, {
    identifier,
    sound: receipt.verdict.loud,
    at: phone.clock.nowMs(),
    badge: true,
  });
  return { state: shown.state, events: [...effects, shown.event], hint };
}

/** The words of a payload, or those that are shown already where they are of a newer state of the message. */
function wordNewest(state: PhoneState, { payload, verdict, registrationId }: Receipt): Wording | null {
  const wording = wordPayload(payload);
  if (wording === null || !verdict.superseded) return wording;
  const shown = findShown(state.center, { registrationId, reference: wording.reference });
  return shown === undefined
    ? null
    : { ...wording, title: shown.title, subtitle: shown.subtitle, body: shown.body };
}

/** What is authentic and must not be read all the same: a message under a tombstone, or older than one put away. */
function refuse({ verdict }: Receipt, payload: Payload, wording: Wording | null): string | null {
  if (verdict.superseded && wording !== null) return null;
  if (payload.kind === 'message' && verdict.removed) return 'removed';
  return verdict.superseded ? 'superseded' : null;
}

function failed(
  state: PhoneState,
  identifier: string,
  diagnostic: string,
  effects: readonly PhoneEvent[],
): { readonly state: PhoneState; readonly events: readonly PhoneEvent[] } {
  const shown = presentPlaceholder(state, identifier, diagnostic);
  return { state: shown.state, events: [...effects, shown.event] };
}

/** The extension has nothing to show: what is written of it survives, what is not is lost with it. */
function fallBack(phone: PhoneContext, identifier: string, diagnostic: string): void {
  phone.file.update((state) => presentPlaceholder(state, identifier, diagnostic).state);
  phone.emit(presentPlaceholder(phone.file.state, identifier, diagnostic).event);
  phone.file.commit().catch(() => phone.emit({ event: 'failed', op: 'commit', code: 'storage' }));
}

/** The result, or 'time_limit' if iOS takes the extension down before. */
async function withinLimit<Result>(
  phone: PhoneContext,
  work: Promise<Result>,
): Promise<Result | 'time_limit'> {
  let cancel = (): void => undefined;
  const limit = new Promise<'time_limit'>((resolve) => {
    cancel = phone.clock.after(EXTENSION_LIMIT_MS, () => resolve('time_limit'));
  });
  const result = await Promise.race([work, limit]);
  cancel();
  return result;
}
