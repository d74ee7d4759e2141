// Taking in what was opened (SPEC.md section 10): the state first, durably; what a person sees or hears of it after that.
import type { PhoneContext } from './context.ts';
import type { PhoneEvent } from './events.ts';
import type { Receipt } from './receipt.ts';
import type { PhoneState } from './state.ts';

export interface Taken {
  readonly state: PhoneState;
  readonly events: readonly PhoneEvent[];
  /** base64url: the registration whose server hints that its session may have ended. */
  readonly hint: string | null;
}

/** The registration of a hint that is new, else null. */
export function hintOf({ payload, verdict, registrationId }: Receipt): string | null {
  return payload.kind === 'session' && verdict.changesState ? registrationId : null;
}

/** Takes in, again where the other process wrote meanwhile; shows once that is durable, and only the last judgement. */
export async function takeDurably(phone: PhoneContext, take: (state: PhoneState) => Taken): Promise<void> {
  const tell = await takeQuietly(phone, take);
  tell();
}

/** The same; what it answers shows. */
export async function takeQuietly(
  phone: PhoneContext,
  take: (state: PhoneState) => Taken,
): Promise<() => void> {
  let last: Taken | null = null;
  phone.file.update((state) => {
    last = take(state);
    return last.state;
  });
  await phone.file.commit();
  return () => {
    const { events, hint } = last as unknown as Taken;
    if (hint !== null) phone.checkSession(hint);
    for (const event of events) phone.emit(event);
  };
}
