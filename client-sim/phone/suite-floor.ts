// The lowest suite that the app still registers at an origin (SPEC.md section 4): the highest that it has ever used
// there, by whatever registration. Neither its configuration nor a server's refusal leads below, and it outlives
// sign-out. A suite counts as used from the moment that a key of it is written to be sent.
import type { PhoneState } from './state.ts';

/** The suite of the next key at an origin: the preferred one, or the highest used there if that is higher. */
export function chooseSuite({ suiteFloors }: PhoneState, origin: string, preferredId: number): number {
  const floor = suiteFloors.find((known) => known.origin === origin);
  return Math.max(preferredId, floor?.suiteId ?? 0);
}

/** The state once a key of a suite is about to be sent to an origin. */
export function raiseSuiteFloor(state: PhoneState, origin: string, suiteId: number): PhoneState {
  const raised = { origin, suiteId: chooseSuite(state, origin, suiteId) };
  return { ...state, suiteFloors: [...state.suiteFloors.filter((known) => known.origin !== origin), raised] };
}
